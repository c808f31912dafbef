"""Reading workbooks of 100,000 x 8 and 1,000,000 x 8: ingest, a bare fastexcel read, pandas with openpyxl.

Goals: at most 3 times the bare read, at least 8 times faster than pandas with openpyxl. Every figure is the better of
two runs, each in a process of its own. pandas reads the million only with `--full` (it takes minutes and gigabytes);
otherwise ten times its time for 100,000 rows stands there and says so.
"""
from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench import PrintRow
from tests.bench.process import Measured, measured

COLUMNS = ("order_id", "date", "sku", "region", "customer_id", "qty", "price", "revenue")
SMALL, BIG = 100_000, 1_000_000


def write(path: str, rows: str) -> Callable[[], int]:
    """A workbook, or a CSV by its ending, of the first rows of a demo company's order book."""
    from rustpy_xlsxwriter import write_csv, write_worksheet

    if path.endswith(".csv"):
        return lambda: write_csv(_records(int(rows)), path) or int(rows)
    return lambda: write_worksheet(_records(int(rows)), path, sheet_name="Orders",
                                   datetime_format="yyyy-mm-dd") or int(rows)


def _records(rows: int) -> Any:
    from dashapp.demo.ordering import OrderBook
    from dashapp.demo.spec import Spec

    left = rows
    for table in OrderBook(Spec(7, 365, rows, date(2026, 3, 18), incidents=False)).days():
        for record in table.select(COLUMNS).slice(0, left).to_pylist():
            yield {**record, "price": float(record["price"]), "revenue": float(record["revenue"])}
        left -= table.num_rows


def bare(path: str) -> Callable[[], int]:
    """fastexcel in text mode to Arrow: nothing typed, nothing checked."""
    import fastexcel
    import pyarrow  # noqa: F401 - part of the libraries, not of the read

    return lambda: int(fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_arrow().num_rows)


def pandas(path: str) -> Callable[[], int]:
    """pandas with openpyxl, as a notebook would."""
    import openpyxl  # noqa: F401
    import pandas as pd

    return lambda: len(pd.read_excel(path, engine="openpyxl"))


def ingest(path: str, folder: str) -> Callable[[], int]:
    """The product: typed, checked, every bad cell known, Parquet written, in the sandboxed child."""
    from dashapp.core.dataset import RoleOf
    from dashapp.core.mapping import ColumnMapping, Mapping
    from dashapp.core.period import Grain
    from dashapp.ingest.limits import FileLimits
    from dashapp.ingest.sandbox import convert_file

    roles = {"order_id": RoleOf.ID, "date": RoleOf.DATE, "customer_id": RoleOf.ENTITY, "sku": RoleOf.DIMENSION,
             "region": RoleOf.DIMENSION}
    mapping = Mapping(kind="facts", grain=Grain.EVENT, key=("order_id", "sku"), mode="upsert", header_row=1,
                      columns={c: ColumnMapping(roles.get(c, RoleOf.MEASURE)) for c in COLUMNS})
    limits = FileLimits(max_bytes=1 << 30)

    def convert() -> int:
        done = convert_file(Path(path), Path(path).name, mapping, None, out=Path(folder) / "out.parquet",
                            quarantine=Path(folder) / "refused.csv", vintage="bench", limits=limits, currency="EUR",
                            progress=None)
        if done.quarantined or done.duplicates:
            raise RuntimeError(f"{done.quarantined} refused, {done.duplicates} repeated: {done.issues[:3]}")
        return done.accepted

    return convert


def best(prepare: Callable[..., Callable[[], Any]], *arguments: str, runs: int = 2) -> Measured:
    """The fastest times, and the highest memory, of all runs."""
    tries = [measured(prepare, *arguments) for _ in range(runs)]
    return Measured(min(m.wall for m in tries), min(m.cpu for m in tries), max(m.own for m in tries),
                    max(m.child for m in tries), tries[0].answer)


def run(print_row: PrintRow) -> None:
    """Both sizes, the rivals first; ratios are to the bare read of the same file."""
    slow: float | None = None
    with tempfile.TemporaryDirectory() as folder:
        for rows in (SMALL, BIG):
            path = str(Path(folder) / f"{rows}.xlsx")
            measured(write, path, str(rows))
            print_row(f"{rows:,} x {len(COLUMNS)} workbook", note=f"{Path(path).stat().st_size / 1e6:.1f} MB")
            slow = _compare(print_row, path, rows, folder, slow)
        path = str(Path(folder) / "million.csv")
        measured(write, path, str(BIG))
        _ingest_row(print_row, path, BIG, folder, None, "csv through ingest, 1,000,000 rows")


def _compare(print_row: PrintRow, path: str, rows: int, folder: str, slow: float | None) -> float:
    plain = best(bare, path)
    _check(plain, rows)
    print_row("bare fastexcel, text mode", plain.wall, plain.peak, 1.0, f"cpu {plain.cpu:.2f} s")
    if slow is None or "--full" in sys.argv:
        rival = best(pandas, path, runs=1)
        _check(rival, rows)
        slow, memory, note = rival.wall, rival.peak, f"cpu {rival.cpu:.1f} s"
    else:
        slow, memory, note = slow * BIG / SMALL, None, f"not run: {BIG // SMALL} x its time for {SMALL:,}"
    print_row("pandas with openpyxl", slow, memory, slow / plain.wall, note)
    took = _ingest_row(print_row, path, rows, folder, plain, "ingest")
    if took:
        print_row("  ingest is faster than pandas with openpyxl by", ratio=slow / took)
    return slow


def _ingest_row(print_row: PrintRow, path: str, rows: int, folder: str, plain: Measured | None, what: str) -> float:
    mine = best(ingest, path, folder)
    _check(mine, rows)
    work = f"cpu {mine.cpu:.2f} s" + (f" = {mine.cpu / plain.cpu:.2f} x" if plain else "")
    print_row(what, mine.wall, mine.child, mine.wall / plain.wall if plain else None,
              f"{work}; peak is the child's, its parent has {mine.own:.0f} MB")
    return mine.wall


def _check(done: Measured, rows: int) -> None:
    if done.answer != rows:
        raise RuntimeError(f"read {done.answer} rows instead of {rows}")
