"""Job rows as a queue, on both databases: one claim at a time, leases, fences, retries, coalescing and cancelling."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, NotFound
from dashapp.services import working
from dashapp.services.unit import reading, writing
from models import Job
from tests.cast import Cast

SECOND = timedelta(seconds=1)


def put(now: datetime, kind: str = "count", user_id: str | None = None, **more: Any) -> str:
    with writing() as session:
        return working.enqueue(session, kind, {"n": 1}, user_id=user_id, now=now, **more)


def take(now: datetime, worker: str = "w1") -> working.Claim:
    claim = working.claim(worker, now=now)
    assert claim is not None
    return claim


def row(job: str) -> Job:
    """The row as it is now, detached: an open transaction here would keep the lock from everybody else."""
    with reading() as session:
        found = session.get(Job, job, populate_existing=True)
        assert found is not None
        session.expunge(found)
        return found


def test_an_empty_queue_has_nothing_to_claim(database: Flask, now: datetime) -> None:
    assert working.claim("w1", now=now) is None


def test_a_job_is_claimed_once(database: Flask, now: datetime) -> None:
    put(now)
    claim = take(now)
    assert (claim.kind, claim.args, claim.attempt, claim.fence) == ("count", {"n": 1}, 1, 1)
    assert working.claim("w2", now=now) is None


def test_a_job_exists_only_if_its_cause_was_committed(database: Flask, now: datetime) -> None:
    def cause() -> None:
        with writing():
            put(now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cause()
    assert working.claim("w1", now=now) is None


def test_jobs_are_claimed_in_the_order_they_are_due(database: Flask, now: datetime) -> None:
    later = put(now, run_at=now + 5 * SECOND)
    first = put(now)
    assert take(now).id == first
    assert working.claim("w1", now=now) is None
    assert take(now + 5 * SECOND).id == later


def test_a_job_is_claimed_again_when_its_lease_ran_out(database: Flask, now: datetime) -> None:
    put(now)
    before = take(now)
    assert working.claim("w2", now=now + working.LEASE) is None
    again = take(now + working.LEASE + SECOND, "w2")
    assert (again.id, again.fence, again.attempt) == (before.id, 2, 2)


def test_an_extended_lease_keeps_the_job(database: Flask, now: datetime) -> None:
    put(now)
    claim = take(now)
    working.extend(claim, now=now + 20 * SECOND)
    assert working.claim("w2", now=now + 45 * SECOND) is None


@pytest.mark.parametrize("write", [
    lambda claim, now: working.finish(claim, {"late": True}, now=now),
    lambda claim, now: working.fail(claim, "late", now=now),
    lambda claim, now: working.progress(claim, 0.9, "late"),
    lambda claim, now: working.extend(claim, now=now),
    lambda claim, now: working.release(claim, now=now),
    lambda claim, now: working.stopped(claim, now=now),
], ids=["finish", "fail", "progress", "extend", "release", "stopped"])
def test_a_late_writer_is_refused_by_the_fence(database: Flask, now: datetime, write) -> None:
    put(now)
    late = take(now)
    take(now + working.LEASE + SECOND, "w2")
    with pytest.raises(working.Lost):
        write(late, now)
    assert (row(late.id).worker, row(late.id).state, row(late.id).result) == ("w2", "running", None)


def test_a_handlers_transaction_commits_only_while_the_job_is_its_own(database: Flask, now: datetime) -> None:
    put(now)
    late = take(now)
    take(now + working.LEASE + SECOND, "w2")
    def effect() -> None:
        with writing() as session:
            put(now, kind="effect of a late writer")
            working.confirm(session, late)

    with pytest.raises(working.Lost):
        effect()
    assert working.counts() == {"running": 1}


def test_a_finished_job_keeps_its_result(database: Flask, cast: Cast, now: datetime) -> None:
    job = put(now, user_id=cast.finance.id)
    claim = take(now)
    working.progress(claim, 0.4, "sealing")
    assert (working.status(cast.finance, job).progress, working.status(cast.finance, job).step) == (0.4, "sealing")
    working.finish(claim, {"rows": 12}, now=now + SECOND)
    seen = working.status(cast.finance, job)
    assert (seen.state, seen.progress, seen.result, seen.finished_at) == ("done", 1.0, {"rows": 12}, now + SECOND)
    assert seen.is_over
    with pytest.raises(working.Lost):
        working.progress(claim, 0.5)


def test_a_failure_for_a_reason_is_final(database: Flask, now: datetime) -> None:
    put(now)
    claim = take(now)
    assert working.fail(claim, "The sheet is empty.", now=now) is False
    assert (row(claim.id).state, row(claim.id).error) == ("failed", "The sheet is empty.")
    assert working.claim("w1", now=now + timedelta(days=1)) is None


def test_a_passing_failure_is_tried_again_later_and_not_for_ever(database: Flask, now: datetime) -> None:
    put(now, max_attempts=3)
    waits = []
    for _ in range(2):
        claim = take(now)
        assert working.fail(claim, "busy", now=now, retry=True) is True
        waits.append(row(claim.id).run_at - now)
        assert working.claim("w1", now=now) is None
        now = row(claim.id).run_at
    assert waits == [5 * SECOND, 20 * SECOND]
    claim = take(now)
    assert working.fail(claim, "busy", now=now, retry=True) is False
    assert row(claim.id).state == "failed"


def test_a_job_that_kills_every_worker_is_given_up(database: Flask, now: datetime) -> None:
    job = put(now, max_attempts=2)
    for _ in range(2):
        take(now)
        now += working.LEASE + SECOND
    assert working.claim("w1", now=now) is None
    assert row(job).state == "failed"
    assert "interrupted 2 times" in (row(job).error or "")


def test_a_job_that_is_given_back_is_due_at_once_and_keeps_its_attempts(database: Flask, now: datetime) -> None:
    put(now)
    claim = take(now)
    working.release(claim, now=now)
    again = take(now, "w2")
    assert (again.attempt, again.fence) == (1, 3)
    with pytest.raises(working.Lost):
        working.finish(claim, None, now=now)


def test_the_same_work_waits_only_once(database: Flask, now: datetime) -> None:
    first = put(now, coalesce="serve:orders")
    assert put(now, coalesce="serve:orders") == first
    assert put(now, coalesce="serve:finance") != first
    assert working.counts() == {"queued": 2}


def test_work_that_runs_already_is_queued_once_more_and_waits_for_it(database: Flask, now: datetime) -> None:
    first = put(now, coalesce="serve:orders")
    running = take(now)
    second = put(now, coalesce="serve:orders")
    assert second != first
    assert put(now, coalesce="serve:orders") == second
    assert working.claim("w2", now=now) is None
    working.finish(running, None, now=now)
    assert take(now, "w2").id == second


def test_waiting_work_does_not_overtake_an_interrupted_one(database: Flask, now: datetime) -> None:
    first = put(now, coalesce="serve:orders")
    take(now)
    put(now, coalesce="serve:orders")
    assert take(now + working.LEASE + SECOND, "w2").id == first
    assert working.claim("w3", now=now + working.LEASE + SECOND) is None


def test_work_of_one_lane_is_done_one_at_a_time_in_the_order_it_was_asked_for(database: Flask, now: datetime) -> None:
    with writing() as session:
        late, early, other = (working.enqueue(session, "work", {}, now=now + n * SECOND, run_at=now, lane=lane)
                              for n, lane in ((2, "orders"), (1, "orders"), (3, "finance")))
    first = take(now)
    assert first.id == early
    assert take(now, "w2").id == other
    assert working.claim("w3", now=now) is None
    working.fail(first, "the database is away", now=now, retry=True)
    assert working.claim("w3", now=now) is None, "what waits for another attempt keeps its place"
    again = take(now + 10 * SECOND)
    assert again.id == early
    working.finish(again, None, now=now)
    assert take(now + 10 * SECOND).id == late


def test_other_work_runs_beside_it(database: Flask, now: datetime) -> None:
    jobs = {put(now, coalesce="serve:orders"), put(now, coalesce="serve:finance")}
    assert {take(now).id, take(now, "w2").id} == jobs


def test_a_queued_job_is_cancelled_at_once(database: Flask, cast: Cast, now: datetime) -> None:
    job = put(now, user_id=cast.finance.id)
    assert working.cancel(cast.finance, job, now=now).state == "cancelled"
    assert working.claim("w1", now=now) is None
    with pytest.raises(Conflict):
        working.cancel(cast.finance, job, now=now)


def test_a_running_job_is_asked_to_stop(database: Flask, cast: Cast, now: datetime) -> None:
    job = put(now, user_id=cast.finance.id)
    claim = take(now)
    assert working.extend(claim, now=now) is False
    working.cancel(cast.admin, job, now=now)
    assert working.extend(claim, now=now) is True
    working.stopped(claim, now=now)
    assert working.status(cast.finance, job).state == "cancelled"


def test_an_interrupted_job_that_was_to_be_cancelled_does_not_run_again(
        database: Flask, cast: Cast, now: datetime) -> None:
    job = put(now, user_id=cast.finance.id)
    take(now)
    working.cancel(cast.finance, job, now=now)
    assert working.claim("w2", now=now + working.LEASE + SECOND) is None
    assert working.status(cast.finance, job).state == "cancelled"


def test_a_stranger_sees_no_job_of_others(database: Flask, cast: Cast, now: datetime) -> None:
    mine = put(now, user_id=cast.finance.id)
    house = put(now)
    for job in (mine, house, "0" * 32):
        with pytest.raises(NotFound):
            working.status(cast.stranger, job)
        with pytest.raises(NotFound):
            working.cancel(cast.stranger, job, now=now)
    assert working.listing(cast.stranger) == ()
    assert [j.id for j in working.listing(cast.finance)] == [mine]
    assert {j.id for j in working.listing(cast.admin)} == {mine, house}


def test_rows_of_jobs_long_over_are_forgotten(database: Flask, now: datetime) -> None:
    put(now)
    working.finish(take(now), None, now=now)
    put(now)
    assert working.forget_old(now=now + timedelta(days=29)) == 0
    assert working.forget_old(now=now + timedelta(days=31)) == 1
    assert working.counts() == {"queued": 1}
