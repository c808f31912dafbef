"""Thirty KPIs over ten million orders: the engine beside hand-written DuckDB SQL, pandas and PostgreSQL.

`python -m tests.bench engine [--rows=1000000]` (10,000,000 when none are given). The orders are brought the way of the
product: Parquet, serving file with rollups, the tables a web process opens. Every figure is the best of several runs in
a process of its own, with that process's peak memory; PostgreSQL runs once. "statement" is the engine's SQL alone,
"answer" the whole way from the question to series with totals, reasons and completeness, an object per figure. pandas
and PostgreSQL end at a table as the statement does; their ratio to the answer stands behind. All sides must give the
same figures.

Goals: at most 1.3 times the SQL by hand at the scan, at most 2 times at the rollup, at least 20 times faster than
pandas at the rollup, distinct customers by rollup dimensions within 50 ms of processor time; and a curve over the rows.
"""
from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.bench import PrintRow
from tests.bench.process import Measured, measured
from tests.bench.rivals import hand_sql, in_pandas, in_postgres, load_postgres
from tests.bench.thirty import FORMULAS, PEOPLE, QUESTIONS, TODAY, best, checksum, sums

FULL = 10_000_000
CURVE = (100_000, 300_000, 1_000_000, 3_000_000)
ROWS = """COPY (SELECT DATE '2023-07-01' + (i * 1004 // {n})::INT AS date, 'o' || i AS order_id,
  'c' || (hash(i) % ({n} // 10)) AS customer_id,
  ['EMEA','APAC','AMER','LATAM'][(1 + hash(i * 3) % 4)::INT] AS region,
  ['web','shop','phone'][(1 + hash(i * 5) % 3)::INT] AS channel, (1 + hash(i * 7) % 5)::DOUBLE AS qty,
  (hash(i * 11) % 9000 / 100 + 1)::DECIMAL(18,4) AS price, (hash(i * 13) % 40000 / 100)::DECIMAL(18,4) AS revenue,
  (hash(i * 17) % 20000 / 100)::DECIMAL(18,4) AS cost, 'u1' AS _vintage, 's' AS _sheet, i::INT AS _row
  FROM range({n}) t(i)) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""


def dataset() -> Any:
    """The orders as the product knows them; rows without identity, so that building is a sort and no more."""
    from dashapp.core.dataset import Column, Dataset, RoleOf

    kinds = {"date": ("date", "date"), "order_id": ("id", "text"), "customer_id": ("entity", "text"),
             "region": ("dimension", "text"), "channel": ("dimension", "text"), "qty": ("measure", "number"),
             "price": ("measure", "money"), "revenue": ("measure", "money"), "cost": ("measure", "money")}
    return Dataset("orders", "Orders", mode="append", version=1, columns=tuple(
        Column(k, k, RoleOf(r), t) for k, (r, t) in kinds.items()))  # type: ignore[arg-type]


def kpis() -> dict[str, Any]:
    from dashapp.core.kpi import Kpi

    return {k: Kpi(k, k, f) for k, f in FORMULAS.items()}


def opened(folder: str, rows: str) -> tuple[Any, Any]:
    """The ledger's tables over the orders in `folder`, and their vintage."""
    from dashapp.core.vintage import Vintage
    from dashapp.facts.ledger import Ledger
    from dashapp.facts.tables import TableAt

    ledger = Ledger(Path(folder), memory_limit="4GB", threads=2)
    name = next(p.name for p in (Path(folder) / "orders").glob("u1-*.parquet"))
    upload = Vintage("u1", "orders", 1, datetime(2026, 4, 1, tzinfo=UTC), name, "ab" * 32, int(rows), "append")
    return ledger, TableAt(dataset(), (upload,))


def build(folder: str, rows: str) -> Callable[[], float]:
    """Orders as an upload and their serving file; returns its megabytes."""
    import duckdb

    from dashapp.core.rollup import rollup_of
    from dashapp.facts.ledger import Ledger
    from dashapp.query.measures import measures

    ledger = Ledger(Path(folder), memory_limit="4GB", threads=2)
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(ROWS.format(n=rows, path=ledger.staging("orders", "u1")))
    ledger.seal("orders", "u1")
    ledger, table = opened(folder, rows)
    spec = rollup_of(table.dataset, measures(kpis().values(), {"orders": table.dataset})["orders"])
    return lambda: ledger.build(table.dataset, table.vintages, spec).path.stat().st_size / 1e6


def asked(name: str) -> Any:
    from dashapp.core.period import DateRange, Grain
    from dashapp.core.question import Question
    from dashapp.core.where import parse_wheres

    keys, grain, span, by, where = QUESTIONS.get(name) or (("customers",), *PEOPLE[name])
    return Question(keys, Grain(grain), DateRange(*span), by, parse_wheres(where))


def ours(folder: str, rows: str, name: str, source: str, part: str) -> Callable[[], Any]:
    """The engine. source: `rollup` or `scan`; part: `statement` for the SQL alone, `answer` for series."""
    from dashapp.core.calendar import Calendar
    from dashapp.core.datastate import DataState
    from dashapp.query.answer import answer
    from dashapp.query.compile import plan

    ledger, table = opened(folder, rows)
    tables, question, definitions = ledger.tables([table]), asked(name), kpis()
    state = {"orders": DataState(date(2023, 7, 1), TODAY, TODAY, dict.fromkeys(range(7), 140))}
    rollups = tables.rollups if source == "rollup" else {}

    def planned() -> Any:
        return plan(question, definitions, {"orders": table.dataset}, Calendar(), state, rollups, TODAY)

    def whole() -> Any:
        found = planned()
        return answer(found, {s.name: tables.fetch(s.sql) for s in found.scans})

    if part == "statement":
        scans = planned().scans
        return lambda: best(lambda: [tables.fetch(s.sql) for s in scans], None)
    return lambda: best(whole, lambda series: {s.kpi: checksum(p.value for p in s.points) for s in series})


