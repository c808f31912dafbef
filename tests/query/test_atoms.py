"""Atoms of time: however windows overlap, the engine's cut of the days is the one Python computes from them."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import duckdb
import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.query.atoms import MAX_EXTRAS, MAX_RANGES, Atoms, disjoint, listed, members, number, stepped, within
from dashapp.query.windows import Reach

DAY = date(2025, 1, 1)
connection = duckdb.connect()
connection.execute("CREATE TABLE days AS SELECT DATE '2023-01-01' + CAST(i AS INTEGER) AS day FROM range(1500) t(i)")
days = ibis.table({"day": "date"}, name="days")

reach = st.builds(lambda a, n: Reach(DAY + timedelta(a), DAY + timedelta(a + n)), st.integers(-400, 500),
                  st.integers(0, 120))
grids = st.builds(
    lambda calendar, grain, first, n: [
        Reach(p.start, p.end)
        for p in calendar.periods(DateRange(DAY + timedelta(first), DAY + timedelta(first + n)), grain)
    ],
    st.builds(Calendar, st.integers(1, 12), st.integers(0, 6), st.sampled_from(["gregorian", "4-4-5", "5-4-4"])),
    st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER]), st.integers(-300, 100), st.integers(0, 300),
)
sets = st.lists(reach, min_size=1, max_size=20) | grids | st.builds(lambda g, more: g + more, grids,
                                                                   st.lists(reach, max_size=3))


def run(expression: object) -> list[tuple[object, ...]]:
    return connection.cursor().sql(str(ibis.to_sql(expression, dialect="duckdb"))).fetchall()


@given(sets)
def test_every_window_is_a_run_of_whole_atoms(reaches: list[Reach]) -> None:
    atoms = Atoms.of(reaches)
    spans = atoms.spans()
    assert spans[0].start == min(r.start for r in reaches)
    assert spans[-1].end == max(r.end for r in reaches) == atoms.hull.end
    for left, right in itertools.pairwise(spans):
        assert right.start == left.end + timedelta(1)
    for r in reaches:
        inside = [s for s in spans if r.start <= s.start <= r.end]
        assert (inside[0].start, inside[-1].end) == (r.start, r.end)


@settings(max_examples=40)
@given(sets)
def test_the_engine_puts_every_day_into_the_atom_that_holds_it(reaches: list[Reach]) -> None:
    atoms = Atoms.of(reaches)
    inside = days.filter(days.day.between(atoms.hull.start, atoms.hull.end))
    found = dict(run(inside.select(inside.day, atom=atoms.of_column(inside.day))))
    wanted = {s.start + timedelta(i): number(s.start) for s in atoms.spans()
              for i in range((s.end - s.start).days + 1)}
    assert found == {d: a for d, a in wanted.items() if d in found}
    assert len(found) > 0


@pytest.mark.parametrize(("grain", "grid"), [(Grain.MONTH, "month"), (Grain.QUARTER, "month"), (Grain.WEEK, "week"),
                                             (Grain.DAY, "day")])
def test_regular_periods_are_one_expression_not_a_comparison_each(grain: Grain, grid: str) -> None:
    periods = Calendar(week_start=6).periods(DateRange(DAY, DAY + timedelta(700)), grain)
    atoms = Atoms.of(Reach(p.start, p.end) for p in periods)
    assert atoms.grid == grid
    assert len(atoms.extras) <= MAX_EXTRAS
    assert len(str(ibis.to_sql(days.select(a=atoms.of_column(days.day)), dialect="duckdb"))) < 1500


@given(st.lists(reach, min_size=1, max_size=12))
def test_stretches_are_joined_where_they_touch(reaches: list[Reach]) -> None:
    found = disjoint(reaches)
    covered = {r.start + timedelta(i) for r in reaches for i in range((r.end - r.start).days + 1)}
    again = [r.start + timedelta(i) for r in found for i in range((r.end - r.start).days + 1)]
    assert len(again) == len(set(again))
    assert set(again) == covered
    assert all(left.end + timedelta(1) < right.start for left, right in itertools.pairwise(found))


@settings(max_examples=30)
@given(st.lists(reach, min_size=1, max_size=8))
def test_only_days_that_may_count_are_read(reaches: list[Reach]) -> None:
    kept = {d for (d,) in run(days.filter(within(days.day, reaches)))}
    needed = {d for r in reaches for i in range((r.end - r.start).days + 1)
              if (d := r.start + timedelta(i)) >= date(2023, 1, 1)}
    assert kept >= needed & {date(2023, 1, 1) + timedelta(i) for i in range(1500)}
    if len(disjoint(reaches)) <= MAX_RANGES:
        assert kept <= needed


@settings(max_examples=30)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30, unique=True).map(sorted))
def test_a_step_is_the_last_edge_not_above(edges: list[int]) -> None:
    numbers = ibis.table({"n": "int64"}, name="numbers")
    connection.execute("CREATE OR REPLACE TABLE numbers AS SELECT i - 60 AS n FROM range(121) t(i)")
    found = dict(run(numbers.select(numbers.n, step=stepped(numbers.n, edges, edges))))
    for n, step in found.items():
        assert step == max((e for e in edges if e <= n), default=edges[0])


def test_small_tables_travel_as_one_text() -> None:
    rows = [(1, -5), (2, 20000), (3, 0)]
    assert sorted(run(listed(rows, "a", "b"))) == rows


def test_windows_list_their_atoms_and_timeless_data_have_one() -> None:
    windows = {0: Reach(DAY, DAY + timedelta(9)), 7: Reach(DAY + timedelta(5), DAY + timedelta(14))}
    atoms = Atoms.of(windows.values())
    found = sorted(run(members(windows, atoms)))
    first, second, third = (number(DAY + timedelta(n)) for n in (0, 5, 10))
    assert found == [(first, 0), (second, 0), (second, 7), (third, 7)]
    assert sorted(run(members(windows, None))) == [(0, 0), (0, 7)]
