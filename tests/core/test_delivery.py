"""Rhythms learned from arrivals, and what is due or late by them."""
from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.delivery import Arrival, Deliveries, advances, rhythm_of, slots
from dashapp.core.period import Grain

CALENDAR = Calendar()


def came(*pairs: tuple[date, date]) -> list[Arrival]:
    """(day it came, last date it covers)"""
    return [Arrival(f"u{n}", f"{n}.csv", "ann@example.org", day, through) for n, (day, through) in enumerate(pairs)]


def month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(1)


def working_day(start: date, count: int) -> date:
    """The count-th weekday after a day, counted by walking."""
    while count:
        start += timedelta(1)
        count -= start.weekday() < 5
    return start


MONTHLY = came(*[(working_day(month_end(2025, m), 3), month_end(2025, m)) for m in range(1, 13)])


def test_a_monthly_file_on_the_third_working_day_is_seen_as_that() -> None:
    found = rhythm_of(MONTHLY, CALENDAR)
    assert found is not None
    assert (found.grain, found.lag, found.latest, found.working) == (Grain.MONTH, 3, 3, True)
    january = CALENDAR.parse("2026-01")
    assert found.due(january) == date(2026, 2, 4), "the 31st is a Saturday: Monday, Tuesday, Wednesday"


def test_nothing_is_expected_of_what_came_three_times_or_as_it_happens() -> None:
    assert rhythm_of(MONTHLY[:3], CALENDAR) is None
    assert rhythm_of([], CALENDAR) is None
    odd = came(*[(date(2025, 1, 1) + timedelta(n), date(2025, 1, 1) + timedelta(n)) for n in (0, 3, 40, 42, 180, 400)])
    assert rhythm_of(odd, CALENDAR) is None


def test_corrections_and_older_months_do_not_disturb_the_rhythm() -> None:
    more = sorted([*MONTHLY, *came((date(2025, 5, 20), date(2025, 3, 31)), (date(2025, 9, 9), date(2025, 1, 31)))],
                  key=lambda a: a.day)
    assert advances(more) == MONTHLY


@pytest.mark.parametrize(("step", "grain"), [(7, Grain.WEEK), (1, Grain.DAY)])
def test_weekly_and_daily_files_are_told_apart(step: int, grain: Grain) -> None:
    sunday = date(2026, 1, 4)
    found = rhythm_of(came(*[(sunday + timedelta(step * n + 1), sunday + timedelta(step * n)) for n in range(15)]),
                      CALENDAR)
    assert found is not None
    assert (found.grain, found.lag) == (grain, 1)


def test_a_shop_that_closes_on_saturdays_owes_nothing_for_them() -> None:
    days = [date(2026, 1, 5) + timedelta(n) for n in range(40)]
    trade = [d for d in days if d.weekday() != 5]
    found = advances(came(*[(d + timedelta(1), d) for d in trade]))
    rhythm = rhythm_of(found, CALENDAR)
    assert rhythm is not None
    assert (rhythm.grain, 5 in rhythm.weekdays) == (Grain.DAY, False)
    shown = slots(found, rhythm, CALENDAR, trade[-1] + timedelta(1), most=100)
    assert [s.period.start for s in shown if s.arrival] == trade
    assert all(s.period.start.weekday() != 5 for s in shown)


@pytest.mark.parametrize(("today", "state", "due"), [
    (date(2026, 2, 3), "expected", date(2026, 2, 4)), (date(2026, 2, 4), "due", date(2026, 2, 4)),
    (date(2026, 2, 5), "late", date(2026, 2, 4)), (date(2026, 3, 9), "late", date(2026, 2, 4)),
])
def test_what_has_not_come_is_expected_then_due_then_late(today: date, state: str, due: date) -> None:
    rhythm = rhythm_of(MONTHLY, CALENDAR)
    assert rhythm is not None
    shown = slots(MONTHLY, rhythm, CALENDAR, today)
    found = Deliveries("finance", "Finance", rhythm, shown, MONTHLY[-1], 12)
    assert (found.state, found.next and found.next.due) == (state, due)
    assert [s.state for s in shown if s.arrival] == ["on time"] * sum(s.arrival is not None for s in shown)


