"""Moving through a long list."""

from __future__ import annotations

from dash import html

from dashapp.core.words import Words
from dashapp.ui.icon import icon
from dashapp.ui.wild import wild


def pager(prefix: str, page: int, size: int, total: int, words: Words) -> html.Nav:
    """`1–50 of 1,234` with buttons `{prefix}-previous` and `{prefix}-next`; pages count from 0. Hidden for nothing."""
    first, last = min(page * size + 1, total), min((page + 1) * size, total)
    said = f"{words.number(first)}–{words.number(last)} of {words.number(total)}" if total else "nothing"
    return html.Nav(
        [
            html.Button(
                [icon("chevron-left"), " Previous"],
                id=f"{prefix}-previous",
                type="button",
                className="btn btn-quiet",
                disabled=page <= 0,
            ),
            html.Span(said, className="ll-pager-said", **wild({"aria-live": "polite"})),
            html.Button(
                ["Next ", icon("chevron-right")],
                id=f"{prefix}-next",
                type="button",
                className="btn btn-quiet",
                disabled=last >= total,
            ),
        ],
        className="ll-pager",
        hidden=not total,
        **wild({"aria-label": "Pages"}),
    )
