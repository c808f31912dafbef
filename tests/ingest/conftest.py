"""How these tests read files: in this process for speed, or through the real sandbox where its walls are tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashapp.core.dataset import Dataset
from dashapp.core.history import History
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.core.profile import Profile, fingerprint
from dashapp.ingest.grid import Grid
from dashapp.ingest.inspecting import inspect
from dashapp.ingest.limits import STANDARD, FileLimits
from dashapp.ingest.model import Conversion, Inspection
from dashapp.ingest.reading import Context
from dashapp.ingest.writing import convert
from tests.writing import workbook


@dataclass
class Room:
    """One test's files and how it reads them."""

    folder: Path
    limits: FileLimits = STANDARD
    currency: str = "EUR"
    zone: str = "Europe/Berlin"
    today: date | None = None
    profiles: tuple[Profile, ...] = ()
    history: History = field(default_factory=History)

    def file(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    def context(self) -> Context:
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        return Context(scratch, self.limits, self.currency, self.zone, self.today, self.profiles, self.history)

    def inspect(
        self, path: Path, mapping: dict[str, Any] | Mapping | None = None, known: Dataset | None = None
    ) -> Inspection:
        return inspect(path, path.name, _mapping(mapping), known, self.context(), lambda part, rows: None)

    def convert(
        self, path: Path, mapping: dict[str, Any] | Mapping | None = None, known: Dataset | None = None
    ) -> tuple[Conversion, pa.Table]:
        out = self.folder / "out.parquet"
        done = convert(
            path,
            path.name,
            _mapping(mapping),
            known,
            self.context(),
            out=out,
            quarantine=self.folder / "refused.csv",
            vintage="v1",
            progress=lambda part, rows: None,
        )
        return done, pq.read_table(out)

    def csv(
        self, text: str, mapping: dict[str, Any] | None = None, known: Dataset | None = None
    ) -> tuple[Conversion, list[dict[str, Any]]]:
        """Convert a text and give the rows without the system columns."""
        done, table = self.convert(self.file("t.csv", text), mapping, known)
        return done, table.drop_columns(["_vintage", "_sheet", "_row"]).to_pylist()


def _mapping(value: dict[str, Any] | Mapping | None) -> Mapping:
    return value if isinstance(value, Mapping) else mapping_from_json(value or {})


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    """Write rows into a workbook: `sheet([["Date", ...], ...], at="C5")`; dates become real date cells."""

    def write(
        rows: list[list[Any]],
        *,
        at: str = "A1",
        name: str = "t.xlsx",
        merges: tuple[tuple[str, str], ...] = (),
        title: str = "Sheet1",
    ) -> Path:
        return workbook(tmp_path / name, rows, at=at, title=title, merges=merges)

    return write


def profile_of(name: str, found: Inspection | Conversion) -> Profile:
    """The sender that a file was committed by, as the next file meets it."""
    return Profile(name, fingerprint(found.mapping.columns), found.mapping)


def codes(found: Inspection | Conversion) -> set[str]:
    """The codes of everything that was said about a file."""
    return {i.code for i in found.issues}


def issue(found: Inspection | Conversion, code: str) -> Issue:
    """The first issue of a code."""
    return next(i for i in found.issues if i.code == code)


def grid(*rows: list[str | None], first_column: int = 0, **more: Any) -> Grid:
    """A grid of texts as a sheet would give it; short rows are filled up."""
    width = max((len(r) for r in rows), default=0)
    full = [[*r, *([None] * (width - len(r)))] for r in rows]
    columns = {f"c{i}": pa.array([r[i] for r in full], pa.string()) for i in range(width)}
    return Grid(pa.table(columns), "Sheet1", first_column, **more)
