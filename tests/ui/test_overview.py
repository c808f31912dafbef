"""The boards of the overview: cards are drawn once for everybody who sees the same figures, and never for others."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dashapp.ui import overview
from dashapp.ui.card import kpi_card
from dashapp.ui.overview import HEADINGS, boards
from dashapp.ui.still import still
from tests.figures.cast import WORDS
from tests.ui.test_card import CARD


@pytest.fixture(autouse=True)
def _nothing_kept():
    overview._drawn.cache_clear()


def text_of(*cards, sizes=None, hidden=(), query="", words=WORDS):
    drawn = boards(cards, words, sizes=sizes or {}, hidden=hidden, query=query)
    return drawn.to_plotly_json()["props"]["data-ll-still"]


def test_a_card_on_a_board_is_the_card_drawn_alone():
    alone = json.loads(still(kpi_card(CARD, WORDS, "M")).to_plotly_json()["props"]["data-ll-still"])
    assert json.dumps(alone, ensure_ascii=False, separators=(",", ":")) in text_of(CARD)


def test_the_same_figures_are_drawn_once(monkeypatch):
    drawn = []
    monkeypatch.setattr(overview, "kpi_card", lambda *given, **named: drawn.append(1) or kpi_card(*given, **named))
    first = text_of(CARD)
    assert text_of(replace(CARD)) == first
    assert len(drawn) == 1


def test_a_minute_later_the_same_card_is_not_drawn_again_and_says_the_new_moment(monkeypatch):
    drawn = []
    monkeypatch.setattr(overview, "kpi_card", lambda *given, **named: drawn.append(1) or kpi_card(*given, **named))
    for minute in (41, 42, 43):
        card = replace(CARD, as_of=datetime(2026, 3, 16, 7, minute, tzinfo=UTC))
        alone = json.loads(still(kpi_card(card, WORDS, "M")).to_plotly_json()["props"]["data-ll-still"])
        assert json.dumps(alone, ensure_ascii=False, separators=(",", ":")) in text_of(card)
    assert len(drawn) == 1
    assert "as of" not in text_of(replace(CARD, as_of=None))


@pytest.mark.parametrize("change", [
    {"value": Decimal("1.11")}, {"status": "critical"}, {"points": ()}, {"warnings": ("Half of the file is missing.",)},
    {"reason": "No data.", "value": None}, {"complete": False}], ids=str)
def test_whatever_differs_in_a_card_is_seen_however_alike_the_rest_is(change):
    before = text_of(CARD)
    assert text_of(replace(CARD, **change)) != before
    assert text_of(CARD) == before


@pytest.mark.parametrize("named", [{"sizes": {CARD.kpi.key: "L"}}, {"hidden": (CARD.kpi.key,)}, {"query": "?grain=day"},
                                   {"words": replace(WORDS, currency="USD")}, {"words": replace(WORDS, locale="de")}],
                         ids=str)
def test_how_a_person_likes_it_is_theirs_alone(named):
    before = text_of(CARD)
    assert text_of(CARD, **named) != before
    assert text_of(CARD) == before


def test_definitions_that_changed_under_the_same_key_are_drawn_anew():
    renamed = replace(CARD, kpi=replace(CARD.kpi, name="Turnover"))
    assert "Turnover" not in text_of(CARD)
    assert "Turnover" in text_of(renamed)


def test_boards_stand_in_their_order_and_cards_in_the_persons():
    cards = [replace(CARD, kpi=replace(CARD.kpi, key=f"k{n}", category=category))
             for n, category in enumerate(("customer", "financial", "customer", "made_up"))]
    text = text_of(*cards)
    places = [text.index(f'"kpi-card-k{n}"') for n in (1, 0, 2, 3)]
    assert places == sorted(places)
    assert text.index(HEADINGS["financial"]) < text.index(HEADINGS["customer"]) < text.index(f'"{HEADINGS["other"]}"')


def test_what_is_kept_is_bounded():
    for n in range(530):
        text_of(replace(CARD, value=Decimal(n)))
    assert overview._drawn.cache_info().currsize == 512
