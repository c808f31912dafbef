"""What the checks say of one row and of several: one amount is negative, two amounts are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.ingest.conftest import Room

APPEND = {"mode": "append", "key": []}
MONEY = {**APPEND, "columns": {"Revenue": {"role": "measure", "type": "money"}}}


def told(room: Room, content: str, mapping: dict, code: str) -> list[str]:
    done, _ = replace(room, today=date(2026, 3, 16)).csv(content, mapping)
    return [i.message for i in done.issues if i.code == code]


@pytest.mark.parametrize(("code", "mapping", "one", "two", "said", "many"), [
    ("duplicate-rows", APPEND, "2025-01-01,5\n2025-01-01,5\n", "2025-01-01,5\n" * 3,
     "1 row repeats another row exactly (row 3). Both are kept, since no key says that they are one.",
     "2 rows repeat another row exactly (row 3, row 4). All are kept, since no key says that they are one."),
    ("duplicate-rows", {"key": ["date"]}, "2025-01-01,5\n2025-01-01,5\n", "2025-01-01,5\n" * 3,
     "1 row repeats another row exactly and is kept once (row 3).",
     "2 rows repeat another row exactly and are kept once (row 3, row 4)."),
    ("amount-negative", APPEND, "2025-01-01,-5\n2025-01-02,5\n", "2025-01-01,-5\n2025-01-02,-6\n",
     "1 amount in 'Revenue' is negative (B2); the sign is kept.",
     "2 amounts in 'Revenue' are negative (B2, B3); the sign is kept."),
    ("date-future", APPEND, "2025-01-01,5\n2099-01-02,5\n", "2099-01-01,5\n2099-01-02,5\n",
     "1 date lies after today (A3).", "2 dates lie after today (A2, A3)."),
    ("money-rounded", MONEY, "2025-01-01,1.23456\n2025-01-02,5\n", "2025-01-01,1.23456\n2025-01-02,2.34567\n",
     "1 amount in 'Revenue' has more than four decimals and is rounded (B2).",
     "2 amounts in 'Revenue' have more than four decimals and are rounded (B2, B3)."),
    ("value-missing", APPEND, "2025-01-01,\n2025-01-02,5\n2025-01-03,6\n", "2025-01-01,\n2025-01-02,\n2025-01-03,6\n",
     "1 value in 'Revenue' is missing (B2); it counts as missing, not as zero.",
     "2 values in 'Revenue' are missing (B2, B3); they count as missing, not as zero."),
], ids=["repeated", "repeated under a key", "negative", "future", "rounded", "missing"])
def test_one_is_told_as_one_and_two_as_two(
        room: Room, code: str, mapping: dict, one: str, two: str, said: str, many: str) -> None:
    assert told(room, f"Date,Revenue\n{one}", mapping, code) == [said]
    assert told(room, f"Date,Revenue\n{two}", mapping, code) == [many]


def test_a_cost_of_zero_and_two_of_them(room: Room) -> None:
    for count, said in ((1, "1 cost is zero (B2); the margin on it is 100 %."),
                        (2, "2 costs are zero (B2, B3); margins on them are 100 %.")):
        rows = "".join(f"2025-01-0{n + 1},{0 if n < count else 7}\n" for n in range(4))
        assert told(room, f"Date,Cost\n{rows}", APPEND, "cost-zero") == [said]


@pytest.mark.parametrize(("spoilt", "said"), [(50, None), (51, "1 more row like this in 'Revenue'."),
                                              (52, "2 more rows like this in 'Revenue'.")])
def test_unreadable_rows_beyond_the_first_are_counted_as_people_do(room: Room, spoilt: int, said: str | None) -> None:
    rows = "".join(f"2025-01-01,{'soon' if n < spoilt else n}\n" for n in range(spoilt + 900))
    content = f"Date,Revenue\n{rows}"
    mapping = {**APPEND, "columns": {"Revenue": {"role": "measure", "type": "number"}}}
    found = told(room, content, mapping, "number-unreadable")
    assert [m for m in found if "like this" in m] == ([said] if said else [])
    assert len([m for m in found if "'soon'" in m]) == 50
