"""The shop in PostgreSQL: made and filled."""
from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

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
