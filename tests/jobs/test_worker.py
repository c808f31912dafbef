"""The worker loop in this process, and workers as processes that are killed or compete."""
from __future__ import annotations

import errno
import logging
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dashapp.core.errors import Invalid, Unavailable
from dashapp.jobs.run import Run
from dashapp.jobs.worker import Worker, utc_now
from dashapp.services import keeping, working
from dashapp.services.unit import reading, writing
from models import Job, db
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]


def made(app: Flask, handler: Callable[[Run], Any], now: datetime, **more: Any) -> Worker:
    return Worker(app, lambda: None, {"work": handler}, clock=lambda: now, **more)  # type: ignore[arg-type, return-value]


def put(kind: str, args: dict[str, Any], now: datetime, coalesce: str | None = None) -> str:
    with writing() as session:
        return working.enqueue(session, kind, args, now=now, coalesce=coalesce)


def row(job: str) -> Job:
    """The row as it is now, detached: an open transaction here would keep the lock from everybody else."""
    with reading() as session:
        found = session.get(Job, job, populate_existing=True)
        assert found is not None
        session.expunge(found)
        return found


def test_a_job_is_run_and_its_result_kept(database: Flask, now: datetime) -> None:
    job = put("work", {"n": 20}, now)
    worker = made(database, lambda run: {"twice": run.claim.args["n"] * 2}, now)
    assert worker.step() is True
    assert (row(job).state, row(job).result, row(job).worker) == ("done", {"twice": 40}, worker.name)
    assert worker.step() is False


def test_a_reason_is_told_in_the_users_words_and_not_tried_again(sqlite_database: Flask, now: datetime) -> None:
    def refuse(_run: Run) -> None:
        raise Invalid("The sheet has no date column.")

    job = put("work", {}, now)
    made(sqlite_database, refuse, now).step()
    assert (row(job).state, row(job).error) == ("failed", "The sheet has no date column.")


@pytest.mark.parametrize("fault", [Unavailable("The database is busy."), ZeroDivisionError("secret: hunter2")])
def test_a_passing_fault_waits_for_another_attempt(sqlite_database: Flask, now: datetime, fault: Exception) -> None:
    def stumble(_run: Run) -> None:
        raise fault

    job = put("work", {}, now)
    made(sqlite_database, stumble, now).step()
    assert row(job).state == "queued"
    assert row(job).run_at > now
    assert "hunter2" not in (row(job).error or "")


def test_h2_a_full_disk_is_said_on_the_row_and_waited_for(sqlite_database: Flask, now: datetime) -> None:
    def fill(_run: Run) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    job = put("work", {}, now)
    made(sqlite_database, fill, now).step()
    assert (row(job).state, (row(job).error or "").startswith("The disk is full")) == ("queued", True)


def test_an_unknown_kind_waits_for_a_version_that_knows_it(sqlite_database: Flask, now: datetime) -> None:
    job = put("telepathy", {}, now)
    made(sqlite_database, lambda run: None, now).step()
    assert row(job).state == "queued"
    assert "telepathy" in (row(job).error or "")


def test_progress_stands_on_the_row_while_the_job_runs(sqlite_database: Flask, now: datetime) -> None:
    seen = []

    def report(run: Run) -> None:
        run.tell(0.25, "reading")
        seen.append((row(run.claim.id).progress, row(run.claim.id).step))
        run.tell(0.26, "reading")  # too soon to be worth a write
        seen.append((row(run.claim.id).progress, row(run.claim.id).step))
        run.tell(0.5, "writing")
        seen.append((row(run.claim.id).progress, row(run.claim.id).step))

    put("work", {}, now)
    made(sqlite_database, report, now).step()
    assert seen == [(0.25, "reading"), (0.25, "reading"), (0.5, "writing")]


def test_a_cancelled_job_stops_where_it_next_tells(sqlite_database: Flask, cast: Cast, now: datetime) -> None:
    def long(run: Run) -> None:
        working.cancel(cast.admin, run.claim.id, now=now)
        assert _until(lambda: run.lease.is_cancelled)
        run.tell(0.5)
        raise AssertionError("not reached")

    job = put("work", {}, now)
    made(sqlite_database, long, now, lease=timedelta(seconds=0.06)).step()
    assert row(job).state == "cancelled"


def test_a_worker_that_lost_its_job_writes_nothing(sqlite_database: Flask, now: datetime) -> None:
    def slow(run: Run) -> dict[str, int]:
        other = working.claim("w2", now=now + timedelta(hours=1))
        assert other is not None
        return {"late": 1}

    job = put("work", {}, now)
    assert made(sqlite_database, slow, now).step() is True
    assert (row(job).state, row(job).worker, row(job).result) == ("running", "w2", None)


