"""Every real workbook and order file through inspect and convert: `REAL_DATA=... python -m tests.bench.workbooks
[pattern]`.

Prints one line per file - a table, a question, a refusal - and a count of each. A crash, or a file that takes longer
than 30 seconds, is printed as such and makes the exit status 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from dashapp.core.errors import AppError, Invalid, TooLarge
from dashapp.core.mapping import Mapping
from dashapp.ingest.model import Inspection
from dashapp.ingest.sandbox import convert_file, inspect_file

SLOW = 30.0


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
    try:
        done = convert_file(
            path,
            path.name,
            found.mapping,
            None,
            out=scratch / "rows.parquet",
            quarantine=scratch / "refused.csv",
            vintage="trial",
        )
    except (Invalid, TooLarge) as error:
        asked = f"{len(found.columns)} columns, {found.rows} rows: {error.message}"
        return "question", asked
    except AppError as error:
        return "crash", error.message
    shown = (
        f"{done.mapping.kind} {done.mapping.sheet or ''}!{done.mapping.header_row}: {done.accepted} rows, "
        f"{done.quarantined} set aside, key {done.mapping.key}"
    )
    return "table", shown + " | " + ", ".join(f"{c.header}:{c.role.value}/{c.type}" for c in done.columns[:12])


def main(pattern: str = "*") -> int:
    root = Path(os.environ.get("REAL_DATA", "../shared/data"))
    files = sorted(
        p for folder in ("workbooks", "retail_by_day") for p in (root / folder).rglob(pattern) if p.is_file()
    )
    counts: Counter[str] = Counter()
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        for path in files:
            start = time.monotonic()
            word, sentence = outcome(path, Path(scratch))
            took = time.monotonic() - start
            failed |= word == "crash" or took > SLOW
            counts[word if took <= SLOW else "slow"] += 1
            print(f"{word:9} {took:5.1f} s  {path.relative_to(root)}  {sentence[:400]}", flush=True)
    print(dict(counts))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
