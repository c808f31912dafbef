"""Feeds on screens: the list with what each brought last, its trouble in words, and the form of one."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashapp.core.feed import MODES, WRITTEN, FeedView
from dashapp.core.words import NO_VALUE, Words
from dashapp.figures.grid import Grid
from dashapp.ui.badge import badge
from dashapp.ui.form import actions, button, field, select, text
from dashapp.ui.icon import icon
from dashapp.ui.states import empty
from dashapp.ui.table import table
from dashapp.ui.wild import wild

STATES = {"running": ("Running", "info", "arrow-repeat"), "paused": ("Paused", "none", "pause-circle"),
          "trouble": ("Trouble", "critical", "x-octagon-fill"), "waiting": ("First run to come", "none", "hourglass"),
          "works": ("Works", "ok", "check-circle-fill")}
MODE_WORDS = {"upsert": "upsert: a row with a known key replaces the older one", "append": "append: every row is new",
              "replace-period": "replace-period: whole periods are replaced"}
_HEAD = ("Feed", "State", "Last run", "Next run", "Into", "From", "Runs", "")


def feed_list(feeds: Sequence[FeedView], words: Words, *, is_admin: bool) -> html.Div:
    """One row per feed; ids `{"part": "feed-run|edit|pause|resume|remove", "feed": key}`."""
    if not feeds:
        return empty("No feeds yet", "An administrator can have a statement of a warehouse run on a schedule; its rows "
                     "come in like those of a file.", picture="database-down")
    head = html.Thead(html.Tr([html.Th(h, scope="col") for h in _HEAD]))
    inner = html.Table([html.Caption("Feeds", className="visually-hidden"), head,
                        html.Tbody([_row(f, words, is_admin) for f in feeds])], className="ll-table")
    return html.Div(inner, className="ll-table-box mb-3", tabIndex=0, role="region", **wild({"aria-label": "Feeds"}))


def _row(feed: FeedView, words: Words, is_admin: bool) -> html.Tr:
    statement = html.Details([html.Summary("Statement"), html.Pre(html.Code(feed.sql), className="ll-sql")])
    verbs = [("run", "Run now")]
    if is_admin:
        verbs += [("edit", "Edit"), ("pause", "Pause") if feed.enabled else ("resume", "Resume"), ("remove", "Remove")]
    buttons = [button(word, {"part": f"feed-{part}", "feed": feed.key}, "quiet",
                      disabled=part == "run" and feed.is_running) for part, word in verbs]
    key = f" by {', '.join(feed.key_columns)}" if feed.key_columns else ""
    return html.Tr([
        html.Th([feed.key, statement], scope="row"), html.Td(_state(feed, words), className="ll-reason"),
        html.Td([words.moment(feed.ran_at) if feed.ran_at else NO_VALUE, html.Br(),
                 html.Small(feed.said, className="ll-quiet")]),
        html.Td(words.moment(feed.next_at) if feed.next_at else NO_VALUE),
        html.Td([html.Code(feed.dataset), html.Br(), html.Small(f"{feed.mode}{key}", className="ll-quiet")]),
        html.Td(feed.connection), html.Td(str(feed.schedule)), html.Td(html.Span(buttons, className="ll-row-actions")),
    ])


def _state(feed: FeedView, words: Words) -> html.Div:
    word, tone, picture = STATES[feed.state]
    said: list[Any] = [badge(word, tone, picture)]
    if feed.trouble:
        said += [" ", html.Span(feed.trouble)]
        if feed.failures > 1:
            said.append(html.Small(f" {words.number(feed.failures)} times in a row.", className="ll-quiet"))
    if feed.trouble and feed.upload:
        said += [" ", dcc.Link("Look at the upload", href=f"/data/{feed.upload}")]
    return html.Div(said)


def feed_troubles(feeds: Sequence[FeedView], words: Words) -> html.Div | None:
    """What people who wait for data must know: which feeds do not work, and why; None where all do."""
    if not feeds:
        return None
    told = [html.Li([dcc.Link(f.key, href="/data/feeds"), f" into {f.dataset}: {f.trouble}",
                     f" It worked last on {words.moment(f.worked_at)}." if f.worked_at else " It never worked yet."])
            for f in feeds]
    many = words.counted(len(feeds), "feed does", "feeds do")
    return html.Div([html.P([icon("x-octagon-fill"), f" {many} not work:"]), html.Ul(told)], className="ll-note ll-ask",
                    role="alert", id="feed-troubles")


def feed_form(connections: Sequence[str], feed: FeedView | None = None) -> html.Section:
    """The form of a new feed, or of one that is there; ids `feed-...`."""
    chosen = {c: c for c in connections}
    sql = dbc.Textarea(id="feed-sql", value=feed.sql if feed else "", maxLength=20_000, rows=6, className="ll-code",
                       spellcheck=False, placeholder="SELECT order_id, ordered_at::date AS day, region, amount\n"
                       "FROM orders WHERE ordered_at >= current_date - 7")
    return html.Section([
        html.H2(f"Change {feed.key}" if feed else "Add a feed", className="ll-section-title mt-0"),
        field("Name", text("feed-key", feed.key if feed else "", maxLength=63, placeholder="shop_orders",
                           disabled=feed is not None)),
        field("Connection", select("feed-connection", {"": "Choose a connection", **chosen},
                                   feed.connection if feed else "")),
        field("Statement", sql, help="One SELECT. It runs in a read-only transaction of at most 2 minutes and gives at "
                                     "most 500,000 rows and 50 MB."),
        actions(button("Try it", "feed-try", "quiet")), html.Div(id="feed-sample"),
        field("Dataset", text("feed-dataset", feed.dataset if feed else "", maxLength=63, placeholder="orders"),
              help="Its rows are checked like those of a file: refused rows, closed periods, the audit trail."),
        field("What its rows do", select("feed-mode", {m: MODE_WORDS[m] for m in MODES},
                                         feed.mode if feed else "upsert")),
        field("Key columns", text("feed-columns", ", ".join(feed.key_columns) if feed else "", maxLength=300,
                                  placeholder="order_id"), help="Separated by commas; needed for upsert."),
        field("Runs", text("feed-schedule", str(feed.schedule) if feed else "", maxLength=40,
                           placeholder="daily at 06:30"), help=WRITTEN),
        actions(button("Save" if feed else "Add the feed", "feed-save"),
                *([button("Cancel", "feed-cancel", "quiet")] if feed else [html.Span(id="feed-cancel", hidden=True)])),
    ], className="ll-panel")


def sample_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> html.Div:
    """The first rows of a statement."""
    if not rows:
        return html.Div(html.P("The statement gives no rows.", className="ll-quiet"))
    return html.Div([html.P(f"The first {len(rows)} rows:", className="ll-quiet"),
                     table(Grid(tuple(names), tuple(tuple(r) for r in rows)), "First rows of the statement")])
