"""The place where a formula is written: what could stand at the caret, and what is wrong under the place where it is.

assets/10-app/45-formula.js works the keyboard; what it finds here are lists and buttons with their texts as data.
"""
from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashapp.core.draft import KIND_NAMES, Checked, Completion, Flaw, Mend, Proposal, Signature
from dashapp.ui.icon import hidden_words, icon
from dashapp.ui.still import still
from dashapp.ui.wild import wild

BEFORE, AFTER = 26, 18  # characters of the formula shown on both sides of a flaw: as wide as a phone


def formula_field(value: str) -> html.Div:
    """The field `kpi-formula` under its label, the list of proposals, the signature and the flaws.

    The Store `kpi-caret` says what was asked at which place; its answer is drawn into `kpi-offers`.
    """
    area = dbc.Textarea(id="kpi-formula", value=value, debounce=350, rows=3, spellCheck="false", maxLength=2000,
                        className="ll-formula-text", placeholder="sum(orders.revenue)")
    keys = "Arrows and Enter or Tab choose, Escape closes, Ctrl+Space opens the list."
    return html.Div([
        html.Label("Formula", htmlFor="kpi-formula", className="visually-hidden"),
        html.Div([area, html.Div(offers(Completion(0, 0), 0, False), id="kpi-offers")], className="ll-formula-box"),
        html.Div(["Columns, functions and KPIs are proposed while you type. ", html.Span(keys)], className="form-text",
                 id="kpi-formula-help"),
        html.Div(id="kpi-flaws"),
        html.Span(id="kpi-formula-said", className="visually-hidden", role="status"),
        dcc.Store(id="kpi-caret"),
    ], className="ll-field", **wild({"data-ll-formula": "kpi-formula"}))


def offers(found: Completion, turn: int, wanted: bool) -> html.Div:
    """The list `kpi-list` for the question of number `turn`, and the function that is written.

    wanted: the person asked for the list, so that it opens before anything is typed.
    """
    data = {"data-turn": str(turn), "data-start": str(found.start), "data-end": str(found.end),
            "data-wanted": "yes" if wanted else "", "aria-label": "Proposals"}
    rows = [_offer(n, p) for n, p in enumerate(found.proposals)]
    shown = html.Ul(rows, id="kpi-list", role="listbox", className="ll-offers", hidden=True, **wild(data))
    return still([shown, _signature(found.signature) if found.signature else None])


def _offer(number: int, proposal: Proposal) -> html.Li:
    data = {"data-insert": proposal.insert, "data-caret": str(proposal.caret), "aria-selected": "false"}
    return html.Li([
        html.Span(KIND_NAMES[proposal.kind], className=f"ll-offer-kind ll-offer-{proposal.kind}"),
        html.Code(proposal.label), html.Small(proposal.help),
    ], id=f"kpi-offer-{number}", role="option", className="ll-offer", **wild(data))


def _signature(told: Signature) -> html.Div:
    """The function with the place that is written in bold."""
    name, _, rest = told.text.partition("(")
    before, here, after = rest.partition(told.places[told.place])
    parts: list[Any] = [f"{name}({before}", html.Strong(here), after]
    return html.Div([html.Code(parts), f" {told.help}"], className="ll-signature", id="kpi-signature")


def flaws(checked: Checked) -> html.Div:
    """Nothing for a usable formula but its full names; else each flaw under its place, with what would mend it."""
    if checked.is_usable:
        full = checked.formula != " ".join(checked.text.split())
        said: list[Any] = [icon("check-circle-fill", "ll-tone-ok"), " The formula can be used."]
        said += [" In full: ", html.Code(checked.formula)] if full else []
        return still(html.P(said, className="ll-formula-ok", id="kpi-usable", **wild({"data-for": checked.text})))
    items = [_flaw(checked.text, f) for f in checked.flaws]
    return still(html.Ul(items, className="ll-flaws", id="kpi-flaw-list", **wild({"data-for": checked.text})))


def _flaw(text: str, flaw: Flaw) -> html.Li:
    issue = flaw.issue
    at = issue.position
    where = hidden_words(f" At character {at + 1}.") if at is not None else None
    said = issue.message[:1].upper() + issue.message[1:]
    helps = issue.help if issue.help and not flaw.mends else None
    return html.Li([
        _place(text, at) if at is not None else None,
        html.Div([icon("x-octagon-fill", "ll-tone-critical"), html.Span(f" {said}"), where], className="ll-flaw-said"),
        html.Div(helps, className="ll-flaw-help") if helps else None,
        html.Div([_mend(text, m) for m in flaw.mends], className="ll-flaw-mends") if flaw.mends else None,
    ])


def _place(text: str, at: int) -> html.Pre:
    """The formula around the flaw on one line, and a caret under the place. For eyes only: the number is said, too."""
    start, end = max(0, at - BEFORE), min(len(text), at + AFTER)
    line = "".join(c if c.isprintable() else " " for c in text[start:end])
    left, right = "…" if start else "", "…" if end < len(text) else ""
    return html.Pre(f"{left}{line}{right}\n{' ' * (len(left) + at - start)}^", className="ll-flaw-place",
                    **wild({"aria-hidden": "true"}))


def _mend(text: str, mend: Mend) -> html.Button:
    gone, new = text[mend.start:mend.end], mend.insert
    word: Any = ["Write ", html.Code(new)] if new else ["Leave out ", html.Code(gone)]
    if gone and new:
        word += [" instead of ", html.Code(gone)]
    data = {"data-ll-mend": str(mend.start), "data-end": str(mend.end), "data-insert": new}
    return html.Button([icon("magic"), " ", *word], type="button", className="btn btn-quiet btn-sm", **wild(data))
