"""The filter bar: contract ids, one order, state from the URL, browser-only callbacks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from dash import Dash, html

from dashapp.core.filters import PRESETS, Filters, filters_from_query
from dashapp.core.period import Grain
from dashapp.core.question import Top
from dashapp.core.where import parse_where
from dashapp.ui.filters import as_known, filter_bar, filters_in_words, register, split_choices
from tests.figures.cast import WORDS
from tests.ui.tree import by_id, nodes, of_type, sent, text

IN_ORDER = ["filter-range", "filter-from", "filter-to", "filter-grain", "filter-compare", "filter-by", "filter-by-2",
            "filter-by-3", "filter-top", "filter-asof"]
FULL = Filters(
    "custom",
    date(2026, 1, 5),
    date(2026, 2, 5),
    Grain.WEEK,
    "target",
    ("region",),
    (parse_where("region=EMEA"),),
    datetime(2026, 3, 1, tzinfo=UTC),
)


def test_the_controls_stand_in_the_agreed_order():
    found = [n["props"].get("id") for n in nodes(sent(filter_bar(Filters())))]
    assert [i for i in found if i in IN_ORDER] == IN_ORDER


def test_every_control_has_a_label():
    bar = filter_bar(Filters())
    labelled = {label["htmlFor"] for label in of_type(bar, "Label")}
    assert set(IN_ORDER) <= labelled
    assert sent(bar)["props"]["role"] == "search"


def test_the_controls_show_the_state():
    bar = filter_bar(FULL, {"region": "Region"})
    values = [by_id(bar, i)["value"] for i in IN_ORDER]
    assert values == ["custom", "2026-01-05", "2026-02-05", "week", "target", "region", "none", "none", "all",
                      "2026-03-01T00:00"]
    assert by_id(bar, "filter-where")["data"] == ["region=EMEA"]
    assert by_id(bar, "filter-dates")["hidden"] is False


def test_custom_dates_hide_until_they_are_wanted():
    assert by_id(filter_bar(Filters()), "filter-dates")["hidden"] is True


def test_presets_and_splits_are_offered_in_words():
    bar = filter_bar(Filters(), {"region": "Region"})
    assert [o["value"] for o in by_id(bar, "filter-range")["options"]] == list(PRESETS)
    assert by_id(bar, "filter-by")["options"] == [
        {"value": "none", "label": "No split"},
        {"value": "region", "label": "Region"},
    ]
    assert by_id(bar, "filter-by")["value"] == "none"


def test_a_split_from_an_old_bookmark_is_still_shown():
    bar = filter_bar(Filters(by=("gone", "other")))
    for name in ("filter-by", "filter-by-2"):
        assert by_id(bar, name)["value"] in [o["value"] for o in by_id(bar, name)["options"]]
    assert [by_id(bar, name)["value"] for name in ("filter-by", "filter-by-2", "filter-by-3")] == [
        "gone", "other", "none"]


def test_another_dimension_is_offered_when_the_one_before_is_chosen():
    def hidden(by):
        bar = filter_bar(Filters(by=by))
        return [by_id(bar, f"{c}-box")["hidden"] for c in ("filter-by", "filter-by-2", "filter-by-3", "filter-top")]

    assert hidden(()) == [False, True, True, True]
    assert hidden(("a",)) == [False, False, True, False]
    assert hidden(("a", "b")) == hidden(("a", "b", "c")) == [False, False, False, False]


@pytest.mark.parametrize(("top", "value", "label"), [
    (None, "all", "All"), (Top(10), "10", "10 largest"), (Top(7), "7", "7 largest"),
    (Top(7, others=False), "7,0", "7 largest only")])
def test_the_number_of_segments_in_force_is_always_offered(top, value, label):
    control = by_id(filter_bar(Filters(by=("a",), top=top)), "filter-top")
    assert control["value"] == value
    assert {o["value"]: o["label"] for o in control["options"]}[value] == label


def test_a_split_that_is_not_possible_stays_in_the_control_and_says_so():
    known = {"region": "Region", "channel": "Channel"}
    assert split_choices(known, "gone", known=True) == {"none": "No split", **known, "gone": "Gone (not here)"}
    assert split_choices(known, "gone")["gone"] == "Gone"
    assert split_choices(known, "region", known=True) == {"none": "No split", **known}
    assert split_choices(known, "none", known=True, none="Nothing more") == {"none": "Nothing more", **known}


def test_the_drawer_can_be_opened_by_keyboard():
    toggle = by_id(filter_bar(Filters()), "filter-toggle")
    assert toggle["aria-controls"] == toggle["data-ll-toggle"] == "filter-drawer"
    assert toggle["aria-expanded"] == "false"


def test_the_bar_never_calls_the_server():
    app = Dash("tests")
    app.layout = html.Div(filter_bar(Filters()))
    register(app)
    callbacks = app._callback_list
    assert len(callbacks) == 3
    assert all(c["clientside_function"]["namespace"] == "ledgerline" for c in callbacks)


def test_on_paper_the_filters_are_a_sentence():
    said = text(filters_in_words(FULL, "5 Jan – 5 Feb 2026", WORDS))
    assert said == (
        "Custom dates (5 Jan – 5 Feb 2026) · by week · compared to target · split by region · region=EMEA · "
        "as known 1 Mar 2026, 00:00"
    )


def test_the_moment_is_shown_in_the_zone_and_kept_as_the_address_says_it():
    moment = Filters(as_of=datetime(2026, 10, 25, 0, 30, 15, tzinfo=UTC))  # the first half past two of that night
    bar = filter_bar(moment, zone="Europe/Berlin")
    assert by_id(bar, "filter-asof")["value"] == "2026-10-25T02:30:15"
    assert by_id(bar, "filter-asof-kept")["data"] == {"shown": "2026-10-25T02:30:15", "value": "2026-10-25T00:30:15Z"}
    assert "As of (Europe/Berlin)" in text(bar)
    assert "25 Oct 2026, 00:30:15 (UTC)" in text(as_known(moment, WORDS))


def test_what_the_address_asked_for_in_vain_is_said():
    assert "is no range" in text({"props": by_id(filter_bar(filters_from_query({"range": "L9D"})), "filter-notes")})
    assert as_known(Filters(), WORDS) is None


def test_a_page_without_splits_keeps_the_control_out_of_sight_and_the_split_of_the_address():
    bar = filter_bar(Filters(by=("region",)), splits=False)
    around = [n["props"] for n in nodes(sent(bar)) if n["props"].get("className") == "ll-filter"]
    hidden = [n["children"][0]["props"]["children"] for n in around if n.get("hidden")]
    assert hidden == ["Split by", "then by", "then by", "Segments"]
    assert by_id(bar, "filter-by")["value"] == "region"
    drawn = [n["props"] for n in nodes(sent(filter_bar(Filters(by=("region",))))) if n["props"].get("className") ==
             "ll-filter"]
    assert [n["children"][0]["props"]["children"] for n in drawn if n.get("hidden")] == ["then by"]  # the third one
