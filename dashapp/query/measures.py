"""Row expressions as rollup measures: the SQL text under which a rollup keeps and a question finds them."""
from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashapp.core.dataset import STORED, Dataset
from dashapp.core.kpi import Kpi
from dashapp.core.rollup import Measure, expression, quoted
from dashapp.query.formula import FormulaError
from dashapp.query.names import bind
from dashapp.query.rows import LARGEST, NARROW, Rows, schema_of, unbound
from dashapp.query.tree import Agg, Bin, Col, Neg, Node, Num, walk


def measures(kpis: Iterable[Kpi], datasets: Mapping[str, Dataset]) -> dict[str, tuple[Measure, ...]]:
    """The row expressions the KPIs aggregate, by dataset: what a build should pre-add beside the plain columns.

    Formulas that cannot be bound give nothing; expressions over joined columns cannot be pre-added.
    """
    known = {k.key: k for k in kpis}
    out: dict[str, dict[str, Measure]] = {}
    for kpi in known.values():
        try:
            tree = bind(kpi.formula, datasets, known).tree
        except FormulaError:
            continue
        for agg in (n for n in walk(tree) if isinstance(n, Agg) and n.dataset):
            rows = rows_of(datasets[agg.dataset or ""], datasets)
            if agg.arg is None or isinstance(agg.arg, Col) or any(f.join for f in rows.fields_of(agg.arg)):
                continue
            found = measure_of(rows, agg.arg)
            out.setdefault(rows.dataset.key, {})[found.name] = found
    return {key: tuple(found[n] for n in sorted(found)) for key, found in out.items()}


def rows_of(dataset: Dataset, datasets: Mapping[str, Dataset]) -> Rows:
    """The rows of a dataset as they are stored."""
    return Rows(dataset, datasets, unbound(dataset.key, schema_of(dataset)))


def measure_of(rows: Rows, node: Node) -> Measure:
    """The measure of a row expression over own columns, in the words of `core.rollup`."""
    if isinstance(node, Col):
        column = rows.field(node).column
        return Measure(column.key, quoted(column.key), STORED[column.type])
    exact = rows.is_money(node)
    return expression(_exact(rows, node) if exact else _double(rows, node), "DECIMAL(38,8)" if exact else "DOUBLE")


def _exact(rows: Rows, node: Node, top: bool = True) -> str:
    if isinstance(node, Num):
        digits = max(4, min(8, -int(node.value.as_tuple().exponent)))
        return f"CAST({round(node.value, digits):f} AS DECIMAL({18 if digits == 4 else 28},{digits}))"
    if not rows.is_money(node):
        number = _double(rows, node)
        return f"CAST(CASE WHEN ABS({number}) < {LARGEST:.0f} THEN {number} END AS DECIMAL(28,8))"
    if isinstance(node, Col):
        return quoted(rows.field(node).column.key)
    if isinstance(node, Neg):
        out = f"(-{_exact(rows, node.x, False)})"
        return f"CAST({out} AS DECIMAL(38,8))" if top else out
    assert isinstance(node, Bin)
    out = f"({_exact(rows, node.left, False)} {node.op} {_exact(rows, node.right, False)})"
    if node.op == "*":
        return _product(rows, node, f"CAST({out} AS DECIMAL(38,8))")
    return f"CAST({out} AS DECIMAL(38,8))" if top else out


def _product(rows: Rows, node: Bin, wide: str) -> str:
    """The wide product, or the narrow and fast one where it is exact: see `rows.Rows`."""
    number, other = (node.left, node.right) if not rows.is_money(node.left) else (node.right, node.left)
    if isinstance(number, Num) or rows.is_money(number) or not isinstance(other, Col):
        return wide
    double = _double(rows, number)
    narrow = f"CAST((CAST({double} AS DECIMAL(18,4)) * {_exact(rows, other, False)}) AS DECIMAL(38,8))"
    return f"CASE WHEN {double} = ROUND({double}, 4) AND ABS({double}) < {NARROW:.0f} THEN {narrow} ELSE {wide} END"


def _double(rows: Rows, node: Node) -> str:
    if isinstance(node, Num):
        return f"CAST({node.value:f} AS DOUBLE)"
    if isinstance(node, Col):
        return f"CAST({quoted(rows.field(node).column.key)} AS DOUBLE)"
    if isinstance(node, Neg):
        return f"(-{_double(rows, node.x)})"
    assert isinstance(node, Bin)
    left, right = (f"CAST({_exact(rows, n)} AS DOUBLE)" if rows.is_money(n) else _double(rows, n)
                   for n in (node.left, node.right))
    return f"({left} / NULLIF({right}, 0))" if node.op == "/" else f"({left} {node.op} {right})"
