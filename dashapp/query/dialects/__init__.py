"""Dialects: one file per engine that answers questions. The Ibis expressions are the same for all of them; a file says
what its engine writes differently, and how a column of a foreign table becomes one of Ledgerline's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.place import RemoteColumn
from dashapp.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Dialect:
    """name: of the engine; sqlglot: of its grammar. compiled: an Ibis expression as a syntax tree.

    quoted: a name as an identifier. cell: (remote column, its quoted name, type in the dataset, time zone) as an SQL
    text of that type, in which what is no value (an empty text, not a number) is missing.
    """

    name: str
    sqlglot: str
    compiled: Callable[[Any], Any]
    quoted: Callable[[str], str]
    cell: Callable[[RemoteColumn, str, str, str], str]


DIALECTS = Registry("dashapp.query.dialects", Dialect)


def statement(expression: Any, dataset: Dataset, datasets: Mapping[str, Dataset]) -> str:
    """The expression over tables named as datasets, as one SELECT for the engine that has the rows of `dataset`."""
    import ibis

    if dataset.place is None:
        return str(ibis.to_sql(expression, dialect="duckdb"))
    dialect = DIALECTS[dataset.engine]
    return str(_placed(dialect, dialect.compiled(expression), datasets).sql(dialect=dialect.sqlglot, pretty=True))


def _placed(dialect: Dialect, tree: Any, datasets: Mapping[str, Dataset]) -> Any:
    """The syntax tree with each dataset's name replaced by what stands for it in the warehouse."""
    from sqlglot import exp

    for table in list(tree.find_all(exp.Table)):
        dataset = datasets.get(table.name)
        if dataset is not None and dataset.place is not None and not table.db:
            rows = _rows(dialect, dataset).subquery(table.alias or table.name)
            table.replace(rows)
    return tree


def _rows(dialect: Dialect, dataset: Dataset) -> Any:
    """SELECT of the dataset's columns from its remote table."""
    import sqlglot

    place = dataset.place
    assert place is not None
    remote = {key: RemoteColumn(name, type) for key, name, type in place.columns}
    cells = []
    for column in dataset.columns:
        if column.role is not RoleOf.IGNORE:
            found = remote[column.key]
            cell = dialect.cell(found, dialect.quoted(found.name), column.type, place.zone)
            cells.append(f"{cell} AS {dialect.quoted(column.key)}")
    table = ".".join(map(dialect.quoted, place.table))
    return sqlglot.parse_one(f"SELECT {', '.join(cells)} FROM {table}", read=dialect.sqlglot)  # noqa: S608 - quoted


def replaced(tree: Any, changes: Callable[[Any], Any]) -> Any:
    """The tree with every node replaced by what `changes` makes of it, from the leaves up."""
    return tree.transform(changes)


def plain_sums(node: Any) -> Any:
    """DuckDB's compensated sum is the engine's own elsewhere: equal to some fifteen digits."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "fsum":
        return exp.Sum(this=node.expressions[0])
    return node
