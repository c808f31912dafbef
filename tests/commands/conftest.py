"""The command line in this process, over a fresh installation."""
from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashapp.__main__ import main
from tests.conftest import SECRET


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """DATA_DIR of an installation without a database."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"LEDGERLINE_ENV": "dev", "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path / "data")}.items():
        monkeypatch.setenv(name, value)
    for name in ("DATABASE_URL", "FACTS_DIR", "LEDGERLINE_DEMO", "PORT", "HOST"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def installed(data: Path, sqlite_template: Path) -> Path:
    """DATA_DIR with a migrated, empty database."""
    shutil.copy(sqlite_template, data / "ledgerline.db")
    return data


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`say("user", "list")` runs the command and gives exit code and output."""
    def run(*words: str) -> Outcome:
        capsys.readouterr()
        try:
            code = main(words)
        except SystemExit as stop:  # argparse
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)
    return run
