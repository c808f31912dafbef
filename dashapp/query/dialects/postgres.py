"""PostgreSQL 13 and newer: exact medians, texts compared byte by byte, moments as dates of the organisation."""

from __future__ import annotations

from typing import Any

from dashapp.core.place import RemoteColumn
from dashapp.core.rollup import quoted
from dashapp.query.dialects import Dialect, plain_sums, replaced

_INEXACT = ("real", "double precision", "numeric", "decimal")


def compiled(expression: Any) -> Any:
    """The expression as PostgreSQL understands it."""
    from ibis.backends.sql.compilers import PostgresCompiler

    return replaced(PostgresCompiler().to_sqlglot(expression), _mended)


def _mended(node: Any) -> Any:
    from sqlglot import exp

    if isinstance(node, exp.WithinGroup) and isinstance(node.this, exp.PercentileCont):
        return _median(node)
    return plain_sums(node)


def _median(node: Any) -> Any:
    """The mean of the lower and the upper middle value: percentile_cont would make doubles of exact numbers."""
    from sqlglot import exp

    value = node.expression.expressions[0].this
    lower, upper = (
        exp.WithinGroup(
            this=exp.PercentileDisc(this=exp.Literal.number("0.5")),
            expression=exp.Order(expressions=[exp.Ordered(this=value.copy(), desc=desc)]),
        )
        for desc in (False, True)
    )
    return exp.Mul(this=exp.Paren(this=exp.Add(this=lower, expression=upper)), expression=exp.Literal.number("0.5"))


def cell(column: RemoteColumn, name: str, wanted: str, zone: str) -> str:
    if wanted == "text":
        return f"NULLIF(CAST({name} AS TEXT) COLLATE \"C\", '')"
    if wanted == "date":
        return f"CAST({_local(column, name, zone)} AS DATE)"
    for nothing in ("NaN", "Infinity", "-Infinity") if column.type.startswith(_INEXACT) else ():
        name = f"NULLIF({name}, '{nothing}')"
    return f"CAST({name} AS {'DECIMAL(18, 4)' if wanted == 'money' else 'DOUBLE PRECISION'})"


def _local(column: RemoteColumn, name: str, zone: str) -> str:
    if column.type != "timestamp with time zone":
        return name
    text = zone.replace("'", "''")
    return f"({name} AT TIME ZONE '{text}')"


ENTRY = Dialect("postgres", "postgres", compiled, quoted, cell)
