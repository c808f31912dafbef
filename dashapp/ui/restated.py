"""The restatement of a figure on the KPI page: chart, sentence, table, and who made it move."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashapp.core.bridge import Bridge, Cause, Moment, Redefinition
from dashapp.core.words import Words
from dashapp.figures.bridge import chart, sentence, table, title
from dashapp.ui.graph import chart_frame
from dashapp.ui.states import empty
from dashapp.ui.still import still
from dashapp.ui.table import table as plain_table

DEEDS = {"uploaded": "was uploaded", "undone": "was undone", "brought back": "was brought back",
         "defined": "was saved"}
ORDER = (
    "Each step recomputes the whole figure: with the rows that are new, then with those that changed, then without "
    "those that are gone, then by the new definition. In another order a step could weigh more; the sum is the same."
)
AUTO, NOW, NONE = "auto", "now", "none"


def before_options(moments: Sequence[Moment], words: Words, *, heavy: bool) -> list[dict[str, str]]:
    """The moments just before something happened; first the one that is found by itself."""
    first = {"value": NONE, "label": "Choose a moment"} if heavy else {"value": AUTO, "label": "Before it last moved"}
    return [first, *_options(moments, words)]


def after_options(moments: Sequence[Moment], words: Words) -> list[dict[str, str]]:
    """Now, or the moment just before something happened."""
    return [{"value": NOW, "label": "Now"}, *_options(moments, words)]


def _options(moments: Sequence[Moment], words: Words) -> list[dict[str, str]]:
    """One per moment: what happened in the same instant was one deed."""
    together: dict[str, list[Moment]] = {}
    for moment in moments:
        together.setdefault(moment.at.isoformat(), []).append(moment)
    return [{"value": at, "label": f"Before {_said(found, words)}"} for at, found in together.items()]


def restated(bridge: Bridge, words: Words, *, may_open: bool) -> html.Div:
    """Everything about one bridge; where it is open, why, and the steps all the same."""
    drawn = chart(bridge, words) if bridge.parts else None
    told = [html.P(title(bridge, words), className="ll-chart-title"), html.P(sentence(bridge, words))]
    shown = chart_frame("kpi-bridge", drawn, 300) if drawn else html.Div(told)
    steps = plain_table(table(bridge, words), f"Steps of {title(bridge, words)}") if bridge.parts else None
    return html.Div([
        shown, None if drawn else steps,
        *(html.P(w, className="ll-quiet") for w in bridge.warnings),
        _causes(bridge.causes, bridge.redefinitions, words, may_open=may_open),
        html.P(ORDER, className="ll-quiet") if bridge.parts else None,
    ])


def never() -> html.Div:
    """No difference was found among the latest things that happened."""
    return empty("Not restated", "None of the last things that came in moved this figure. Choose a moment to look "
                                 "further back.", picture="check2-circle")


def _causes(causes: Sequence[Cause], redefinitions: Sequence[Redefinition], words: Words, *,
            may_open: bool) -> html.Div | None:
    items: list[Any] = [_cause(c, words, may_open=may_open) for c in causes]
    items += [_redefinition(r, words) for r in redefinitions]
    return still(html.Ul(items, className="ll-origins")) if items else None


def _cause(cause: Cause, words: Words, *, may_open: bool) -> html.Li:
    file = dcc.Link(cause.file, href=f"/data/{cause.upload}") if may_open else html.Span(cause.file)
    rows = f"{words.number(cause.came)} rows came, {words.number(cause.went)} went"
    return html.Li([file, f" ({cause.dataset}) {DEEDS[cause.deed]} by {cause.by}, {words.moment(cause.at)}: {rows}"])


def _redefinition(found: Redefinition, words: Words) -> html.Li:
    deed = "was deleted" if found.deleted else "became"
    formula = None if found.deleted else html.Code(found.kpi.formula)
    why = f": {found.why}" if found.why else ""
    return html.Li([dcc.Link(found.kpi.name, href=f"/kpi/{found.kpi.key}"), f" {deed} ", formula,
                    f" in version {found.kpi.version} by {found.by}, {words.moment(found.at)}{why}"])


def _said(found: Sequence[Moment], words: Words) -> str:
    moment, more = found[0], f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{moment.what} {DEEDS[moment.deed]} by {moment.by}{more}, {words.moment(moment.at)}"
