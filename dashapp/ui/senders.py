"""Who sends files of which dataset, with what habits; each can be renamed and forgotten.

Controls have ids `{"part": "sender-name" | "sender-rename" | "sender-forget", "dataset": key, "sender": name}`.
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashapp.core.profile import ProfileView
from dashapp.core.words import Words
from dashapp.ui.form import button
from dashapp.ui.icon import hidden_words
from dashapp.ui.mapping import LAYOUT_WORDS
from dashapp.ui.table import working_box

_HEAD = ("Dataset", "Sender", "Columns", "Sheet", "Layout", "Last file", "Files", "")


def sender_list(found: Iterable[tuple[str, ProfileView]], words: Words) -> html.Div:
    """One line per sender. found: (dataset key, sender)."""
    rows = [_row(key, one, words) for key, one in found]
    if not rows:
        return html.Div(html.P("No file has been committed yet. With the first one of each dataset, how it was read is "
                               "remembered here."), className="ll-empty")
    head = html.Thead(html.Tr([html.Th(h, scope="col") if h else html.Th(hidden_words("Actions")) for h in _HEAD]))
    return working_box(html.Table([html.Caption("Senders", className="visually-hidden"), head, html.Tbody(rows)],
                                  className="ll-table"), "Senders")


def _row(key: str, one: ProfileView, words: Words) -> html.Tr:
    def named(part: str) -> Any:
        return {"part": part, "dataset": key, "sender": one.name}

    shown = ", ".join(one.columns[:6]) + (f" and {len(one.columns) - 6} more" if len(one.columns) > 6 else "")
    name = html.Label([hidden_words(f"Name of the sender {one.name}"),
                       dbc.Input(id=named("sender-name"), value=one.name, maxLength=100, size="sm")])
    return html.Tr([
        html.Th(key, scope="row"), html.Td(name), html.Td(shown), html.Td(one.sheet or "—"),
        html.Td(LAYOUT_WORDS.get(one.layout or "", "—")), html.Td(words.day(one.used_at.date())),
        html.Td(words.counted(one.uses, "file")),
        html.Td([button("Rename", named("sender-rename"), "quiet"), button("Forget", named("sender-forget"), "quiet")]),
    ])
