"""Reading formulas: text -> frozen tree, through Python's `ast` as a parser only. Nothing is ever evaluated here.

Problems are issues with the offset in the text, the reason and what helps; all problems of a formula come together
where they can be told apart.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.query.tree import AGGREGATES, TEXT, TIME, UNITS, Agg, Bin, Cmp, Col, Cond, Logic, Neg, Node, Num, Ref, Time

MAX_LENGTH, MAX_DEPTH, MAX_TERMS, MAX_DIGITS, MAX_ROLLING, MAX_LIST = 2000, 40, 120, 15, 3700, 200
_NUMBER = re.compile(r"^\d+(\.\d*)?([eE][+-]?\d{1,2})?$|^\.\d+$")
_BACKSLASH = re.compile(r"(?<!\\)(?:\\\\)*\\(?![\\\"'nrt])")
_OPS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
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
_QUOTES = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "„": '"',
        "’": "'",
        "‘": "'",
        "−": "-",
        "×": "*",
        "÷": "/",
        "\u00a0": " ",
        "\n": " ",
        "\r": " ",
        "\t": " ",
    }
)


class FormulaError(Invalid):
    """A formula that cannot be used; `issues` carry position, message and help."""


def parse(text: str) -> Node:
    """Read a formula.

    text: at most 2,000 characters; a leading `=` is allowed, as people know it from spreadsheets.
    Returns the tree with names as written (see `names.bind`). Raises FormulaError.
    """
    return _Reader(text).formula()


def error(code: str, message: str, at: int | None = None, help: str | None = None) -> FormulaError:
    """One problem as an exception; its message is the issue's, with the help behind it."""
    return combined([Issue(code, message, position=at, help=help)])


def combined(issues: Sequence[Issue]) -> FormulaError:
    """Several problems as one exception."""
    texts = [
        f"{i.message[:-1] if i.help and i.message.endswith('.') else i.message}{' - ' + i.help if i.help else ''}"
        for i in issues
    ]
    return FormulaError(" ".join(texts), issues=issues)


def did_you_mean(word: str, known: Sequence[str]) -> str | None:
    """The suggestion for a misspelt word, or None when nothing is close."""
    close = get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else None


class _Reader:
    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise error("formula-length", f"A formula has at most {MAX_LENGTH} characters.")
        if "\x00" in text:
            raise error("formula-syntax", "A formula holds no null characters.", text.index("\x00"))
        plain = text.translate(_QUOTES)
        self._skip = len(plain) - len(plain.lstrip(" ="))
        self.text = plain[self._skip :].rstrip()
        if not self.text:
            raise error("formula-empty", "The formula is empty.", 0, "write for example sum(revenue)")
        stray = _BACKSLASH.search(self.text)
        if stray:
            raise error("formula-syntax", "A backslash inside a text is written twice.", stray.start() + self._skip)
        if _nesting(self.text) > MAX_DEPTH:
            raise error("formula-depth", f"A formula nests at most {MAX_DEPTH} deep.")
        self._raw = self.text.encode()

    def formula(self) -> Node:
        try:
            tree = ast.parse(self.text, mode="eval").body
            return self._figure(tree, 0)
        except SyntaxError as bad:
            raise self._syntax(bad) from None
        except (RecursionError, MemoryError):
            raise error("formula-depth", f"A formula nests at most {MAX_DEPTH} deep.") from None

    def _syntax(self, bad: SyntaxError) -> FormulaError:
        at = max(0, min((bad.offset or 1) - 1, len(self.text)))
        rest = self.text[at : at + 12] or "the end"
        help = "write == to compare" if re.search(r"[^=!<>]=[^=]", self.text) else None
        if "<>" in self.text:
            help = "write != for 'not equal'"
        return error("formula-syntax", f"The formula cannot be read near {rest!r}.", at + self._skip, help)

    def _at(self, node: ast.expr | ast.keyword) -> int:
        return len(self._raw[: node.col_offset].decode(errors="ignore")) + self._skip

    def _bad(self, node: ast.expr | ast.keyword, code: str, message: str, help: str | None = None) -> FormulaError:
        return error(code, message, self._at(node), help)

    def _source(self, node: ast.expr) -> str:
        return self._raw[node.col_offset : node.end_col_offset].decode(errors="ignore")

    # figures: what stands outside aggregates ---------------------------------------------------------------------
    def _figure(self, node: ast.expr, depth: int) -> Node:
        shared = self._arithmetic(node, depth, row=False)
        if shared is not None:
            return shared
        if isinstance(node, ast.Name):
            return Ref(node.id, self._at(node))
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
            return Bin(op, inner(node.left, depth + 1), inner(node.right, depth + 1), self._at(node))  # type: ignore[arg-type]
        return None

    def _number(self, node: ast.Constant) -> Decimal:
        source = self._source(node)
        if isinstance(node.value, bool | str | bytes | None) or not _NUMBER.match(source):
            raise self._bad(
                node, "formula-number", f"{source[:40]!r} is not a number.", "write numbers as 1200 or 0.15"
            )
        try:
            value = Decimal(source)
        except InvalidOperation:  # pragma: no cover - the pattern admits only what Decimal reads
            raise self._bad(node, "formula-number", f"{source[:40]!r} is not a number.") from None
        digits = len(value.as_tuple().digits)
        if (
            abs(value) >= Decimal(10) ** MAX_DIGITS
            or digits > MAX_DIGITS
            or -int(value.as_tuple().exponent) > MAX_DIGITS
        ):
            raise self._bad(node, "formula-number", f"The number {source[:40]} has more than {MAX_DIGITS} digits.")
        return value

    def _path(self, node: ast.expr) -> tuple[str, ...]:
        if isinstance(node, ast.Name):
            return (node.id,)
        if isinstance(node, ast.Attribute):
            return (*self._path(node.value), node.attr)
        raise self._bad(node, "formula-syntax", f"{self._source(node)[:40]!r} is not a column name.")

    # calls -------------------------------------------------------------------------------------------------------
    def _call(self, node: ast.Call, depth: int) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else self._source(node.func)
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

    def _list(self, node: ast.expr) -> tuple[Decimal | str, ...]:
        if not isinstance(node, ast.List | ast.Tuple | ast.Set) or not 1 <= len(node.elts) <= MAX_LIST:
            raise self._bad(
                node,
                "formula-condition",
                f"in takes a list of 1 to {MAX_LIST} values.",
                'write region in ["EMEA", "APAC"]',
            )
        return tuple(self._value(e) for e in node.elts)

    def _value(self, node: ast.expr) -> Decimal | str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return -self._number(node.operand)
        if isinstance(node, ast.Constant):
            return self._number(node)
        help = f'texts stand in quotes: "{node.id}"' if isinstance(node, ast.Name) else None
        raise self._bad(node, "formula-condition", f"{self._source(node)[:40]!r} is neither a number nor a text.", help)


def _nesting(text: str) -> int:
    """How deep brackets and signs nest, before any parser sees them."""
    depth = most = signs = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        signs = signs + 1 if char in "-+~" else 0 if char != " " else signs
        most = max(most, depth, signs)
    return most
