"""Every real workbook through inspect and convert: `python -m tests.bench workbooks` writes docs/workbooks.md.

Reads `REAL_DATA/workbooks` (default ../shared/data beside the project). A crash, a file that takes longer than 30
seconds, or memory of this process that grows by more than 50 MB makes the exit status 1. `python -m
tests.bench.workbooks PATTERN` prints those files only and writes nothing.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dashapp.core.errors import AppError, Invalid, TooLarge
from dashapp.core.mapping import Mapping
from dashapp.ingest.model import Inspection
from dashapp.ingest.sandbox import convert_file, inspect_file

SLOW, GROWTH = 30.0, 50.0
PAGE = Path(__file__).resolve().parents[2] / "docs" / "workbooks.md"
_WORDS = {"table": "Table", "question": "Question", "refused": "Refused", "crash": "Crash"}


@dataclass(frozen=True)
class Outcome:
    """What became of one file. word: table, question, refused or crash; seconds: both steps together, wall."""

    name: str
    word: str
    said: str
    seconds: float


def outcome(path: Path, scratch: Path) -> tuple[str, str]:
    """(word, sentence) for one file. Words: table, question, refused, crash."""
    try:
        found = inspect_file(path, path.name, Mapping(), None)
    except (Invalid, TooLarge) as error:
        return "refused", error.message
    except AppError as error:
        return "crash", error.message
    return _converted(path, found, scratch)


def _converted(path: Path, found: Inspection, scratch: Path) -> tuple[str, str]:
    """The mapping that was proposed, accepted unseen."""
    out, refused = scratch / "rows.parquet", scratch / "refused.csv"
    try:
        done = convert_file(path, path.name, found.mapping, None, out=out, quarantine=refused, vintage="trial")
    except (Invalid, TooLarge) as error:
        return "question", error.message
    except AppError as error:
        return "crash", error.message
    refusals = f", {done.quarantined} refused" if done.quarantined else ""
    shown = f"{done.mapping.layout}, {done.accepted} rows{refusals}"
    place = f"{done.mapping.sheet or ''} row {done.mapping.header_row}".strip()
    return "table", f"{shown}, header in {place}: " + ", ".join(c.header for c in done.columns[:6])


def rss() -> float:
    """Memory of this process now, in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def looked_at(files: list[Path], root: Path) -> tuple[list[Outcome], float]:
    """(the outcome of each file, by how many MB this process grew), printed on the way."""
    out, before = [], rss()
    with tempfile.TemporaryDirectory() as scratch:
        for path in files:
            start = time.monotonic()
            word, said = outcome(path, Path(scratch))
            one = Outcome(str(path.relative_to(root)), word, said, time.monotonic() - start)
            out.append(one)
            print(f"{one.word:9} {one.seconds:5.1f} s  {one.name}  {one.said[:300]}", flush=True)
    return out, max(0.0, rss() - before)


def page(found: list[Outcome], growth: float) -> str:
    """The document: counts and a line per file."""
    counts, slowest = Counter(o.word for o in found), max((o.seconds for o in found), default=0.0)
    head = [
        "# What becomes of 226 real workbooks", "",
        "Written by `python -m tests.bench workbooks`; edit the command, not this page. The files are the test",
        "collections of calamine and Apache POI: xls, xlsx, xlsm, xlsb and ods, many of them odd or broken on purpose.",
        "Each is inspected, and the proposal is accepted unseen. *Table*: rows were written. *Question*: the file can",
        "be read, but a person has to say something first. *Refused*: one sentence says what it is or lacks.", "",
        f"{len(found)} files: {counts['table']} tables, {counts['question']} questions, {counts['refused']} refused, "
        f"{counts['crash']} crashes. The slowest took {slowest:.0f} s of {SLOW:.0f} allowed; the process that asked",
        f"for them grew by {growth:.0f} MB.", "", "| file | outcome | what is said |", "|---|---|---|",
    ]
    return "\n".join([*head, *(f"| {_cell(o.name)} | {_WORDS[o.word]} | {_cell(o.said)} |" for o in found), ""])


def _cell(text: str) -> str:
    """A text inside a line of a table: no bars, no markup, nothing that cannot be printed, at most 160 characters."""
    plain = "".join(c if c.isprintable() else " " for c in text).replace("\\", "\\\\").replace("|", "\\|")
    short = plain if len(plain) <= 160 else plain[:157] + "..."
    return re.sub(r"([<>*_`\[\]])", r"\\\1", short)


def main(arguments: list[str] | None = None) -> int:
    root = Path(os.environ.get("REAL_DATA", "../shared/data"))
    pattern = arguments[0] if arguments else "*"
    files = sorted(p for p in (root / "workbooks").rglob(pattern) if p.is_file())
    if not files:
        print(f"There is no workbook in {root / 'workbooks'}: set REAL_DATA.")
        return 1
    found, growth = looked_at(files, root / "workbooks")
    print(dict(Counter(o.word for o in found)), f"{growth:.0f} MB")
    if not arguments:
        PAGE.write_text(page(found, growth), encoding="utf-8")
    return int(any(o.word == "crash" or o.seconds > SLOW for o in found) or growth > GROWTH)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:2]))
