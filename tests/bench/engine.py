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
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.bench import PrintRow
from tests.bench.process import Measured, measured

FULL, RUNS = 10_000_000, 3
CURVE = (100_000, 300_000, 1_000_000, 3_000_000)
TODAY = date(2026, 3, 31)
YEAR, TWO_YEARS = (date(2025, 4, 1), TODAY), (date(2024, 4, 1), TODAY)
PLAIN = {
    "revenue": "sum(orders.revenue)", "cost": "sum(orders.cost)", "units": "sum(orders.qty)", "orders": "count(orders)",
    "gross": "sum(orders.qty * orders.price)", "average_price": "avg(orders.price)", "highest": "max(orders.price)",
    "lowest": "min(orders.price)", "largest": "max(orders.qty)", "average_units": "avg(orders.qty)",
    **{c: f'sum(orders.revenue, orders.channel == "{c}")' for c in ("web", "shop", "phone")},
    **{r.lower(): f'sum(orders.revenue, orders.region == "{r}")' for r in ("EMEA", "APAC", "AMER")}}
DERIVED = {
    "profit": ("revenue - cost",) * 2, "margin": ("(revenue - cost) / revenue",) * 2,
    **{k: (f"{a} / {b}",) * 2 for k, a, b in (
        ("basket", "revenue", "orders"), ("web_share", "web", "revenue"), ("shop_share", "shop", "revenue"),
        ("phone_share", "phone", "revenue"), ("emea_share", "emea", "revenue"), ("apac_share", "apac", "revenue"),
        ("amer_share", "amer", "revenue"), ("units_per_order", "units", "orders"), ("cost_ratio", "cost", "revenue"),
        ("unit_cost", "cost", "units"))},
    "spread": ("highest - lowest",) * 2, "rebate": ("gross - revenue",) * 2}
WHO = {"customers": "distinct(orders.customer_id)", "arpu": "revenue / customers"}
FORMULAS = {**PLAIN, **{k: f for k, (f, _) in DERIVED.items()}, **WHO}
ADDITIVE = tuple(FORMULAS)[:30]
WITH_PEOPLE = (*ADDITIVE[:28], *WHO)
# name -> (KPIs, grain, range, split, filter); the SQL by hand and the pandas code speak of the same
QUESTIONS: dict[str, tuple[tuple[str, ...], str, tuple[date, date], tuple[str, ...], tuple[str, ...]]] = {
    "by day": (ADDITIVE, "day", YEAR, (), ()),
    "by day x region": (ADDITIVE, "day", YEAR, ("region",), ()),
    "by month with distinct customers": (WITH_PEOPLE, "month", TWO_YEARS, (), ()),
    "filtered quarter": (ADDITIVE, "quarter", TWO_YEARS, (), ("region=EMEA", "channel=web"))}
PEOPLE = {
    "distinct customers by month": ("month", TWO_YEARS, (), ()),
    "distinct customers by month x region": ("month", TWO_YEARS, ("region",), ()),
    "distinct customers by month, region=EMEA": ("month", TWO_YEARS, (), ("region=EMEA",)),
    "distinct customers by quarter x channel, region=EMEA|APAC": ("quarter", TWO_YEARS, ("channel",),
                                                                   ("region=EMEA|APAC",))}
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


