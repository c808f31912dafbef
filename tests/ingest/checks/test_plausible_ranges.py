"""Ranges of the KPI registry hold for rows where a KPI reads them as they are."""

from __future__ import annotations

from dashapp.core.history import History, Plausible
from tests.ingest.conftest import Room, codes, issue

TEXT = "Date,Satisfaction\n2025-01-01,4.5\n2025-01-02,45\n2025-01-03,-1\n2025-01-04,5\n"


def test_values_outside_of_the_range_are_told_with_the_kpi(room: Room) -> None:
    room.history = History(plausible=(Plausible("satisfaction", "satisfaction", "Customer {satisfaction}", 0, 5),))
    done, rows = room.csv(TEXT)
    found = issue(done, "value-implausible")
    assert "2 values in 'Satisfaction' are outside of the plausible range of Customer (satisfaction) (0 to 5): B3, B4" \
        in found.message
    assert len(rows) == 4


def test_a_range_may_be_open_on_one_side(room: Room) -> None:
    room.history = History(plausible=(Plausible("satisfaction", "s", "S", None, 5),))
    assert "at most 5" in issue(room.csv(TEXT)[0], "value-implausible").message


def test_the_edge_of_a_range_is_inside(room: Room) -> None:
    room.history = History(plausible=(Plausible("satisfaction", "s", "S", -1, 45),))
    assert "value-implausible" not in codes(room.csv(TEXT)[0])


def test_readings_are_held_against_their_own_kpi(room: Room) -> None:
    room.history = History(plausible=(Plausible("value", "nps", "NPS", -1, 1, "nps"),))
    text = "Date,KPI,Value\n2025-01-01,nps,0.4\n2025-01-01,turnover,1000\n2025-02-01,nps,40\n"
    assert issue(room.csv(text)[0], "value-implausible").row == 4
