"""Who changed this, when, and from where?"""
from __future__ import annotations

from typing import Any

from dash import Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.services import auditing
from dashapp.ui.form import actions, button, field, text
from dashapp.ui.header import page_header
from dashapp.ui.people import trail
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/admin/audit", name="Audit", role=Role.ADMIN, order=220, icon="journal-text", group="Admin")
SIZE = 50


def layout(**_unknown: Any) -> html.Div:
    words = html.Div([field("What", text("audit-action", placeholder="upload.commit", debounce=True)),
                      field("Who", text("audit-who", placeholder="part of an address", debounce=True)),
                      field("On what", text("audit-about", debounce=True))], className="ll-audit-filters")
    return html.Div([
        page_header("Audit", "Every change, in the order it happened. Nothing here can be changed or removed.",
                    [button("Check the chain", "audit-verify", "quiet")]),
        words, html.Div(id="audit-lines"),
        actions(button("Newest", "audit-newest", "quiet"), button("Older", "audit-older", "quiet")),
        dcc.Store(id="audit-before"), dcc.Store(id="audit-last"),
    ])


@callback(Output("audit-lines", "children"), Output("audit-last", "data"), Output("audit-older", "disabled"),
          Input("audit-action", "value"), Input("audit-who", "value"), Input("audit-about", "value"),
          Input("audit-before", "data"), role=Role.ADMIN)
def show(action: Any, who: Any, about: Any, before: Any) -> tuple[Any, Any, bool]:
    at = here()
    older = before if ctx.triggered_id == "audit-before" and isinstance(before, int) else None
    lines = auditing.listing(at.actor, before=older, limit=SIZE, action=str(action or ""), who=str(who or ""),
                             about=str(about or ""))
    return trail(lines, at.desk.organisation.words), lines[-1].number if lines else None, len(lines) < SIZE


@callback(Output("audit-before", "data"), Input("audit-older", "n_clicks"), Input("audit-newest", "n_clicks"),
          State("audit-last", "data"), role=Role.ADMIN, prevent_initial_call=True)
def turn(older: int | None, newest: int | None, last: int | None) -> Any:
    if not (older or newest):
        return no_update
    return last if ctx.triggered_id == "audit-older" else None


@callback(Input("audit-verify", "n_clicks"), role=Role.ADMIN,
          prevent_initial_call=True)
def verify(clicks: int | None) -> None:
    if not clicks:
        return
    at = here()
    verdict, words = auditing.verify_chain(at.actor), at.desk.organisation.words
    if verdict.is_whole:
        say(f"The trail is whole: {words.counted(verdict.lines, 'line')}, as written.", "ok")
    else:
        say(f"The trail is broken: {verdict.reason}.", "critical")
