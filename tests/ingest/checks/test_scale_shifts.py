"""Thousands for units: told for a whole file and for a month of it, and not for files that only grow."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.checks.past import csv, history, spread, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 120)
NEXT = trade(date(2025, 5, 1), 31, seed=8)


@pytest.mark.parametrize(("factor", "told"), [
    (1000, "about 1,000 times larger"), (100, "about 100 times larger"), (0.01, "about 100 times smaller"),
    (0.001, "about 1,000 times smaller"), (1_000_000, "about 1,000,000 times larger"), (10, "about 10 times larger")])
def test_a_file_in_another_unit_is_told_with_its_factor(room: Room, factor: float, told: str) -> None:
    room.history = history(KNOWN)
    done, rows = room.csv(csv((d, r, round(v * factor, 4)) for d, r, v in NEXT))
    found = issue(done, "scale-shift")
    assert told in found.message
    assert (found.column, found.severity, found.count) == ("Revenue", "warning", len(NEXT))
    assert len(rows) == len(NEXT), "a warning keeps the rows"


@pytest.mark.parametrize("factor", [1, 0.4, 3])
def test_growth_is_no_other_unit(room: Room, factor: float) -> None:
    room.history = history(KNOWN)
    assert "scale-shift" not in codes(room.csv(csv((d, r, round(v * factor, 2)) for d, r, v in NEXT))[0])


def test_one_month_of_a_first_file_in_thousands_is_told(room: Room) -> None:
    rows = [(d, r, round(v / 1000, 4) if d.month == 3 else v) for d, r, v in KNOWN]
    found = issue(room.csv(csv(rows))[0], "scale-shift")
    assert "of 2025-03 are about 1,000 times smaller" in found.message
    assert found.count == sum(d.month == 3 for d, _, _ in rows)


def test_a_single_row_of_a_monthly_sheet_is_held_against_its_past(room: Room) -> None:
    months = [(date(2024 + n // 12, n % 12 + 1, 1), "EMEA", 50_000.0 + 900 * n) for n in range(18)]
    room.history = history(months)
    done, _ = room.csv(csv([(date(2025, 7, 1), "EMEA", 68.0)]), {"grain": "month"})
    assert "about 1,000 times smaller" in issue(done, "scale-shift").message.replace("853", "1,000")


def test_readings_are_compared_kpi_by_kpi(room: Room) -> None:
    """A rate beside a turnover: each has a size of its own, and only the one that moved is told."""
    from dashapp.core.history import History

    known = (spread("value", [0.1 + n / 1000 for n in range(20)], "rate"),
             spread("value", [1e6 + n for n in range(20)], "turnover"))
    room.history = History(40, date(2024, 1, 1), date(2025, 8, 1), spreads=known)
    text = "Date,KPI,Value\n2025-09-01,rate,0.12\n2025-09-01,turnover,1000\n"
    done, _ = room.csv(text, {"grain": "month"})
    told = [i.message for i in done.issues if i.code == "scale-shift"]
    assert len(told) == 1
    assert "of turnover are about 1,000 times smaller" in told[0]
