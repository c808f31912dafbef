"""When a feed runs: schedules as people write them, days on which clocks change, and the pauses after failures."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashapp.core.errors import Invalid
from dashapp.core.feed import next_run, schedule_of

MONDAY = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("written", "kept"), [
    ("every 15 minutes", "every 15 minutes"), ("Every 1 hour", "every 1 hour"), ("every 24 hours", "every 24 hours"),
    ("every 90 minutes", "every 90 minutes"), ("every 120 minutes", "every 2 hours"),
    ("daily at 6:30", "daily at 06:30"), (" daily  at 23:59 ", "daily at 23:59"), ("every 5 minute", "every 5 minutes"),
])
def test_a_schedule_is_read_as_written_and_told_likewise(written: str, kept: str) -> None:
    found = schedule_of(written)
    assert str(found) == kept
    assert schedule_of(kept) == found


@pytest.mark.parametrize("written", [
    "", "hourly", "every minute", "every 0 minutes", "every 4 minutes", "every 25 hours", "every 1.5 hours",
    "daily at 24:00", "daily at 6", "daily at 06:60", "* * * * *"])
def test_what_is_no_schedule_is_refused_in_words(written: str) -> None:
    with pytest.raises(Invalid, match="every"):
        schedule_of(written)


def test_every_so_often_counts_from_now_and_daily_is_a_time_of_the_zone() -> None:
    assert next_run(schedule_of("every 15 minutes"), MONDAY, "Asia/Tokyo") == MONDAY + timedelta(minutes=15)
    daily = schedule_of("daily at 06:30")
    assert next_run(daily, MONDAY, "UTC") == datetime(2026, 3, 17, 6, 30, tzinfo=UTC)
    assert next_run(daily, MONDAY, "America/New_York") == datetime(2026, 3, 16, 10, 30, tzinfo=UTC)
    exactly = datetime(2026, 3, 16, 10, 30, tzinfo=UTC)
    assert next_run(daily, exactly, "America/New_York") == exactly + timedelta(days=1)


def test_a_daily_time_is_kept_over_changes_of_the_clocks() -> None:
    berlin, at = "Europe/Berlin", schedule_of("daily at 02:30")
    assert next_run(at, datetime(2026, 3, 28, 12, tzinfo=UTC), berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert next_run(at, datetime(2026, 3, 29, 12, tzinfo=UTC), berlin) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    first = next_run(at, datetime(2026, 10, 24, 12, tzinfo=UTC), berlin)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first of the two half past two"
    assert next_run(at, first, berlin) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC), "not a second time"


def test_after_failures_the_pauses_grow_to_six_hours_and_never_undercut_the_schedule() -> None:
    often = schedule_of("every 15 minutes")
    pauses = [(next_run(often, MONDAY, "UTC", failures) - MONDAY).total_seconds() / 60 for failures in range(11)]
    assert pauses == [15, 15, 15, 20, 40, 80, 160, 320, 360, 360, 360]
    daily = schedule_of("daily at 10:00")
    assert [(next_run(daily, MONDAY, "UTC", n) - MONDAY).total_seconds() / 60 for n in range(7)] == [
        60, 5, 10, 20, 40, 60, 60], "tried again, at the latest at its time"