def test_each_month_that_is_missing_is_listed_until_the_one_that_is_not_due_yet() -> None:
    rhythm = rhythm_of(MONTHLY, CALENDAR)
    assert rhythm is not None
    shown = slots(MONTHLY, rhythm, CALENDAR, date(2026, 4, 10))
    assert [(s.period.label, s.state) for s in shown if s.arrival is None] == [
        ("2026-01", "late"), ("2026-02", "late"), ("2026-03", "late"), ("2026-04", "expected")]


def test_a_file_that_catches_up_was_late_for_the_months_it_was_missing() -> None:
    found = [*MONTHLY[:9], *came((date(2026, 1, 7), date(2025, 12, 31)))]
    rhythm = rhythm_of(found, CALENDAR)
    assert rhythm is not None
    told = {s.period.label: s.state for s in slots(found, rhythm, CALENDAR, date(2026, 1, 8))}
    assert [told[f"2025-{m}"] for m in ("09", "10", "11")] == ["on time", "came late", "came late"]


def test_one_bad_month_does_not_make_all_following_ones_late_or_patient_for_ever() -> None:
    late = [*MONTHLY[:6], *came((date(2025, 8, 29), date(2025, 7, 31))), *MONTHLY[7:]]
    rhythm = rhythm_of(late, CALENDAR)
    assert rhythm is not None
    assert (rhythm.lag, rhythm.latest) == (3, 8), "five days beyond the usual at most"


def test_a_month_told_before_its_end_is_counted_in_calendar_days() -> None:
    early = came(*[(date(2025, m, 25), date(2025, m, 24)) for m in range(1, 11)])
    rhythm = rhythm_of(early, CALENDAR)
    assert rhythm is not None
    assert (rhythm.grain, rhythm.working) == (Grain.MONTH, False)
    assert rhythm.due(CALENDAR.parse("2025-11")) == date(2025, 11, 30) + timedelta(rhythm.lag)
    assert rhythm.lag < 0


@pytest.mark.parametrize("seed", range(8))
def test_no_delivered_period_is_ever_open_and_all_due_ones_are_told(seed: int) -> None:
    """Against a plain walk over months: what came covers it, what is past its latest day and did not come is late."""
    dice = random.Random(seed)
    months = [month_end(2024, m) for m in range(1, 20)]
    found = [a for a in came(*[(working_day(m, dice.choice([2, 3, 3, 4])), m) for m in months])
             if a.through == months[-3] or dice.random() < .9]
    found = [a for a in found if a.through <= months[-3]]
    rhythm = rhythm_of(found, CALENDAR)
    assert rhythm is not None
    today = months[-1] + timedelta(12)
    shown = slots(found, rhythm, CALENDAR, today, most=100)
    through = max(a.through for a in found)
    for slot in shown:
        assert (slot.arrival is not None) == (slot.period.start <= through)
        if slot.arrival is None:
            latest = working_day(slot.period.end, rhythm.latest)
            assert (slot.state == "late") == (today > latest)
    assert shown[-1].state == "expected"


def test_it_travels_as_json() -> None:
    rhythm = rhythm_of(MONTHLY, CALENDAR)
    assert rhythm is not None
    shown = slots(MONTHLY, rhythm, CALENDAR, date(2026, 2, 5))
    told = Deliveries("finance", "Finance", rhythm, shown, MONTHLY[-1], 12).to_json()
    assert (told["state"], told["next_period"], told["next_due"], told["through"]) == (
        "late", "2026-01", "2026-02-04", "2025-12-31")
    assert told["rhythm"] == {"grain": "month", "lag": 3, "latest": 3, "days": "working",
                              "weekdays": sorted({a.through.weekday() for a in MONTHLY})}
    assert told["slots"][-2] == {"period": "2026-01", "due": "2026-02-04", "latest": "2026-02-04", "state": "late",
                                 "arrived": None, "upload": None, "file": None}
    assert Deliveries("x", "X", None, (), None, 0).to_json()["state"] == "unknown"
