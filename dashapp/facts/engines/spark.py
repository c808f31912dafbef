"""Apache Spark through Spark Connect: no Java here, and what runs too long is interrupted over there."""
# ruff: noqa: S608 - names pass through quoted(), statements come from query's compiler; nothing else is put into SQL
from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from dashapp.core.errors import Invalid
from dashapp.core.place import Place, RemoteColumn
from dashapp.facts.engines import BATCH, MAX_ROWS, Engine, Refused, RemoteProfile, Take, Unreachable
from dashapp.facts.engines._deadline import TimedOut, within
from dashapp.query.dialects import DIALECTS
from dashapp.query.dialects.spark import quoted

T = TypeVar("T")
ALLOWED = frozenset(("token", "use_ssl", "user_id", "user_agent", "session_id"))
SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true",
            "spark.sql.decimalOperations.allowPrecisionLoss": "false"}
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double")


class Spark:
    """One session, made when it is first asked; every statement carries a tag by which it can be interrupted."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: Any = None
        self._guard = threading.Lock()

    def fetch(self, sql: str, *, timeout: float, most: int = MAX_ROWS) -> dict[str, list[Any]]:
        def read(session: Any) -> dict[str, list[Any]]:
            table = session.sql(sql).limit(most + 1).toArrow()
            if table.num_rows > most:
                raise Refused(f"The answer has more than {most:,} groups; ask for less.")
            return {n: c.to_pylist() for n, c in zip(table.column_names, table.columns, strict=True)}
        return self._run(read, timeout)

    def read(self, sql: str, take: Take, *, timeout: float, most: int) -> None:
        def stream(session: Any) -> None:
            table = session.sql(sql).limit(most + 1).toArrow()
            if table.num_rows > most:
                raise Refused(f"The statement gives more than {most:,} rows; ask for less.")
            take(table.column_names, [])
            for batch in table.to_batches(max_chunksize=BATCH):
                take(table.column_names, list(zip(*(c.to_pylist() for c in batch.columns), strict=True)))
        self._run(stream, timeout)

    def tables(self, *, timeout: float) -> list[tuple[str, ...]]:
        def read(session: Any) -> list[tuple[str, ...]]:
            names = [r[0] for r in session.sql("SHOW DATABASES").collect()]
            found = [r for n in names[:200] for r in session.sql(f"SHOW TABLES IN {quoted(n)}").limit(2000).collect()]
            return sorted((r.namespace, r.tableName) if r.namespace else (r.tableName,) for r in found)
        return self._run(read, timeout)

    def schema(self, table: tuple[str, ...], *, timeout: float) -> list[RemoteColumn]:
        def read(session: Any) -> list[RemoteColumn]:
            fields = session.table(_name(table)).schema.fields
            return [RemoteColumn(f.name, f.dataType.simpleString()) for f in fields]
        return self._run(read, timeout)

    def profile(self, place: Place, date_column: str | None, *, timeout: float) -> RemoteProfile:
        if date_column is None:
            rows = self.fetch(f"SELECT count(*) AS n FROM {_name(place.table)}", timeout=timeout)
            return RemoteProfile(int(rows["n"][0]), None, None, {})
        name, kind_ = next((n, t) for k, n, t in place.columns if k == date_column)
        day = DIALECTS["spark"].cell(RemoteColumn(name, kind_), quoted(name), "date", place.zone)
        found = self.fetch(
            f"SELECT weekday(d) AS w, count(d) AS days, min(d) AS first, max(d) AS last, sum(n) AS rows FROM "
            f"(SELECT {day} AS d, count(*) AS n FROM {_name(place.table)} GROUP BY 1) AS days GROUP BY 1",
            timeout=timeout)
        known = [i for i, w in enumerate(found["w"]) if w is not None]
        return RemoteProfile(int(sum(found["rows"])), min((found["first"][i] for i in known), default=None),
                             max((found["last"][i] for i in known), default=None),
                             {int(found["w"][i]): int(found["days"][i]) for i in known})

    def marker(self, table: tuple[str, ...], *, timeout: float) -> str | None:
        return None  # Spark's tables do not say when they changed; formats that do (Delta, Iceberg) each say it anew

    def close(self) -> None:
        with self._guard:
            session, self._session = self._session, None
        if session is not None:
            session.stop()

    def _run(self, read: Callable[[Any], T], timeout: float) -> T:
        """Run under a tag of its own; whatever goes wrong becomes a sentence without secrets."""
        errors = _driver().errors
        tag = f"ledgerline-{secrets.token_hex(8)}"

        def work() -> T:
            session = self._opened()
            session.addTag(tag)
            try:
                return read(session)
            finally:
                session.removeTag(tag)
        try:
            return within(timeout, work, lambda: self._session and self._session.interruptTag(tag))
        except TimedOut as error:
            raise Unreachable(f"did not answer within {timeout:g} s.") from error
        except errors.AnalysisException as error:
            raise Refused(f"Spark refuses: {_said(error)}") from None
        except errors.PySparkException as error:
            if getattr(error, "getCondition", lambda: None)():
                raise Refused(f"Spark refuses: {_said(error)}") from None
            raise Unreachable("cannot be reached, or does not accept the token.") from None

    def _opened(self) -> Any:
        """The session. Not made under the guard: a dead server would hold up whoever wants to hang up."""
        with self._guard:
            session = self._session
        if session is not None:
            return session
        from pyspark.sql.connect.session import SparkSession

        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # it writes whole plans, values included
        session = SparkSession.builder.remote(self._url).create()
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
        with self._guard:
            self._session = self._session or session
            return self._session


def check(url: str) -> None:
    """Raise Invalid for what is no address of a Spark Connect server: sc://host:15002/;token=..."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise Invalid("The URL names no server: sc://host:15002/;use_ssl=true;token=...")
    given = [p.partition("=")[0].strip() for p in parts.path.lstrip("/").split(";") if p.strip()]
    if more := sorted(set(given) - ALLOWED):
        raise Invalid(f"The URL has parameters that are not allowed: {', '.join(more)[:200]}")


def kind(type: str) -> str | None:
    """The type of a column for a Spark type as `simpleString` writes it."""
    if type == "date" or type.startswith("timestamp"):
        return "date"
    if type.startswith("decimal"):
        return "money"
    if type in _NUMBERS:
        return "number"
    return "text" if type.startswith(("string", "varchar", "char", "boolean")) else None


def _driver() -> Any:
    """The client library, which is installed apart: it weighs more than all of Ledgerline."""
    try:
        import pyspark.errors
    except ImportError:
        raise Unreachable("needs the client of Spark: pip install -r requirements-spark.txt") from None
    return pyspark


def _name(table: tuple[str, ...]) -> str:
    return ".".join(map(quoted, table))


def _said(error: Any) -> str:
    """The first line of what Spark says; the rest is the plan."""
    return str(getattr(error, "getMessage", lambda: error)() or error).strip().splitlines()[0][:300]


ENTRY = Engine("spark", "Apache Spark", ("sc",), "sc://spark:15002/;use_ssl=true;token=secret", check, Spark, kind)