def test_a_lease_is_kept_alive_while_the_handler_computes(sqlite_database: Flask) -> None:
    def long(run: Run) -> None:
        before = row(run.claim.id).leased_until
        assert before is not None
        assert _until(lambda: (row(run.claim.id).leased_until or before) > before + timedelta(seconds=1))

    job = put("work", {}, utc_now())
    Worker(sqlite_database, lambda: None, {"work": long}, lease=timedelta(seconds=1)).step()  # type: ignore[arg-type, return-value]
    assert (row(job).state, row(job).error) == ("done", None)


def test_a_worker_that_must_end_gives_its_job_back(sqlite_database: Flask, now: datetime) -> None:
    job = put("work", {}, now)
    worker = made(sqlite_database, lambda run: worker.give_back(), now)
    worker.step()
    assert (row(job).state, row(job).attempts) == ("queued", 0)
    assert worker.current is None
    worker.give_back()  # with no job at hand there is nothing to give back


def test_the_loop_outlives_a_queue_that_cannot_be_reached(
        sqlite_database: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:
    stop, calls = threading.Event(), []

    def claim(*_args: object, **_more: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            stop.set()
        raise OSError("the database went away")

    monkeypatch.setattr(working, "claim", claim)
    monkeypatch.setattr("dashapp.jobs.worker.POLL", 0)
    monkeypatch.setattr(logging.getLogger("ledgerline"), "propagate", True)  # an assembled app turns it off
    made(sqlite_database, lambda run: None, now).run(stop)
    assert len(calls) == 2
    assert "could not reach the queue" in caplog.text


def test_a_worker_says_that_it_is_alive(sqlite_database: Flask, now: datetime) -> None:
    assert not keeping.is_worker_alive(now=now)
    made(sqlite_database, lambda run: None, now).step()
    assert keeping.is_worker_alive(now=now + timedelta(seconds=59))
    assert not keeping.is_worker_alive(now=now + timedelta(seconds=61))


def test_h11_a_killed_workers_job_is_taken_up_again(database_url: str, database: Flask, tmp_path: Path) -> None:
    job = put("append", {"n": 7}, utc_now())
    victim = _start(database_url, tmp_path, 1.0, "HOLD")
    assert _until((tmp_path / "holding").exists, victim)
    victim.kill()
    victim.wait()
    killed = row(job)
    assert (killed.state, killed.attempts) == ("running", 1)
    assert _until(lambda: (row(job).leased_until or utc_now()) < utc_now())
    heir = _start(database_url, tmp_path, 30.0)
    assert heir.wait(60) == 0
    assert (row(job).state, row(job).attempts, row(job).result) == ("done", 2, {"pid": heir.pid})
    assert [line.split()[0] for line in _ledger(tmp_path)] == ["7", "7"]


def test_h6_many_workers_do_every_job_exactly_once(database_url: str, database: Flask, tmp_path: Path) -> None:
    jobs = 60
    queued = [put("append", {"n": n}, utc_now()) for n in range(jobs)]
    workers = [_start(database_url, tmp_path, 30.0) for _ in range(4)]
    assert [w.wait(120) for w in workers] == [0, 0, 0, 0]
    done = Counter(int(line.split()[0]) for line in _ledger(tmp_path))
    assert done == Counter(range(jobs))
    assert working.counts() == {"done": jobs}
    assert {row(job).attempts for job in queued} == {1}


def test_two_commits_at_once_queue_the_same_work_once(database_url: str, database: Flask, now: datetime) -> None:
    """Two transactions that both find nothing waiting must not both add a row."""
    start, found = threading.Barrier(2), []

    def commit() -> None:
        with database.app_context():
            start.wait()
            found.append(put("work", {}, now, coalesce="serve:orders"))
            db.session.remove()

    threads = [threading.Thread(target=commit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert working.counts() == {"queued": 1}


def _start(url: str, folder: Path, lease: float, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.jobs.worker_process", url, str(folder), str(lease), *more],
                            cwd=ROOT)


def _ledger(folder: Path) -> list[str]:
    return (folder / "ledger.txt").read_text().splitlines()


def _until(true: Callable[[], bool], process: subprocess.Popen[bytes] | None = None, seconds: float = 60) -> bool:
    """Look again and again; no fixed sleep decides whether a test passes."""
    over = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if true():
            return True
        assert process is None or process.poll() is None, "the process ended early"
        over.wait(0.02)
    return False
