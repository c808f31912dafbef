"""The processes of `serve`: restarted when they die, stopped together, and none left behind by a kill."""
from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashapp.commands._supervisor import Part
from dashapp.commands.serve import gunicorn
from tests.conftest import SECRET, settings_in
from tests.house.source import ROOT


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`serve` as a person starts it, without the demo company."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("LEDGERLINE_")}
    environ |= {"LEDGERLINE_ENV": "dev", "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path / "data"), "PORT": str(port)}
    with (tmp_path / "output").open("w") as output:
        process = subprocess.Popen([sys.executable, "-m", "dashapp", "serve", "--workers", "1"], cwd=ROOT, env=environ,
                                   stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_h11_h12_serve_answers_survives_kills_and_stops_clean(
        server: subprocess.Popen[bytes], port: int, tmp_path: Path) -> None:
    told = _read_until(tmp_path / "output", "Stop with")
    assert f"Ledgerline answers on http://127.0.0.1:{port}" in told
    assert "First sign-in: admin@example.com with " in told
    before = _children(server.pid)
    assert len(before) == 2
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert _until(lambda: len(_children(server.pid) - before) == 2), "both parts are started again"
    assert _until(lambda: _answers(port))
    children = _children(server.pid)
    server.send_signal(signal.SIGTERM)
    assert server.wait(35) == 0
    assert _until(lambda: not any(_is_alive(pid) for pid in children))


def test_h12_a_killed_supervisor_leaves_nothing_that_holds_the_port(
        server: subprocess.Popen[bytes], port: int, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent died")
    _read_until(tmp_path / "output", "Stop with")
    children = _children(server.pid)
    server.kill()
    server.wait()
    assert _until(lambda: not any(_is_alive(pid) for pid in children))
    assert not _answers(port)


def test_a_port_in_use_ends_serve_with_a_failure(tmp_path: Path, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        environ = os.environ | {"LEDGERLINE_ENV": "dev", "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path)}
        command = [sys.executable, "-m", "dashapp", "serve", "--port", str(port), "--no-worker"]
        found = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)
    assert found.returncode == 1
    assert "The web process ended" in found.stderr


def test_a_part_that_keeps_dying_is_started_more_slowly_but_never_later_than_five_seconds() -> None:
    part = Part("mayfly", [sys.executable, "-c", ""], os.environ)
    waits = []
    for _ in range(6):
        part.due = 0.0
        part.tend()
        assert part.process is not None
        part.process.wait()
        started = part.started
        assert part.tend() == 0
        waits.append(round(part.due - max(started, part.due - 5.0), 2))
    assert part.deaths == 6
    assert max(waits) <= 5.0


@pytest.mark.parametrize(("host", "bound"), [("127.0.0.1", "127.0.0.1:8050"), ("::1", "[::1]:8050")])
def test_the_web_server_is_asked_for_threads_and_limits(tmp_path: Path, host: str, bound: str) -> None:
    line = " ".join(gunicorn(settings_in(tmp_path, HOST=host), 3))
    for part in (f"--bind {bound}", "--worker-class gthread", "--workers 3", "--no-control-socket",
                 "--limit-request-line", "--graceful-timeout 25"):
        assert part in line


def _read_until(output: Path, mark: str) -> str:
    assert _until(lambda: mark in output.read_text()), output.read_text()
    return output.read_text()


def _children(pid: int) -> set[int]:
    found = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in found.splitlines()]
    return {child for child, parent in pairs if parent == pid}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def _until(true: Callable[[], bool], seconds: float = 60) -> bool:
    over = threading.Event()
    for _ in range(int(seconds / 0.1)):
        if true():
            return True
        over.wait(0.1)
    return False
