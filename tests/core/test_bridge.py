"""Parts of a restatement: exact shares, and steps without a value that are told with the next."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.bridge import Step, difference, parts_of, told, total

values = st.one_of(st.none(), st.integers(-10**20, 10**20), st.floats(-1e15, 1e15),
                   st.decimals(-10**12, 10**12, places=8))


def steps(*found: Any) -> tuple[Step, ...]:
    return tuple(Step("new", "orders", v, None if v is not None else "Division by zero: orders is 0.") for v in found)


@given(st.lists(values, min_size=1, max_size=8))
def test_parts_add_up_to_the_last_digit_whatever_the_figures_are(found: list[Any]) -> None:
    parts = parts_of(found[0], steps(*found[1:]))
    known = [v for v in found if v is not None]
    if found[0] is not None and found[-1] is not None:
        assert total(p.delta for p in parts if p.delta is not None) == difference(known[0], known[-1])
    assert [p.delta is None for p in parts] == [
        v is None or all(x is None for x in found[:n]) for n, v in enumerate(found[1:], start=1)]


def test_a_step_without_a_value_has_no_share_and_the_next_is_told_with_it() -> None:
    parts = parts_of(Decimal("10.0001"), steps(None, None, Decimal("12.0003"), 12))
    assert [(p.delta, p.spans) for p in parts] == [
        (None, 0), (None, 0), (Decimal("2.0002"), 2), (Decimal("-0.0003"), 0)]
    assert not any(p.is_idle for p in parts)


def test_quotients_are_told_to_twelve_decimals_and_money_as_it_is() -> None:
    third, money = Decimal(1) / Decimal(3), Decimal("0.12345678")
    assert (told(third), told(money), told(None)) == (Decimal("0.333333333333"), money, None)
    assert difference(money, third) == Decimal("0.209876553333")


def test_where_there_was_no_figure_before_nothing_is_split() -> None:
    first, second = parts_of(None, steps(None, Decimal(5)))
    assert (first.delta, second.delta, second.spans) == (None, None, 0)
    assert difference(None, 5) is None
    assert difference(0.1, 0.3) == Decimal("0.2")
