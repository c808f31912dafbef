"""A worker as a process: it ends when it is told to, when its server is gone, and gives back what it cannot finish."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from dashapp.jobs import process
from dashapp.services import folder
from tests.conftest import SECRET, settings_in
from tests.house.source import ROOT


class Held:
    """A worker with a job at hand; says what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def give_back(self) -> None:
        self.asked.append("give back")


def test_h11_a_job_that_outlasts_the_drain_is_given_back_before_the_process_ends(monkeypatch: pytest.MonkeyPatch
                                                                                 ) -> None:
    held, stop = Held(), threading.Event()
    monkeypatch.setattr(process, "DRAIN_SECONDS", 0.0)
    monkeypatch.setattr(process.os, "_exit", lambda code: held.asked.append(f"exit {code}"))
    stop.set()
    process._drain(stop, held)  # type: ignore[arg-type]
    assert held.asked == ["give back", "exit 0"]


def test_h11_the_drain_leaves_room_within_the_thirty_seconds_of_the_whole_product() -> None:
    from dashapp.commands._supervisor import DRAIN

    assert process.DRAIN_SECONDS < DRAIN <= 30


def test_a_worker_whose_server_is_gone_is_told_to_stop() -> None:
    stop = threading.Event()
    process._watch_parent(42, stop, gone=lambda: 1)
    assert stop.is_set()


def test_a_worker_whose_server_lives_works_on_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "ORPHAN_SECONDS", 0.0)
    stop, looks = threading.Event(), []

    def parent() -> int:
        looks.append(1)
        if len(looks) == 5:
            stop.set()
        return 42

    process._watch_parent(42, stop, gone=parent)
    assert len(looks) == 5


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    environ = {"PATH": os.environ["PATH"], "LEDGERLINE_ENV": "dev", "SECRET_KEY": SECRET, "DATA_DIR": str(folder)}
    return subprocess.Popen([sys.executable, "-m", "dashapp", *words], cwd=ROOT, env=environ, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def told(running: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        output, _ = running.communicate(timeout=100)
    finally:
        running.kill()
    return running.returncode, output


def test_a_worker_refuses_a_database_of_another_version_with_a_sentence(tmp_path: Path) -> None:
    code, output = told(started(tmp_path, "worker"))
    assert code == 1
    assert "python -m dashapp migrate" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_h11_an_idle_worker_ends_at_once_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    assert told(started(tmp_path, "migrate"))[0] == 0
    running = started(tmp_path, "worker")
    assert _until(lambda: _has_beaten(tmp_path))
    running.send_signal(number)
    code, output = told(running)
    assert (code, "Traceback" in output) == (0, False), output


def test_h12_a_worker_started_by_a_server_that_is_gone_does_not_stay(tmp_path: Path) -> None:
    assert told(started(tmp_path, "migrate"))[0] == 0
    code, output = told(started(tmp_path, "worker", "--parent", "1"))
    assert (code, "Traceback" in output) == (0, False), output


def _has_beaten(folder: Path) -> bool:
    import sqlite3

    with sqlite3.connect(folder / "ledgerline.db") as connection:
        found = connection.execute("SELECT count(*) FROM marks WHERE name = 'worker-heartbeat'").fetchone()[0]
    connection.close()
    return bool(found)


def _until(true) -> bool:
    over = threading.Event()
    for _ in range(900):
        if true():
            return True
        over.wait(0.1)
    return False


def test_the_watched_folder_comes_round_where_one_is_set(tmp_path: Path) -> None:
    plain = process.chores(settings_in(tmp_path))
    watching = process.chores(settings_in(tmp_path, WATCH_DIR=str(tmp_path)))
    assert (plain, watching[:-1]) == (process.TABLE, process.TABLE)
    assert isinstance(watching[-1][1], folder.Watch)
    assert watching[-1][0] <= timedelta(seconds=5)
