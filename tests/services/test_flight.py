"""One computation at a time: over threads, over processes, and also when the one that computes fails or is killed."""
from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from dashapp.core.errors import Unavailable
from dashapp.services.flight import Flight

KEY, OTHER = "ab" * 32, "cd" * 32
LONG = 60.0


def nothing() -> None:
    return None


@contextmanager
def started(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A process that waits for `go`; its pipes are closed at the end, and it is gone."""
    with subprocess.Popen([sys.executable, "-m", "tests.services.flight_process", str(folder), KEY, *more],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert said(process) == "ready"
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    out: IO[str] | None = process.stdout
    assert out is not None
    return out.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def together(flight: Flight, find: Callable[[], object], make: Callable[[], object], count: int = 10) -> list[object]:
    """Ten threads ask; the computation does not end before all of them have begun to."""
    begun, release = threading.Event(), threading.Barrier(count)

    def held() -> object:
        begun.set()
        release.wait(LONG)
        return make()

    def ask(is_first: bool) -> object:
        if not is_first:
            release.wait(LONG)
        try:
            return flight.once(KEY, find, held if is_first else make, seconds=LONG)
        except Unavailable as error:
            return error.message

    with ThreadPoolExecutor(count) as pool:
        first = pool.submit(ask, True)
        assert begun.wait(LONG)
        others = [pool.submit(ask, False) for _ in range(count - 1)]
        return [f.result() for f in (first, *others)]


def test_ten_threads_that_ask_at_once_cause_one_computation(tmp_path: Path) -> None:
    for flight in (Flight(), Flight(tmp_path / "locks")):
        made: list[int] = []

        def make(made: list[int] = made) -> int:
            made.append(42)
            return 42

        assert together(flight, lambda made=made: made[0] if made else None, make) == [42] * 10  # type: ignore[misc]
        assert made == [42]
        assert flight.once(KEY, nothing, lambda: 43, seconds=LONG) == 43, "nothing of it stays"


def test_threads_that_wait_get_the_error_too_and_the_next_one_tries_again() -> None:
    flight = Flight()

    def fail() -> object:
        raise Unavailable("The warehouse does not answer.")

    assert set(together(flight, nothing, fail)) == {"The warehouse does not answer."}
    assert flight.once(KEY, nothing, lambda: 1, seconds=LONG) == 1


def test_a_thread_that_is_stopped_leaves_the_work_to_those_who_wait() -> None:
    flight, begun, release = Flight(), threading.Event(), threading.Event()

    def stopped() -> int:
        begun.set()
        release.wait(LONG)
        raise SystemExit

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: flight.once(KEY, nothing, stopped, seconds=LONG))
        assert begun.wait(LONG)
        second = pool.submit(lambda: flight.once(KEY, nothing, lambda: 7, seconds=LONG))
        release.set()
        with pytest.raises(SystemExit):
            first.result()
        assert second.result() == 7


def test_different_keys_do_not_wait_for_each_other(tmp_path: Path) -> None:
    flight = Flight(tmp_path / "locks")
    assert flight.once(KEY, nothing, lambda: flight.once(OTHER, nothing, lambda: 2, seconds=LONG), seconds=LONG) == 2


def test_nobody_waits_longer_than_the_time_given(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    flight, begun, release = Flight(tmp_path / "locks"), threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        release.wait(LONG)
        return 1

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: flight.once(KEY, nothing, slow, seconds=LONG))
        assert begun.wait(LONG)
        assert flight.once(KEY, nothing, lambda: 2, seconds=0.01) == 2, "a thread of the same process"
        assert Flight(tmp_path / "locks").once(KEY, nothing, lambda: 3, seconds=0.01) == 3, "another process"
        release.set()
        assert first.result() == 1
    assert "computed twice" in caplog.text
    assert "another process" in caplog.text


def test_ten_processes_that_ask_at_once_cause_one_computation(tmp_path: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(started(tmp_path)) for _ in range(10)]
        for process in processes:
            go(process)
        assert [said(p) for p in processes] == ["42"] * 10
        assert [p.wait(LONG) for p in processes] == [0] * 10
    assert len((tmp_path / "made").read_text().splitlines()) == 1


def test_a_process_killed_while_it_computes_holds_nobody_up(tmp_path: Path) -> None:
    with ExitStack() as stack:
        holder = stack.enter_context(started(tmp_path, "HOLD"))
        go(holder)
        assert said(holder) == "holding"
        waiting = [stack.enter_context(started(tmp_path)) for _ in range(3)]
        for process in waiting:
            go(process)
        holder.send_signal(signal.SIGKILL)
        assert [said(p) for p in waiting] == ["42"] * 3
        assert [p.wait(LONG) for p in waiting] == [0] * 3
    made = (tmp_path / "made").read_text().split()
    assert len(made) == 2, "the one that was killed, and one that took over"
    assert made[0] == str(holder.pid)


def test_h14_a_folder_that_cannot_be_written_or_locked_costs_no_answer(tmp_path: Path,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    assert Flight(blocked / "locks").once(KEY, nothing, lambda: 1, seconds=LONG) == 1

    def no_locks(_descriptor: int, _operation: int) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    assert Flight(tmp_path / "locks").once(KEY, nothing, lambda: 2, seconds=LONG) == 2


def test_lock_files_are_few_small_and_private(tmp_path: Path) -> None:
    flight = Flight(tmp_path / "locks")
    for n in range(600):
        flight.once(f"{n % 256:02x}{n:062x}", nothing, lambda: 1, seconds=LONG)
    found = list((tmp_path / "locks").iterdir())
    assert len(found) == 256
    assert {(os.stat(p).st_size, os.stat(p).st_mode & 0o777) for p in found} == {(0, 0o600)}
