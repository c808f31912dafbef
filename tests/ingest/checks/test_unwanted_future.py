"""Dates after today where the dataset takes none: their rows are set aside, and only those."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.conftest import Room, codes

TEXT = "Due,Date,Revenue\n2030-01-01,2025-01-01,1\n2030-01-02,2025-01-02,2\n2030-01-03,2025-01-03,3\n"


def test_e11_a_dataset_of_actuals_may_refuse_the_days_to_come(room: Room) -> None:
    room.today = date(2025, 1, 2)
    done, rows = room.csv(TEXT, {"future": "refused"})
    (said,) = [i for i in done.issues if i.severity == "error"]
    assert (said.code, said.cell, "after today" in said.message) == ("date-future", "B4", True)
    assert [r["date"] for r in rows] == [date(2025, 1, 1), date(2025, 1, 2)], "other dates than its own may lie ahead"
    assert (done.quarantined, done.mapping.future) == (1, "refused")


def test_e11_a_plan_is_told_nothing_of_them(room: Room) -> None:
    room.today = date(2025, 1, 2)
    done, rows = room.csv(TEXT, {"future": "allowed"})
    assert (len(rows), "date-future" in codes(done)) == (3, False)


@pytest.mark.parametrize("today", [None, date(2025, 1, 3)])
def test_e11_nothing_is_refused_where_nothing_lies_ahead(room: Room, today: date | None) -> None:
    room.today = today
    done, rows = room.csv(TEXT, {"future": "refused"})
    assert (len(rows), done.quarantined) == (3, 0)
