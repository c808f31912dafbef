"""The shop in PostgreSQL: made, filled and asked."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from dashapp.core.place import RemoteColumn
from dashapp.facts.engines.postgres import Postgres
from dashapp.query.answer import answer
from dashapp.query.planned import Plan
from dashapp.query.shaped import shaped
from tests.conformance.stores import LAYOUT, Rows


class PostgresStore:
    """Tables in schema `shop`; `fill` replaces their rows."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("CREATE SCHEMA shop")
        for key, columns in LAYOUT.items():
            cells = sql.SQL(", ").join(sql.SQL("{} " + t[1]).format(sql.Identifier(t[0])) for t in columns.values())
            self.connection.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier("shop", f"The {key}"), cells))

    def fill(self, tables: Mapping[str, Rows]) -> None:
        for key, columns in LAYOUT.items():
            name = sql.Identifier("shop", f"The {key}")
            self.connection.execute(sql.SQL("TRUNCATE {}").format(name))
            with self.connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
                for row in tables.get(key, []):
                    copy.write_row([row.get(c) for c in columns])

    def close(self) -> None:
        self.connection.close()


def run(plan: Plan, warehouse: Postgres) -> Any:
    """Answer a plan whose every dataset is in the warehouse."""
    return answer(plan, {s.name: shaped(warehouse.fetch(s.sql, timeout=60), s.expression) for s in plan.scans})


def columns_of(warehouse: Postgres, key: str) -> list[RemoteColumn]:
    return warehouse.schema(("shop", f"The {key}"), timeout=10)
