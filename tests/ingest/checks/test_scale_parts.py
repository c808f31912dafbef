"""One region in thousands, one month of it in cents: told by the part, and growth of a part is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from dashapp.core.history import History
from tests.ingest.checks.past import Row, csv, history, spread, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 120)
NEXT = trade(date(2025, 5, 1), 31, seed=8, per_day=30)


def known(rows: list[Row] = KNOWN) -> History:
    """The past with the magnitudes of each region."""
    regions = sorted({r for _, r, _ in rows})
    parts = tuple(replace(spread("revenue", [v for _, r, v in rows if r == region], region), by="region")
                  for region in regions)
    found = history(rows)
    return replace(found, spreads=(*found.spreads, *parts))


def slipped(rows: list[Row], factor: float, where: Callable[[date, str], bool]) -> str:
    return csv((d, r, round(v * factor, 5) if where(d, r) else v) for d, r, v in rows)


@pytest.mark.parametrize(("factor", "told"), [
    (1000, "about 1,000 times larger"), (100, "about 100 times larger"), (0.01, "about 100 times smaller"),
    (0.001, "about 1,000 times smaller")])
def test_one_region_in_another_unit_is_told_with_its_name_and_factor(room: Room, factor: float, told: str) -> None:
    room.history = known()
    done, rows = room.csv(slipped(NEXT, factor, lambda d, r: r == "AMER"))
    found = issue(done, "scale-shift")
    assert f"of Region AMER are {told} than until now" in found.message
    assert (found.column, found.severity, found.count) == ("Revenue", "warning", sum(r == "AMER" for _, r, _ in NEXT))
    assert len(rows) == len(NEXT), "a warning keeps the rows"
    assert "outlier" not in codes(done), "the values are not told one by one as well"


@pytest.mark.parametrize("factor", [1, 0.4, 3])
def test_a_region_that_grows_is_no_other_unit(room: Room, factor: float) -> None:
    room.history = known()
    assert "scale-shift" not in codes(room.csv(slipped(NEXT, factor, lambda d, r: r == "AMER"))[0])


def test_a_region_that_always_was_a_thousand_times_smaller_is_as_usual(room: Room) -> None:
    small = [(d, r, v / 1000 if r == "AMER" else v) for d, r, v in KNOWN]
    room.history = known(small)
    assert "scale-shift" not in codes(room.csv(slipped(NEXT, 0.001, lambda d, r: r == "AMER"))[0])


def test_one_month_of_one_region_of_a_first_file_is_told(room: Room) -> None:
    done, _ = room.csv(slipped(KNOWN, 0.001, lambda d, r: r == "APAC" and d.month == 3))
    found = issue(done, "scale-shift")
    assert "of Region APAC in 2025-03 are about 1,000 times smaller than in other months" in found.message
    assert found.count == sum(d.month == 3 and r == "APAC" for d, r, _ in KNOWN)


def test_a_whole_file_in_thousands_is_told_once(room: Room) -> None:
    room.history = known()
    done, _ = room.csv(slipped(NEXT, 1000, lambda d, r: True))
    told = [i.message for i in done.issues if i.code == "scale-shift"]
    assert len(told) == 1
    assert "Region" not in told[0]


def test_parts_that_slip_together_are_told_by_the_dimension_of_fewer_values(room: Room) -> None:
    """Two countries of one region are in thousands: the region says it."""
    land = {"EMEA": ("DE", "FR"), "APAC": ("JP", "AU"), "AMER": ("US", "CA")}
    rows = [(d, r, land[r][n % 2], v) for n, (d, r, v) in enumerate(NEXT)]
    past = known()
    room.history = replace(past, spreads=(*past.spreads, *(
        replace(spread("revenue", [v for n, (_, r, v) in enumerate(KNOWN) if land[r][n % 2] == c], c), by="country")
        for pair in land.values() for c in pair)))
    text = "Date,Region,Country,Revenue\n" + "".join(
        f"{d},{r},{c},{v * 1000 if r == 'AMER' else v}\n" for d, r, c, v in rows)
    told = [i.message for i in room.csv(text)[0].issues if i.code == "scale-shift"]
    assert len(told) == 1
    assert "of Region AMER are" in told[0]


def test_readings_are_left_to_the_check_that_goes_kpi_by_kpi(room: Room) -> None:
    rows = "".join(f"2025-{m:02d}-01,{'A' if n % 2 else 'B'},rate,{10.0**-m}\n" for m in range(1, 5) for n in range(12))
    assert "scale-shift" not in codes(room.csv(f"Date,Shop,KPI,Value\n{rows}", {"grain": "month"})[0])
