"""One dataset of the company with the file it is in, and its rows as the ledger stores them."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.mapping import Mapping
from dashapp.demo import arrow, files, shapes
from dashapp.demo.spec import Spec

WORKBOOK_ROWS = 200_000
CSV = ("marketing", "survey")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One dataset of the company and the file it is in.

    path: workbook (`sheet` names its sheet), CSV, or for a big order book the Parquet file itself. mapping reads that
    file without a guess. first, last: dates of the rows (None for the catalogue). data_through: last day covered.
    """

    dataset: Dataset
    mapping: Mapping
    path: Path
    sheet: str | None
    rows: int
    first: date | None
    last: date | None
    data_through: date | None
    content: pa.Table | Path = field(repr=False, compare=False)

    @property
    def key(self) -> str:
        return self.dataset.key

    def tables(self) -> Iterator[pa.Table]:
        """The rows in the order of the file, with the ledger's types, in pieces of bounded size."""
        if isinstance(self.content, pa.Table):
            yield self.content
        else:
            yield from files.read_parquet(self.content)


def orders_sheet(folder: Path, spec: Spec, rows: int) -> Sheet:
    """The order book that was streamed to `orders.parquet`, with its workbook where one can hold it."""
    path, name = folder / "orders.parquet", None
    if rows <= WORKBOOK_ROWS:
        path, name = folder / "orders.xlsx", "Orders"
        files.write_workbook(path, shapes.ORDERS, name, pa.concat_tables(files.read_parquet(folder / "orders.parquet")))
    return Sheet(shapes.ORDERS, shapes.mapping(shapes.ORDERS, name, spec.end.isoformat()), path, name, rows,
                 spec.start, spec.end, spec.end, folder / "orders.parquet")


def small_sheet(folder: Path, dataset: Dataset, table: pa.Table) -> Sheet:
    """Write one of the small datasets to its workbook or CSV."""
    name = None if dataset.key in CSV else dataset.name[:31]
    path = folder / f"{dataset.key}.{'xlsx' if name else 'csv'}"
    if name:
        files.write_workbook(path, dataset, name, table)
    else:
        files.write_csv(path, dataset, table)
    dates = table[dataset.date_column] if dataset.date_column else None
    first, last = (pc.min(dates).as_py(), pc.max(dates).as_py()) if dates is not None and len(dates) else (None, None)
    through = _through(dataset, last)
    return Sheet(dataset, shapes.mapping(dataset, name, through.isoformat() if through else None), path, name,
                 table.num_rows, first, last, through, table)


def _through(dataset: Dataset, last: date | None) -> date | None:
    """The last day that the last row covers."""
    if last is None or dataset.marks == "end":
        return last
    return Calendar().period(last, dataset.grain).end


def write_vintage(sheet: Sheet, out: Path, vintage: str) -> int:
    """Write the sheet's rows as a vintage's Parquet file: its columns, then `_vintage`, `_sheet` and `_row`.

    `_row` is the row of the source file as Excel counts it, the header being row 1; `_sheet` is null where the file
    has no sheets. Bounded memory. Returns the number of rows.
    """
    schema = arrow.schema(sheet.dataset)
    for name, kind in (("_vintage", pa.string()), ("_sheet", pa.string()), ("_row", pa.int32())):
        schema = schema.append(pa.field(name, kind))
    return files.write_parquet(out, schema, _placed(sheet, schema, vintage))


def _placed(sheet: Sheet, schema: pa.Schema, vintage: str) -> Iterator[pa.Table]:
    row = 2
    for table in sheet.tables():
        many = table.num_rows
        place = [pa.repeat(pa.scalar(vintage, pa.string()), many), pa.repeat(pa.scalar(sheet.sheet, pa.string()), many),
                 pa.array(range(row, row + many), pa.int32())]
        yield pa.Table.from_arrays([*table.columns, *place], schema=schema)
        row += many
