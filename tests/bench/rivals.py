"""How others answer the questions of the engine's benchmark: SQL by hand, pandas and PostgreSQL."""
from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.thirty import DERIVED, PEOPLE, QUESTIONS, best, sums


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
