"""Charts of series: what is drawn, what it is called, and the table that replaces it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from dashapp.core.period import Grain
from dashapp.core.series import Ranking, Total
from dashapp.figures.periods import chart, table
from tests.figures.cast import CALENDAR, WORDS, points, series


def splits(names, count=3, **more):
    given = tuple(p for i, n in enumerate(names) for p in points([100 - i] * count, split=(("region", n),), **more))
    totals = tuple(Total((("region", n),), 100 - i) for i, n in enumerate(names))
    return series(given, by=("region",), totals=totals)


def test_amounts_over_few_periods_are_columns_from_zero():
    drawn = chart(series(points([900, 1000, 950])), WORDS)
    assert drawn.kind == "bar"
    assert drawn.heights[0] == (0.0, "€0")
    assert drawn.labels == ("Jan 2026", "Feb 2026", "Mar 2026")


def test_percentages_and_long_series_are_lines():
    assert chart(series(points([0.3, 0.31]), unit="percent"), WORDS).kind == "line"
    assert chart(series(points([1.0] * 27, grain=Grain.DAY)), WORDS).kind == "line"


def test_a_line_may_leave_zero_out_when_the_values_are_far_from_it():
    assert chart(series(points([0.90, 0.92, 0.91]), unit="percent"), WORDS).heights[0][0] > 0.8


def test_the_comparison_lies_behind_the_figures():
    drawn = chart(series(points([1, 2, 3], [2, None, 4])), WORDS)
    assert [(t.name, t.part) for t in drawn.traces] == [("Previous year", "comparison"), ("Net revenue", "actual")]
    assert drawn.traces[0].values == (2.0, None, 4.0)
    assert drawn.traces[1].complete == (True, True, False)


def test_a_comparison_with_targets_is_outlined():
    drawn = chart(series(points([1, 2], [2, 2], kind="target")), WORDS, {p.period: 99 for p in points([1, 2])})
    assert [t.part for t in drawn.traces] == ["target", "actual"]


def test_targets_stand_at_their_own_periods():
    given = series(points([1, 2, 3]))
    drawn = chart(given, WORDS, {given.points[1].period: Decimal("2.5")})
    assert drawn.traces[0].values == (None, 2.5, None)
    assert [t.part for t in chart(given, WORDS, {CALENDAR.parse("2020-01"): 1}).traces] == ["actual"]


def test_tooltips_tell_value_comparison_and_what_is_missing():
    texts = chart(series(points([1234.5, None, 10], [1000, 5, 8]), decimals=0), WORDS).traces[-1].hover
    assert texts[0] == "Jan 2026\n€1,234.5\n+23.5% vs previous year\nJan 2025: €1,000"
    assert texts[1] == "Feb 2026\n— no rows"
    assert texts[2].startswith("Mar 2026, unfinished\n€10")


def test_the_largest_seven_splits_have_names_and_colours():
    drawn = chart(splits([f"r{i}" for i in range(10)]), WORDS)
    top = [t for t in drawn.traces if t.part == "split"]
    assert {t.name for t in top} == {f"r{i}" for i in range(7)}
    assert sorted(t.rank for t in top) == list(range(7))
    assert sum(t.part == "rest" for t in drawn.traces) == 3
    assert drawn.traces[-1].name == "r0"


def test_labels_are_few_level_and_name_the_year_once():
    ticks = chart(series(points([1.0] * 365, grain=Grain.DAY, start=date(2025, 11, 22))), WORDS).ticks
    assert len(ticks) <= 7
    assert ticks[0] == (0, "22\nNov")
    assert sum("2026" in text for _, text in ticks) == 1


def test_years_are_not_said_twice():
    assert [t for _, t in chart(series(points([1, 2], grain=Grain.YEAR)), WORDS).ticks] == ["2026", "2027"]


def test_the_table_says_what_the_chart_shows():
    grid = table(series(points([100, None, 50], [80, 90, 40])), WORDS)
    assert grid.head == ("Period", "Net revenue", "Previous year", "Change", "Note")
    assert grid.rows == (
        ("Jan 2026", "€100", "€80", "+25.0%", ""),
        ("Feb 2026", "—", "€90", "—", "no rows"),
        ("Mar 2026", "€50", "€40", "+25.0%", "unfinished"),
    )
    assert grid.numeric == {1, 2, 3}


def test_the_table_says_until_when_the_other_side_of_an_unfinished_period_counts():
    *whole, last = points([100, 50], [80, 40])
    part = replace(last, compare=replace(last.compare, part_until=date(2025, 2, 9)))
    notes = [row[-1] for row in table(series([*whole, part]), WORDS).rows]
    assert notes == ["", "unfinished, like for like until 9 Feb 2025"]


def test_the_table_of_splits_has_a_column_each():
    grid = table(splits(["EMEA", None], 2), WORDS)
    assert grid.head == ("Period", "EMEA", "(none)")
    assert grid.rows == (("Jan 2026", "€100", "€99"), ("Feb 2026", "€100", "€99"))


def test_nothing_at_all_is_still_a_chart():
    drawn = chart(series(points([None, None])), WORDS)
    assert drawn.heights
    assert drawn.traces[-1].values == (None, None)


def test_one_axis_has_one_scale():
    texts = [t for _, t in chart(series(points([150_000, 190_000]), unit="number"), WORDS).heights]
    assert texts == ["0", "50K", "100K", "150K", "200K"]


def test_the_first_year_is_named_where_the_next_label_leaves_room():
    months = chart(series(points([1.0] * 6, start=date(2026, 1, 1))), WORDS).ticks
    assert [t for _, t in months] == ["Jan\n2026", "Feb", "Mar", "Apr", "May", "Jun"]
    crossing = chart(series(points([1.0] * 3, start=date(2025, 12, 1))), WORDS).ticks
    assert [t for _, t in crossing] == ["Dec", "Jan\n2026", "Feb"]


def test_the_unfinished_period_is_told_as_a_share_of_its_target():
    drawn = chart(series(points([90, 62], [100, 100], kind="target")), WORDS)
    assert [row[3] for row in drawn.grid.rows] == ["−10.0%", "62% of target"]
    assert "62% of target" in drawn.traces[-1].hover[-1]
    assert "vs target" not in drawn.traces[-1].hover[-1]


def cut(names=("EMEA", "APAC"), rest=3):
    """Named segments, and the others among them by far the largest."""
    named = splits(names)
    others = tuple(replace(p, others=rest) for p in points([900] * 3))
    whole = points([1100] * 3)
    totals = (Total((), 1100), *named.totals, Total((), 900, others=rest))
    return replace(named, points=(*named.points, *others), totals=totals, sums=whole,
                   ranking=Ranking("net_revenue", "Net revenue", len(names), len(names) + rest))


def test_others_are_grey_beneath_the_named_however_large_they_are():
    drawn = chart(cut(), WORDS)
    assert [(t.name, t.part, t.rank) for t in drawn.traces] == [
        ("Others (3)", "others", 0), ("APAC", "split", 1), ("EMEA", "split", 0)]
    assert drawn.title == "Net revenue by region: EMEA is highest with €100"
    assert "EMEA €100, APAC €99; Others (3) €900. The last period" in drawn.summary


def test_the_table_of_a_split_has_the_whole_first_and_the_others_last():
    assert table(cut(), WORDS).head == ("Period", "All", "EMEA", "APAC", "Others (3)")
    assert table(cut(), WORDS).rows[0] == ("Jan 2026", "€1,100", "€100", "€99", "€900")


def test_of_many_groups_two_have_others_with_a_name_in_the_chart():
    given = tuple(replace(p, others=n) for n, r in enumerate("abc", 1) for p in points([n], split=(("region", r),)))
    totals = tuple(Total((("region", r),), n, others=n) for n, r in enumerate("abc", 1))
    drawn = chart(series(given, by=("region", "sku"), totals=totals), WORDS)
    assert [(t.name, t.part) for t in drawn.traces[::-1]] == [
        ("c · Others (3)", "others"), ("b · Others (2)", "others"), ("a · Others (1)", "rest")]
