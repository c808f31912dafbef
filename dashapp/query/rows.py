"""Rows of a dataset as an Ibis table: joined columns, filters, conditions and row expressions.

Money stays exact: in an expression with money every operand becomes a decimal before it is multiplied, and products
have eight decimals. Other numbers are doubles. A missing value satisfies only `!=`, `not in` and equality with "".
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, reduce
from typing import Any

from dashapp.core.dataset import Dataset
from dashapp.core.where import Where
from dashapp.query.columns import Field, find, find_dimension
from dashapp.query.exchange import Exchange, exchange_of
from dashapp.query.tables import schema_of, unbound
from dashapp.query.tree import Bin, Cmp, Col, Cond, Logic, Neg, Node, Num, walk

_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
LARGEST, SMALL, PRODUCT, NARROW = 1e19, 1e13, 9e9, 18


@dataclass(frozen=True)
class Rows:
    """Builds the table of one dataset. table: what to read, the rows or a rollup with the same column names.

    currency: the reporting currency that amounts in others become; None where amounts stay as they are.
    """

    dataset: Dataset
    datasets: Mapping[str, Dataset]
    table: Any
    currency: str | None = None

    @cached_property
    def exchange(self) -> Exchange | None:
        """How amounts are converted; None where all are in one currency."""
        return exchange_of(self.dataset, self.datasets, self.currency)

    @property
    def as_written(self) -> Rows:
        """The same rows, whose amounts stay in their own currencies."""
        return self if self.exchange is None else replace(self, currency=None)

    def amounts(self, fields: Iterable[Field]) -> tuple[Field, ...]:
        """Those of the columns that are converted."""
        return self.exchange.amounts(fields) if self.exchange else ()

    def joined(self, fields: Iterable[Field], shown: Iterable[Field] = (), *, rated: bool = False) -> Any:
        """The table with every joined field as a column named `Field.name`; unmatched rows stay, without a value.

        Amounts of several currencies are converted beside what was written, but those that are only `shown`. rated:
        with the rate of each row, also where no amount is among the fields.
        """
        used = set(fields)
        table = self._joined(used | set(shown))
        if self.exchange is None or not (rated or self.amounts(used)):
            return table
        return self.exchange.converted(self.exchange.rated(table), used)

    def _joined(self, fields: set[Field]) -> Any:
        table = self.table
        for join in sorted({f.join for f in fields if f.join}):
            local, reference, key = join
            other = unbound(reference, schema_of(self.datasets[reference]))
            names = {f.name: f.column.key for f in fields if f.join == join}
            side = other.select(**{f"__{reference}": other[key]}, **{n: other[c] for n, c in sorted(names.items())})
            table = table.left_join(side, table[local] == side[f"__{reference}"]).drop(f"__{reference}")
        return table

    def cell(self, table: Any, column: Col) -> Any:
        """A column of a formula; an amount in the reporting currency."""
        field = self.field(column)
        return table[self.exchange.name(field) if self.exchange and self.exchange.is_amount(field) else field.name]

    def field(self, column: Col) -> Field:
        found = find(self.dataset, column.path, self.datasets)
        assert found is not None, "bound columns exist"
        return found

    def fields_of(self, node: Node | Cond | None) -> set[Field]:
        """Every column used below `node`."""
        return set() if node is None else {self.field(n) for n in walk(node) if isinstance(n, Col)}

    def where(self, table: Any, wheres: Iterable[Where]) -> Any:
        """The filters as one condition, or None without filters. Every column must be known."""
        tests = []
        for where in wheres:
            field = find_dimension(self.dataset, where.column, self.datasets)
            assert field is not None, "unknown filter columns are refused before"
            tests.append(_where(table[field.name], where, field.column.type))
        return reduce(operator.and_, tests) if tests else None

    def condition(self, table: Any, cond: Cond | None) -> Any:
        """A condition of the formula as an Ibis boolean, or None."""
        if cond is None:
            return None
        if isinstance(cond, Logic):
            parts = [self.condition(table, p) for p in cond.parts]
            return reduce(operator.and_ if cond.op == "and" else operator.or_, parts)
        return _compared(self.cell(table, cond.col), cond, self.field(cond.col).column.type)

    def value(self, table: Any, node: Node) -> Any:
        """A row expression as an Ibis column: decimal where money takes part, else double. Division by 0 is missing."""
        if isinstance(node, Col):
            return self.cell(table, node)
        return self._exact(table, node) if self.is_money(node) else self._double(table, node)

    def is_money(self, node: Node) -> bool:
        """Is the expression exact? Money is, and sums and products that money takes part in; quotients are not."""
        if isinstance(node, Col):
            return self.field(node).column.type == "money"
        if isinstance(node, Neg):
            return self.is_money(node.x)
        return isinstance(node, Bin) and node.op != "/" and (self.is_money(node.left) or self.is_money(node.right))

    def _exact(self, table: Any, node: Node) -> Any:
        """The expression as a decimal. Sums are wide, because narrow decimals overflow at 10^14."""
        import ibis

        if isinstance(node, Num):
            digits = max(4, min(8, -int(node.value.as_tuple().exponent)))
            return ibis.literal(round(node.value, digits), f"decimal({18 if digits == 4 else 28}, {digits})")
        if not self.is_money(node):
            number = self._double(table, node)
            return ibis.ifelse(number.abs() < LARGEST, number, ibis.null("float64")).cast("decimal(28, 8)")
        if isinstance(node, Col):
            amount = self.cell(table, node)
            return amount.cast("decimal(38, 8)") if self._is_converted(node) else amount
        if isinstance(node, Neg):
            return -self._exact(table, node.x)
        assert isinstance(node, Bin)
        if node.op == "*":
            return self._product(table, node)
        left, right = (self._exact(table, n).cast("decimal(38, 8)") for n in (node.left, node.right))
        return _ARITHMETIC[node.op](left, right).cast("decimal(38, 8)")

    def _product(self, table: Any, node: Bin) -> Any:
        """The product with eight decimals.

        DuckDB multiplies wide decimals sixty times slower than narrow ones (18 digits), and narrow ones overflow: so
        rows whose factors have at most four decimals and whose product is below 9 * 10^9 - nearly all there are - take
        the narrow way.
        """
        import ibis

        left, right = self._exact(table, node.left), self._exact(table, node.right)
        wide = (left.cast("decimal(38, 8)") if left.type().precision > NARROW else left.cast("decimal(28, 4)")) * right
        wide = wide.cast("decimal(38, 8)")
        if self.dataset.place:  # the narrow way is DuckDB's
            return wide
        factors = [self._narrow(table, n) for n in (node.left, node.right)]
        if None in factors:
            return wide
        (one, fits_one), (two, fits_two) = factors  # type: ignore[misc]
        fits = (one.cast("float64") * two.cast("float64")).abs() < PRODUCT
        for test in (fits_one, fits_two):
            fits = fits if test is None else test & fits
        one, two = one.cast("decimal(18, 4)"), two.cast("decimal(18, 4)")
        return ibis.ifelse(fits, (one * two).cast("decimal(38, 8)"), wide)

    def _narrow(self, table: Any, node: Node) -> tuple[Any, Any] | None:
        """A factor that may have four decimals, and the test that it has; None for one that is never narrow."""
        if isinstance(node, Num):
            return (self._exact(table, node), None) if -int(node.value.as_tuple().exponent) <= 4 else None
        if self.is_money(node):
            return (self.cell(table, node), None) if isinstance(node, Col) and not self._is_converted(node) else None
        double = self._double(table, node)
        return double, (double == double.round(4)) & (double.abs() < SMALL)

    def _is_converted(self, column: Col) -> bool:
        return bool(self.amounts([self.field(column)]))

    def _double(self, table: Any, node: Node) -> Any:
        import ibis

        if isinstance(node, Num):
            return ibis.literal(float(node.value), "float64")
        if isinstance(node, Col):
            return self.cell(table, node).cast("float64")
        if isinstance(node, Neg):
            return -self._double(table, node.x)
        assert isinstance(node, Bin)
        left, right = (
            self.value(table, n) if self.is_money(n) else self._double(table, n) for n in (node.left, node.right)
        )
        if node.op == "/":
            return left.cast("float64") / right.cast("float64").nullif(0)
        return _ARITHMETIC[node.op](left, right)


def _where(column: Any, where: Where, kind: str) -> Any:
    if where.op == "~=":
        return column.cast("string").contains(where.values[0])
    return _equality(column, _typed(where.values, kind), "" in where.values, where.op == "=")


def _typed(values: tuple[str, ...], kind: str) -> list[Any]:
    """The written values in the column's type; values that cannot be of that type match nothing."""
    out: list[Any] = []
    for value in values:
        if kind == "text":
            out.append(value)
            continue
        try:
            out.append(date.fromisoformat(value) if kind == "date" else Decimal(value))
        except (ValueError, ArithmeticError):
            continue
    return out


