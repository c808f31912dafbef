"""The ledger at size: making a serving file, asking rollup, rows and vintages, and keeping many small uploads.

Run with `python -m tests.bench.ledger [rows ...]`; prints seconds, sizes and ratios side by side and asserts nothing.
"""
from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.rollup import expression, rollup_of
from dashapp.core.vintage import Vintage
from dashapp.facts.ledger import Ledger
from dashapp.facts.tables import TableAt, Tables

ORDERS = Dataset("orders", "Orders", key_columns=("order_id",), version=1, columns=(
    Column("order_id", "order_id", RoleOf.ID, "text"), Column("date", "date", RoleOf.DATE, "date"),
    Column("sku", "sku", RoleOf.ID, "text"), Column("region", "region", RoleOf.DIMENSION, "text"),
    Column("channel", "channel", RoleOf.DIMENSION, "text"), Column("customer_id", "customer_id", RoleOf.ENTITY, "text"),
    Column("qty", "qty", RoleOf.MEASURE, "number"), Column("price", "price", RoleOf.MEASURE, "money"),
    Column("revenue", "revenue", RoleOf.MEASURE, "money")))
EXACT = 'CAST("qty" AS DECIMAL(38,4)) * CAST("price" AS DECIMAL(18,4))'
START = datetime(2026, 1, 1, tzinfo=UTC)

BY_ROWS = ("SELECT date, region, sum(revenue), fsum(qty), count(*), max(price) FROM orders GROUP BY ALL")
BY_ROLLUP = ("SELECT date, region, sum(revenue__sum), fsum(qty__sum), sum(_rows), max(price__max) FROM orders__day "
             "GROUP BY ALL")
DISTINCT_ROWS = "SELECT date_trunc('month', date) AS m, count(DISTINCT customer_id) FROM orders GROUP BY 1"
DISTINCT_ROLLUP = "SELECT _month, count(*) FROM orders__month GROUP BY 1"


def write_orders(path: Path, first: int, rows: int, days: int) -> None:
    """Orders numbered from `first`, spread over `days` days to the end of 2025, in the order of dates."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"""COPY (SELECT 'o' || i AS order_id,
            DATE '2025-12-31' - CAST({days - 1} - ((i - {first}) * {days}) // {rows} AS INTEGER) AS date,
            'sku' || (hash(i) % 2000) AS sku,
            ['EMEA','APAC','NA','LATAM'][CAST(1 + hash(i + 7) % 4 AS BIGINT)] AS region,
            ['web','shop','partner'][CAST(1 + hash(i + 9) % 3 AS BIGINT)] AS channel,
            'c' || (hash(i + 3) % {max(rows // 20, 10)}) AS customer_id, CAST(1 + hash(i + 1) % 5 AS DOUBLE) AS qty,
            CAST((100 + hash(i + 2) % 9900) / 100.0 AS DECIMAL(18,4)) AS price,
            CAST((100 + hash(i + 4) % 9900) / 50.0 AS DECIMAL(18,4)) AS revenue,
            'x' AS _vintage, 'Orders' AS _sheet, CAST(i - {first} + 2 AS INTEGER) AS _row
            FROM range({first}, {first + rows}) AS t(i)) TO '{path}' (FORMAT parquet, COMPRESSION zstd)""")


def commit(ledger: Ledger, vintages: tuple[Vintage, ...], first: int, rows: int, days: int) -> tuple[Vintage, ...]:
    """The vintages with one more upload of orders."""
    number = len(vintages) + 1
    write_orders(ledger.staging("orders", f"u{number}"), first, rows, days)
    name, digest, count = ledger.seal("orders", f"u{number}")
    made = Vintage(f"u{number}", "orders", number, START + timedelta(minutes=number), name, digest, count, "upsert",
                   ("order_id",))
    return (*vintages, made)


@contextmanager
def timed(what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"  {what:<58} {time.perf_counter() - wall:9.3f} s wall {time.process_time() - cpu:9.3f} s cpu", flush=True)


def fastest(call: Callable[[], object], times: int = 5) -> float:
    """Milliseconds of the fastest of several calls."""
    out = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        out.append(time.perf_counter() - start)
    return min(out) * 1000


def compare(title: str, tables: Tables, *asked: tuple[str, str]) -> None:
    """Print milliseconds of each question and its ratio to the first."""
    base = 0.0
    for name, sql in asked:
        took = fastest(lambda sql=sql: tables.fetch(sql))
        base = base or took
        print(f"  {title + ', ' + name:<58} {took:9.1f} ms   {took / base:6.1f} x", flush=True)


def measure(rows: int) -> None:
    """One dataset of `rows` rows in one upload, then a correction of a hundredth of them."""
    print(f"{rows:,} rows")
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder), memory_limit="2GB", threads=2)
        with timed("write Parquet, fsync, rename"):
            vintages = commit(ledger, (), 0, rows, 730)
        spec = rollup_of(ORDERS, [expression(EXACT, "DECIMAL(38,8)")])
        with timed("effect of a correction of 1 %"):
            write_orders(ledger.staging("orders", "try"), rows // 2, rows // 100, 30)
            ledger.effect(ORDERS, vintages, ledger.staging("orders", "try"), "upsert", ("order_id",))
        with timed("build the serving file, one upload"):
            serving = ledger.build(ORDERS, vintages, spec)
        record = sum((ledger.root / "orders" / v.filename).stat().st_size for v in vintages)
        print(f"  Parquet {record / 1e6:.0f} MB, serving file {serving.path.stat().st_size / 1e6:.0f} MB, "
              f"rolled up by {', '.join(serving.rollups.dimensions)}")
        now = ledger.tables([TableAt(ORDERS, vintages)])
        compare("day x region", now, ("rollup", BY_ROLLUP), ("rows", BY_ROWS))
        compare("customers by month", now, ("rollup", DISTINCT_ROLLUP), ("rows", DISTINCT_ROWS))
        corrected = commit(ledger, vintages, rows // 2, rows // 100, 30)
        fresh = ledger.tables([TableAt(ORDERS, corrected)])
        compare("day x region", fresh, ("vintages, 1 % superseded", BY_ROWS))
        with timed("build the serving file, 1 % superseded"):
            ledger.build(ORDERS, corrected, spec)
        past = ledger.tables([TableAt(ORDERS, corrected, corrected[0].committed_at)])
        compare("day x region as of the first commit", past, ("vintages", BY_ROWS))
        print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True)


def measure_many(uploads: int = 365, rows: int = 1000) -> None:
    """A year of small daily uploads, each with a key that may hide."""
    print(f"{uploads} uploads of {rows:,} rows")
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder), memory_limit="1GB", threads=2)
        vintages: tuple[Vintage, ...] = ()
        for n in range(uploads):
            vintages = commit(ledger, vintages, n * rows * 9 // 10, rows, 1)
        with timed("open a handle over the vintages"):
            tables = ledger.tables([TableAt(ORDERS, vintages)])
        compare("day x region", tables, ("vintages", BY_ROWS))
        with timed("build the serving file"):
            ledger.build(ORDERS, vintages, rollup_of(ORDERS))
        with timed("open a handle over the serving file"):
            tables = ledger.tables([TableAt(ORDERS, vintages)])
        with timed("ask for the kept handle"):
            ledger.tables([TableAt(ORDERS, vintages)])
        compare("day x region", tables, ("rollup", BY_ROLLUP), ("rows", BY_ROWS))


def main(sizes: list[int]) -> None:
    """Measure every size, then a year of small uploads."""
    for rows in sizes or [1_000_000, 10_000_000]:
        measure(rows)
    measure_many()


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]])
