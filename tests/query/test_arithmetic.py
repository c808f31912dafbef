"""Arithmetic on figures: exact with money, "no value" with a reason instead of infinity, and signs people expect."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.query.arithmetic import (
    ABSENT,
    EMPTY,
    Cell,
    NoValue,
    as_decimal,
    checked,
    combine,
    growth,
    negative,
)

money = st.decimals(-(10**12), 10**12, places=4, allow_nan=False, allow_infinity=False)
whole = st.integers(-(10**12), 10**12)
double = st.floats(-1e12, 1e12, allow_nan=False)
figures = money | whole | double


@given(money | whole, money | whole, st.sampled_from("+-*"))
def test_money_and_counts_combine_to_the_last_digit(a: Decimal | int, b: Decimal | int, op: str) -> None:
    got = combine(op, a, b)
    left, right = Fraction(a), Fraction(b)
    want = {"+": left + right, "-": left - right, "*": left * right}[op]
    assert not isinstance(got, NoValue)
    assert Fraction(got) == want


@given(figures, figures)
def test_division_is_right_to_fifteen_digits_or_says_what_was_zero(a: Cell, b: Cell) -> None:
    got = combine("/", a, b, divisor="sum(orders.qty)")
    if b == 0:
        assert got == NoValue("Division by zero: sum(orders.qty) is 0.")
        return
    exact = Fraction(str(a) if isinstance(a, float) else a) / Fraction(str(b) if isinstance(b, float) else b)
    if abs(exact) < 10**29 and not isinstance(got, NoValue):
        assert math.isclose(float(got), float(exact), rel_tol=1e-12, abs_tol=1e-300)


@given(figures)
def test_minus_is_exact_and_comes_back(value: Cell) -> None:
    assert not isinstance(value, NoValue)
    assert negative(negative(value)) == value
    assert combine("+", value, negative(value)) == 0


def test_minus_does_not_round_what_a_division_left() -> None:
    third = combine("/", Decimal(1), Decimal(3))
    assert not isinstance(third, NoValue)
    assert str(third) == "0." + "3" * 40
    assert combine("+", third, negative(third)) == 0, "a plain minus keeps 28 digits only"
    with localcontext(prec=5):
        assert negative(Decimal("1.23456789")) == Decimal("-1.23456789")
    assert str(negative(Decimal("0.00"))) == "0.00", "there is no minus nothing"


@pytest.mark.parametrize("op", ["+", "-", "*", "/"])
@pytest.mark.parametrize(("left", "right", "reason"), [
    (ABSENT, 1, ABSENT), (1, EMPTY, EMPTY), (ABSENT, EMPTY, ABSENT), (EMPTY, 0, EMPTY), (0, ABSENT, ABSENT),
])
def test_a_missing_operand_gives_its_own_reason(op: str, left: Cell, right: Cell, reason: NoValue) -> None:
    assert combine(op, left, right) is reason
    assert negative(reason) is reason


@pytest.mark.parametrize(("now", "before", "want"), [
    (Decimal(12), Decimal(10), Decimal("0.2")),
    (Decimal(8), Decimal(10), Decimal("-0.2")),
    (Decimal(5), Decimal(-10), Decimal("1.5")),
    (Decimal(-15), Decimal(-10), Decimal("-0.5")),
    (Decimal(-10), Decimal(-10), Decimal(0)),
    (3, 2, 0.5),
])
def test_growth_points_where_the_figure_went(now: Cell, before: Cell, want: object) -> None:
    assert growth(now, before) == want


@given(money, money)
def test_growth_is_up_exactly_where_the_figure_is_higher(now: Decimal, before: Decimal) -> None:
    got = growth(now, before)
    if before == 0:
        assert got == NoValue("Division by zero: the earlier value is 0.")
    else:
        assert not isinstance(got, NoValue)
        assert (got > 0) == (now > before)
        assert (got == 0) == (now == before)


@pytest.mark.parametrize(("left", "op", "right"), [
    (Decimal(10) ** 20, "*", Decimal(10) ** 20), (1e200, "*", 1e200), (Decimal(10) ** 25, "/", Decimal("1e-10")),
    (1e300, "+", 1e300), (10**40, "-", 1), (Decimal(1), "/", 5e-324),
])
def test_figures_beyond_all_money_have_a_reason(left: Cell, op: str, right: Cell) -> None:
    got = combine(op, left, right)
    assert isinstance(got, NoValue)
    assert got.reason in ("The figure is too large to be computed.", "The figure is not a finite number.")


def test_what_is_no_number_has_a_reason() -> None:
    for value in (math.inf, -math.inf, math.nan):
        assert checked(value) == NoValue("The figure is not a finite number.")
    assert checked(Decimal(10) ** 30) == Decimal(10) ** 30
    assert isinstance(checked(Decimal(10) ** 31), NoValue)


@given(double)
def test_a_number_beside_money_counts_as_it_is_written(value: float) -> None:
    assert as_decimal(value) == Decimal(repr(value))
    got = combine("+", Decimal("0.1"), value)
    assert not isinstance(got, NoValue)
    assert isinstance(got, Decimal)
