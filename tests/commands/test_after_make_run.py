"""Commands typed beside `make run`: the same data folder, a clean environment, nothing else to set."""
from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashapp.core.errors import Invalid
from dashapp.settings import from_environment, kept_key, signing_key
from dashapp.typed import typed
from tests.house.source import ROOT

GOOD = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
REQUIRED = "SECRET_KEY is required"


def clean(folder: Path, **more: str) -> dict[str, str]:
    """An environment as a new terminal has it: no setting but where the data are."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(folder), **more}


def command(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, away from any `.env`."""
    return subprocess.run([sys.executable, "-m", "dashapp", *words], cwd=folder.parent, env=clean(folder, **more),
                          capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder that `make run`'s own start made, running."""
    folder = tmp_path_factory.mktemp("fresh") / "instance"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([sys.executable, "-m", "dashapp", "serve", "--quickstart", "--workers", "1", "--no-worker"],
                          cwd=folder.parent, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=clean(folder, PORT=str(port), LEDGERLINE_DEMO="0")) as running:
        assert running.stdout is not None
        try:
            told = []
            for line in running.stdout:
                told.append(line)
                if "Stop with Ctrl-C" in line:
                    break
            assert "Ledgerline answers on" in "".join(told), told
            yield folder
        finally:
            running.terminate()


def test_commands_work_on_what_make_run_started_without_any_setting(instance: Path, tmp_path: Path) -> None:
    assert "admin@example.com" in command(instance, "user", "list").stdout
    changed = command(instance, "user", "password", "admin@example.com")
    assert re.fullmatch(r"One-time password of admin@example\.com: \S+\n", changed.stdout), changed.stderr
    sheet = tmp_path / "sales.csv"
    sheet.write_text("Date,Region,Revenue\n2026-01-05,EMEA,100.10\n2026-01-06,APAC,200.20\n")
    done = command(instance, "ingest", str(sheet), "--dataset", "sales", "--mode", "append")
    assert done.returncode == 0, done.stderr
    asked = command(instance, "ask", "revenue", "--from", "2026-01-01", "--to", "2026-01-31", "--format", "csv")
    assert "300.3" in asked.stdout, asked.stderr
    assert command(instance, "verify").returncode == 0


def test_production_still_asks_for_its_key_on_the_same_folder(instance: Path) -> None:
    told = command(instance, "user", "list", LEDGERLINE_ENV="production")
    assert (told.returncode, REQUIRED in told.stderr) == (2, True)


@pytest.mark.parametrize("words", [("serve",), ("worker",)])
def test_a_start_never_goes_by_the_record(instance: Path, words: tuple[str, ...]) -> None:
    told = command(instance, *words)
    assert (told.returncode, REQUIRED in told.stderr) == (2, True)


def test_a_folder_nobody_started_has_no_key_and_gets_none(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    told = command(folder, "user", "list")
    assert (told.returncode, REQUIRED in told.stderr) == (2, True)
    assert not folder.exists()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The key that a start in development keeps."""
    signing_key(from_environment({"LEDGERLINE_ENV": "dev", "DATA_DIR": str(tmp_path)}, dotenv=None))
    return kept_key(tmp_path)


def recorded(folder: Path, **given: str) -> str:
    return from_environment({"DATA_DIR": str(folder), **given}, dotenv=None, recorded=True).env


def test_the_record_counts_where_neither_kind_nor_key_is_given(kept: Path) -> None:
    assert recorded(kept.parent) == "dev"
    assert recorded(kept.parent, LEDGERLINE_ENV="", SECRET_KEY="") == "dev"
    assert recorded(kept.parent, SECRET_KEY=GOOD) == "production"
    with pytest.raises(Invalid, match=REQUIRED):
        from_environment({"DATA_DIR": str(kept.parent)}, dotenv=None)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_kept_key_that_others_can_read_is_refused(kept: Path, mode: int) -> None:
    kept.chmod(mode)
    with pytest.raises(Invalid, match=re.escape(f"chmod 600 {kept}")):
        recorded(kept.parent)


def test_a_kept_key_that_is_a_link_or_empty_is_refused(kept: Path) -> None:
    kept.rename(kept.with_name("elsewhere"))
    kept.symlink_to(kept.with_name("elsewhere"))
    with pytest.raises(Invalid, match="not a file of this account"):
        recorded(kept.parent)
    kept.unlink()
    kept.touch(0o600)
    with pytest.raises(Invalid, match="does not hold a key"):
        recorded(kept.parent)


def test_hints_name_the_python_that_works_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv/bin/python"))
    assert typed("user", "password", "EMAIL") == ".venv/bin/python -m dashapp user password EMAIL"
    monkeypatch.setattr(sys, "executable", "/opt/a b/python")
    assert typed() == "'/opt/a b/python' -m dashapp"
