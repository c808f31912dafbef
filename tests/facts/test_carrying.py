"""A history that is carried on over new uploads says of days what one counted from all rows says."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.history import History
from dashapp.core.period import Grain
from dashapp.core.where import parse_wheres
from dashapp.facts import carrying
from dashapp.facts.ledger import Ledger
from tests.facts.ground import Ground, order

START = date(2026, 1, 5)


def day(number: int) -> date:
    return START + timedelta(number)


def some(first: int, count: int, prefix: str, *, revenue: str = "10") -> list[dict[str, Any]]:
    """Two orders a day from day `first` on, with keys of their own."""
    return [order(f"{prefix}{n}{r}", day(first + n), r, revenue, float(n)) for n in range(count)
            for r in ("EMEA", "APAC")]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    made.upload(some(0, 100, "a"))
    told(made)
    return made


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The datasets that were counted from all rows, one entry each time."""
    seen: list[str] = []
    really = carrying.history_of

    def counted(tables: Any, dataset: Any, *more: Any) -> History:
        seen.append(dataset.key)
        return really(tables, dataset, *more)

    monkeypatch.setattr(carrying, "history_of", counted)
    return seen


def told(ground: Ground, *scope: str, calendar: Calendar | None = None, anew: bool = False) -> History:
    return ground.ledger.history(ground.dataset, ground.vintages, parse_wheres(scope), calendar=calendar, anew=anew)


def from_all_rows(ground: Ground) -> History:
    """What a process says that has seen nothing before."""
    return Ledger(ground.root, memory_limit="512MB", threads=2).history(ground.dataset, ground.vintages)


def of_days(found: History) -> tuple[Any, ...]:
    return found.rows, found.first, found.last, found.dates, found.measures, found.periods


@pytest.mark.parametrize(("rows", "mode"), [
    (some(100, 2, "b"), "append"),
    (some(100, 2, "b"), "upsert"),
    (some(99, 1, "b"), "append"),
    (some(40, 3, "a", revenue="77"), "append"),
    ([order("a50EMEA", day(50), "EMEA", "99"), *some(60, 2, "c")], "upsert"),
    (some(-9, 2, "early"), "upsert"),
    ([order("x", day(100), None, None)], "append"),
], ids=["later", "later by key", "a day that is there", "days that are there", "a correction", "before all", "empty"])
def test_days_and_sums_are_those_of_the_rows(ground: Ground, full: list[str], rows: list[dict[str, Any]],
                                             mode: str) -> None:
    before = told(ground)
    ground.upload(rows, mode)
    found = told(ground)
    if rows[0]["day"] >= before.first:
        assert full == [], "nothing but the days of the file was read"
        assert (found.spreads, found.mixes) == (before.spreads, before.mixes), "magnitudes wait for the measurement"
    assert of_days(found) == of_days(from_all_rows(ground))


def test_file_after_file_is_carried_and_measured_when_a_tenth_came(ground: Ground, full: list[str]) -> None:
    for n in range(15):
        ground.upload(some(100 + n, 1, f"b{n}"), "append")
        found = told(ground)
        assert found.last == day(100 + n)
        assert of_days(found) == of_days(from_all_rows(ground))
    assert len(full) == 15 + 1, "each time by the one that counts; by the one that carries, once a tenth had come"


def test_months_are_put_together_as_wholes(tmp_path: Path, full: list[str]) -> None:
    made = Ground(tmp_path)
    made.dataset = replace(made.dataset, grain=Grain.MONTH)
    made.upload(some(0, 100, "a"))
    told(made)
    made.upload(some(100, 3, "b"), "append")
    found = told(made)
    assert len(full) == 1
    assert of_days(found) == of_days(from_all_rows(made))
    assert found.periods[-1].rows == sum(2 for n in range(103) if day(n).month == day(102).month)


def test_what_makes_days_vanish_is_counted_from_all_rows(ground: Ground, full: list[str]) -> None:
    """Undo, redo and replaced periods take rows away: nothing is carried over them."""
    second = ground.upload(some(100, 2, "b"), "append")
    told(ground)
    assert full == []
    ground.switch(second.id, live=False)
    assert told(ground).last == day(99)
    ground.switch(second.id, live=True)
    assert told(ground).last == day(101)
    ground.upload([order("r", day(101), "EMEA", "5")], "replace-period", key=())
    assert told(ground) == from_all_rows(ground)


def test_another_calendar_or_another_column_is_counted_from_all_rows(ground: Ground, full: list[str]) -> None:
    assert told(ground, calendar=Calendar(week_start=6)).calendar.week_start == 6
    ground.dataset = replace(ground.dataset, columns=ground.dataset.columns[:-1])
    assert told(ground).measures == ("revenue",)
    assert len(full) == 2


def test_a_scope_is_told_its_own_rows_each_time(ground: Ground, full: list[str]) -> None:
    told(ground, "region=EMEA")
    ground.upload([order("late", day(130), "APAC", "5")], "append")
    found = told(ground, "region=EMEA")
    assert (found.rows, found.last) == (100, day(99)), "the date of another region's row is not told"
    assert len(full) == 2


def test_the_measurement_takes_magnitudes_anew_and_the_next_file_is_held_against_them(ground: Ground,
                                                                                     full: list[str]) -> None:
    ground.upload(some(100, 3, "b", revenue="1000000"), "append")
    carried = told(ground).spread("revenue")
    measured = told(ground, anew=True).spread("revenue")
    assert carried is not None
    assert measured is not None
    assert (carried.values, carried.most) == (200, 1.0)
    assert (measured.values, measured.most) == (206, 6.0)
    assert told(ground).spread("revenue") == measured
    assert len(full) == 1


def test_only_the_histories_asked_for_last_are_kept(ground: Ground, full: list[str],
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "KEPT", 1)
    told(ground, "region=EMEA")
    told(ground)
    assert len(full) == 2


def test_an_empty_dataset_has_an_empty_history(tmp_path: Path) -> None:
    made = Ground(tmp_path)
    assert told(made).rows == 0
    made.upload(some(0, 2, "a"))
    assert told(made) == from_all_rows(made)
