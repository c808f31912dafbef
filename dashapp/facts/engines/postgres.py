"""PostgreSQL and what speaks like it, through psycopg: read-only transactions, a timeout over there, real cancels."""
# ruff: noqa: S608 - names pass through quoted(), statements come from query's compiler; nothing else is put into SQL
from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import psycopg

from dashapp.core.errors import Invalid
from dashapp.core.place import Place, RemoteColumn
from dashapp.core.rollup import quoted
from dashapp.facts.engines import BATCH, MAX_ROWS, Engine, Refused, RemoteProfile, Take, Unreachable
from dashapp.facts.engines._deadline import TimedOut, within
from dashapp.query.dialects import DIALECTS

T = TypeVar("T")
CONNECT = 15  # seconds at most until somebody is let in, however long the question may take
KEPT, MOST = 4, 8  # connections that stay open, and that are open at once
SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
ALLOWED = frozenset(("host", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "options",
                     "application_name", "target_session_attrs", "channel_binding"))
_MONEY = ("numeric", "decimal", "money")
_NUMBERS = ("smallint", "integer", "bigint", "real", "double precision")
_TEXTS = ("text", "character", "varchar", "char", "citext", "uuid", "boolean", "name", "inet", "USER-DEFINED")


class Postgres:
    """Connections are kept between questions and never shared by two threads."""

    def __init__(self, url: str) -> None:
        self._url = "postgresql://" + url.partition("://")[2]
        self._idle: list[psycopg.Connection[Any]] = []
        self._guard, self._places = threading.Lock(), threading.BoundedSemaphore(MOST)

    def fetch(self, sql: str, *, timeout: float, most: int = MAX_ROWS) -> dict[str, list[Any]]:
        def read(cursor: psycopg.Cursor[Any]) -> dict[str, list[Any]]:
            cursor.execute(sql.encode())
            rows = cursor.fetchmany(most + 1)
            if len(rows) > most:
                raise Refused(f"The answer has more than {most:,} groups; ask for less.")
            names = [c.name for c in cursor.description or ()]
            return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {n: [] for n in names}
        return self._run(read, timeout)

    def read(self, sql: str, take: Take, *, timeout: float, most: int) -> None:
        def stream(connection: psycopg.Connection[Any]) -> None:
            # A cursor over there: the driver takes one statement for it, and holds a batch of its rows at a time.
            with connection.cursor(name="ledgerline_rows") as cursor:
                cursor.execute(sql.encode())
                seen, names = 0, [c.name for c in cursor.description or ()]
                while (rows := cursor.fetchmany(BATCH)) or not seen:
                    seen += len(rows)
                    if seen > most:
                        raise Refused(f"The statement gives more than {most:,} rows; ask for less.")
                    take(names, rows)
                    if not rows:
                        return
        self._run(lambda cursor: stream(cursor.connection), timeout)

    def tables(self, *, timeout: float) -> list[tuple[str, ...]]:
        found = self.fetch(
            "SELECT n.nspname AS s, c.relname AS t FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
            "AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') "
            "ORDER BY 1, 2 LIMIT 5000", timeout=timeout)
        return list(zip(found["s"], found["t"], strict=True))

    def schema(self, table: tuple[str, ...], *, timeout: float) -> list[RemoteColumn]:
        found = self.fetch(
            f"SELECT a.attname AS n, format_type(a.atttypid, NULL) AS t FROM pg_attribute a "
            f"WHERE a.attrelid = to_regclass({_text(_name(table))}) AND a.attnum > 0 AND NOT a.attisdropped "
            f"ORDER BY a.attnum", timeout=timeout)
        if not found["n"]:
            raise Refused(f"There is no table or view {'.'.join(table)} that this connection may see.")
        return [RemoteColumn(n, t) for n, t in zip(found["n"], found["t"], strict=True)]

    def profile(self, place: Place, date_column: str | None, *, timeout: float) -> RemoteProfile:
        if date_column is None:
            rows = self.fetch(f"SELECT count(*) AS n FROM {_name(place.table)}", timeout=timeout)
            return RemoteProfile(int(rows["n"][0]), None, None, {})
        name, kind = next((n, t) for k, n, t in place.columns if k == date_column)
        day = DIALECTS["postgres"].cell(RemoteColumn(name, kind), quoted(name), "date", place.zone)
        found = self.fetch(
            f"SELECT isodow - 1 AS w, count(d) AS days, min(d) AS first, max(d) AS last, sum(n) AS rows FROM "
            f"(SELECT {day} AS d, extract(isodow FROM {day})::int AS isodow, count(*) AS n FROM {_name(place.table)} "
            f"GROUP BY 1, 2) AS days GROUP BY 1", timeout=timeout)
        known = [i for i, w in enumerate(found["w"]) if w is not None]
        return RemoteProfile(int(sum(found["rows"])), min((found["first"][i] for i in known), default=None),
                             max((found["last"][i] for i in known), default=None),
                             {int(found["w"][i]): int(found["days"][i]) for i in known})

    def marker(self, table: tuple[str, ...], *, timeout: float) -> str | None:
        found = self.fetch(
            f"SELECT concat_ws(':', c.relfilenode, s.n_tup_ins, s.n_tup_upd, s.n_tup_del) AS m FROM pg_class c "
            f"JOIN pg_stat_all_tables s ON s.relid = c.oid "
            f"WHERE c.oid = to_regclass({_text(_name(table))}) AND c.relkind = 'r'", timeout=timeout)
        return str(found["m"][0]) if found["m"] else None

    def close(self) -> None:
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _run(self, read: Callable[[psycopg.Cursor[Any]], T], timeout: float) -> T:
        """Run in a read-only transaction; whatever goes wrong becomes a sentence without secrets."""
        held: list[psycopg.Connection[Any]] = []
        if not self._places.acquire(timeout=timeout):
            raise Unreachable(f"did not answer within {timeout:g} s.")
        try:
            return within(timeout, lambda: self._read(read, timeout, held), lambda: _cancel(held))
        except (TimedOut, psycopg.errors.QueryCanceled, psycopg.errors.ConnectionTimeout) as error:
            raise Unreachable(f"did not answer within {timeout:g} s.") from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise Unreachable(_why_not(error)) from None
        except psycopg.Error as error:
            raise Refused(f"PostgreSQL refuses: {_said(error)}") from None
        finally:
            self._places.release()

    def _read(self, read: Callable[[psycopg.Cursor[Any]], T], timeout: float,
              held: list[psycopg.Connection[Any]]) -> T:
        connection = self._take(timeout)
        held.append(connection)
        try:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {max(1, int(timeout * 1000)):d}")
                value = read(cursor)
        except psycopg.OperationalError:
            connection.close()
            raise
        finally:
            self._give_back(connection)
        return value

    def _take(self, timeout: float) -> psycopg.Connection[Any]:
        with self._guard:
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection
        connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=max(2, min(int(timeout), CONNECT)),
            application_name="Ledgerline", keepalives_idle=30,
            tcp_user_timeout=int(timeout * 1000) + 5000, prepare_threshold=None)
        connection.read_only = True
        for setting in ("TimeZone = 'UTC'", "DateStyle = 'ISO'", "extra_float_digits = 1",
                        "default_transaction_read_only = on", "standard_conforming_strings = on"):
            connection.execute(f"SET {setting}".encode())
        return connection

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        with self._guard:
            if not connection.closed and len(self._idle) < KEPT:
                self._idle.append(connection)
                return
        with suppress(psycopg.Error):
            connection.close()


