"""A small dataset, and the making of vintages of it, for the tests of the ledger."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.vintage import Vintage
from dashapp.facts.ledger import Ledger
from dashapp.facts.tables import TableAt, Tables

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
COLUMNS = (
    Column("order_id", "Order ID", RoleOf.ID, "text"),
    Column("day", "Day", RoleOf.DATE, "date"),
    Column("region", "Region", RoleOf.DIMENSION, "text"),
    Column("customer", "Customer", RoleOf.ENTITY, "text"),
    Column("revenue", "Revenue", RoleOf.MEASURE, "money"),
    Column("quantity", "Quantity", RoleOf.MEASURE, "number"),
)
ORDERS = Dataset("orders", "Orders", key_columns=("order_id",), columns=COLUMNS, version=1)
ARROW = {"text": pa.string(), "date": pa.date32(), "money": pa.decimal128(18, 4), "number": pa.float64()}


def order(order_id: str | None, day: date | None, region: str | None = None, revenue: str | None = None,
          quantity: float | None = None, customer: str | None = None) -> dict[str, Any]:
    return {"order_id": order_id, "day": day, "region": region, "customer": customer,
            "revenue": None if revenue is None else Decimal(revenue), "quantity": quantity}


def write(path: Path, vintage: str, rows: Sequence[dict[str, Any]], columns: Sequence[Column] = COLUMNS) -> Path:
    """A Parquet file as ingest writes it: the columns, then vintage, sheet and source row (from 2)."""
    data = {c.key: pa.array([r.get(c.key) for r in rows], ARROW[c.type]) for c in columns}
    data |= {"_vintage": pa.array([vintage] * len(rows), pa.string()),
             "_sheet": pa.array(["Sheet1"] * len(rows), pa.string()),
             "_row": pa.array(range(2, len(rows) + 2), pa.int32())}
    parquet.write_table(pa.table(data), path)
    return path


@dataclass
class Ground:
    """A ledger with one dataset whose commits, undos and redos happen one minute apart."""

    root: Path
    dataset: Dataset = ORDERS
    vintages: tuple[Vintage, ...] = ()
    now: datetime = START
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.root, memory_limit="512MB", threads=2)

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def upload(self, rows: Sequence[dict[str, Any]], mode: str = "upsert", *, columns: Sequence[Column] = COLUMNS,
               key: tuple[str, ...] = ("order_id",), slices: tuple[str, ...] = (),
               scope: tuple[Any, ...] = ()) -> Vintage:
        """Stage, ask for the effect, seal and commit, as the service does."""
        number = len(self.vintages) + 1
        name = f"u{number}"
        staged = write(self.ledger.staging(self.dataset.key, name), name, rows, columns)
        effect = self.ledger.effect(self.dataset, self.vintages, staged, mode, key, slices, scope)  # type: ignore[arg-type]
        filename, sha256, count = self.ledger.seal(self.dataset.key, name)
        vintage = Vintage(name, self.dataset.key, number, self.tick(), filename, sha256, count, mode,  # type: ignore[arg-type]
                          key, effect.first, effect.last, effect.replaced, effect.replaced_slices)
        self.vintages += (vintage,)
        self._moved()
        return vintage

    def switch(self, vintage_id: str, live: bool) -> None:
        """Undo (live false) or redo."""
        event = (self.tick(), live)
        self.vintages = tuple(replace(v, events=(*v.events, event)) if v.id == vintage_id else v for v in self.vintages)
        self._moved()

    def _moved(self) -> None:
        self.dataset = replace(self.dataset, version=self.dataset.version + 1)

    def tables(self, at: datetime | None = None) -> Tables:
        return self.ledger.tables([TableAt(self.dataset, self.vintages, at)])

    def seen(self, at: datetime | None = None) -> list[tuple[str, int]]:
        """(vintage, source row) of every visible row, sorted."""
        found = self.tables(at).fetch("SELECT _vintage, _row FROM orders").to_pylist()
        return sorted((r["_vintage"], r["_row"]) for r in found)


def checksum(tables: Tables, name: str = "orders") -> str:
    """A text that is equal exactly when the rows are equal, position in the source included."""
    return "\n".join(sorted(repr(r) for r in tables.fetch(f"SELECT * FROM {name}").to_pylist()))
