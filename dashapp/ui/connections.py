"""Connections to warehouses, what is read through them, and the columns of a table that is to become a dataset."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashapp.core.connection import ConnectionView, TableOffer
from dashapp.core.dataset import RoleOf
from dashapp.core.words import Words
from dashapp.ui.badge import badge
from dashapp.ui.form import button, field, select
from dashapp.ui.icon import hidden_words
from dashapp.ui.states import empty
from dashapp.ui.wild import wild

ROLES = {role.value: role.value for role in RoleOf}
_HEAD = ("Connection", "State", "Engine", "Datasets", "Looked at every", "")


def connection_list(connections: Sequence[ConnectionView], words: Words, *, is_admin: bool) -> html.Div:
    """One row per connection, without its URL; ids `{"part": "connection-test|rotate|remove", "connection": key}`."""
    if not connections:
        return empty("No connections", "A table or view of a warehouse can be asked where it stands.",
                     picture="database")
    return _table(_HEAD, [_row(c, words, is_admin) for c in connections], "Connections")


def column_roles(offer: TableOffer) -> html.Div:
    """The guess of every column's role, each to be changed; ids `{"part": "connection-role", "column": key}`."""
    rows = []
    for column, (name, kind) in zip(offer.columns, offer.remote, strict=True):
        choice = select("", ROLES, column.role.value)
        choice.id = {"part": "connection-role", "column": column.key}
        rows.append([name, html.Label([hidden_words(f"Role of {name}"), choice]), kind])
    return _table(("Column", "What it is", "Type over there"), rows, "Columns of the table")


def _row(view: ConnectionView, words: Words, is_admin: bool) -> list[Any]:
    who = html.Div([view.key, html.Br(), html.Small(view.name)] if view.name != view.key else view.key)
    verbs = [button(label, {"part": f"connection-{part}", "connection": view.key}, "quiet")
             for part, label in (("test", "Test"), ("rotate", "New URL"), ("remove", "Remove"))] if is_admin else []
    return [who, _state(view, words), view.label, ", ".join(view.datasets) or "none", f"{view.refresh_minutes} min",
            html.Span(verbs, className="ll-row-actions")]


def _state(view: ConnectionView, words: Words) -> Any:
    if view.tested_at is None:
        return badge("not tested", "none")
    when = html.Small(words.moment(view.tested_at), className="ll-quiet")
    said = [badge("trouble", "warning"), " ", view.trouble] if view.trouble else [badge("answers", "ok")]
    return html.Div([html.Div(said), when])


def url_field(control: Any) -> html.Div:
    """Where a URL is typed; it is never shown again."""
    return field("URL", control, help="It is kept encrypted and never shown again. Use a user who can only read.")


def _table(head: tuple[str, ...], rows: list[list[Any]], caption: str) -> html.Div:
    cells = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(c) for c in row[1:])]) for row in rows]
    top = html.Thead(html.Tr([html.Th(h, scope="col") for h in head]))
    inner = html.Table([html.Caption(caption, className="visually-hidden"), top, html.Tbody(cells)],
                       className="ll-table")
    return html.Div(inner, className="ll-table-box mb-3", tabIndex=0, role="region", **wild({"aria-label": caption}))
