"""The product behind its real server, as processes, for what one process cannot show: limits that hold across workers,
memory, slow senders."""
from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.house.source import ROOT

SECRET = "an-unguessable-secret-for-the-live-server-0123456"
ADMIN, PASSWORD = "admin@example.org", "correct horse battery staple"


@dataclass(frozen=True)
class Live:
    """A running server: its port and the process ids of its web workers."""

    port: int
    supervisor: int

    def workers(self) -> set[int]:
        """Children of gunicorn, which is the supervisor's child. What a process of jobs starts is none."""
        return {pid for web in children(self.supervisor) for pid in children(web)}


@dataclass
class Browser:
    """A person's browser: cookies, and the address it seems to come from (the proxy's header)."""

    port: int
    ip: str = "10.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(self, method: str, path: str, body: bytes | None = None, timeout: float = 60, **headers: str
            ) -> tuple[int, str]:
        """Status and text."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            line.request(method, path, body, {"X-Forwarded-For": self.ip, "Cookie": self._jar(), **headers})
            answer = line.getresponse()
            for name, value in answer.getheaders():
                if name == "Set-Cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.partition(";")[0]
            return answer.status, answer.read().decode(errors="replace")
        finally:
            line.close()

    def sign_in(self, email: str, password: str, timeout: float = 60) -> int:
        """The status of one try; the form is opened once."""
        if not self.token:
            found = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', self.ask("GET", "/login", timeout=timeout)[1])
            self.token = found.group(1) if found else ""
        form = urlencode({"email": email, "password": password, "csrf_token": self.token}).encode()
        return self.ask("POST", "/login", form, timeout, **{
            "Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}",
            "Sec-Fetch-Site": "same-origin"})[0]

    def _jar(self) -> str:
        return "; ".join(f"{k}={v}" for k, v in self.cookies.items())


@contextmanager
def live(folder: Path, *, workers: int, jobs: bool = False, **more: str) -> Iterator[Live]:
    """Started by its own command behind one trusted proxy, answering, and ended. jobs: with a process for the work in
    the background; more: variables of its environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("LEDGERLINE_", "DATABASE_", "DATA_"))}
    environ |= {"LEDGERLINE_ENV": "dev", "DATA_DIR": str(folder / "data"), "SECRET_KEY": SECRET, "PORT": str(port),
                "LEDGERLINE_ADMIN_EMAIL": ADMIN, "LEDGERLINE_ADMIN_PASSWORD": PASSWORD, "TRUSTED_PROXIES": "1", **more}
    words = [sys.executable, "-m", "dashapp", "serve", "--workers", str(workers), *([] if jobs else ["--no-worker"])]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(words, env=environ, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        told = folder / "server.log"
        assert until(lambda: "Stop with" in told.read_text() or process.poll() is not None)
        assert process.poll() is None, told.read_text()
        found = Live(port, process.pid)
        assert until(lambda: len(found.workers()) == workers)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def children(pid: int) -> set[int]:
    found = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in found.splitlines()]
    return {child for child, parent in pairs if parent == pid}


def until(true, seconds: float = 120) -> bool:
    over = threading.Event()
    for _ in range(int(seconds / 0.1)):
        if true():
            return True
        over.wait(0.1)
    return False
