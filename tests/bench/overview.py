"""Bench: a 30-KPI overview over N orders beside one hand-written DuckDB query for the same numbers.

Run `python -m tests.bench.overview [N]`. Prints cold (first question of a process, expressions compiled) and warm times
from rows and from rollups, each as a ratio to the hand-written query. Never asserts a time; asserts equal figures.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.datastate import DataState
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.rollup import RollupSpec, rollup_of
from dashapp.query.answer import answer
from dashapp.query.compile import plan
from dashapp.query.measures import measures

ORDERS = Dataset(
    "orders",
    "Orders",
    key_columns=("order_id",),
    columns=tuple(
        Column(k, k, RoleOf(r), t)
        for k, r, t in (  # type: ignore[arg-type]
            ("date", "date", "date"),
            ("order_id", "id", "text"),
            ("customer_id", "entity", "text"),
            ("region", "dimension", "text"),
            ("channel", "dimension", "text"),
            ("qty", "measure", "number"),
            ("price", "measure", "money"),
            ("revenue", "measure", "money"),
            ("cost", "measure", "money"),
        )
    ),
)
ROWS = """CREATE TABLE orders AS SELECT DATE '2023-07-01' + (i * 1004 // {n})::INT AS date, 'o' || i AS order_id,
  'c' || (hash(i) % ({n} // 10)) AS customer_id,
  (['EMEA','APAC','AMER','LATAM'][(1 + hash(i * 3) % 4)::INT])::region AS region,
  (['web','shop','phone'][(1 + hash(i * 5) % 3)::INT])::channel AS channel, (1 + hash(i * 7) % 5)::DOUBLE AS qty,
  (hash(i * 11) % 9000 / 100 + 1)::DECIMAL(18,4) AS price, (hash(i * 13) % 40000 / 100)::DECIMAL(18,4) AS revenue,
  (hash(i * 17) % 20000 / 100)::DECIMAL(18,4) AS cost, 'v1' AS _vintage, 's' AS _sheet, i::INT AS _row
  FROM range({n}) t(i)"""
TODAY = date(2026, 3, 31)
PLAIN = {
    "revenue": "sum(orders.revenue)",
    "cost": "sum(orders.cost)",
    "units": "sum(orders.qty)",
    "orders": "count(orders)",
    "gross": "sum(orders.qty * orders.price)",
    "average_price": "avg(orders.price)",
    "highest": "max(orders.price)",
    "lowest": "min(orders.price)",
    "largest": "max(orders.qty)",
    "average_units": "avg(orders.qty)",
    "web": 'sum(orders.revenue, orders.channel == "web")',
    "shop": 'sum(orders.revenue, orders.channel == "shop")',
    "phone": 'sum(orders.revenue, orders.channel == "phone")',
    "emea": 'sum(orders.revenue, orders.region == "EMEA")',
    "apac": 'sum(orders.revenue, orders.region == "APAC")',
    "amer": 'sum(orders.revenue, orders.region == "AMER")',
    "customers": "distinct(orders.customer_id)",
    "new": "new(orders.customer_id)",
    "returning": "returning(orders.customer_id)",
    "lost": "lost(orders.customer_id)",
}
DERIVED = {
    "profit": "revenue - cost",
    "margin": "profit / revenue",
    "basket": "revenue / orders",
    "web_share": "web / revenue",
    "arpu": "revenue / customers",
    "retention": "1 - lost / previous(customers)",
    "churn": "1 - retention",
    "repeat": "returning / (new + returning)",
    "growth": "growth(revenue)",
    "units_per_order": "units / orders",
}
KPIS = {k: Kpi(k, k, f) for k, f in (PLAIN | DERIVED).items()}
SUMS = """sum(revenue) revenue, sum("cost") AS "cost", fsum(qty) units, count(*) orders,
  sum((qty::DECIMAL(18,4) * price)::DECIMAL(38,8)) gross, sum(price) / count(price) average_price, max(price) highest,
  min(price) lowest, max(qty) largest, fsum(qty) / count(qty) average_units, sum(revenue) FILTER (channel = 'web') web,
  sum(revenue) FILTER (channel = 'shop') shop, sum(revenue) FILTER (channel = 'phone') phone,
  sum(revenue) FILTER (region = 'EMEA') emea, sum(revenue) FILTER (region = 'APAC') apac,
  sum(revenue) FILTER (region = 'AMER') amer"""
BY_HAND = f"""
WITH r AS (SELECT *, date_trunc('month', date) AS m, CASE WHEN date >= '2025-04-01' THEN 1 ELSE 0 END AS y
  FROM orders WHERE date BETWEEN '2023-07-01' AND '2026-03-31'),
monthly AS (SELECT m, {SUMS} FROM r WHERE date >= '2025-01-01' GROUP BY m),
yearly AS (SELECT y, {SUMS} FROM r WHERE date >= '2024-04-01' GROUP BY y),
firsts AS (SELECT customer_id, min(date) AS first FROM orders GROUP BY 1),
active AS (SELECT DISTINCT m, customer_id FROM r),
years AS (SELECT DISTINCT CASE WHEN m >= '2025-04-01' THEN 2 WHEN m >= '2024-04-01' THEN 1 ELSE 0 END AS y,
  customer_id FROM active),
who AS (SELECT m, count(*) customers, count(*) FILTER (first >= m) fresh, count(*) FILTER (first < m) back
  FROM active JOIN firsts USING (customer_id) WHERE m >= '2025-01-01' GROUP BY m),
whoever AS (SELECT y - 1 AS y, count(*) customers,
  count(*) FILTER (first >= CASE y WHEN 2 THEN DATE '2025-04-01' ELSE DATE '2024-04-01' END)
  fresh FROM years JOIN firsts USING (customer_id) WHERE y > 0 GROUP BY y),
lost AS (SELECT a.m + INTERVAL 1 MONTH AS m, count(*) lost FROM active a WHERE a.m >= '2024-12-01' AND NOT EXISTS (
  SELECT 1 FROM active b WHERE b.customer_id = a.customer_id AND b.m = a.m + INTERVAL 1 MONTH) GROUP BY 1),
gone AS (SELECT a.y, count(*) lost FROM years a WHERE a.y < 2 AND NOT EXISTS (
  SELECT 1 FROM years b WHERE b.customer_id = a.customer_id AND b.y = a.y + 1) GROUP BY 1)
SELECT m::DATE AS start, monthly.* EXCLUDE (m), customers, fresh AS "new", back AS "returning", lost
  FROM monthly JOIN who USING (m) LEFT JOIN lost USING (m)
UNION ALL SELECT NULL, yearly.* EXCLUDE (y), customers, fresh, customers - fresh, lost
  FROM yearly JOIN whoever USING (y) JOIN gone USING (y) WHERE y = 1 ORDER BY 1 NULLS LAST"""


def build(n: int) -> tuple[Any, RollupSpec]:
    """Tables as a serving file has them: rows in order of date, enumerated texts, two rollups."""
    con = duckdb.connect()
    con.execute("SET threads = 2")
    con.execute(
        "CREATE TYPE region AS ENUM ('EMEA','APAC','AMER','LATAM'); CREATE TYPE channel AS ENUM ('web','shop','phone')"
    )
    con.execute(ROWS.format(n=n))
    spec = rollup_of(ORDERS, measures(KPIS.values(), {"orders": ORDERS})["orders"])
    parts = ", ".join(
        f'{"sum" if m.is_exact else "fsum"}({m.sql}) AS "{m.sum}", count({m.sql}) AS "{m.count}", '
        f'min({m.sql}) AS "{m.min}", max({m.sql}) AS "{m.max}"'
        for m in spec.measures
    )
    con.execute(
        f"CREATE TABLE orders__day AS SELECT date, region, channel, count(*) _rows, {parts} FROM orders GROUP BY ALL"
    )
    con.execute(
        "CREATE TABLE orders__month AS SELECT date_trunc('month', date)::DATE _month, customer_id, min(date) _first, "
        "max(date) _last, count(*) _rows FROM orders GROUP BY ALL"
    )
    return con, spec


def overview(con: Any, rollups: dict[str, RollupSpec]) -> Any:
    """Twelve months of thirty KPIs with the month before each, totals, completeness and comparison."""
    question = Question(tuple(KPIS), Grain.MONTH, DateRange(date(2025, 4, 1), TODAY), (), (), "previous")
    state = {"orders": DataState(date(2023, 7, 1), TODAY, TODAY, dict.fromkeys(range(7), 140))}
    compiled = plan(question, KPIS, {"orders": ORDERS}, Calendar(), state, rollups, TODAY)
    return answer(compiled, {s.name: con.cursor().sql(s.sql).to_arrow_table() for s in compiled.scans})


def timed(work: Callable[[], Any], times: int = 5) -> tuple[Any, float, float, float]:
    """The result, the first time, the median of the others, and the median of their processor time, in seconds."""
    laps, used, out = [], [], None
    for _ in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        out = work()
        laps.append(time.perf_counter() - start)
        used.append(time.process_time() - cpu)
    return out, laps[0], statistics.median(laps[1:]), statistics.median(used[1:])


def check(series: Any, rows: list[dict[str, Any]]) -> None:
    """The figures of both sides are the same ones."""
    for s in series:
        if s.kpi in rows[0]:
            for point, row in zip((*s.points, s.total), rows[3:], strict=True):
                want = float(row[s.kpi])
                assert abs(float(point.value) - want) <= 1e-9 * abs(want), (s.kpi, point, want)


def row(label: str, laps: list[float], hand: list[float]) -> str:
    """One line: cold and warm wall time, warm processor time, each with its ratio."""
    parts = zip(("cold", "warm", "warm cpu"), laps, hand, strict=True)
    return f"  {label:14}" + "  ".join(f"{name} {lap * 1e3:7.0f} ({lap / base:4.2f} x)" for name, lap, base in parts)


def main(arguments: list[str]) -> None:
    n = int(arguments[0]) if arguments else 10_000_000
    con, spec = build(n)
    by_hand, *hand = timed(lambda: con.cursor().sql(BY_HAND).to_arrow_table().to_pylist())
    print(f"{n:,} orders, 30 KPIs x 12 months, compared and totalled; milliseconds (ratio to the query by hand)")
    print(row("by hand", hand, hand))
    for label, rollups in (("from rows", {}), ("from rollups", {"orders": spec})):
        series, *laps = timed(lambda rollups=rollups: overview(con, rollups))  # type: ignore[misc]
        check(series, by_hand)
        print(row(label, laps, hand))
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