def _compared(column: Any, test: Cmp, kind: str) -> Any:
    values: list[Any] = [date.fromisoformat(str(v)) for v in test.values] if kind == "date" else list(test.values)
    if test.op == "contains":
        return column.contains(values[0])
    if test.op in _COMPARE:
        return _COMPARE[test.op](column, _literal(values[0], column))
    return _equality(column, values, "" in values, test.op in ("==", "in"))


def _equality(column: Any, values: list[Any], or_missing: bool, wanted: bool) -> Any:
    """One of the values, or none of them. The answer for a missing value may be missing where it means no."""
    import ibis

    literals = [_literal(v, column) for v in values]
    if not literals:
        equal = ibis.literal(False)
    else:
        equal = column == literals[0] if len(literals) == 1 else column.isin(literals)
    if wanted:
        return equal | column.isnull() if or_missing else equal
    return ~equal & column.notnull() if or_missing else ~equal | column.isnull()


def _literal(value: Any, column: Any) -> Any:
    import ibis

    if isinstance(value, Decimal):
        return ibis.literal(float(value)) if column.type().is_floating() else _decimal(value)
    return ibis.literal(value)


def _decimal(value: Decimal) -> Any:
    """The number with all its decimals: without a type engines take three of them, or none."""
    import ibis

    _, digits, exponent = value.as_tuple()
    scale = max(4, -int(exponent))
    whole = max(len(digits) + int(exponent), 1)
    return ibis.literal(round(value, scale), f"decimal({min(max(18, whole + scale), 38)}, {scale})")
