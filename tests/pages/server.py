"""The product started by its own command on a free port, with a small demo company and one person per role."""
from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECRET = "an-unguessable-secret-for-the-browser-tests-0123"
ADMIN, PASSWORD = "admin@example.org", "correct horse battery staple"
STARTUP = 120.0
# People with a password of their own: those whom the terminal adds have to choose one first.
ADD_PEOPLE = """
import json, sys
from dashapp.commands import TERMINAL, now, opened
from dashapp.core.actor import Role
from dashapp.services import accounts
from dashapp.settings import from_environment
with opened(from_environment()):
    for email, (role, scope) in json.loads(sys.argv[1]).items():
        accounts.add_user(TERMINAL, email, Role(role), now=now(), scope=scope, password=sys.argv[2])
"""


@dataclass(frozen=True)
class Product:
    """Where it answers, and the environment its commands run in."""

    url: str
    folder: Path
    environ: dict[str, str]

    def command(self, *words: str) -> str:
        """Run `python -m dashapp WORDS`; its output. Raises with the output when it fails."""
        return self._run("-m", "dashapp", *words)

    def add_people(self, people: dict[str, str], *scope: str) -> None:
        """Address -> role; everybody signs in with PASSWORD and sees the rows that meet all conditions of `scope`."""
        self._run("-c", ADD_PEOPLE, json.dumps({email: (role, scope) for email, role in people.items()}), PASSWORD)

    def _run(self, *words: str) -> str:
        done = subprocess.run([sys.executable, *words], env=self.environ, cwd=ROOT, check=False, capture_output=True,
                              text=True, timeout=300)
        assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout


@contextmanager
def product(folder: Path, *, demo: bool = True) -> Iterator[Product]:
    """Started, answering, and stopped again with all its processes."""
    port = _free_port()
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("LEDGERLINE_", "DATABASE_", "DATA_"))}
    environ |= {"LEDGERLINE_ENV": "dev", "DATA_DIR": str(folder / "data"), "SECRET_KEY": SECRET, "PORT": str(port),
                "HOST": "127.0.0.1", "LEDGERLINE_ADMIN_EMAIL": ADMIN, "LEDGERLINE_ADMIN_PASSWORD": PASSWORD,
                "LEDGERLINE_DEMO": "0"}
    found = Product(f"http://127.0.0.1:{port}", folder, environ)
    found.command("migrate")
    if demo:
        found.command("demo", "--orders", "4000", "--days", "430")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "dashapp", "serve", "--workers", "1"], env=environ, cwd=ROOT,
                                   stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(found.url, process, folder / "server.log")
            yield found
        finally:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTUP
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)  # a process is starting; nothing else tells when it answers
    raise AssertionError(f"no answer within {STARTUP:.0f} s:\n{log.read_text(errors='replace')[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
