"""Single values far from the others, with a proposal where a decimal mark slipped."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.checks.past import csv, history, spread, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 120)
NEXT = trade(date(2025, 5, 1), 31, seed=8)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("value", "proposal"), [("8650000", None), ("12345", "123.45"), ("99000", "99")])
def test_a_slipped_decimal_mark_is_told_at_its_cell_with_a_proposal(
    room: Room, known: bool, value: str, proposal: str | None
) -> None:
    if known:
        room.history = history(KNOWN)
    lines = csv(NEXT).splitlines()
    lines[9] = lines[9].rpartition(",")[0] + f",{value}"
    done, rows = room.csv("\n".join(lines) + "\n")
    found = issue(done, "outlier")
    assert (found.cell, found.row, found.severity) == ("C10", 10, "warning")
    assert float(found.value or 0) == float(value)
    if proposal:
        assert found.suggestion == proposal
    assert float(rows[8]["revenue"]) == float(value), "nothing is changed unasked"


def test_usual_values_are_no_outliers(room: Room) -> None:
    assert "outlier" not in codes(room.csv(csv(KNOWN))[0])
    room.history = history(KNOWN)
    assert "outlier" not in codes(room.csv(csv(NEXT))[0])


def test_values_as_large_as_there_were_before_are_no_outliers(room: Room) -> None:
    """A wholesale order a hundred times the usual: told once, known from then on."""
    room.history = history([*KNOWN, (date(2025, 3, 3), "EMEA", 20_000.0)])
    assert "outlier" not in codes(room.csv(csv([*NEXT, (date(2025, 5, 6), "EMEA", 25_000.0)]))[0])


def test_wide_distributions_have_no_outliers_of_their_own(room: Room) -> None:
    wide = trade(date(2025, 1, 1), 120, value=lambda dice, day: dice.lognormvariate(4, 1.6))
    assert "outlier" not in codes(room.csv(csv(wide))[0])


def test_many_outliers_are_counted_beyond_the_first_twenty(room: Room) -> None:
    room.history = history(KNOWN)
    bad = [(d, r, v * 10_000 if n < 25 else v) for n, (d, r, v) in enumerate(NEXT)]
    done, _ = room.csv(csv(bad))
    told = [i for i in done.issues if i.code == "outlier"]
    assert len(told) == 21
    assert sum(i.count for i in told) == done.counts["outlier"] == 25


def test_readings_are_far_only_from_their_own_kind(room: Room) -> None:
    from dashapp.core.history import History

    room.history = History(80, spreads=(spread("value", [0.1 + n / 1000 for n in range(40)], "rate"),
                                        spread("value", [1e6 + n for n in range(40)], "turnover")))
    text = ("Date,KPI,Value\n2025-09-01,rate,0.12\n2025-09-01,turnover,1000100\n2025-10-01,rate,12.5\n"
            "2025-11-01,rate,0.11\n")
    assert issue(room.csv(text, {"grain": "month"})[0], "outlier").row == 4


def test_a_column_of_whole_numbers_is_proposed_whole_ones_only(room: Room) -> None:
    lines = ["Date,Units", *(f"2025-{n // 28 + 1:02d}-{n % 28 + 1:02d},{n % 5 + 1}" for n in range(120))]
    lines[10], lines[20] = "2025-01-10,74215", "2025-01-20,800000"
    done, _ = room.csv("\n".join(lines) + "\n")
    told = {i.row: i.suggestion for i in done.issues if i.code == "outlier"}
    assert told == {11: None, 21: "8"}
