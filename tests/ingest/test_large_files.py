"""E20: large files go through the child whole, exactly, and say how far they are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from dashapp.core.mapping import mapping_from_json
from dashapp.ingest.limits import FileLimits
from dashapp.ingest.sandbox import convert_file

ROLES = {"order_id": "id", "sku": "id", "region": "dimension", "channel": "dimension"}
MAPPING = {
    "key": ["order_id"],
    "mode": "upsert",
    "header_row": 1,
    "columns": {n: {"role": r} for n, r in ROLES.items()}
    | {"date": {"role": "date", "format": "iso"}, "qty": {"role": "measure", "type": "number"}}
    | {n: {"role": "measure", "type": "money"} for n in ("price", "revenue")},
}


def orders(rows: int) -> pa.Table:
    """Eight columns; prices in cents that binary fractions cannot hold."""
    import numpy as np

    n = np.arange(rows)
    cents = (n * 7_919) % 99_991 + 1
    qty = n % 9 + 1
    days = (np.datetime64("2020-01-01") + n // (rows // 1_500 + 1)).astype(str)
    money = [f"{c // 100}.{c % 100:02d}" for c in cents.tolist()]
    total = [f"{c // 100}.{c % 100:02d}" for c in (cents * qty).tolist()]
    return pa.table(
        {
            "order_id": [f"O{i:08d}" for i in range(rows)],
            "date": days,
            "sku": [f"S{i % 5_000}" for i in range(rows)],
            "region": [("EMEA", "APAC", "NA", "LATAM")[i % 4] for i in range(rows)],
            "channel": [("web", "shop")[i % 2] for i in range(rows)],
            "qty": qty,
            "price": money,
            "revenue": total,
        }
    )


def as_csv(table: pa.Table, path: Path) -> Path:
    pacsv.write_csv(table, path, pacsv.WriteOptions(quoting_style="none"))
    return path


def as_xlsx(table: pa.Table, path: Path) -> Path:
    from rustpy_xlsxwriter import write_worksheet

    write_worksheet(
        ({**r, "price": float(r["price"]), "revenue": float(r["revenue"])} for r in _records(table)), str(path)
    )
    return path


def _records(table: pa.Table):  # type: ignore[no-untyped-def]
    for batch in table.to_batches(10_000):
        yield from batch.to_pylist()


def through(path: Path, table: pa.Table, folder: Path) -> None:
    heard: list[float] = []
    done = convert_file(
        path,
        path.name,
        mapping_from_json(MAPPING),
        None,
        out=folder / "o.parquet",
        quarantine=folder / "q.csv",
        vintage="v",
        limits=FileLimits(max_bytes=1 << 30, wall=1_800.0, cpu=1_800),
        slots=folder / "slots",
        progress=lambda share, _rows: heard.append(share),
    )
    assert (done.rows, done.accepted, done.quarantined, done.duplicates) == (table.num_rows, table.num_rows, 0, 0)
    got = pq.read_table(folder / "o.parquet", columns=["order_id", "revenue", "qty", "_row"])
    exact = sum((Decimal(text) for text in table.column("revenue").to_pylist()), Decimal(0))
    assert sum(got.column("revenue").to_pylist(), Decimal(0)) == exact
    assert pc.sum(got.column("qty")).as_py() == pc.sum(table.column("qty")).as_py()
    assert got.column("order_id").combine_chunks() == table.column("order_id").combine_chunks()
    assert pc.min_max(got.column("_row")).as_py() == {"min": 2, "max": table.num_rows + 1}
    assert heard == sorted(heard)
    assert len(set(heard)) >= 4, "progress is shown on the way, not only at the end"
    assert heard[-1] == 1.0


WRITERS = pytest.mark.parametrize("write", [as_csv, as_xlsx], ids=["csv", "xlsx"])


@WRITERS
def test_e20_twelve_thousand_rows_arrive_whole_with_progress(write: Callable[..., Path], tmp_path: Path) -> None:
    table = orders(12_000)
    through(write(table, tmp_path / "big"), table, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(600)
@WRITERS
def test_e20_a_million_rows_arrive_whole_with_progress(write: Callable[..., Path], tmp_path: Path) -> None:
    table = orders(1_000_000)
    through(write(table, tmp_path / "big"), table, tmp_path)
