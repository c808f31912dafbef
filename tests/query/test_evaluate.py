"""Evaluating trees: which windows are looked up, what is combined, and how far time functions may stand around."""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.period import Grain
from dashapp.query.arithmetic import ABSENT, Cell, NoValue
from dashapp.query.evaluate import MAX_SHIFTS, Definition, Evaluator
from dashapp.query.formula import parse
from dashapp.query.tree import Agg, Col, unparse
from dashapp.query.windows import Window, Windows

MARCH = Window(*[Calendar().period(date(2026, 3, 1), Grain.MONTH)] * 2)


class Book:
    """Looks up aggregates in a table by text and shifts, and remembers what was asked."""

    def __init__(self, **values: Cell) -> None:
        self.values = values
        self.asked: list[tuple[str, tuple[tuple[str, int], ...], Any, bool]] = []

    def look(self, agg: Agg, windows: Windows, zero: bool) -> list[Cell]:
        return [self._one(agg, w, zero) for w in windows.all]

    def _one(self, agg: Agg, window: Window, zero: bool) -> Cell:
        assert isinstance(agg.arg, Col)
        self.asked.append((unparse(agg), window.shifts, window.widen, zero))
        back = "_".join(f"{name}{n}" for name, n in window.shifts)
        return self.values.get(agg.arg.path[-1] + (f"_{back}" if back else ""), ABSENT)


def evaluated(formula: str, book: Book, periods: int = 1, zero: bool = False, **others: str) -> Cell:
    trees = {"asked": formula, **others}
    known = {k: Definition(parse(t), zero and k == "asked") for k, t in trees.items()}
    return Evaluator(known, book.look, lambda _: periods).kpi("asked", Windows.of(MARCH))[0]


@pytest.mark.parametrize(("formula", "value"), [
    ("sum(a)", 6), ("3", 3), ("2.50", Decimal("2.50")), ("-sum(a)", -6), ("--sum(a)", 6), ("sum(a) - sum(b)", 2),
    ("sum(a) / sum(b)", 1.5), ("sum(a) * sum(b) + 1", 25), ("sum(a) - (sum(b) - 1)", 3), ("(sum(a) + sum(b)) / 2", 5),
    ("half", 3), ("half + half * 2", 9),
])
def test_figures_are_combined_as_written(formula: str, value: object) -> None:
    found = evaluated(formula, Book(a=6, b=4), half="sum(a) / 2")
    assert found == value


def test_a_whole_number_is_counted_and_a_fraction_is_exact() -> None:
    assert type(evaluated("3", Book())) is int
    assert type(evaluated("3.0", Book())) is int
    assert type(evaluated("0.1", Book())) is Decimal


@pytest.mark.parametrize(("formula", "reason"), [
    ("sum(x) + sum(a)", ABSENT.reason), ("sum(a) / sum(z)", "Division by zero: sum(z) is 0."),
    ("sum(a) / (sum(z) * 2)", "Division by zero: sum(z) * 2 is 0."), ("-sum(x)", ABSENT.reason),
    ("lost_one", "It cannot be used."), ("1 + lost_one", "It cannot be used."),
])
def test_what_has_no_value_says_why(formula: str, reason: str) -> None:
    book = Book(a=6, z=0)
    trees = {"asked": Definition(parse(formula)), "lost_one": Definition(None, problem="It cannot be used.")}
    found = Evaluator(trees, book.look, lambda _: 1).kpi("asked", Windows.of(MARCH))[0]
    assert isinstance(found, NoValue)
    assert found.reason == reason


@pytest.mark.parametrize(("formula", "periods", "shifts"), [
    ("previous(sum(a))", 1, (("previous", 1),)), ("previous(sum(a))", 12, (("previous", 12),)),
    ("year_ago(sum(a))", 12, (("year_ago", 1),)), ("previous(year_ago(sum(a)))", 2, (("previous", 2), ("year_ago", 1))),
    ("year_ago(previous(sum(a)))", 2, (("year_ago", 1), ("previous", 2))),
])
def test_time_functions_shift_by_as_many_periods_as_were_asked_for(
    formula: str, periods: int, shifts: tuple[tuple[str, int], ...]
) -> None:
    book = Book()
    evaluated(formula, book, periods)
    assert book.asked == [("sum(a)", shifts, None, False)]


def test_growth_looks_at_both_sides_and_divides_by_the_earlier() -> None:
    book = Book(a=6, a_previous3=4)
    assert evaluated("growth(sum(a))", book, 3) == 0.5
    assert {shifts for _, shifts, _, _ in book.asked} == {(), (("previous", 3),)}
    assert evaluated("growth(sum(a))", Book(a=6, a_previous1=-4)) == 2.5


@pytest.mark.parametrize(("formula", "widen"), [
    ("rolling(sum(a), 28)", ("rolling", 28, "day")), ('rolling(sum(a), 2, "week")', ("rolling", 2, "week")),
    ('to_date(sum(a), "year")', ("to_date", 0, "year")),
])
def test_windows_are_widened_under_their_shifts(formula: str, widen: tuple[str, int, str]) -> None:
    book = Book()
    evaluated(f"previous({formula})", book)
    assert book.asked == [("sum(a)", (("previous", 1),), widen, False)]


@pytest.mark.parametrize(("outer", "inner", "said"), [
    ("rolling({}, 28)", "growth(sum(a))", "growth() has no meaning inside rolling(): write it outside."),
    ('to_date({}, "year")', "previous(sum(a))", "previous() has no meaning inside to_date(): write it outside."),
    ("rolling({}, 28)", 'to_date(sum(a), "year")', "to_date() has no meaning inside rolling(): write it outside."),
])
def test_time_functions_inside_a_window_have_no_value_through_other_kpis_too(outer: str, inner: str, said: str) -> None:
    found = evaluated(outer.format("other"), Book(a=1), other=inner)
    assert found == NoValue(said)


def test_as_many_time_functions_as_may_stand_around_each_other_and_one_more() -> None:
    book = Book()
    evaluated("previous(" * (MAX_SHIFTS - 1) + "sum(a)" + ")" * (MAX_SHIFTS - 1), book)
    assert len(book.asked[0][1]) == MAX_SHIFTS - 1
    evaluated("previous(" * MAX_SHIFTS + "sum(a)" + ")" * MAX_SHIFTS, book)
    assert len(book.asked[1][1]) == MAX_SHIFTS, "a comparison is the ninth"
    found = evaluated("previous(" * (MAX_SHIFTS + 1) + "sum(a)" + ")" * (MAX_SHIFTS + 1), Book(a=1))
    assert found == NoValue("More than 8 time functions stand around each other, other KPIs included.")


def test_a_kpi_that_is_named_often_is_looked_up_once_per_window() -> None:
    book = Book(a=2, a_previous1=1)
    assert evaluated("other * other + other + previous(other)", book, other="sum(a)") == 7
    assert [shifts for _, shifts, _, _ in book.asked] == [(), (("previous", 1),)]


def test_absence_counts_as_zero_where_the_kpi_says_so_and_not_in_others() -> None:
    book = Book(a=1)
    evaluated("sum(a) + growth(sum(a)) + other", book, zero=True, other="sum(a)")
    assert [zero for *_, zero in book.asked] == [True, True, True, False]


def test_a_chain_without_an_end_has_a_reason_instead_of_a_crash() -> None:
    known = {"asked": Definition(parse("asked + 1"))}
    found = Evaluator(known, Book().look, lambda _: 1).kpi("asked", Windows.of(MARCH))[0]
    assert found == NoValue("The formula reaches through too many other KPIs.")
