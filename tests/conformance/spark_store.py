"""The shop in Apache Spark, started here: a Spark Connect server on this machine, asked as the product asks it."""
from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from importlib.util import find_spec
from typing import Any

import pyarrow as pa

from dashapp.core.dataset import Dataset
from tests.conformance.stores import LAYOUT, Rows, placed

ARROW = {"timestamp_ntz": pa.timestamp("us"), "string": pa.string(), "double": pa.float64(), "date": pa.date32(),
         "decimal(20,6)": pa.decimal128(20, 6), "decimal(18,4)": pa.decimal128(18, 4)}
NODE = re.compile(r"([ :+-]*)(\w+)")


def why_missing() -> str | None:
    """The reason why there will be no Spark, as the skipped tests print it; None when there is one."""
    if shutil.which("java") is None:
        return "no Java here (Debian: default-jre-headless)"
    return None if find_spec("pyspark") and find_spec("grpc") else "pyspark is not installed (requirements-spark.txt)"


class SparkStore:
    """Tables in database `shop`; `fill` makes them anew. url: where the product reaches it.

    Each time under other names: sessions remember the files of a table that another session made anew.
    """

    def __init__(self, folder: str) -> None:
        from pyspark.sql import SparkSession

        settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2",
                    "spark.sql.warehouse.dir": folder, "spark.sql.catalogImplementation": "in-memory"}
        builder = SparkSession.builder.remote("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session: Any = builder.getOrCreate()
        self.url = f"sc://{self.session.client._builder.endpoint}"
        self.session.sql("CREATE DATABASE IF NOT EXISTS shop")
        self.filled = 0

    @property
    def datasets(self) -> dict[str, Dataset]:
        """The shop's datasets where this store has them; Spark's own catalogue knows no names with spaces."""
        return {k: replace(d, place=replace(d.place, table=("shop", f"the_{k}_{self.filled}")))  # type: ignore[type-var]
                for k, d in placed("spark").items()}

    def plan(self, sql: str) -> list[tuple[int, str]]:
        """What Spark is going to do for a statement: (depth, what) of each node, as its optimiser leaves them."""
        told = self.session.sql(f"EXPLAIN EXTENDED {sql}").collect()[0][0]
        _, _, rest = told.partition("== Optimized Logical Plan ==\n")
        lines = [NODE.match(line) for line in rest.partition("\n== ")[0].splitlines()]
        return [(len(found[1]) // 3, found[2]) for found in lines if found]

    def at_work(self) -> int:
        """How many jobs the server runs at this moment."""
        from pyspark import SparkContext

        context: Any = SparkContext._active_spark_context
        return len(context.statusTracker().getActiveJobsIds())

    def fill(self, tables: Mapping[str, Rows]) -> None:
        self.filled += 1
        for key, columns in LAYOUT.items():
            cells = [pa.array([_cell(r.get(c), kind) for r in tables.get(key, [])], ARROW[kind])
                     for c, (_, _, kind) in columns.items()]
            names = [f"c{n}" for n, _ in enumerate(columns)]
            cast = ", ".join(f"CAST(c{n} AS {kind}) AS {_quoted(name)}" if tables.get(key) else
                             f"CAST(NULL AS {kind}) AS {_quoted(name)}"
                             for n, (name, _, kind) in enumerate(columns.values()))
            self.session.sql(f"DROP TABLE IF EXISTS shop.the_{key}_{self.filled - 1}")
            source = "(SELECT 1 WHERE false)"
            if tables.get(key):
                self.session.createDataFrame(pa.table(cells, names=names)).createOrReplaceTempView("incoming")
                source = "incoming"
            made = f"CREATE TABLE shop.the_{key}_{self.filled} USING parquet"
            self.session.sql(f"{made} AS SELECT {cast} FROM {source}").collect()


def _cell(value: Any, kind: str) -> Any:
    return datetime.combine(value, time(23, 30)) if kind == "timestamp_ntz" and isinstance(value, date) else value


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
