"""The filter bar in the address: whatever is chosen comes back, key by key, and words that mean nothing are said."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.filters import COMPARES, PRESETS, Filters, filters_from_query, not_after
from dashapp.core.period import FIRST_DAY, LAST_DAY, QUESTION_GRAINS, DateRange, Grain
from dashapp.core.where import Where
from dashapp.core.words import Words

days = st.dates(FIRST_DAY, LAST_DAY)
moments = st.datetimes(datetime(1901, 1, 1), datetime(2198, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
wheres = st.lists(st.builds(Where, st.sampled_from(["region", "catalogue.category"]), st.sampled_from(["=", "!="]),
                            st.sets(st.text(max_size=4), min_size=1, max_size=3).map(lambda v: tuple(sorted(v)))),
                  max_size=3, unique=True).map(lambda ws: tuple(sorted(ws)))
splits = st.lists(st.sampled_from(["region", "channel", "sku", "a.b"]), max_size=3, unique=True).map(tuple)
chosen = st.builds(
    Filters, st.sampled_from([p for p in PRESETS if p != "custom"]), st.none(), st.none(),
    st.sampled_from(QUESTION_GRAINS), st.sampled_from(list(COMPARES)), splits, wheres, st.none() | moments)
custom = st.builds(Filters, st.just("custom"), days, days, st.sampled_from(QUESTION_GRAINS))


@given(chosen | custom, st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati"]))
def test_whatever_is_chosen_comes_back_from_the_address(filters: Filters, zone: str) -> None:
    found = filters_from_query(filters.to_query(), zone)
    assert found == filters
    assert found.notes == ()
    assert found.to_query() == filters.to_query()


@pytest.mark.parametrize(("filters", "query"), [
    (Filters(), {}), (Filters("L7D"), {"range": "L7D"}), (Filters(grain=Grain.DAY), {"grain": "day"}),
    (Filters(compare="none"), {"cmp": "none"}), (Filters(by=("a", "b")), {"by": "a,b"}),
    (Filters(where=(Where("a", "=", ("x", "y")),)), {"where": ["a=x|y"]}),
    (Filters("custom", date(2026, 1, 5), date(2026, 2, 5)), {"range": "custom", "from": "2026-01-05",
    "to": "2026-02-05"}),
    (Filters(as_of=datetime(2026, 1, 2, 3, 4, tzinfo=UTC)), {"as_of": "2026-01-02T03:04Z"}),
    (Filters(as_of=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)), {"as_of": "2026-01-02T03:04:05Z"}),
    (Filters(as_of=datetime(2026, 1, 2, 3, 4, 0, 7, tzinfo=UTC)), {"as_of": "2026-01-02T03:04:00.000007Z"}),
    (Filters(as_of=datetime(2026, 1, 2, 3, 4, 0, 500000, tzinfo=UTC)), {"as_of": "2026-01-02T03:04:00.500000Z"}),
    (Filters("custom"), {"range": "custom"}), (Filters("custom", date(2026, 1, 5)), {"range": "custom"}),
])
def test_only_what_differs_stands_in_the_address(filters: Filters, query: dict[str, object]) -> None:
    assert filters.to_query() == query


# dates -----------------------------------------------------------------------------------------------------------
LEAP, NEW_YEAR = date(2024, 2, 29), date(2026, 1, 1)


@pytest.mark.parametrize(("preset", "today", "calendar", "first", "last"), [
    ("L7D", LEAP, Calendar(), "2024-02-23", "2024-02-29"), ("L30D", LEAP, Calendar(), "2024-01-31", "2024-02-29"),
    ("L90D", NEW_YEAR, Calendar(), "2025-10-04", "2026-01-01"),
    ("MTD", NEW_YEAR, Calendar(), "2026-01-01", "2026-01-01"),
    ("QTD", LEAP, Calendar(2), "2024-02-01", "2024-02-29"), ("QTD", LEAP, Calendar(), "2024-01-01", "2024-02-29"),
    ("YTD", LEAP, Calendar(3), "2023-03-01", "2024-02-29"), ("12M", LEAP, Calendar(), "2023-03-01", "2024-02-29"),
    ("12M", NEW_YEAR, Calendar(), "2025-02-01", "2026-01-01"), ("LM", NEW_YEAR, Calendar(), "2025-12-01", "2025-12-31"),
    ("LM", date(2024, 3, 1), Calendar(), "2024-02-01", "2024-02-29"),
    ("LQ", LEAP, Calendar(2), "2023-11-01", "2024-01-31"),
    ("LY", LEAP, Calendar(3), "2022-03-01", "2023-02-28"), ("LY", NEW_YEAR, Calendar(), "2025-01-01", "2025-12-31"),
    ("MTD", LEAP, Calendar(2, 6, "4-5-4"), "2024-02-04", "2024-02-29"),
    ("LY", LEAP, Calendar(2, 6, "4-5-4"), "2023-01-29", "2024-02-03"),
    ("custom", LEAP, Calendar(), "2023-03-01", "2024-02-29"),
])
def test_a_preset_means_these_dates_on_that_day(preset, today, calendar, first: str, last: str) -> None:
    assert Filters(preset).span(today, calendar) == DateRange(date.fromisoformat(first), date.fromisoformat(last))


@given(st.sampled_from([p for p in PRESETS if p not in ("LM", "LQ", "LY",
                        "custom")]), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_presets_that_end_now_end_today(preset: str, today: date) -> None:
    found = Filters(preset).span(today, Calendar())
    assert found.end == today
    assert timedelta(0) <= found.end - found.start <= timedelta(366)


@given(days, days)
def test_custom_dates_are_a_range_in_either_order(one: date, other: date) -> None:
    found = Filters("custom", one, other).span(LEAP, Calendar())
    assert found == DateRange(*sorted((one, other))) == Filters("custom", other, one).span(LEAP, Calendar())


# words that mean nothing -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("query", "notes"), [
    ({"range": "L9D"}, ["range=L9D in the address is no range, shown are the last 12 months."]),
    ({"range": "custom",
    "from": "2026-01-01"}, ["range=custom in the address is no range, shown are the last 12 months."]),
    ({"range": "custom", "from": "x", "to": "y"},
     ["range=custom in the address is no range, shown are the last 12 months.", "from=x in the address is no date.",
      "to=y in the address is no date."]),
    ({"range": "l7d", "grain": "DAY", "cmp": "NONE"}, []),
    ({"grain": "fortnight"}, ["grain=fortnight in the address is no grain, shown is by month."]),
    ({"cmp": "week"}, ["cmp=week in the address is no comparison, figures are compared to previous year."]),
    ({"as_of": "now"}, ["as_of=now in the address is no moment, the figures are those of now."]),
    ({"where": ["region=A", "%%", "x"]}, ["where=%% in the address is no condition and left out.",
                                          "where=x in the address is no condition and left out."]),
    ({"where": 7}, ["where=7 in the address is no condition and left out."]), ({"where": ["", None]}, []),
    ({"range": "x" * 60}, [f"range={'x' * 40} in the address is no range, shown are the last 12 months."]),
    ({"from": "2026-01-01"}, []), ({"unknown": "x"}, []),
])
def test_each_word_that_means_nothing_is_said_once(query: dict[str, object], notes: list[str]) -> None:
    assert list(filters_from_query(query).notes) == notes


@pytest.mark.parametrize(("given", "read"), [
    ("a", ("a",)), ("a,b", ("a", "b")), (" a , b ", ("a", "b")), ("a,,b", ("a", "b")), ("none", ()), ("a,none", ("a",)),
    ("a,b,c,d", ("a", "b", "c")), ("a,a,b", ("a", "b")), ("", ()), (["a,b", "c"], ("a", "b")), ([], ()), (3, ()),
])
def test_dimensions_are_read(given: object, read: tuple[str, ...]) -> None:
    assert filters_from_query({"by": given}).by == read


@pytest.mark.parametrize(("value", "grain"), [*((g.value, g) for g in QUESTION_GRAINS), ("WEEK", Grain.WEEK),
("event", Grain.MONTH)])
def test_every_grain_but_the_event_can_be_asked_for(value: str, grain: Grain) -> None:
    assert filters_from_query({"grain": value}).grain is grain


@pytest.mark.parametrize(("text", "compare"), [*((c, c) for c in COMPARES), ("previous_period", "previous"),
("", "previous_year")])
def test_every_comparison_can_be_asked_for(text: str, compare: str) -> None:
    assert filters_from_query({"cmp": text}).compare == compare


@pytest.mark.parametrize(("start", "end"), product([None, "2026-01-01", "x"], repeat=2))
def test_dates_are_a_custom_range_when_both_can_be_read(start: str | None, end: str | None) -> None:
    found = filters_from_query({k: v for k, v in (("from", start), ("to", end)) if v})
    both = start == end == "2026-01-01"
    assert (found.range, found.start, found.end) == (("custom", NEW_YEAR, NEW_YEAR) if both else ("12M", None, None))
    preset = filters_from_query({"range": "YTD", "from": "2026-01-01", "to": "2026-01-01"})
    assert (preset.range, preset.start, preset.end) == ("YTD", None, None)


def test_conditions_are_sorted_and_each_is_there_once() -> None:
    found = filters_from_query({"where": ["b=1", "a=2", "b=1", 7, None]})
    assert found.where == (Where("a", "=", ("2",)), Where("b", "=", ("1",)))
    assert filters_from_query({"where": "b=1"}).where == (Where("b", "=", ("1",)),)


@pytest.mark.parametrize(("as_of", "kept"), [(None, True), (timedelta(0), True), (timedelta(-1), True),
                                             (timedelta(microseconds=1), False)])
def test_what_has_not_come_yet_is_not_asked_about(as_of: timedelta | None, kept: bool) -> None:
    now = datetime(2026, 3, 16, 9, tzinfo=UTC)
    filters = Filters(as_of=None if as_of is None else now + as_of, notes=("before",))
    found = not_after(filters, now, Words("en_GB", "EUR", "Europe/Berlin"))
    assert (found is filters) is kept
    if not kept:
        assert found.notes == (
            "before", "16 Mar 2026, 10:00 (Europe/Berlin) has not come yet: the figures are those of now.")
