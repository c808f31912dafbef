"""Putting partials together: windows, splits and totals from the rows of a fused scan, exactly as plain sums would."""
from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.query.atoms import number
from dashapp.query.formula import parse
from dashapp.query.partials import EMPTY_CELL, Partials, Slot, plus, slots_of
from dashapp.query.scan import Need
from dashapp.query.tree import Agg, Col
from dashapp.query.windows import Reach

DAY = date(2026, 3, 1)
WEEK = Reach(DAY, DAY + timedelta(6))


def agg(text: str) -> Agg:
    found = parse(text)
    assert isinstance(found, Agg)
    return found


def lookup(funcs: str, days: list[int] | None, by: list[Any] | None = None, **columns: list[Any]) -> Partials:
    """Partials over atoms of one day each, counted from 1 March."""
    slots = slots_of(map(agg, funcs.split("; ")))
    rows = len(next(iter(columns.values())))
    data: dict[str, list[Any]] = {"n": [1] * rows, **columns}
    if days is not None:
        data["atom"] = [number(DAY + timedelta(n)) for n in days]
    if by is not None:
        data["by0"] = by
    return Partials(data, slots, 0 if by is None else 1)


def value(found: Partials, text: str, first: int = 0, last: int = 6, split: Any = None) -> Any:
    return found.value(Need(agg(text), Reach(DAY + timedelta(first), DAY + timedelta(last)), split is None), split)


# slots -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("funcs", "parts"), [
    ("sum(a)", [("s",)]), ('sum(a, b == "x")', [("m", "s")]), ("avg(a)", [("c", "s")]), ("count(a)", [("c",)]),
    ("min(a)", [("mn",)]), ("max(a)", [("mx",)]), ("first(a)", [("c", "fd", "fv", "s")]),
    ("last(a)", [("c", "ld", "lv", "s")]), ("sum(a); avg(a); max(a)", [("c", "mx", "s")]),
    ('sum(a); sum(a, b == "x"); sum(c)', [("s",), ("m", "s"), ("s",)]), ("count()", [("m",)]),
    ('count(b == "x")', [("m",)]),
])
def test_aggregates_of_the_same_rows_share_their_partials(funcs: str, parts: list[tuple[str, ...]]) -> None:
    slots = slots_of(map(agg, funcs.split("; ")))
    assert [s.parts for s in slots.values()] == parts
    assert [s.index for s in slots.values()] == list(range(len(parts)))
    assert Slot(3, None, None, ()).name("s") == "s3"


# windows ---------------------------------------------------------------------------------------------------------
SUMS = lookup("sum(a)", [3, 0, 6, 1], s0=[Decimal(8), Decimal(1), Decimal(64), Decimal(2)])


@pytest.mark.parametrize(("first", "last", "total"), [
    (0, 6, 75), (0, 0, 1), (0, 1, 3), (1, 1, 2), (1, 3, 10), (2, 2, None), (2, 3, 8), (3, 5, 8), (4, 5, None),
    (4, 6, 64), (6, 6, 64), (-3, -1, None), (7, 9, None), (-3, 0, 1), (6, 9, 64),
])
def test_a_window_adds_up_the_atoms_inside_it_both_ends_counted(first: int, last: int, total: int | None) -> None:
    assert value(SUMS, "sum(a)", first, last) == total


def test_atoms_without_rows_are_not_there() -> None:
    found = lookup("sum(a)", [0, 1], s0=[Decimal(1), Decimal(2)], n=[0, 1])
    assert value(found, "sum(a)") == 2
    assert value(found, "sum(a)", 0, 0) is None


