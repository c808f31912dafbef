"""Which statements of warehouses bring rows by themselves, what did they bring last, and which of them do not work?"""
from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.errors import Forbidden
from dashapp.core.pushed import cell_text
from dashapp.services import connecting, feeding
from dashapp.services.feeding import FeedPlan
from dashapp.ui.datarooms import data_rooms
from dashapp.ui.dialog import confirm
from dashapp.ui.feeds import feed_form, feed_list, sample_table
from dashapp.ui.header import page_header
from dashapp.ui.states import empty, skeleton
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/data/feeds", name="Feeds", role=Role.FINANCE, order=65, nav=False)
FORM = [State(f"feed-{name}", "value") for name in ("key", "connection", "sql", "dataset", "mode", "columns",
                                                    "schedule")]


def layout(**_unknown: Any) -> html.Div:
    return html.Div([
        page_header("Feeds", "Statements of warehouses whose rows come in by themselves, checked like files."),
        data_rooms("/data/feeds"),
        html.Div(skeleton("table"), id="feeds"),
        html.Div(id="feed-form"),
        confirm("feed-removal", "Remove the feed?", "", "Remove"),
        dcc.Store(id="feed-chosen"), dcc.Store(id="feed-doomed"), dcc.Store(id="feeds-changed", data=0),
        dcc.Interval(id="feeds-tick", interval=2000, disabled=True),
    ])


@callback(Output("feeds", "children"), Output("feeds-tick", "disabled"), Input("data-version", "data"),
          Input("feeds-changed", "data"), Input("feeds-tick", "n_intervals"), role=Role.FINANCE)
def show(_version: str, _changed: int, _ticks: int | None) -> tuple[Any, bool]:
    at = here()
    try:
        found = feeding.listing(at.actor)
    except Forbidden as error:
        return empty("Not within a data scope", error.message, picture="funnel"), True
    is_admin = at.actor.may(Role.ADMIN)
    return (feed_list(found, at.desk.organisation.words, is_admin=is_admin), not any(f.is_running for f in found))


@callback(Output("feed-form", "children"), Input("feed-chosen", "data"), role=Role.ADMIN)
def show_form(chosen: str | None) -> Any:
    at = here()
    if at.actor.scope:
        return None
    connections = [c.key for c in connecting.listing(at.actor)]
    return feed_form(connections, feeding.get(at.actor, chosen) if chosen else None)


@callback(Output("feed-sample", "children"), Input("feed-try", "n_clicks"), State("feed-connection", "value"),
          State("feed-sql", "value"), role=Role.ADMIN, prevent_initial_call=True)
def look(clicks: int | None, connection: Any, sql: Any) -> Any:
    if not clicks:
        return no_update
    at = here()
    names, rows = feeding.sample(at.actor, at.desk, str(connection or ""), str(sql or ""))
    return sample_table(names, [[cell_text(v) for v in row] for row in rows])


@callback(Output("feeds-changed", "data", allow_duplicate=True), Output("feed-chosen", "data", allow_duplicate=True),
          Output("feed-form", "children", allow_duplicate=True), Input("feed-save", "n_clicks"),
          State("feed-chosen", "data"), State("feeds-changed", "data"), *FORM, role=Role.ADMIN,
          prevent_initial_call=True)
def save(clicks: int | None, chosen: str | None, changed: int, key: Any, *form: Any) -> Any:
    if not clicks:
        return no_update, no_update, no_update
    at, plan = here(), _plan(*form)
    if chosen:
        plan = FeedPlan(**{**vars(plan), "mapping": feeding.get(at.actor, chosen).mapping})
        feeding.change(at.actor, at.desk, chosen, plan, now=at.now)
        say(f"The feed {chosen} is changed.", "ok")
    else:
        made = feeding.add(at.actor, at.desk, str(key or ""), plan, now=at.now)
        say(f"The feed {made.key} is added; it runs for the first time in a moment.", "ok")
    return (changed or 0) + 1, None, feed_form([c.key for c in connecting.listing(at.actor)])


@callback(Output("feed-chosen", "data"), Input({"part": "feed-edit", "feed": ALL}, "n_clicks"),
          Input("feed-cancel", "n_clicks"), role=Role.ADMIN, prevent_initial_call=True)
def choose(edits: list[int | None], cancelled: int | None) -> Any:
    if cancelled and ctx.triggered_id == "feed-cancel":
        return None
    return ctx.triggered_id["feed"] if isinstance(ctx.triggered_id, dict) and any(edits) else no_update


@callback(Output("feed-doomed", "data"), Output("feed-removal", "is_open"), Output("feed-removal-body", "children"),
          Input({"part": "feed-remove", "feed": ALL}, "n_clicks"), Input("feed-removal-no", "n_clicks"),
          Input("feeds-changed", "data"), role=Role.ADMIN, prevent_initial_call=True)
def doom(removes: list[int | None], *_closing: Any) -> Any:
    if not isinstance(ctx.triggered_id, dict) or not any(removes):
        return no_update, False, no_update
    key = ctx.triggered_id["feed"]
    return key, True, f"{key} does not run any more; what it brought stays."


@callback(Output("feeds-changed", "data", allow_duplicate=True), Input("feed-removal-yes", "n_clicks"),
          State("feed-doomed", "data"), State("feeds-changed", "data"), role=Role.ADMIN, prevent_initial_call=True)
def remove(clicks: int | None, doomed: str | None, changed: int) -> Any:
    if not clicks or not doomed:
        return no_update
    at = here()
    feeding.remove(at.actor, at.desk, doomed, now=at.now)
    say(f"The feed {doomed} is removed.", "ok")
    return (changed or 0) + 1


@callback(Output("feeds-changed", "data", allow_duplicate=True),
          Input({"part": "feed-run", "feed": ALL}, "n_clicks"), State("feeds-changed", "data"), role=Role.FINANCE,
          prevent_initial_call=True)
def run(clicks: list[int | None], changed: int) -> Any:
    if not any(clicks) or not isinstance(ctx.triggered_id, dict):
        return no_update
    at, key = here(), ctx.triggered_id["feed"]
    feeding.run(at.actor, at.desk, key, now=at.now)
    say(f"The feed {key} runs.", "ok")
    return (changed or 0) + 1


@callback(Output("feeds-changed", "data", allow_duplicate=True),
          Input({"part": "feed-pause", "feed": ALL}, "n_clicks"),
          Input({"part": "feed-resume", "feed": ALL}, "n_clicks"), State("feeds-changed", "data"), role=Role.ADMIN,
          prevent_initial_call=True)
def toggle(pauses: list[int | None], resumes: list[int | None], changed: int) -> Any:
    if not any((*pauses, *resumes)) or not isinstance(ctx.triggered_id, dict):
        return no_update
    at, key = here(), ctx.triggered_id["feed"]
    verb = feeding.pause if ctx.triggered_id["part"] == "feed-pause" else feeding.resume
    verb(at.actor, at.desk, key, now=at.now)
    say(f"The feed {key} {'is paused' if verb is feeding.pause else 'runs again by its schedule'}.", "ok")
    return (changed or 0) + 1


def _plan(connection: Any, sql: Any, dataset: Any, mode: Any, columns: Any, schedule: Any) -> FeedPlan:
    keys = [k.strip() for k in str(columns or "").split(",") if k.strip()]
    return FeedPlan(str(connection or ""), str(sql or ""), str(dataset or "").strip(), str(schedule or ""),
                    str(mode or ""), keys)