def by_hand(folder: str, rows: str, name: str, source: str) -> Callable[[], Any]:
    """DuckDB SQL as somebody who knows the tables would write it for this question."""
    ledger, table = opened(folder, rows)
    tables = ledger.tables([table])
    sql = hand_sql(name, tables.rollups["orders"] if source == "rollup" else None)
    return lambda: best(lambda: tables.fetch(sql), lambda t: sums(name, t.to_pylist()))


def check(name: str, sides: dict[str, Measured]) -> None:
    """All sides gave the same figures. Raises RuntimeError."""
    known = {side: m.answer["figures"] for side, m in sides.items() if m.answer["figures"]}
    base = next(iter(known.values()))
    for side, figures in known.items():
        for key, value in figures.items():
            if not math.isclose(value, base[key], rel_tol=1e-9):
                raise RuntimeError(f"{name}: {key} is {value} by {side} and {base[key]} by {next(iter(known))}")


def line(print_row: PrintRow, what: str, found: Measured, base: Measured | None, note: str = "") -> None:
    took = found.answer
    ratio = took["wall"] / base.answer["wall"] if base else None
    said = f"cpu {took['cpu'] * 1e3:7.1f} ms, first {took['first'] * 1e3:.0f} ms"
    print_row(what, took["wall"], found.peak, ratio, said + (f"; {note}" if note else ""))


def compare(print_row: PrintRow, folder: str, rows: str, name: str, url: str | None) -> None:
    """One question on all sides."""
    print_row(f"{name} ({len(QUESTIONS[name][0])} KPIs)")
    sides: dict[str, Measured] = {}
    statements: dict[str, Measured] = {}
    for source, most in (("scan", 1.3), ("rollup", 2.0)):
        hand = sides[f"hand {source}"] = measured(by_hand, folder, rows, name, source)
        line(print_row, f"  by hand, {source}", hand, hand)
        statements[source] = measured(ours, folder, rows, name, source, "statement")
        line(print_row, f"  ours, {source}, statement", statements[source], hand, f"goal {most} x")
        sides[f"ours {source}"] = measured(ours, folder, rows, name, source, "answer")
        line(print_row, f"  ours, {source}, answer", sides[f"ours {source}"], hand)
    answer = sides["ours rollup"].answer["wall"]
    sides["pandas"] = measured(in_pandas, folder, rows, name)
    if url:
        sides["PostgreSQL"] = measured(in_postgres, url, rows, name)
    for other, goal in (("pandas", "goal 20 x, "), ("PostgreSQL", "")):
        if other in sides:
            line(print_row, f"  {other} (ratio to our statement)", sides[other], statements["rollup"],
                 f"{goal}to our answer {sides[other].answer['wall'] / answer:.1f} x")
    check(name, sides)


def people(print_row: PrintRow, folder: str, rows: str) -> None:
    """Distinct customers by rollup dimensions."""
    for name in PEOPLE:
        hand = measured(by_hand, folder, rows, name, "scan")
        found = measured(ours, folder, rows, name, "rollup", "answer")
        check(name, {"hand": hand, "ours": found})
        line(print_row, name, found, hand, "goal 50 ms cpu")


def curve(print_row: PrintRow, sizes: Iterable[int]) -> None:
    """By day x region at growing sizes: seconds of our answers and of the SQL by hand."""
    print_row("growth, by day x region: seconds of the answer from the rollup")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measured(build, folder, str(rows))
            grown(print_row, folder, rows)


def grown(print_row: PrintRow, folder: str, rows: int) -> None:
    name = "by day x region"
    rollup = measured(ours, folder, str(rows), name, "rollup", "answer")
    scan = measured(ours, folder, str(rows), name, "scan", "answer")
    hand = measured(by_hand, folder, str(rows), name, "scan")
    print_row(f"  {rows:>12,} rows", rollup.answer["wall"], rollup.peak,
              note=f"scan {scan.answer['wall']:.3f} s, by hand {hand.answer['wall']:.3f} s")


def measure(print_row: PrintRow, rows: int) -> None:
    """Everything at one size, after the curve up to it."""
    from tests import postgres

    curve(print_row, [n for n in CURVE if n < rows])
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        made = measured(build, folder, str(rows))
        grown(print_row, folder, rows)
        print_row(f"serving file of {rows:,} orders", made.wall, made.peak, note=f"{made.answer:.0f} MB")
        people(print_row, folder, str(rows))
        url = None
        if postgres.why_missing() is None:
            url = stack.enter_context(postgres.server()).format(name="postgres").replace("+psycopg", "")
            loaded = measured(load_postgres, url, folder)
            print_row("PostgreSQL loaded", loaded.wall)
        for name in QUESTIONS:
            compare(print_row, folder, str(rows), name, url)


def run(print_row: PrintRow) -> None:
    """At full size, or at the number of rows given on the command line."""
    given = [int(a.removeprefix("--rows=")) for a in sys.argv if a.startswith("--rows=")]
    measure(print_row, given[0] if given else FULL)
