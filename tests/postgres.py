"""A PostgreSQL server for the tests: found on this machine, started on a temporary folder, reached by a Unix socket."""
from __future__ import annotations

import ctypes
import os
import pwd
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

OWNER = "ledgerline"
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def binaries() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = [Path(p).parent for p in glob("/usr/lib/postgresql/*/bin/initdb")]
    on_path = shutil.which("initdb")
    found += [Path(on_path).parent] if on_path else []
    return max(found, key=lambda p: [int(n) for n in p.parts if n.isdigit()], default=None)


def why_missing() -> str | None:
    """The reason why there will be no server, as the skipped tests print it; None when there is one."""
    if binaries() is None:
        return "no PostgreSQL server is installed here (looked in /usr/lib/postgresql and on the PATH)"
    return None if _account() is not None or os.getuid() != 0 else "no unprivileged account to run PostgreSQL as"


@contextmanager
def server() -> Iterator[str]:
    """Start a server; yields the URL of its databases with `{name}` in place of the database's name."""
    folder = Path(tempfile.mkdtemp(prefix="ledgerline-pg-", dir="/tmp"))
    process = None
    try:
        process = _start(folder)
        yield f"postgresql+psycopg://{OWNER}@/{{name}}?host={folder}"
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def run(url: str, *statements: str) -> None:
    """Execute statements one by one, outside of a transaction, on the maintenance database."""
    import psycopg

    with psycopg.connect(url.format(name="postgres").replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _start(folder: Path) -> subprocess.Popen[bytes]:
    found = binaries()
    assert found is not None, why_missing()
    account = _account()
    as_whom = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    made = subprocess.run([found / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C",
                           "--no-sync"], capture_output=True, text=True, cwd=folder, **as_whom)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [found / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off",
             "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=60"],
            stdout=log, stderr=log, cwd=folder, preexec_fn=_die_with_parent, **as_whom)  # noqa: PLW1509
    for _ in range(300):
        if subprocess.run([found / "pg_isready", "-q", "-h", folder, "-d", "postgres"], cwd=folder).returncode == 0:
            return process
        if process.poll() is not None:
            break
        select.select([], [], [], 0.1)
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: use its own account, else nobody."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known.get("nobody")


def _die_with_parent() -> None:
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGINT)
