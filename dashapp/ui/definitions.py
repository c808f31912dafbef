"""KPI definitions as a list, and the proposals that wait to be adopted."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashapp.core.definition import KpiView
from dashapp.ui.form import button
from dashapp.ui.icon import hidden_words, icon
from dashapp.ui.states import empty
from dashapp.ui.still import still
from dashapp.ui.wild import wild

DIRECTIONS = {"up": ("arrow-up-right", "higher is better"), "down": ("arrow-down-right", "lower is better"),
              "band": ("arrows-collapse", "within a band is best")}

EDIT = "Edit"
UNITS = {"currency": "money", "percent": "percent", "number": "number", "ratio": "ratio", "days": "days"}


def definition_list(views: Sequence[KpiView], may_edit: bool = False) -> html.Div:
    """Every definition with formula, unit, direction and what it still needs; with a way to edit it for who may."""
    if not views:
        return empty("No KPIs yet", "Upload data first; the KPIs that its columns support are proposed.")
    heads = ("KPI", "Key", "Formula", "Unit", "Good is", "Version", "State", *((EDIT,) if may_edit else ()))
    return still(_table(heads, [_row(v, may_edit) for v in views], "KPI definitions"))


def proposal_list(views: Sequence[KpiView], may_adopt: bool) -> html.Div:
    """Starter KPIs that are not defined: ready ones first, with a button to add them."""
    if not views:
        return html.Div(html.P("Everything of the catalogue is defined.", className="ll-quiet"))
    return _table(("KPI", "Key", "Formula", "Description", ""), [_proposal(v, may_adopt) for v in views], "Proposals")


def _table(heads: tuple[str, ...], rows: list[html.Tr], caption: str) -> html.Div:
    head = html.Thead(html.Tr([html.Th(h, scope="col") for h in heads]))
    inner = html.Table([html.Caption(caption, className="visually-hidden"), head, html.Tbody(rows)],
                       className="ll-table")
    return html.Div(inner, className="ll-table-box", tabIndex=0, role="region", **wild({"aria-label": caption}))


def _row(view: KpiView, may_edit: bool) -> html.Tr:
    kpi = view.kpi
    edit = dcc.Link([EDIT, hidden_words(f" {kpi.name}")], href=f"/kpis?edit={kpi.key}")
    picture, word = DIRECTIONS[kpi.direction]
    of = f"on {', '.join(view.datasets)}" if view.datasets else "from other KPIs"
    state: Any = f"needs: {', '.join(view.needs)}" if view.needs else of
    return html.Tr([
        html.Th(dcc.Link(kpi.name, href=f"/kpi/{kpi.key}"), scope="row", title=kpi.description),
        html.Td(html.Code(kpi.key)), html.Td(html.Code(kpi.formula)), html.Td(UNITS[kpi.unit]),
        html.Td([icon(picture), f" {word}"]), html.Td(str(kpi.version), className="ll-number"),
        html.Td(state, className="ll-map-bad" if view.needs else ""), html.Td(edit) if may_edit else None,
    ])


def _proposal(view: KpiView, may_adopt: bool) -> html.Tr:
    kpi = view.kpi
    add = button("Add", {"part": "kpi-adopt", "kpi": kpi.key}, "quiet") if may_adopt and not view.needs else None
    said = f"needs: {', '.join(view.needs)}" if view.needs else kpi.description
    said = f"{said} Before you add it: {view.doubt}." if view.doubt else said
    return html.Tr([html.Th(kpi.name, scope="row"), html.Td(html.Code(kpi.key)), html.Td(html.Code(kpi.formula)),
                    html.Td(said), html.Td(add)])
