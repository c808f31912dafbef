"""Arranging cards: their boards, the handles on each of them, and the switch that shows these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from dash import dcc, html

from dashapp.core.kpi import Kpi
from dashapp.ui.icon import hidden_words, icon
from dashapp.ui.wild import wild

Size = Literal["S", "M", "L"]
SIZES: tuple[Size, ...] = ("S", "M", "L")


def board(cards: Sequence[Any], name: str, heading: str | None = None) -> html.Section:
    """A grid of cards, drawn or to be drawn, that can be arranged; name is the category, heading its words."""
    title = html.H2(heading, id=f"board-title-{name}", className="ll-section-title") if heading else None
    grid = html.Div(cards, id=f"board-{name}", className="ll-board", **wild({"data-ll-board": name}))
    return html.Section([title, grid], **wild({"aria-labelledby": f"board-title-{name}"} if heading else {}))


def arrange_button(id: str = "board-arrange") -> html.Button:
    """Switches arranging on and off for every board on the page; the order goes into the Store `board-layout`."""
    return html.Button(
        [icon("grid-1x2"), " Arrange"],
        id=id,
        type="button",
        className="btn btn-quiet",
        **wild({"data-ll-arrange": "true", "aria-pressed": "false"}),
    )


def arrange_store() -> html.Div:
    """Place once on a page with boards: the Store `board-layout` ({order, sizes, hidden}), help and live region."""
    return html.Div(
        [
            dcc.Store(id="board-layout"),
            html.P(
                "Arrow keys move the card, Home and End take it to the beginning or the end.",
                id="board-help",
                className="visually-hidden",
            ),
            html.Div(id="board-live", className="visually-hidden", **wild({"aria-live": "assertive"})),
        ]
    )


def handles(kpi: Kpi, size: Size, hidden: bool) -> html.Div:
    """What a card is moved, sized and hidden by while its board is arranged."""
    sizes = [
        html.Button(
            s,
            type="button",
            className="ll-size",
            title=f"Size {s}",
            **wild(
                {"data-ll-size": s, "aria-label": f"Size {s} for {kpi.name}", "aria-pressed": str(s == size).lower()}
            ),
        )
        for s in SIZES
    ]
    return html.Div(
        [
            html.Button(
                [icon("grip-vertical"), hidden_words(f"Move {kpi.name}")],
                type="button",
                className="ll-grip",
                id=f"kpi-move-{kpi.key}",
                **wild({"data-ll-move": kpi.key, "aria-describedby": "board-help"}),
            ),
            html.Div(sizes, className="ll-sizes", role="group", **wild({"aria-label": f"Size of {kpi.name}"})),
            html.Button(
                [icon("eye-slash"), hidden_words(f"Hide {kpi.name}")],
                type="button",
                className="ll-hide",
                title="Hide or show",
                **wild({"data-ll-hide": kpi.key, "aria-pressed": str(hidden).lower()}),
            ),
        ],
        className="ll-handles",
    )
