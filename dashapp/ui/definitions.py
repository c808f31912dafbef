"""KPI definitions as a list, and the proposals that wait to be adopted."""
from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html

from dashapp.core.definition import KpiView, Leaving
from dashapp.core.kpi import Kpi
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
    """Every definition that can be computed, with formula, unit and direction; with a way to edit it for who may."""
    if not views:
        return empty("No KPIs yet", "Upload data first; the KPIs that its columns support are proposed.")
    heads = ("KPI", "Key", "Formula", "Unit", "Good is", "Version", "State", *((EDIT,) if may_edit else ()))
    ready = [v for v in views if not v.needs]
    return still(_table(heads, [_row(v, may_edit) for v in ready], "KPI definitions"))


def missing_list(views: Sequence[KpiView], may_edit: bool) -> html.Div:
    """Definitions whose data are not here, with what they need; nothing when every one can be computed."""
    rows = [_missing(v, may_edit) for v in views if v.needs]
    if not rows:
        return html.Div()
    heads = ("KPI", "Key", "Formula", "State", *((EDIT, "") if may_edit else ()))
    return html.Div([html.H2("What is missing", className="ll-section-title"),
                      html.P("These KPIs have no card: the columns they are computed from are not here any more."),
                      _table(heads, rows, "KPIs whose data are missing")])


def leaving_words(leaving: Leaving) -> list[html.P]:
    """What the deletion of a dataset does to the KPIs that stand on it."""
    goes, stays = (", ".join(k.name for k in kpis) for kpis in (leaving.goes, leaving.stays))
    said = [f"These KPIs came with it and go with it: {goes}."] if goes else []
    said += [f"These KPIs stand on it and stay, without figures until their data are back: {stays}."] if stays else []
    return [html.P(text) for text in said]


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
    picture, word = DIRECTIONS[kpi.direction]
    of = f"on {', '.join(view.datasets)}" if view.datasets else "from other KPIs"
    return html.Tr([
        html.Th(dcc.Link(kpi.name, href=f"/kpi/{kpi.key}"), scope="row", title=kpi.description),
        html.Td(html.Code(kpi.key)), html.Td(html.Code(kpi.formula)), html.Td(UNITS[kpi.unit]),
        html.Td([icon(picture), f" {word}"]), html.Td(str(kpi.version), className="ll-number"),
        html.Td(of), html.Td(_edit(kpi)) if may_edit else None,
    ])


def _edit(kpi: Kpi) -> dcc.Link:
    return dcc.Link([EDIT, hidden_words(f" {kpi.name}")], href=f"/kpis?edit={kpi.key}")


def _missing(view: KpiView, may_edit: bool) -> html.Tr:
    kpi = view.kpi
    gone = button("Delete", {"part": "kpi-delete", "kpi": kpi.key}, "quiet")
    return html.Tr([
        html.Th(dcc.Link(kpi.name, href=f"/kpi/{kpi.key}"), scope="row", title=kpi.description),
        html.Td(html.Code(kpi.key)), html.Td(html.Code(kpi.formula)),
        html.Td(f"needs: {', '.join(view.needs)}", className="ll-map-bad"),
        *((html.Td(_edit(kpi)), html.Td(gone)) if may_edit else ()),
    ])


def _proposal(view: KpiView, may_adopt: bool) -> html.Tr:
    kpi = view.kpi
    add = button("Add", {"part": "kpi-adopt", "kpi": kpi.key}, "quiet") if may_adopt and not view.needs else None
    said = f"needs: {', '.join(view.needs)}" if view.needs else kpi.description
    said = f"{said} Before you add it: {view.doubt}." if view.doubt else said
    return html.Tr([html.Th(kpi.name, scope="row"), html.Td(html.Code(kpi.key)), html.Td(html.Code(kpi.formula)),
                    html.Td(said), html.Td(add)])
