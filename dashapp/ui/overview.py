"""The overview's boards: cards by category, arranged as the person likes them."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dash import dcc, html

from dashapp.core.card import Card
from dashapp.core.kpi import CATEGORY_NAMES
from dashapp.core.words import Words
from dashapp.ui.arranging import Size, board
from dashapp.ui.card import kpi_card
from dashapp.ui.icon import icon
from dashapp.ui.moment import as_of
from dashapp.ui.states import empty
from dashapp.ui.still import Drawn, Later, drawn, still

HEADINGS = CATEGORY_NAMES


def boards(cards: Sequence[Card], words: Words, *, sizes: Mapping[str, Size], hidden: Collection[str],
           query: str = "") -> html.Div:
    """One board per category that has cards, in the order of HEADINGS; cards in the given order."""
    groups: dict[str, list[Drawn]] = {}
    for card in cards:
        key = card.kpi.key
        ready = _drawn(replace(card, as_of=None), words, sizes.get(key, "M"), query, key in hidden,
                       is_dated=card.as_of is not None)
        ready = ready.filled(as_of(card.as_of, words)) if card.as_of else ready
        groups.setdefault(card.kpi.category if card.kpi.category in HEADINGS else "other", []).append(ready)
    return still([board(groups[name], name, heading) for name, heading in HEADINGS.items() if name in groups])


@lru_cache(maxsize=512)
def _drawn(card: Card, words: Words, size: Size, query: str, hidden: bool, *, is_dated: bool) -> Drawn:
    """One card; kept, because whoever looks at the same figures sees the same card, and drawing is most of the work.

    A card is a value: everything that shows is in these arguments, the figures of a data scope included. The moment
    they are known at comes later: it is another one each time.
    """
    return drawn(kpi_card(card, words, size, query=query, hidden=hidden, moment=Later() if is_dated else None))


def nothing_yet(may_upload: bool) -> html.Div:
    """Before any KPI is defined."""
    if not may_upload:
        return empty("No figures yet", "Nobody has brought data so far. Someone from finance can upload a file.")
    return empty("No figures yet", "Bring a spreadsheet or an order file; the KPIs its columns support are proposed.",
                 dcc.Link("Upload a file", href="/data", className="btn btn-primary"))


def demo_note(may_remove: bool) -> html.Div:
    """Says that the figures are those of the demo company, and how to be rid of them."""
    how: list[Any] = [" When your own data are here, ", dcc.Link("remove it on the Data page", href="/data"), "."]
    said = html.Span(["You are looking at the demo company.", *(how if may_remove else [])])
    return html.Div([icon("info-circle"), said], className="ll-note", role="note")
