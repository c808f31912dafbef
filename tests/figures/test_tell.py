"""Titles and summaries, sentence by sentence."""

from __future__ import annotations

from dashapp.core.series import Compared, Total
from dashapp.figures import tell
from tests.figures.cast import WORDS, points, series

REGIONS = (("EMEA", 300), ("APAC", 700), (None, 100))


def compared(value, change, ratio, label="previous year"):
    return Total((), 1_460_000, None, Compared(value, change, ratio, label))


def test_the_title_carries_the_message():
    given = points([1, 2])
    assert tell.title(series(given, compared(1_400_000, 60_000, 0.0421)), WORDS) == (
        "Net revenue rose 4.2% against the previous year: €1.46M"
    )
    assert tell.title(series(given, compared(1_500_000, -40_000, -0.0267)), WORDS) == (
        "Net revenue fell 2.7% against the previous year: €1.46M"
    )
    assert tell.title(series(given, compared(1_460_000, 0, 0.0)), WORDS) == (
        "Net revenue is unchanged against the previous year: €1.46M"
    )


def test_a_target_is_met_or_missed():
    given = points([1, 2])
    assert tell.title(series(given, compared(1_500_000, -40_000, -0.0267, "target")), WORDS) == (
        "Net revenue is 2.7% below target: €1.46M"
    )
    assert tell.title(series(given, compared(1_460_000, 0, 0.0, "target")), WORDS) == "Net revenue is on target: €1.46M"


def test_percentages_move_by_points():
    total = Total((), 0.342, None, Compared(0.33, 0.012, 0.0364, "previous year"))
    said = tell.title(series(points([0.3, 0.34]), total, unit="percent", decimals=1, name="Margin"), WORDS)
    assert said == "Margin rose 1.2 pp against the previous year: 34.2%"


def test_a_title_without_comparison_or_value():
    assert tell.title(series(points([1, 2]), Total((), 3)), WORDS) == "Net revenue: €3"
    assert tell.title(series(points([1, 2])), WORDS) == "Net revenue: €1 in Jan 2026"
    nothing = points([None, None])
    assert tell.title(series(nothing, Total((), None, "no rows.")), WORDS) == "Net revenue: no value (no rows)"
    assert tell.title(series(nothing), WORDS) == "Net revenue: no value"


def test_the_summary_speaks_of_the_last_finished_period_and_warns_of_the_unfinished_one():
    said = tell.summary(series(points([100, 120, 40], [90, 100, 50])), WORDS)
    assert said.replace("\u2009", " ") == (
        "Net revenue rose 20.0% against the previous year in Feb 2026: €120 (previous year €100); the chart covers "
        "1 Jan – 31 Mar 2026. The last period, Mar 2026, is unfinished."
    )


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


def test_the_course_of_a_sparkline_in_one_sentence():
    assert tell.course("Orders", points([5, 9, None, 3]), "number", 0, WORDS) == (
        "Orders from Jan 2026 to Apr 2026: lowest 3 in Apr 2026, highest 9 in Feb 2026, last 3, unfinished."
    )
    assert tell.course("Orders", points([None]), "number", 0, WORDS) == "Orders: no values."
