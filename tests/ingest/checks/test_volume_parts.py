"""Rows of one region a day against those until now, while the file as a whole has as many as ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.history import History, Pace, paces
from dashapp.core.period import Grain
from tests.ingest.checks.past import Row, csv, history
from tests.ingest.conftest import Room, codes, issue

USUAL = {"EMEA": 40, "APAC": 30, "AMER": 20, "LATAM": 3}


def days(start: date, count: int, **other: int) -> list[Row]:
    """Rows of each region on every day: the usual numbers, give or take one from day to day, or others."""
    return [(day, region, 20.0 + n) for day in (start + timedelta(k) for k in range(count))
            for region, rows in {**USUAL, **other}.items() for n in range(rows + (day.day % 3 - 1 if rows > 1 else 0))]


KNOWN = days(date(2025, 1, 1), 90)
MAY = date(2025, 5, 1)


def known(rows: list[Row] = KNOWN) -> History:
    counts: dict[tuple[date, str], int] = {}
    for day, region, _ in rows:
        counts[day, region] = counts.get((day, region), 0) + 1
    return replace(history(rows), paces=paces("region", ((d, r, n) for (d, r), n in counts.items()),
                                              sorted({d for d, _, _ in rows})))


def test_a_region_that_is_in_the_file_many_times_is_told(room: Room) -> None:
    room.history = known()
    found = issue(room.csv(csv(days(MAY, 20, LATAM=12)))[0], "part-volume")
    assert "Rows a day by 'Region': LATAM 12 instead of 3." in found.message
    assert (found.column, found.severity) == ("Region", "warning")


def test_a_small_region_that_is_missing_is_told(room: Room) -> None:
    """Three of ninety rows a day are no shift of shares; that there are none at all is one."""
    room.history = known()
    done, _ = room.csv(csv(days(MAY, 5, LATAM=0)))
    assert "LATAM none instead of 3" in issue(done, "part-volume").message


def test_usual_files_are_told_nothing(room: Room) -> None:
    room.history = known()
    for count in (1, 2, 30):
        assert "part-volume" not in codes(room.csv(csv(days(MAY, count)))[0])


@pytest.mark.parametrize("rows", [5, 7])
def test_a_few_rows_more_are_chance(room: Room, rows: int) -> None:
    room.history = known()
    assert "part-volume" not in codes(room.csv(csv(days(MAY, 1, LATAM=rows)))[0])


def test_a_value_that_comes_and_goes_may_be_absent(room: Room) -> None:
    rare = [r for r in KNOWN if r[1] != "LATAM" or r[0].day % 4 == 0]
    room.history = known(rare)
    assert "part-volume" not in codes(room.csv(csv(days(MAY, 3, LATAM=0)))[0])


def test_what_is_told_of_the_whole_is_not_told_of_its_parts(room: Room) -> None:
    room.history = known()
    done, _ = room.csv(csv(days(MAY, 20, EMEA=400, APAC=300, AMER=200, LATAM=30)))
    assert "volume-shift" in codes(done)
    assert "part-volume" not in codes(done)


def test_shares_that_moved_are_told_as_such(room: Room) -> None:
    room.history = known()
    done, _ = room.csv(csv(days(MAY, 20, APAC=0)))
    assert "mix-shift" in codes(done)
    assert "part-volume" not in codes(done)


def sliced() -> Dataset:
    columns = (Column("date", "Date", RoleOf.DATE, "date"), Column("region", "Region", RoleOf.DIMENSION, "text"),
               Column("revenue", "Revenue", RoleOf.MEASURE, "money"))
    return Dataset("sales", "Sales", grain=Grain.DAY, mode="replace-period", slice_columns=("region",), columns=columns)


def test_a_file_of_one_slice_lacks_the_others_and_is_held_against_its_own_past(room: Room) -> None:
    room.history = known()
    only = [r for r in days(MAY, 20) if r[1] == "AMER"]
    assert "part-volume" not in codes(room.csv(csv(only), known=sliced())[0])
    more = [r for r in days(MAY, 20, AMER=120) if r[1] == "AMER"]
    assert "AMER 120 instead of 20" in issue(room.csv(csv(more), known=sliced())[0], "part-volume").message


def test_the_pace_of_a_value_counts_the_periods_since_its_first() -> None:
    every = [date(2025, 1, n) for n in range(1, 11)]
    counts = [(d, "late", n) for n, d in enumerate(every[6:], 1)] + [(d, "even", 5) for d in every[::2]]
    assert paces("region", counts, every) == (
        Pace("region", "late", 2.5, 1.0, 4.0, 1.0, 4), Pace("region", "even", 5.0, 5.0, 5.0, 0.5, 5))