def test_a_split_sees_its_own_rows_and_the_whole_all_of_them() -> None:
    found = lookup("sum(a)", [0, 2, 1, 1], ["A", "A", "B", None], s0=[1, 2, 4, 8])
    assert [value(found, "sum(a)", split=(s,)) for s in ("A", "B", None)] == [3, 4, 8]
    assert value(found, "sum(a)", 1, 6, split=("A",)) == 2
    assert value(found, "sum(a)", split=("C",)) is None
    assert value(found, "sum(a)") == 15
    assert value(found, "sum(a)", 1, 1) == 12
    assert list(found.splits()) == [("A",), ("B",), (None,)] or set(found.splits()) == {("A",), ("B",), (None,)}


def test_data_without_dates_are_the_same_at_any_time() -> None:
    found = lookup("sum(a)", None, s0=[5])
    assert value(found, "sum(a)", 0, 0) == value(found, "sum(a)", 100, 200) == 5


# aggregates ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "columns", "want"), [
    ("sum(a)", {"s0": [Decimal("0.1"), Decimal("0.2"), None]}, Decimal("0.3")),
    ("sum(a)", {"s0": [0.1, 0.2, 0.3]}, 0.6), ("sum(a)", {"s0": [None, None, None]}, EMPTY_CELL),
    ('sum(a, b == "x")', {"s0": [None, None, None], "m0": [0, 0, 0]}, 0),
    ('sum(a, b == "x")', {"s0": [None, None, None], "m0": [0, 2, 0]}, EMPTY_CELL),
    ("avg(a)", {"s0": [Decimal(1), Decimal(4), None], "c0": [1, 2, 0]}, Decimal(5) / 3),
    ("avg(a)", {"s0": [None, None, None], "c0": [0, 0, 0]}, EMPTY_CELL),
    ("min(a)", {"mn0": [3, None, 2]}, 2), ("max(a)", {"mx0": [3, None, 2]}, 3),
    ("min(a)", {"mn0": [None, None, None]}, EMPTY_CELL), ("max(a)", {"mx0": [-3, -4, None]}, -3),
    ("count(a)", {"c0": [1, 0, 2]}, 3), ("count()", {"m0": [4, 0, 2]}, 6), ("count(a)", {"c0": [0, 0, 0]}, 0),
])
def test_partials_of_three_days_give(text: str, columns: dict[str, list[Any]], want: Any) -> None:
    found = value(lookup(text, [0, 1, 2], **columns), text)
    assert found == want
    assert type(found) is type(want)


EDGES = {"s0": [0, 0, 0, 0], "c0": [1, 1, 1, 0], "fd0": [DAY, DAY, DAY + timedelta(2), None], "fv0": [3, 4, 9, None],
         "ld0": [DAY + timedelta(1), DAY, DAY + timedelta(2), None], "lv0": [5, 6, 7, None]}


@pytest.mark.parametrize(("text", "first", "last", "want"), [
    ("first(a)", 0, 6, 7), ("last(a)", 0, 6, 7), ("first(a)", 2, 6, 9), ("last(a)", 0, 1, 5),
    ("first(a)", 3, 3, EMPTY_CELL),
    ("last(a)", 3, 6, EMPTY_CELL),
])
def test_the_first_and_the_last_day_are_added_up_over_splits_but_not_over_time(
    text: str, first: int, last: int, want: Any
) -> None:
    found = lookup("first(a); last(a)", [0, 0, 2, 3], ["A", "B", "A", "A"], **EDGES)
    assert value(found, text, first, last) == want


@given(st.lists(st.decimals(-(10**12), 10**12, places=4), min_size=1))
def test_decimals_add_up_exactly(values: list[Decimal]) -> None:
    assert Fraction(plus(values)) == sum(map(Fraction, values))


@given(st.lists(st.floats(-1e12, 1e12), min_size=1))
def test_doubles_add_up_to_the_nearest_double(values: list[float]) -> None:
    assert plus(values) == float(sum(map(Fraction, values))) == math.fsum(values)


def test_a_column_of_whole_numbers_stays_countable() -> None:
    assert plus([1, 2]) == 3
    assert agg("sum(a)").arg == Col(("a",))
