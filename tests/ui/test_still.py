"""What no callback touches is sent as one component, and texts in it stay texts."""
from __future__ import annotations

import json

import pytest
from dash import dcc, html

from dashapp.ui.card import kpi_card
from dashapp.ui.still import Later, still
from dashapp.ui.still import drawn as prepared
from dashapp.ui.wild import wild
from tests.figures.cast import WORDS
from tests.ui.test_card import CARD
from tests.ui.tree import nodes, sent

EVIL = '<img src=x onerror="window.__pwn=1">'


def drawn(tree):
    return json.loads(still(tree).to_plotly_json()["props"]["data-ll-still"])


def test_a_tree_becomes_tags_attributes_and_texts():
    tree = html.P(["Sum ", html.Strong(5, title="five", className="big"), None], id="sum", tabIndex=0,
                  **wild({"aria-label": "Sum"}))
    assert drawn(tree) == ["p", {"id": "sum", "tabindex": 0, "aria-label": "Sum"},
                           ["Sum ", ["strong", {"title": "five", "class": "big"}, ["5"]]]]


def test_links_say_that_they_are_followed_without_a_reload():
    assert drawn(dcc.Link("Data", href="/data")) == ["a", {"href": "/data", "data-ll-link": "true"}, ["Data"]]


def test_several_stand_side_by_side_and_nothing_is_nothing():
    assert drawn([html.Br(), None, "x"]) == ["", {}, [["br", {}, []], "x"]]
    assert drawn(None) is None


def test_markup_stays_text():
    assert drawn(html.Td(EVIL, title=EVIL)) == ["td", {"title": EVIL}, [EVIL]]


@pytest.mark.parametrize("tree", [
    dcc.Store(id="x"), html.Button("x", id={"part": "a", "of": "b"}), html.Div(style={"height": "3px"}), {"a": 1},
    html.Div([dcc.Input(id="x")]), html.Iframe(srcDoc="x"),
])
def test_what_dash_alone_can_draw_is_refused(tree):
    with pytest.raises(TypeError):
        still(tree)


def test_a_card_can_be_sent_still():
    before = [n["type"] for n in nodes(sent(kpi_card(CARD, WORDS)))]
    after = [n["type"] for n in nodes(sent(still(kpi_card(CARD, WORDS))))][1:]
    assert [t.lower() for t in before] == [t.lower() for t in after]
    assert len(before) > 20


def test_a_part_drawn_once_is_filled_each_time_and_stays_as_it_was():
    part = prepared(html.P(["at ", html.B([Later()]), " sharp"]))
    shown = [json.loads(still([part.filled(html.I(hour)), "!"]).to_plotly_json()["props"]["data-ll-still"])
             for hour in ("seven", "eight")]
    assert shown == [["", {}, [["p", {}, ["at ", ["b", {}, [["i", {}, [hour]]]], " sharp"]], "!"]]
                     for hour in ("seven", "eight")]


def test_a_part_that_nobody_filled_cannot_be_sent():
    with pytest.raises(TypeError):
        still([prepared(html.P([Later()]))])


def test_a_part_without_a_place_is_what_it_is():
    part = prepared(html.P("plain"))
    assert part.filled("anything") is part
