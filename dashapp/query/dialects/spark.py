"""Apache Spark 3.5 and newer, in its ANSI mode with UTC as the session's time zone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dashapp.core.place import RemoteColumn
from dashapp.query.dialects import Dialect, plain_sums, replaced


def compiled(expression: Any) -> Any:
    """The expression as Spark understands it."""
    return replaced(_compiler()().to_sqlglot(expression), plain_sums)


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """Ibis's compiler for Spark, without the settings of its client, which need not be installed here."""
    from ibis.backends.sql.compilers import PySparkCompiler
    from ibis.backends.sql.compilers.base import SQLGlotCompiler

    class Compiler(PySparkCompiler):
        def visit_Field(self, op: Any, *, rel: Any, name: Any) -> Any:  # noqa: N802 - Ibis's name
            return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

        def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802 - Ibis's name
            return None if dtype.is_floating() else super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    return Compiler


def quoted(name: str) -> str:
    """A name as an identifier of Spark."""
    return "`" + name.replace("`", "``") + "`"


def cell(column: RemoteColumn, name: str, wanted: str, zone: str) -> str:
    if wanted == "text":
        return f"NULLIF(CAST({name} AS STRING), '')"
    if wanted == "date":
        text = zone.replace("'", "")
        moment = f"FROM_UTC_TIMESTAMP({name}, '{text}')" if column.type == "timestamp" else name
        return f"CAST({moment} AS DATE)"
    if column.type in ("float", "double"):
        infinite = f"ABS({name}) = CAST('Infinity' AS DOUBLE)"
        name = f"CASE WHEN ISNAN({name}) OR {infinite} THEN NULL ELSE {name} END"
    return f"CAST({name} AS {'DECIMAL(18, 4)' if wanted == 'money' else 'DOUBLE'})"


ENTRY = Dialect("spark", "spark", compiled, quoted, cell)
