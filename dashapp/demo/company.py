"""The whole company: `generate` writes its files and `incidents.json`; `write_vintage` brings a table to the ledger."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.mapping import Mapping
from dashapp.demo import arrow, files, shapes
from dashapp.demo.catalogue import catalogue
from dashapp.demo.finance import finance
from dashapp.demo.incidents import Incident
from dashapp.demo.marketing import marketing
from dashapp.demo.ordering import OrderBook
from dashapp.demo.season import holidays, promotions
from dashapp.demo.spec import Spec
from dashapp.demo.surroundings import market, operations, readings, survey

DEFAULT_DAYS, DEFAULT_ORDERS = 730, 80_000
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


@dataclass(frozen=True, slots=True)
class Company:
    """What was generated. sheets: references first, then facts, each once. effects: the records of `incidents.json`."""

    spec: Spec
    folder: Path
    sheets: tuple[Sheet, ...]
    incidents: tuple[Incident, ...]
    effects: tuple[dict[str, Any], ...]

    def sheet(self, key: str) -> Sheet:
        return next(s for s in self.sheets if s.key == key)


def generate(folder: Path, *, seed: int, days: int = DEFAULT_DAYS, orders: int = DEFAULT_ORDERS, end: date,
             incidents: bool = True) -> Company:
    """Write the company's files into `folder` and describe them. `end` is its last day; `orders` counts order lines.

    The same arguments give the same bytes. Up to 200,000 lines the order book is also written as a workbook; a bigger
    one is Parquet only. Memory stays bounded whatever `orders` is. Raises Invalid for sizes that make no company.
    """
    spec = Spec(seed, days, orders, end, incidents)
    folder.mkdir(parents=True, exist_ok=True)
    book = OrderBook(spec)
    rows = files.write_parquet(folder / "orders.parquet", arrow.schema(shapes.ORDERS), book.days())
    spending = marketing(spec, book.tally)
    made = {
        "catalogue": catalogue(book.shelf), "finance": finance(spec, book.tally, spending), "marketing": spending,
        "survey": survey(spec, book.tally), "market": market(spec, book.tally), "readings": readings(spec),
        "operations": operations(spec, book.tally),
    }
    sheets = tuple(_orders(folder, spec, rows) if d.key == "orders" else _small(folder, d, arrow.cut(made[d.key], d))
                   for d in shapes.DATASETS)
    effects = tuple(e.to_json() for e in book.effects)
    _write_truth(folder / "incidents.json", spec, effects)
    return Company(spec, folder, sheets, tuple(e.incident for e in book.effects), effects)


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


def _orders(folder: Path, spec: Spec, rows: int) -> Sheet:
    path, name = folder / "orders.parquet", None
    if rows <= WORKBOOK_ROWS:
        path, name = folder / "orders.xlsx", "Orders"
        files.write_workbook(path, shapes.ORDERS, name, pa.concat_tables(files.read_parquet(folder / "orders.parquet")))
    return Sheet(shapes.ORDERS, shapes.mapping(shapes.ORDERS, name, spec.end.isoformat()), path, name, rows,
                 spec.start, spec.end, spec.end, folder / "orders.parquet")


def _small(folder: Path, dataset: Dataset, table: pa.Table) -> Sheet:
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


def _write_truth(path: Path, spec: Spec, effects: tuple[dict[str, Any], ...]) -> None:
    """The incidents and the calendar of sales and holidays: what a detector should find, and what it should not."""
    years = range(spec.start.year, spec.end.year + 1)
    sales = [{"name": p.name, "start": p.start.isoformat(), "end": p.end.isoformat(), "lift": p.lift}
             for year in years for p in promotions(year) if p.end >= spec.start and p.start <= spec.end]
    closed = [{"name": name, "date": day.isoformat()} for year in years for day, name in sorted(holidays(year).items())
              if spec.start <= day <= spec.end]
    truth = {"seed": spec.seed, "start": spec.start.isoformat(), "end": spec.end.isoformat(), "orders": spec.orders,
             "incidents": list(effects), "promotions": sales, "holidays": closed}
    path.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
