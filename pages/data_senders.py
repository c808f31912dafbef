"""Whose files are read how, and what is each sender called?"""
from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.services import datasets, profiling
from dashapp.ui.datarooms import data_rooms
from dashapp.ui.header import page_header
from dashapp.ui.senders import sender_list
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/data/senders", name="Senders", role=Role.FINANCE, order=66, nav=False)
WHO = {"dataset": ALL, "sender": ALL}


def layout(**_unknown: Any) -> html.Div:
    return html.Div([
        page_header("Senders", "How each one's files are read. The next file with the same columns is read likewise."),
        data_rooms("/data/senders"), html.Div(id="senders-list"), dcc.Store(id="senders-changed", data=0),
    ])


@callback(Output("senders-list", "children"), Input("senders-changed", "data"), role=Role.FINANCE)
def show(_changed: int) -> Any:
    at = here()
    keys = [d.dataset.key for d in datasets.listing(at.actor, at.desk, now=at.now)]
    found = [(key, one) for key in keys for one in profiling.listing(at.actor, key)]
    return sender_list(found, at.desk.organisation.words)


@callback(Output("senders-changed", "data"), Input({"part": "sender-rename", **WHO}, "n_clicks"),
          State({"part": "sender-name", **WHO}, "value"), State({"part": "sender-name", **WHO}, "id"),
          State("senders-changed", "data"), role=Role.FINANCE, prevent_initial_call=True)
def rename(clicks: list[int | None], names: list[str | None], ids: list[dict[str, str]], changed: int) -> Any:
    who = ctx.triggered_id
    if not any(clicks) or not isinstance(who, dict):
        return no_update
    to = next((n for i, n in zip(ids, names, strict=True) if (i["dataset"], i["sender"]) == (who["dataset"],
               who["sender"])), None)
    at = here()
    done = profiling.rename(at.actor, who["dataset"], who["sender"], to or "", now=at.now)
    say(f"The sender is called {done.name}.", "ok")
    return (changed or 0) + 1


@callback(Output("senders-changed", "data", allow_duplicate=True), Input({"part": "sender-forget", **WHO}, "n_clicks"),
          State("senders-changed", "data"), role=Role.FINANCE, prevent_initial_call=True)
def forget(clicks: list[int | None], changed: int) -> Any:
    who = ctx.triggered_id
    if not any(clicks) or not isinstance(who, dict):
        return no_update
    at = here()
    profiling.forget(at.actor, who["dataset"], who["sender"], now=at.now)
    say(f"The habits of {who['sender']} are forgotten. What was uploaded stays.", "ok")
    return (changed or 0) + 1
