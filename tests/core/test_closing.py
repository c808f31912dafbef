"""How far a dataset is closed, told from decisions; and what is said of changes to closed periods."""
from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from dashapp.core.closing import (
    ClosedRow,
    Closing,
    Touched,
    closed_until,
    reason_of,
    refuse_unreasoned,
    told,
    touched_from_json,
)
from dashapp.core.errors import Invalid

JAN, FEB, MAR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
AT = datetime(2026, 4, 3, 9, tzinfo=UTC)


def decided(*given: tuple[str | None, bool, date | None]) -> list[Closing]:
    return [Closing(n, dataset, closes, until, AT, "ann@example.org", "") for n, (dataset, closes, until)
            in enumerate(given, start=1)]


def test_nothing_is_closed_before_anybody_closes_it() -> None:
    assert closed_until([], "orders") is None
    assert closed_until(decided(("sales", True, FEB)), "orders") is None


def test_a_closing_of_all_closes_each_and_those_to_come() -> None:
    found = decided((None, True, FEB))
    assert (closed_until(found, "orders"), closed_until(found, "not_there_yet")) == (FEB, FEB)


def test_a_later_closing_that_reaches_less_far_opens_nothing() -> None:
    assert closed_until(decided(("orders", True, MAR), (None, True, JAN)), "orders") == MAR


def test_only_a_reopening_opens_and_only_what_lies_behind_it() -> None:
    both = decided((None, True, MAR), ("orders", False, JAN))
    assert (closed_until(both, "orders"), closed_until(both, "sales")) == (JAN, MAR)
    assert closed_until([*both, *decided((None, False, None))], "sales") is None
    assert closed_until(decided((None, True, JAN), (None, False, MAR)), "sales") == JAN


@pytest.mark.parametrize("seed", range(20))
def test_days_are_closed_as_if_every_day_had_a_switch_of_its_own(seed: int) -> None:
    """Against a table of days: a closing switches all days up to its own on, a reopening all behind it off."""
    dice, first = random.Random(seed), date(2026, 1, 1)
    days = [first + timedelta(n) for n in range(40)]
    switched = {name: dict.fromkeys(days, False) for name in ("orders", "sales")}
    given = []
    for _ in range(12):
        name, closes = dice.choice([None, "orders", "sales"]), dice.random() < 0.6
        until = dice.choice(days) if closes else dice.choice([None, *days])
        given.append((name, closes, until))
        for key in switched if name is None else [name]:
            for day in days:
                if closes and until is not None and day <= until:
                    switched[key][day] = True
                elif not closes and (until is None or day > until):
                    switched[key][day] = False
    for key, table in switched.items():
        until = closed_until(decided(*given), key)
        assert [d for d in days if table[d]] == [d for d in days if until is not None and d <= until], (key, given)


def test_what_is_told_counts_both_ways_and_names_the_months() -> None:
    touched = Touched(FEB, 3, 1, (("2026-01", 2, 0), ("2026-02", 1, 1)))
    assert told(touched) == "In closed periods (until 2026-02-28) 3 rows come and 1 goes: 2026-01, 2026-02."
    assert told(Touched(FEB, 1, 0, (("2026-02", 1, 0),))) == (
        "In closed periods (until 2026-02-28) 1 row comes: 2026-02.")
    assert told(Touched(FEB, 0, 2, (("2026-02", 0, 2),))) == (
        "In closed periods (until 2026-02-28) 2 rows go: 2026-02.")
    many = tuple((f"2025-{m:02d}", 1, 0) for m in range(1, 9))
    assert told(Touched(FEB, 8, 0, many)).endswith("2025-06 and 2 more.")
    assert "this list" in told(Touched(FEB, 0, 2, is_list=True))


def test_it_travels_as_json_and_back() -> None:
    row = ClosedRow("goes", FEB, "u1", "Orders", 7, {"Order ID": "a", "Revenue": None})
    for touched in (Touched(), Touched(FEB, 3, 1, (("2026-02", 3, 1),), (row,)), Touched(JAN, 0, 1, is_list=True)):
        assert touched_from_json(touched.to_json()) == touched
    assert touched_from_json(None) == Touched()


def test_without_a_reason_closed_periods_stay_as_they_are() -> None:
    refuse_unreasoned(Touched(FEB), "")
    refuse_unreasoned(Touched(FEB, 1, 0, (("2026-02", 1, 0),)), "late invoice")
    row = ClosedRow("comes", FEB, "u1", None, 7, {"Revenue": "12"})
    with pytest.raises(Invalid, match="Give a reason") as refused:
        refuse_unreasoned(Touched(FEB, 1, 0, (("2026-02", 1, 0),), (row,)), "")
    assert refused.value.extra["closed"]["came"] == 1
    assert refused.value.extra["closed"]["rows"] == []


def test_a_reason_is_one_line_of_at_most_500_characters() -> None:
    assert reason_of("  late\n invoice ") == "late invoice"
    assert reason_of(None) == ""
    with pytest.raises(Invalid, match="500"):
        reason_of("x" * 501)
