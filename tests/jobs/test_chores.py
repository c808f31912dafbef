"""Small work that comes round: at the start, then each at its interval; a desk only when something is due."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashapp.jobs.chores import TABLE, Chores
from dashapp.services import working
from dashapp.services.desk import Desk
from dashapp.services.unit import writing

HOUR = timedelta(hours=1)


def noting(name: str, done: list[str]) -> Any:
    return lambda _desk, _now: done.append(name)


def test_every_chore_is_done_at_the_start_and_again_when_its_time_has_come(now: datetime) -> None:
    done: list[str] = []
    chores = Chores(((HOUR, noting("hourly", done)), (3 * HOUR, noting("rarely", done))))
    seen = []
    for hours in range(7):
        done.clear()
        chores(lambda: None, now + hours * HOUR)  # type: ignore[arg-type, return-value]
        seen.append(tuple(done))
    both, one = ("hourly", "rarely"), ("hourly",)
    assert seen == [both, one, one, both, one, one, both]


def test_a_desk_is_opened_only_when_something_is_due(now: datetime) -> None:
    opened: list[int] = []
    chores = Chores(((HOUR, lambda _desk, _now: None),))
    for minutes in (0, 1, 30, 59, 60, 61):
        chores(lambda: opened.append(1), now + timedelta(minutes=minutes))  # type: ignore[arg-type, return-value]
    assert len(opened) == 2


def test_a_chore_that_fails_is_not_repeated_at_every_look(now: datetime) -> None:
    """The loop logs it and goes on; the chore has its next turn when its interval is over."""
    tried: list[int] = []

    def fail(_desk: Desk, _now: datetime) -> None:
        tried.append(1)
        raise OSError("the folder is away")

    chores = Chores(((HOUR, fail),))
    for minutes in (0, 1, 2, 61):
        if minutes in (0, 61):
            with pytest.raises(OSError, match="away"):
                chores(lambda: None, now + timedelta(minutes=minutes))  # type: ignore[arg-type, return-value]
        else:
            chores(lambda: None, now + timedelta(minutes=minutes))  # type: ignore[arg-type, return-value]
    assert len(tried) == 2


def test_a_clock_that_was_set_back_leaves_no_chore_undone_for_ever(now: datetime) -> None:
    done: list[str] = []
    chores = Chores(((HOUR, noting("x", done)),))
    for moment in (now, now - 5 * HOUR, now + HOUR):
        chores(lambda: None, moment)  # type: ignore[arg-type, return-value]
    assert done == ["x", "x"]


def test_the_products_chores_sweep_orphans_and_forget_old_jobs(sqlite_database: Flask, desk: Desk, now: datetime
                                                               ) -> None:
    with writing() as session:
        working.enqueue(session, "done", {}, now=now)
    claim = working.claim("w", now=now)
    assert claim is not None
    working.finish(claim, None, now=now)
    Chores(TABLE)(lambda: desk, now + timedelta(days=31))
    assert working.counts() == {}
