"""The conditions inside aggregates: comparisons of a column with values, joined by `and` and `or`."""

from __future__ import annotations

import ast

from dashapp.query.tree import TEXT, Cmp, Col, Cond, Logic
from dashapp.query.written import MAX_DEPTH, Written

_CMPS: dict[type, str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_MIRROR = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Conditions(Written):
    """Reads what stands in second place in an aggregate."""

    def _condition(self, node: ast.expr, depth: int) -> Cond:
        if depth > MAX_DEPTH:
            raise self._bad(node, "formula-depth", f"A formula nests at most {MAX_DEPTH} deep.")
        if isinstance(node, ast.BoolOp):
            parts = tuple(self._condition(v, depth + 1) for v in node.values)
            return Logic("and" if isinstance(node.op, ast.And) else "or", parts, self._at(node))
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TEXT:
            return self._contains(node)
        raise self._bad(
            node,
            "formula-condition",
            f"{self._source(node)[:40]!r} is not a condition.",
            'write channel == "web", region in ["EMEA", "APAC"] or quantity > 0',
        )

    def _comparison(self, node: ast.Compare) -> Cmp:
        if len(node.ops) != 1 or type(node.ops[0]) not in _CMPS:
            raise self._bad(
                node,
                "formula-condition",
                f"{self._source(node)[:40]!r} is not one comparison.",
                "write quantity > 0 and quantity < 9",
            )
        op, left, right = _CMPS[type(node.ops[0])], node.left, node.comparators[0]
        if op in _MIRROR and not isinstance(left, ast.Name | ast.Attribute):
            left, right, op = right, left, _MIRROR[op]
        if not isinstance(left, ast.Name | ast.Attribute):
            raise self._bad(
                left,
                "formula-condition",
                f"{self._source(left)[:40]!r} is not a column.",
                "a condition compares a column with a value",
            )
        values = self._list(right) if op in ("in", "not in") else (self._value(right),)
        return Cmp(op, Col(self._path(left), self._at(left)), values, self._at(node))  # type: ignore[arg-type]

    def _contains(self, node: ast.Call) -> Cmp:
        if len(node.args) != 2 or node.keywords:
            raise self._bad(node, "formula-arguments", 'contains() is written contains(product, "tea").')
        value = self._value(node.args[1])
        if not isinstance(value, str):
            raise self._bad(node.args[1], "formula-arguments", "contains() looks for a text.")
        return Cmp("contains", Col(self._path(node.args[0]), self._at(node.args[0])), (value,), self._at(node))
