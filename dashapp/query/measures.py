"""Row expressions as rollup measures: the SQL text under which a rollup keeps and a question finds them."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from dashapp.core.dataset import STORED, Dataset
from dashapp.core.kpi import Kpi
from dashapp.core.rollup import Measure, expression, quoted
from dashapp.query.formula import FormulaError
from dashapp.query.names import bind
from dashapp.query.rows import Rows
from dashapp.query.tables import schema_of, unbound
from dashapp.query.tree import Agg, Col, Node, walk


def measures(kpis: Iterable[Kpi], datasets: Mapping[str, Dataset]) -> dict[str, tuple[Measure, ...]]:
    """The row expressions the KPIs aggregate, by dataset: what a build should pre-add beside the plain columns.

    Formulas that cannot be bound give nothing; expressions over joined columns cannot be pre-added, nor can those over
    amounts of several currencies, which are no sums before they are converted.
    """
    known = {k.key: k for k in kpis}
    out: dict[str, dict[str, Measure]] = {}
    for kpi in known.values():
        try:
            tree = bind(kpi.formula, datasets, known).tree
        except FormulaError:
            continue
        for agg in (n for n in walk(tree) if isinstance(n, Agg) and n.dataset):
            rows = rows_of(datasets[agg.dataset or ""], datasets, "")
            if agg.arg is None or isinstance(agg.arg, Col) or any(f.join for f in rows.fields_of(agg.arg)):
                continue
            if rows.amounts(rows.fields_of(agg.arg)):
                continue
            found = measure_of(rows, agg.arg)
            out.setdefault(rows.dataset.key, {})[found.name] = found
    return {key: tuple(found[n] for n in sorted(found)) for key, found in out.items()}


def rows_of(dataset: Dataset, datasets: Mapping[str, Dataset], currency: str | None = None) -> Rows:
    """The rows of a dataset as they are stored. currency: as in Rows."""
    return Rows(dataset, datasets, unbound(dataset.key, schema_of(dataset)), currency)


def measure_of(rows: Rows, node: Node) -> Measure:
    """The measure of a row expression over own columns, in the words of `core.rollup`.

    Its SQL is what a question would compute itself, so that both ways give the same figure.
    """
    if isinstance(node, Col):
        column = rows.field(node).column
        return Measure(column.key, quoted(column.key), STORED[column.type])
    return _expression(rows.dataset, node)


@lru_cache(maxsize=512)
def _expression(dataset: Dataset, node: Node) -> Measure:
    import ibis
    import sqlglot

    rows = rows_of(dataset, {dataset.key: dataset})
    selected = rows.table.select(value=rows.value(rows.table, node))
    statement = sqlglot.parse_one(str(ibis.to_sql(selected, dialect="duckdb")), read="duckdb")
    found = statement.expressions[0].unalias()
    for column in found.find_all(sqlglot.exp.Column):
        column.set("table", None)
    return expression(found.sql(dialect="duckdb"), "DECIMAL(38,8)" if rows.is_money(node) else "DOUBLE")
