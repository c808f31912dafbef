"""The filter bar's URL: presets on known dates, lenient reading, and a round trip."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.filters import PRESETS, Filters, filters_from_query, not_after
from dashapp.core.period import DateRange, Grain
from dashapp.core.where import parse_where
from dashapp.core.words import Words

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("L7D", date(2026, 11, 15), TODAY),
        ("L30D", date(2026, 10, 23), TODAY),
        ("L90D", date(2026, 8, 24), TODAY),
        ("MTD", date(2026, 11, 1), TODAY),
        ("QTD", date(2026, 10, 1), TODAY),
        ("YTD", date(2026, 1, 1), TODAY),
        ("12M", date(2025, 12, 1), TODAY),
        ("LM", date(2026, 10, 1), date(2026, 10, 31)),
        ("LQ", date(2026, 7, 1), date(2026, 9, 30)),
        ("LY", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_presets_mean_these_dates(preset, first, last):
    assert Filters(preset).span(TODAY, Calendar()) == DateRange(first, last)
    assert preset in PRESETS


def test_year_to_date_begins_with_the_fiscal_year():
    assert Filters("YTD").span(TODAY, Calendar(fiscal_month=7)) == DateRange(date(2026, 7, 1), TODAY)


def test_custom_dates_in_the_wrong_order_are_turned_round():
    filters = filters_from_query({"range": "custom", "from": "2026-02-05", "to": "2026-01-05"})
    assert filters.span(TODAY, Calendar()) == DateRange(date(2026, 1, 5), date(2026, 2, 5))


def test_two_dates_alone_are_a_custom_range():
    assert filters_from_query({"from": "2026-01-05", "to": "2026-02-05"}).range == "custom"


@pytest.mark.parametrize(
    "query",
    [
        None,
        {},
        {"range": "L9D"},
        {"range": "custom"},
        {"range": "custom", "from": "x", "to": "2026-01-01"},
        {"grain": "event"},
        {"cmp": "drop table"},
        {"where": "%%"},
        {"where": 7},
        {"as_of": "yesterday"},
        {"by": "none"},
        {"by": 3},
        {"user": "1"},
        {"range": []},
        {"grain": {"a": 1}},
    ],
)
def test_what_means_nothing_is_ignored(query):
    assert filters_from_query(query) == Filters()


def test_a_full_query_comes_back_as_it_was():
    filters = Filters(
        "YTD",
        None,
        None,
        Grain.WEEK,
        "previous",
        ("region", "channel"),
        (parse_where("region=APAC|EMEA"), parse_where("sku~=a b")),
        datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    )
    assert filters_from_query(filters.to_query()) == filters
    assert Filters().to_query() == {}


def test_more_than_three_dimensions_are_cut():
    assert filters_from_query({"by": "a,b,a,c,d"}).by == ("a", "b", "c")


def test_a_date_as_of_means_its_end():
    assert filters_from_query({"as_of": "2026-01-02"}).as_of == datetime(2026, 1, 2, 23, 59, 59, 999999, tzinfo=UTC)


def test_the_question_carries_everything():
    where = (parse_where("region=EMEA"),)
    question = Filters("MTD", grain=Grain.DAY, by=("region",), where=where).question(
        ("revenue",), TODAY, Calendar(), where
    )
    assert (question.kpis, question.grain, question.by, question.where, question.scope) == (
        ("revenue",),
        Grain.DAY,
        ("region",),
        where,
        where,
    )
    assert question.span == DateRange(date(2026, 11, 1), TODAY)


def test_a_date_without_a_zone_ends_in_the_organisations_zone_and_stays_the_same_date():
    west = filters_from_query({"as_of": "2026-01-02"}, "America/New_York")
    assert west.as_of is not None
    assert west.as_of.astimezone(UTC) == datetime(2026, 1, 3, 4, 59, 59, 999999, tzinfo=UTC)
    again = filters_from_query(west.to_query(), "America/New_York")
    assert again.as_of is not None
    assert again.as_of.date().isoformat() == "2026-01-02"


@pytest.mark.parametrize(
    "text", ["2026-11-21T06:46Z", "2026-11-21T06:46:07Z", "2026-11-21T06:46:07.250000Z", "2026-11-21"]
)
def test_a_moment_comes_back_exactly(text):
    found = filters_from_query({"as_of": text}, "Europe/Berlin")
    assert found.to_query()["as_of"] == text
    assert filters_from_query(found.to_query(), "Europe/Berlin").as_of == found.as_of


def test_a_plus_sign_that_became_a_blank_is_put_back():
    found = filters_from_query({"as_of": "2026-11-21T06:46 01:00"})
    assert found.as_of == datetime(2026, 11, 21, 5, 46, tzinfo=UTC)


def test_words_are_understood_in_any_case_and_by_their_other_name():
    found = filters_from_query({"range": "l90d", "grain": "Week", "cmp": "Previous_Period"})
    assert (found.range, found.grain, found.compare, found.notes) == ("L90D", Grain.WEEK, "previous", ())


@pytest.mark.parametrize(("query", "said"), [
    ({"range": "L9D"}, "range=L9D in the address is no range, shown are the last 12 months."),
    ({"range": "custom"}, "range=custom in the address is no range"),
    ({"from": "x"}, "from=x in the address is no date."),
    ({"grain": "event"}, "is no grain, shown is by month."), ({"cmp": "x"}, "figures are compared to previous year."),
    ({"as_of": "soon"}, "is no moment, the figures are those of now."), ({"where": "%%"}, "is no condition"),
])
def test_words_that_mean_nothing_are_said(query, said):
    (note,) = filters_from_query(query).notes
    assert said in note


def test_a_moment_to_come_is_now_and_said():
    now, words = datetime(2026, 11, 21, 7, tzinfo=UTC), Words("en_GB", "EUR")
    past = filters_from_query({"as_of": "2026-11-21T07:00Z"})
    assert not_after(past, now, words) is past
    found = not_after(filters_from_query({"as_of": "2026-11-21T07:01Z"}), now, words)
    assert found.as_of is None
    assert found.notes == ("21 Nov 2026, 07:01 (UTC) has not come yet: the figures are those of now.",)