def hand_sql(name: str, spec: Any = None, dialect: str = "duckdb") -> str:
    """One statement with all KPIs of a question; over the day rollup where its spec is given."""
    keys, grain, (first, last), by, where = QUESTIONS.get(name) or (("customers",), *PEOPLE[name])
    at = "date" if grain == "day" else f"date_trunc('{grain}', date)"
    tests = [f"date BETWEEN DATE '{first}' AND DATE '{last}'"]
    for column, _, values in (w.partition("=") for w in where):
        tests.append(f"{column} IN ({', '.join(repr(v) for v in values.split('|'))})")
    groups, inside = ", ".join([f"{at} AS bucket", *by]), " AND ".join(tests)
    if keys == ("customers",):
        return f"SELECT {groups}, count(DISTINCT customer_id) AS customers FROM orders WHERE {inside} GROUP BY ALL"
    people = "customers" in keys
    inner = f"SELECT {groups}, {aggregates(spec, dialect)} FROM {'orders__day' if spec else 'orders'} " \
            f"WHERE {inside} GROUP BY {', '.join(str(n + 1) for n in range(1 + len(by)))}"
    more = [f"{f} AS {k}" for k, (_, f) in DERIVED.items() if k in keys]
    if people:
        source, count = ("orders__month", "count(*)") if spec else ("orders", "count(DISTINCT customer_id)")
        day = "_month" if spec else "date"
        who = f"SELECT date_trunc('{grain}', {day}) AS bucket, {count} AS customers FROM {source} " \
              f"WHERE {inside.replace('date BETWEEN', f'{day} BETWEEN')} GROUP BY 1"
        inner = f"SELECT * FROM ({inner}) AS a JOIN ({who}) AS b USING (bucket)"
        more.append("revenue / customers AS arpu")
    return f"SELECT *, {', '.join(more)} FROM ({inner}) AS x"


def aggregates(spec: Any, dialect: str) -> str:
    """The sixteen plain KPIs as aggregates over rows, or over the partials of the day rollup."""
    add = "sum" if dialect == "postgres" else "fsum"
    if spec is None:
        gross = "qty::DECIMAL(18,4) * price"
        cells = {"revenue": "sum(revenue)", "cost": "sum(cost)", "units": f"{add}(qty)", "orders": "count(*)",
                 "gross": f"sum(({gross})::DECIMAL(38,8))", "average_price": "sum(price) / count(price)",
                 "highest": "max(price)", "lowest": "min(price)", "largest": "max(qty)",
                 "average_units": f"{add}(qty) / count(qty)"}
        revenue = "sum(revenue)"
    else:
        gross = next(m.sum for m in spec.measures if m.name.startswith("x_"))
        cells = {"revenue": "sum(revenue__sum)", "cost": "sum(cost__sum)", "units": "fsum(qty__sum)",
                 "orders": "sum(_rows)", "gross": f"sum({gross})",
                 "average_price": "sum(price__sum) / sum(price__count)", "highest": "max(price__max)",
                 "lowest": "min(price__min)", "largest": "max(qty__max)",
                 "average_units": "fsum(qty__sum) / sum(qty__count)"}
        revenue = "sum(revenue__sum)"
    cells |= {c: f"{revenue} FILTER (WHERE channel = '{c}')" for c in ("web", "shop", "phone")}
    cells |= {r.lower(): f"{revenue} FILTER (WHERE region = '{r}')" for r in ("EMEA", "APAC", "AMER")}
    return ", ".join(f"{sql} AS {key}" for key, sql in cells.items())


def in_pandas(folder: str, _rows: str, name: str) -> Callable[[], Any]:
    """A data frame in memory and groupby, as a notebook would; reading it is not counted."""
    import pandas as pd

    path = next((Path(folder) / "orders").glob("u1-*.parquet"))
    names = ["date", "customer_id", "region", "channel", "qty", "price", "revenue", "cost"]
    table = pd.read_parquet(path, columns=names)
    table["date"] = pd.to_datetime(table["date"])
    table = table.astype({"region": "category", "channel": "category", "customer_id": "category", "price": "float64",
                          "revenue": "float64", "cost": "float64"})
    return lambda: best(lambda: grouped(table, name), lambda out: sums(name, out.to_dict("records")), runs=2)


def grouped(table: Any, name: str) -> Any:
    keys, grain, (first, last), by, where = QUESTIONS[name]
    rows = table[(table["date"] >= str(first)) & (table["date"] <= str(last))]
    for column, _, value in (w.partition("=") for w in where):
        rows = rows[rows[column] == value]
    rows = rows.assign(gross=rows.qty * rows.price, **{c: rows.revenue.where(rows.channel == c)
                                                     for c in ("web", "shop", "phone")},
                       **{r.lower(): rows.revenue.where(rows.region == r) for r in ("EMEA", "APAC", "AMER")})
    at = rows["date"] if grain == "day" else rows["date"].dt.to_period(grain[0].upper())
    added = {k: ("qty" if k == "units" else k, "sum") for k in ("revenue", "cost", "units", "gross", "web", "shop",
                                                                "phone", "emea", "apac", "amer")}
    out = rows.groupby([at, *by], observed=True).agg(
        **added, orders=("qty", "size"), average_price=("price", "mean"), highest=("price", "max"),
        lowest=("price", "min"), largest=("qty", "max"), average_units=("qty", "mean"),
        **({"customers": ("customer_id", "nunique")} if "customers" in keys else {}))
    more = {k: out.eval(f) for k, (f, _) in DERIVED.items() if k in keys}
    return out.assign(**more, **({"arpu": out.revenue / out.customers} if "customers" in keys else {}))


