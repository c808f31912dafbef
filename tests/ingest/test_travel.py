"""What the child says reaches its parent unchanged: every value to JSON and back, every failure in its own words."""

from __future__ import annotations

import errno
import json
import resource
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.mapping import ColumnMapping, Mapping, NumberStyle
from dashapp.core.period import Grain
from dashapp.ingest import child
from dashapp.ingest.child import FILES_OF_CPU
from dashapp.ingest.limits import STANDARD, FileLimits
from dashapp.ingest.model import Ask, Choice, ColumnGuess, Conversion, Inspection
from dashapp.ingest.sandbox import command, environment
from dashapp.ingest.wire import decode, encode

mappings = st.sampled_from(
    [
        Mapping(),
        Mapping(sheet="S", header_row=3, kind="facts", grain=Grain.WEEK, key=(), mode="append"),
        Mapping(columns={"Preis €": ColumnMapping(RoleOf.MEASURE, "money", None, NumberStyle(",", "."), "price")}),
    ]
)
st.register_type_strategy(Mapping, mappings)
st.register_type_strategy(float, st.floats(allow_nan=False))  # NaN equals nothing
kinds = st.sampled_from([Inspection, Conversion, Dataset, FileLimits, Issue, ColumnGuess, Ask, Column])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_value_comes_back_from_json_as_it_was(data: st.DataObject) -> None:
    kind = data.draw(kinds)
    value = data.draw(st.from_type(kind))
    assert decode(kind, json.loads(json.dumps(encode(value)))) == value


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (Inspection, {}),
        (Conversion, {"rows": 1}),
        (Choice, {"value": "x", "label": "y", "more": 1}),
        (Column, {"key": "a", "header": "a", "role": "king", "type": "text"}),
        (Conversion, None),
        (Inspection, []),
    ],
)
def test_d15_what_is_no_such_value_is_refused(kind: type, wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError, KeyError, AttributeError)):
        decode(kind, wrong)


@pytest.mark.parametrize(
    ("asks", "errors", "ready"),
    [
        ((), (), True),
        ((Ask("encoding", "?"),), (), False),
        ((), (Issue("x", "file", "error"),), False),
        ((), (Issue("x", "row", "error", row=5),), True),
        ((), (Issue("x", "file", "warning"),), True),
    ],
)
def test_a_file_is_ready_without_questions_and_errors_of_the_whole_file(
    asks: tuple[Ask, ...], errors: tuple[Issue, ...], ready: bool
) -> None:
    assert Inspection("csv", (), Mapping(), (), (), errors, asks, 1).is_ready is ready


def request(path: Path, **more: Any) -> dict[str, Any]:
    scratch = path.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    asked = {"verb": "inspect", "path": str(path), "name": path.name, "mapping": {}, "known": None, "currency": "EUR",
             "zone": "UTC", "today": None, "scratch": str(scratch), "profiles": []}  # fmt: skip
    return asked | more


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text("Date,Revenue\n2025-01-01,5\n2025-01-03,6\n")
    return path


def test_the_child_answers_with_what_was_asked(table: Path) -> None:
    heard: list[dict[str, Any]] = []
    known = Dataset("d", "D", columns=(Column("date", "Date", RoleOf.DATE, "date"),))
    asked = request(table, known=encode(known), today="2025-01-02", mapping={"key": [], "mode": "append"})
    found = Inspection.from_json(child.answer(asked, STANDARD, heard.append)["result"])
    assert (found.rows, found.mapping.mode, found.counts) == (2, "append", {"date-future": 1})
    assert {i.code for i in found.issues} == {"column-new", "date-future"}
    parts = [h["progress"] for h in heard]
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_the_child_converts_with_the_vintage_it_was_told(table: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    more = {"verb": "convert", "out": str(tmp_path / "o"), "quarantine": str(tmp_path / "q"), "vintage": "it's"}
    done = Conversion.from_json(child.answer(request(table, **more), STANDARD, lambda said: None)["result"])
    assert (done.accepted, done.out) == (2, str(tmp_path / "o"))
    assert set(pq.read_table(tmp_path / "o").column("_vintage").to_pylist()) == {"it's"}


class OutOfMemoryException(Exception):
    """Called like the engine's own."""


class IOException(Exception):
    """Called like the engine's own."""


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (Invalid("No.", issues=[Issue("x", "y")]), "Invalid", "No."),
        (MemoryError(), "memory", ""),
        (OSError(errno.ENOSPC, "x"), "space", ""),
        (OSError(errno.EIO, "x"), "os", "Input/output error"),
        (OutOfMemoryException("failed"), "memory", ""),
        (RuntimeError("std::bad_alloc"), "memory", ""),
        (RuntimeError("Failed to allocate 5 bytes"), "memory", ""),
        (IOException("Could not write file"), "os", "no space left on the disk"),
        (IOException("No space left"), "space", ""),
        (IOException("Cannot open file"), "crash", "IOException"),
        (KeyError("x"), "crash", "KeyError"),
        (RecursionError("deep"), "crash", "RecursionError"),
    ],
)
def test_d15_every_failure_in_the_child_has_its_word(
    monkeypatch: pytest.MonkeyPatch, table: Path, error: Exception, kind: str, message: str
) -> None:
    def fail(*_a: object) -> None:
        raise error

    monkeypatch.setattr(child, "_serve", fail)
    said = child.answer(request(table), STANDARD, lambda word: None)["error"]
    assert (said["kind"], said["message"]) == (kind, message)
    if kind == "Invalid":
        assert said["issues"] == [{"code": "x", "message": "y", "severity": "error", "count": 1}]


def test_d1_the_childs_limits_are_taken_and_cannot_be_raised_again() -> None:
    code = (
        "import resource, json\nfrom dashapp.ingest.child import begin, confine\n"
        "from dashapp.ingest.limits import FileLimits\n"
        "limits = FileLimits(memory=1 << 30, cpu=7)\nconfine(limits)\nbegin(limits)\n"
        "names = 'RLIMIT_AS RLIMIT_CPU RLIMIT_CORE RLIMIT_FSIZE RLIMIT_NOFILE'.split()\n"
        "print(json.dumps([resource.getrlimit(getattr(resource, n)) for n in names]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = 256 if hard == resource.RLIM_INFINITY else min(256, hard)
    space, (soft, most), *others = json.loads(run.stdout)
    assert (space, others) == ([1 << 30] * 2, [[0, 0], [4096 << 20] * 2, [files, files]])
    assert (7 <= soft <= 9, most) == (True, FILES_OF_CPU * 7), "a file has its own time; all of them have an end"


def test_the_child_needs_no_pandas(table: Path) -> None:
    line = json.dumps(request(table) | {"limits": asdict(STANDARD)})
    code = ("import sys; from dashapp.ingest import child; say = child._say\n"
            "def told(*words): print('pandas' in sys.modules, file=sys.stderr, flush=True); say(*words)\n"
            "child._say = told; child.main()")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command()[:3], "-c", code], env=environment(), text=True, **pipes) as process:  # type: ignore[call-overload]
        process.stdin.write(line + "\n")
        process.stdin.flush()
        words = [json.loads(process.stdout.readline())]
        while "result" not in words[-1]:  # until then it stays open: its end is the parent's end
            words.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.stderr.read().split()[-1] == "False"
    assert words[-1]["result"]["rows"] == 2


def test_dates_travel_as_iso_texts() -> None:
    assert encode({"a": (date(2025, 1, 2), RoleOf.DATE, None)}) == {"a": ["2025-01-02", "date", None]}
