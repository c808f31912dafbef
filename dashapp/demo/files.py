"""Tables to files: Parquet in bounded memory, CSV and workbooks; the same rows give the same bytes."""
from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dashapp.core.dataset import Dataset

ROW_GROUP = 250_000
EPOCH = b"2000-01-01T00:00:00Z"


def write_parquet(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> int:
    """Write tables as row groups of about 250,000 rows, holding one group at a time. Returns the number of rows."""
    rows, waiting = 0, 0
    held: list[pa.Table] = []
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in tables:
            held.append(table)
            waiting += table.num_rows
            if waiting >= ROW_GROUP:
                rows += _flush(writer, held)
                held, waiting = [], 0
        if held:
            rows += _flush(writer, held)
    return rows


def _flush(writer: pq.ParquetWriter, held: list[pa.Table]) -> int:
    table = pa.concat_tables(held).combine_chunks()
    writer.write_table(table, row_group_size=max(1, table.num_rows))
    return int(table.num_rows)


def read_parquet(path: Path) -> Iterator[pa.Table]:
    """The row groups of a file, one at a time."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, use_threads=False)


def write_csv(path: Path, dataset: Dataset, table: pa.Table) -> None:
    """UTF-8 with a header; ISO dates, money with two decimals."""
    import pyarrow.csv as arrow_csv

    columns = [table[c.key].cast(pa.decimal128(18, 2)) if c.type == "money" else table[c.key] for c in dataset.columns]
    named = pa.Table.from_arrays(columns, names=[c.header for c in dataset.columns])
    arrow_csv.write_csv(named, path, arrow_csv.WriteOptions(quoting_style="needed"))


def write_workbook(path: Path, dataset: Dataset, sheet: str, table: pa.Table) -> None:
    """One sheet with the header in row 1, real date cells, and numbers as numbers."""
    from rustpy_xlsxwriter import write_worksheet

    rough = path.with_suffix(".rough")
    write_worksheet(_records(dataset, table), str(rough), sheet_name=sheet, datetime_format="yyyy-mm-dd", freeze_row=1)
    _stamp(rough, path)
    rough.unlink()


def _records(dataset: Dataset, table: pa.Table) -> list[dict[str, Any]]:
    columns = [table[c.key].cast(pa.float64()) if c.type == "money" else _whole(table[c.key]) for c in dataset.columns]
    return list(pa.Table.from_arrays(columns, names=[c.header for c in dataset.columns]).to_pylist())


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Counts are written as whole numbers, not as 3.0."""
    if pa.types.is_floating(column.type) and pc.all(pc.equal(column, pc.floor(column))).as_py():
        return column.cast(pa.int64())
    return column


def _stamp(rough: Path, path: Path) -> None:
    """Copy the workbook with a fixed creation time: the writer puts the present one into docProps/core.xml."""
    with zipfile.ZipFile(rough) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "docProps/core.xml":
                data = _fixed_times(data)
            target.writestr(zipfile.ZipInfo(entry.filename), data, zipfile.ZIP_DEFLATED)


def _fixed_times(xml: bytes) -> bytes:
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", EPOCH, xml)