def in_postgres(url: str, _rows: str, name: str) -> Callable[[], Any]:
    """The SQL by hand on PostgreSQL, once: it takes seconds."""
    import psycopg
    from psycopg.rows import dict_row

    connection = psycopg.connect(url, row_factory=dict_row, autocommit=True)
    connection.execute("SET work_mem = '512MB'")
    sql = hand_sql(name, dialect="postgres")
    return lambda: best(lambda: connection.execute(sql.encode()).fetchall(), lambda r: sums(name, r), runs=1)


def load_postgres(url: str, folder: str) -> Callable[[], int]:
    """The orders in a plain table, analysed, with an index on their date."""
    import duckdb
    import psycopg

    path = next((Path(folder) / "orders").glob("u1-*.parquet"))

    def load() -> int:
        with psycopg.connect(url, autocommit=True) as connection, tempfile.NamedTemporaryFile(suffix=".csv") as file:
            rows = f"SELECT * EXCLUDE (_vintage, _sheet, _row) FROM '{path}'"
            duckdb.sql(f"COPY ({rows}) TO '{file.name}' (HEADER false)")
            connection.execute("CREATE TABLE orders (date date, order_id text, customer_id text, region text, channel "
                               "text, qty double precision, price numeric(18,4), revenue numeric(18,4), cost "
                               "numeric(18,4))")
            with connection.cursor().copy("COPY orders FROM STDIN (FORMAT csv)") as copy, open(file.name, "rb") as data:
                while block := data.read(1 << 20):
                    copy.write(block)
            connection.execute("CREATE INDEX ON orders (date)")
            connection.execute("VACUUM ANALYZE orders")
        return 0

    return load


def best(work: Callable[[], Any], told: Callable[[Any], Any] | None, runs: int = RUNS) -> dict[str, Any]:
    """Seconds of the first run, wall and processor time of the fastest one, and what `told` says of the result."""
    laps = []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        out = work()
        laps.append((time.perf_counter() - wall, time.process_time() - cpu))
    return {"first": laps[0][0], "wall": min(w for w, _ in laps), "cpu": min(c for _, c in laps),
            "figures": told(out) if told else None}


def checksum(values: Iterable[Any]) -> float:
    return math.fsum(float(v) for v in values if v is not None)


def sums(name: str, records: list[dict[str, Any]]) -> dict[str, float]:
    """Per KPI the sum over all groups: enough to find a wrong figure, small enough to hand over."""
    keys = QUESTIONS[name][0] if name in QUESTIONS else ("customers",)
    return {k: checksum(r[k] for r in records) for k in keys}


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
    for source, most in (("scan", 1.3), ("rollup", 2.0)):
        hand = sides[f"hand {source}"] = measured(by_hand, folder, rows, name, source)
        line(print_row, f"  by hand, {source}", hand, hand)
        fast = measured(ours, folder, rows, name, source, "statement")
        line(print_row, f"  ours, {source}, statement", fast, hand, f"goal {most} x")
        sides[f"ours {source}"] = measured(ours, folder, rows, name, source, "answer")
        line(print_row, f"  ours, {source}, answer", sides[f"ours {source}"], hand)
    answer = sides["ours rollup"].answer["wall"]
    sides["pandas"] = measured(in_pandas, folder, rows, name)
    if url:
        sides["PostgreSQL"] = measured(in_postgres, url, rows, name)
    for other, goal in (("pandas", "goal 20 x, "), ("PostgreSQL", "")):
        if other in sides:
            line(print_row, f"  {other} (ratio to our statement)", sides[other], fast,
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
