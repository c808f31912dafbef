"""Feeds: a statement that a warehouse is asked again and again, whose rows go into a dataset like those of a file."""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashapp.core.errors import Invalid

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
MODES = ("upsert", "append", "replace-period")
WRITTEN = "Write when it runs as `every 15 minutes`, `every 2 hours` or `daily at 06:30`."
_EVERY = re.compile(r"every ([1-9]\d{0,3}) (minute|hour)s?")
_DAILY = re.compile(r"daily at ([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every so often, or daily at a time of the organisation's zone: exactly one of the two."""

    every: timedelta | None = None
    at: time | None = None

    def __str__(self) -> str:
        """As people write it; `schedule_of` reads it back."""
        if self.at is not None:
            return f"daily at {self.at:%H:%M}"
        assert self.every is not None, "a schedule has a time or a length"
        minutes = int(self.every.total_seconds()) // 60
        number, word = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
        return f"every {number} {word}{'' if number == 1 else 's'}"

    def after(self, moment: datetime, zone: str) -> datetime:
        """The next time after a moment (aware), in UTC. A time of day that a change of clocks leaves out comes as much
        later, one that it repeats counts once."""
        if self.at is None:
            assert self.every is not None
            return moment.astimezone(UTC) + self.every
        local = ZoneInfo(zone)
        day = moment.astimezone(local).date()
        while (found := datetime.combine(day, self.at, local).astimezone(UTC)) <= moment:
            day += timedelta(1)
        return found


def schedule_of(text: str) -> Schedule:
    """What was written. Raises Invalid."""
    said = " ".join(text.lower().split())
    if found := _DAILY.fullmatch(said):
        return Schedule(at=time(int(found[1]), int(found[2])))
    if found := _EVERY.fullmatch(said):
        every = timedelta(minutes=int(found[1]) * (60 if found[2] == "hour" else 1))
        if SHORTEST <= every <= LONGEST:
            return Schedule(every=every)
        raise Invalid("A feed runs every 5 minutes at the most often, every 24 hours at the least.")
    raise Invalid(WRITTEN)


def next_run(schedule: Schedule, now: datetime, zone: str, failures: int = 0) -> datetime:
    """When a feed runs next, in UTC. After failures in a row the pause doubles, from five minutes to six hours; a daily
    one tries again between two days."""
    regular = schedule.after(now, zone)
    if not failures:
        return regular
    again = now.astimezone(UTC) + min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    return min(regular, again) if schedule.at is not None else max(regular, again)


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed as people see it. said: what came of the last run that worked; trouble: why the last one did not, empty
    when it did; failures: runs in a row that did not; upload: what the last run brought, or that waits for a decision.
    """

    key: str
    connection: str
    dataset: str
    sql: str
    schedule: Schedule
    mode: str
    key_columns: tuple[str, ...]
    mapping: dict[str, Any]
    enabled: bool
    created_at: datetime
    created_by: str
    next_at: datetime | None
    ran_at: datetime | None
    worked_at: datetime | None
    upload: str | None
    said: str
    trouble: str
    failures: int
    is_running: bool = False

    @property
    def state(self) -> str:
        """`running`, `paused`, `trouble`, `waiting` (never ran yet) or `works`."""
        if self.is_running:
            return "running"
        if not self.enabled:
            return "paused"
        if self.trouble:
            return "trouble"
        return "works" if self.worked_at else "waiting"

    def to_json(self) -> dict[str, Any]:
        """What `GET /feeds/{key}` answers."""
        return {
            "key": self.key, "connection": self.connection, "dataset": self.dataset, "sql": self.sql,
            "schedule": str(self.schedule), "mode": self.mode, "key_columns": list(self.key_columns),
            "mapping": self.mapping, "enabled": self.enabled, "state": self.state,
            "created_at": self.created_at.isoformat(), "created_by": self.created_by, "next_at": _iso(self.next_at),
            "ran_at": _iso(self.ran_at), "worked_at": _iso(self.worked_at), "upload": self.upload, "said": self.said,
            "trouble": self.trouble, "failures": self.failures,
        }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
