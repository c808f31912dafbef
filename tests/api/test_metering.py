"""The meter of calls: it holds over threads and connections, forgets with time and leaves others alone."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from dashapp.core.errors import TooMany
from dashapp.services.metering import meter
from models import CallCount, db
from tests.cast import Cast


def test_i6_calls_over_the_limit_are_refused_with_the_seconds_to_wait(
    database: Flask, cast: Cast, now: datetime
) -> None:
    assert [meter(cast.finance, now=now, limit=3) for _ in range(3)] == [2, 1, 0]
    with pytest.raises(TooMany) as refused:
        meter(cast.finance, now=now, limit=3)
    assert 1 <= refused.value.extra["retry_after"] <= 120


def test_i6_others_are_not_affected(database: Flask, cast: Cast, now: datetime) -> None:
    for _ in range(3):
        meter(cast.finance, now=now, limit=3)
    assert meter(cast.analyst, now=now, limit=3) == 2
    assert meter(replace(cast.finance, session="token 2"), now=now, limit=3) == 2


def test_i6_who_waits_as_told_gets_through(database: Flask, cast: Cast, now: datetime) -> None:
    for actor, late in ((cast.finance, 0.0), (cast.analyst, 37.5)):
        moment = now + timedelta(seconds=late)
        for _ in range(12):
            try:
                meter(actor, now=moment, limit=5)
            except TooMany as refused:
                moment += timedelta(seconds=refused.extra["retry_after"])
                meter(actor, now=moment, limit=5)


def test_i6_a_window_slides_instead_of_letting_two_bursts_through(database: Flask, cast: Cast, now: datetime) -> None:
    late = now.replace(second=59)
    for _ in range(10):
        meter(cast.finance, now=late, limit=10)
    soon, passed = late + timedelta(seconds=2), 0
    for _ in range(10):
        try:
            meter(cast.finance, now=soon, limit=10)
            passed += 1
        except TooMany:
            pass
    assert passed <= 1


def test_i6_refused_calls_do_not_count(database: Flask, cast: Cast, now: datetime) -> None:
    for _ in range(20):
        try:
            meter(cast.finance, now=now, limit=3)
        except TooMany:
            continue
    assert sum(row.calls for row in db.session.query(CallCount)) == 3


def test_old_counts_are_swept(database: Flask, cast: Cast, now: datetime) -> None:
    meter(cast.finance, now=now)
    meter(cast.analyst, now=now + timedelta(minutes=10))
    assert db.session.query(CallCount).count() == 1


def test_i6_the_limit_holds_over_many_workers_at_once(database: Flask, cast: Cast, now: datetime) -> None:
    passed: list[int] = []

    def work() -> None:
        with database.app_context():
            for _ in range(10):
                try:
                    passed.append(meter(cast.finance, now=now, limit=25))
                except TooMany:
                    continue
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 25
