"""Titles and summaries, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dashapp.core.series import Compared, Total
from dashapp.figures import tell
from tests.figures.cast import CALENDAR, WORDS, points, series

REGIONS = (("EMEA", 300), ("APAC", 700), (None, 100))


def of_two(value, other, **more):
    """Two months, the second unfinished: the first is the one that is told."""
    return series(points([value, 1], [other, 1], kind=more.pop("kind", "previous_year")), **more)


def test_the_title_carries_the_message_of_the_last_finished_period():
    for value, other, said in (
        (1_460_000, 1_400_000, "rose 4.3% against the previous year"),
        (1_460_000, 1_500_000, "fell 2.7% against the previous year"),
        (1_460_000, 1_460_000, "is unchanged against the previous year"),
    ):
        assert tell.title(of_two(value, other), WORDS) == f"Net revenue {said} in Jan 2026: €1.46M"
    assert "against the previous period" in tell.title(of_two(2, 1, kind="previous"), WORDS)


def test_a_target_is_met_or_missed():
    assert tell.title(of_two(1_460_000, 1_500_000, kind="target"), WORDS) == (
        "Net revenue is 2.7% below target in Jan 2026: €1.46M"
    )
    assert tell.title(of_two(5, 5, kind="target"), WORDS) == "Net revenue is on target in Jan 2026: €5"


def test_percentages_move_by_points():
    said = tell.title(of_two(0.342, 0.33, unit="percent", decimals=1, name="Margin"), WORDS)
    assert said == "Margin rose 1.2 pp against the previous year in Jan 2026: 34.2%"


def test_a_title_without_comparison_or_value():
    assert tell.title(series(points([1, 2]), Total((), 3)), WORDS) == "Net revenue: €1 in Jan 2026"
    assert tell.title(series(points([None, 2])), WORDS) == "Net revenue: €2 in Feb 2026 so far"
    nothing = points([None, None])
    assert tell.title(series(nothing, Total((), None, "no rows.")), WORDS) == "Net revenue: no value (no rows)"
    assert tell.title(series(nothing), WORDS) == "Net revenue: no value"


def test_what_a_comparison_is_held_against_is_said_in_words():
    (point,) = points([1], [2])
    assert tell.against(point.compare) == "Previous year"
    assert tell.other_side(point.compare, WORDS) == "Jan 2025"
    quarter = replace(point.compare, between=(CALENDAR.parse("2025-01"), CALENDAR.parse("2025-03")), kind="previous")
    assert (tell.against(quarter), tell.other_side(quarter, WORDS)) == ("Previous period", "Jan 2025 – Mar 2025")
    target = points([1], [2], kind="target")[0].compare
    assert (tell.against(target), tell.other_side(target, WORDS)) == ("Target", "")


def test_the_summary_tells_the_range_and_warns_of_the_unfinished_period():
    total = Total((), 260, None, Compared(240, 20, 1 / 12, "2025-01 – 2025-03", kind="previous_year"))
    said = tell.summary(series(points([100, 120, 40], [90, 100, 50]), total), WORDS)
    assert said.replace("\u2009", " ") == (
        "Net revenue ran between €100 in Jan 2026 and €120 in Feb 2026, 1 Jan – 31 Mar 2026; over the whole range "
        "€260, +8.3% against the previous year. The last period, Mar 2026, is unfinished."
    )
    steady = tell.summary(series(points([7, 7, 40])), WORDS)
    assert steady.startswith("Net revenue was €7 in Feb 2026, 1 Jan")
    assert "whole range" not in steady, "no total, nothing to tell of it"


def test_a_comparison_with_the_elapsed_part_says_until_when():
    part = Compared(240, 20, 1 / 12, "2025-01 – 2025-03", part_until=date(2025, 3, 9), kind="previous_year")
    assert tell.until(part, WORDS) == "like for like until 9 Mar 2025"
    assert tell.until(replace(part, part_until=None), WORDS) == ""
    said = tell.summary(series(points([100, 120, 40], [90, 100, 50]), Total((), 260, None, part)), WORDS)
    assert "against the previous year (like for like until 9 Mar 2025). The last" in said


def test_the_summary_of_nothing_says_so():
    assert tell.summary(series(points([None, None])), WORDS).startswith("There are no values of Net revenue for 1 Jan")


def test_splits_are_ranked():
    given = tuple(p for name, value in REGIONS for p in points([value, value], split=(("region", name),)))
    totals = tuple(Total((("region", name),), value) for name, value in REGIONS)
    asked = series(given, by=("region",), totals=totals)
    assert tell.title(asked, WORDS) == "Net revenue by region: APAC is highest with €700"
    assert "APAC €700, EMEA €300, (none) €100. The last period" in tell.summary(asked, WORDS)


def test_two_dimensions_have_one_name():
    assert tell.split_name((("region", "EMEA"), ("channel", None))) == "EMEA · (none)"
    assert tell.split_name((("region", ""),)) == "(empty)"


def test_dimensions_are_listed_as_people_list_them():
    for by, said in (
        ((), ""),
        (("region",), "region"),
        (("catalogue.category", "sales_channel"), "category and sales channel"),
        (("region", "channel", "catalogue.category"), "region, channel and category"),
    ):
        assert tell.by_name(by) == said


def test_the_course_of_a_sparkline_in_one_sentence():
    assert tell.course("Orders", points([5, 9, None, 3]), "number", 0, WORDS) == (
        "Orders from Jan 2026 to Apr 2026: lowest 3 in Apr 2026, highest 9 in Feb 2026, last 3, unfinished."
    )
    assert tell.course("Orders", points([None]), "number", 0, WORDS) == "Orders: no values."


def test_an_unfinished_period_has_reached_a_share_of_its_target_and_is_no_percent_below_it():
    part = points([5, 62], [5, 100], kind="target")[-1]
    assert tell.reached(part.value, part.compare, part.complete, WORDS) == "62% of target"
    assert tell.reached(part.value, part.compare, True, WORDS) is None
    year = points([62], [100])[-1]
    assert tell.reached(year.value, year.compare, False, WORDS) is None
    assert tell.title(series((part,)), WORDS) == "Net revenue: €62 in Feb 2026 so far, 62% of target"


def test_a_target_of_nothing_has_no_share():
    for value, target, said in ((3, 0, "target reached"), (-8, -5, "target not reached yet")):
        part = points([value], [target], kind="target")[-1]
        assert tell.reached(part.value, part.compare, False, WORDS) == said