def _cancel(held: list[psycopg.Connection[Any]]) -> None:
    """Have the server end what the connection is at; the statement's own time-out does it at the latest."""
    for connection in held:
        connection.cancel_safe(timeout=1)


def check(url: str) -> None:
    """Raise Invalid for what is no address of a server: only known parameters, so that no file or service is read."""
    parts = urlsplit(url)
    given = {k for k, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if not parts.path.strip("/") and "dbname" not in given:
        raise Invalid("The URL names no database: postgresql://user:password@host:5432/database")
    if more := sorted(given - ALLOWED):
        raise Invalid(f"The URL has parameters that are not allowed: {', '.join(more)[:200]}")


def kind(type: str) -> str | None:
    """The type of a column for a PostgreSQL type as `format_type` writes it."""
    if type == "date" or type.startswith("timestamp"):
        return "date"
    if type in _MONEY:
        return "money"
    if type in _NUMBERS:
        return "number"
    return "text" if type.startswith(_TEXTS) else None


def _name(table: tuple[str, ...]) -> str:
    return ".".join(map(quoted, table))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _said(error: psycopg.Error) -> str:
    return (error.diag.message_primary or type(error).__name__)[:300]


def _why_not(error: psycopg.Error) -> str:
    """Why nobody answered. Drivers write addresses and users into their messages: only what helps is taken over."""
    text = str(error).lower()
    for words, said in (("password authentication failed", "does not accept the user or the password."),
                        ("does not exist", "has no such database or user."),
                        ("connection refused", "cannot be reached: nobody listens at that address."),
                        ("could not translate host name", "cannot be reached: its host name is unknown."),
                        ("failed to resolve host", "cannot be reached: its host name is unknown."),
                        ("no pg_hba.conf entry", "does not let this machine in."),
                        ("ssl", "could not agree on an encrypted connection."),
                        ("timeout", "did not answer in time.")):
        if words in text:
            return said
    return "broke the connection."


ENTRY = Engine("postgres", "PostgreSQL", SCHEMES, "postgresql://reader:password@warehouse:5432/shop", check, Postgres,
               kind)
