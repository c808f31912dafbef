"""`serve`: the production server with the embedded worker. Migrates, makes the first admin, then listens."""
from __future__ import annotations

import argparse
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

from dashapp.commands import Command, WrongUse, now
from dashapp.commands._supervisor import Part, supervise
from dashapp.settings import Settings, signing_key
from dashapp.typed import typed

ROOT = Path(__file__).resolve().parents[2]
THREADS = 16  # more than one crowd of slow senders holds until `web.patience` cuts them off
QUICKSTART = {"LEDGERLINE_ENV": "dev", "LEDGERLINE_DEMO": "1"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default: HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default: PORT, else 8050)")
    parser.add_argument("--workers", type=int, default=2, help="web processes (default 2)")
    parser.add_argument("--quickstart", dest="defaults", action="store_const", const=QUICKSTART,
                        help="as `make run`: development and the demo company, unless the settings say otherwise")
    parser.add_argument("--no-worker", action="store_true", help="no background jobs here; run `worker` elsewhere")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.port is not None and not 1 <= args.port <= 65535:
        raise WrongUse("A port is a number from 1 to 65535.")
    if not 1 <= args.workers <= 64:
        raise WrongUse("The number of workers is 1 to 64.")
    settings = replace(settings, host=args.host or settings.host, port=args.port or settings.port)
    signing_key(settings)  # kept before anything else is: commands go by it from the first moment on
    sign_in, has_demo = _prepare(settings)
    environ = os.environ | {"HOST": settings.host, "PORT": str(settings.port), "LEDGERLINE_ENV": settings.env}
    if settings.demo and not has_demo:
        print("Loading the demo company ...", flush=True)
        loading = subprocess.run(_dashapp("demo", "--first-start"), env=environ, cwd=ROOT, check=False)  # noqa: S603
        if loading.returncode:
            print("The demo company could not be loaded; starting without it.", file=sys.stderr, flush=True)
    parts = [Part("web", gunicorn(settings, args.workers), environ, vital=True)]
    if not args.no_worker:
        parts.append(Part("worker", _dashapp("worker", "--parent", str(os.getpid())), environ))
    return supervise(parts, lambda: _answers(settings), lambda: _welcome(settings, sign_in))


def _prepare(settings: Settings) -> tuple[str, bool]:
    """The database is at this version and has an admin; how to sign in, in one line, and whether a demo was loaded."""
    from dashapp.services import accounts, keeping

    with keeping.state_app(settings.database_url).app_context():
        keeping.migrate()
        password = accounts.first_admin(settings.admin_email, settings.admin_password or None, now=now(),
                                        is_trial=settings.is_dev)
        has_demo = keeping.get_mark(keeping.DEMO_LOADED) is not None
    if password is None:
        return "", has_demo
    shown = "the password you set" if settings.admin_password else password
    return f"First sign-in: {settings.admin_email} with {shown}", has_demo


def gunicorn(settings: Settings, workers: int) -> list[str]:
    """The web server's command line. Threads, because a request mostly waits for the database or DuckDB."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    argv = [sys.executable, "-m", "gunicorn", "wsgi:server", "--chdir", str(ROOT), "--bind", f"{host}:{settings.port}",
            "--worker-class", "gthread", "--workers", str(workers), "--threads", str(THREADS), "--no-control-socket",
            "--timeout", "60", "--graceful-timeout", "25", "--keep-alive", "5", "--limit-request-line", "8190",
            "--limit-request-fields", "100", "--log-level", "warning"]
    shared = Path("/dev/shm")  # noqa: S108 - heartbeat files of workers: memory, not disk
    return [*argv, "--worker-tmp-dir", str(shared)] if shared.is_dir() else argv


def _dashapp(*words: str) -> list[str]:
    return [sys.executable, "-m", "dashapp", *words]


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    named = settings.trusted_hosts[0].lstrip(".") if settings.trusted_hosts else "localhost"
    request = urllib.request.Request(f"http://{host}:{settings.port}/healthz", headers={"Host": named})
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _welcome(settings: Settings, sign_in: str) -> None:
    print(f"\nLedgerline answers on {settings.address}", flush=True)
    if sign_in:
        print(sign_in, flush=True)
    else:
        print(f"Lost the password?  {typed('user', 'password', 'EMAIL')}", flush=True)
    print("Stop with Ctrl-C.\n", flush=True)


ENTRY = Command("serve", "production server with the embedded worker", configure, run,
                starts=True)
