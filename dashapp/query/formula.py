"""Reading formulas: text -> frozen tree, through Python's `ast` as a parser only. Nothing is ever evaluated here.

Problems are issues with the offset in the text, the reason and what helps; all problems of a formula come together
where they can be told apart.
"""

from __future__ import annotations

import ast

from dashapp.query.conditions import Conditions
from dashapp.query.problems import FormulaError, combined, did_you_mean, error
from dashapp.query.spelling import shown
from dashapp.query.tree import AGGREGATES, TIME, UNITS, Agg, Bin, Col, Neg, Node, Num, Ref, Time
from dashapp.query.written import MAX_DEPTH

__all__ = ["FormulaError", "combined", "did_you_mean", "error", "parse"]
MAX_TERMS, MAX_ROLLING = 120, 3700
_OPS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def parse(text: str) -> Node:
    """Read a formula.

    text: at most 2,000 characters; a leading `=` is allowed, as people know it from spreadsheets.
    Returns the tree with names as written (see `names.bind`). Raises FormulaError.
    """
    return _Formula(text).formula()


class _Formula(Conditions):
    def formula(self) -> Node:
        try:
            tree = ast.parse(self.readable, mode="eval").body
            return self._figure(tree, 0)
        except SyntaxError as bad:
            raise self._syntax(bad) from None
        except (RecursionError, MemoryError):
            raise error("formula-depth", f"A formula nests at most {MAX_DEPTH} deep.") from None

    # figures: what stands outside aggregates ---------------------------------------------------------------------
    def _figure(self, node: ast.expr, depth: int) -> Node:
        shared = self._arithmetic(node, depth, row=False)
        if shared is not None:
            return shared
        if isinstance(node, ast.Name):
            return Ref(shown(node.id), self._at(node))
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        if isinstance(node, ast.Attribute):
            name = ".".join(self._path(node))
            raise self._bad(
                node,
                "column-outside",
                f"The column {name!r} stands outside an aggregate.",
                f"write for example sum({name})",
            )
        raise self._bad(
            node,
            "formula-syntax",
            f"{self._source(node)[:40]!r} cannot stand here.",
            'a condition stands inside an aggregate: sum(revenue, channel == "web")'
            if isinstance(node, ast.Compare | ast.BoolOp)
            else None,
        )

    def _arithmetic(self, node: ast.expr, depth: int, row: bool) -> Node | None:
        if depth > MAX_TERMS:
            raise self._bad(node, "formula-depth", f"A formula chains at most {MAX_TERMS} terms.")
        inner = self._row if row else self._figure
        if isinstance(node, ast.Constant):
            return Num(self._number(node), self._at(node))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            x = inner(node.operand, depth + 1)
            return Neg(x, self._at(node)) if isinstance(node.op, ast.USub) else x
        if isinstance(node, ast.BinOp):
            op = _OPS.get(type(node.op))
            if op is None:
                raise self._bad(
                    node,
                    "formula-operator",
                    f"{self._source(node)[:40]!r} uses an operator that is not known.",
                    "known are + - * / and parentheses",
                )
            if op == "/" and isinstance(node.right, ast.Constant) and not self._number(node.right):
                raise self._bad(node.right, "formula-zero", "A division by zero has no value, ever.")
            return Bin(op, inner(node.left, depth + 1), inner(node.right, depth + 1), self._at(node))  # type: ignore[arg-type]
        return None

    # calls -------------------------------------------------------------------------------------------------------
    def _call(self, node: ast.Call, depth: int) -> Node:
        name = shown(node.func.id) if isinstance(node.func, ast.Name) else self._source(node.func)
        if node.keywords:
            raise self._bad(
                node.keywords[0], "formula-syntax", "A single = stands in the formula.", "write == to compare"
            )
        if any(isinstance(a, ast.Starred) for a in node.args):
            raise self._bad(node, "formula-syntax", "A * stands before an argument.")
        if name in AGGREGATES:
            return self._aggregate(node, name)
        if name in TIME:
            return self._time(node, name, depth)
        raise self._bad(
            node,
            "unknown-function",
            f"unknown function {name[:40]!r}",
            did_you_mean(name, [*AGGREGATES, *TIME]) or "known are " + ", ".join((*AGGREGATES, *TIME)),
        )

    def _aggregate(self, node: ast.Call, name: str) -> Agg:
        if len(node.args) > 2 or (not node.args and name != "count"):
            raise self._bad(
                node,
                "formula-arguments",
                f"{name}() takes a column and, if wanted, a condition.",
                f'write {name}(revenue) or {name}(revenue, channel == "web")',
            )
        args = list(node.args)
        if name == "count" and len(args) == 1 and isinstance(args[0], ast.Compare | ast.BoolOp | ast.Call):
            return Agg(name, None, self._condition(args[0], 0), None, self._at(node))
        arg = self._row(args[0], 0) if args else None
        if arg is not None and name in ("count", "distinct", "new", "returning", "lost") and not isinstance(arg, Col):
            raise self._bad(args[0], "formula-arguments", f"{name}() takes one column.", f"write {name}(customer_id)")
        cond = self._condition(args[1], 0) if len(args) == 2 else None
        return Agg(name, arg, cond, None, self._at(node))

    def _time(self, node: ast.Call, name: str, depth: int) -> Time:
        extra = node.args[1:]
        most = {"rolling": 2, "to_date": 1}.get(name, 0)
        if not node.args or len(extra) > most or (name in ("rolling", "to_date") and not extra):
            shape = {"rolling": 'rolling(x, 28) or rolling(x, 3, "month")', "to_date": 'to_date(x, "year")'}
            raise self._bad(node, "formula-arguments", f"{name}() is written {shape.get(name, name + '(x)')}.")
        n, unit = 0, ""
        if name == "rolling":
            n = self._count(extra[0])
            unit = self._unit(extra[1]) if len(extra) > 1 else "day"
        elif name == "to_date":
            unit = self._unit(extra[0])
        return Time(name, self._figure(node.args[0], depth + 1), n, unit, self._at(node))

    def _count(self, node: ast.expr) -> int:
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_ROLLING:
            raise self._bad(node, "formula-arguments", f"rolling() takes a whole number from 1 to {MAX_ROLLING}.")
        return value

    def _unit(self, node: ast.expr) -> str:
        value = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(value, str) or value not in UNITS:
            raise self._bad(
                node,
                "formula-arguments",
                f"{self._source(node)[:40]} is not a unit of time.",
                "known are " + ", ".join(f'"{u}"' for u in UNITS),
            )
        return value

    # rows: what stands inside aggregates -------------------------------------------------------------------------
    def _row(self, node: ast.expr, depth: int) -> Node:
        shared = self._arithmetic(node, depth, row=True)
        if shared is not None:
            return shared
        if isinstance(node, ast.Name | ast.Attribute):
            return Col(self._path(node), self._at(node))
        if isinstance(node, ast.Call):
            raise self._bad(
                node,
                "formula-nested",
                f"{self._source(node)[:40]!r} stands inside an aggregate.",
                "aggregates and time functions are combined outside: sum(a) / sum(b)",
            )
        raise self._bad(
            node,
            "formula-syntax",
            f"{self._source(node)[:40]!r} cannot stand inside an aggregate.",
            "the condition is the second argument" if isinstance(node, ast.Compare | ast.BoolOp) else None,
        )
