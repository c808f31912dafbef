"""A formula as it was written: where everything stands in it, and its smallest parts - names, numbers and texts."""

from __future__ import annotations

import ast
import re
from decimal import Decimal, InvalidOperation

from dashapp.query.problems import FormulaError, error
from dashapp.query.spelling import WORDS, hidden, shown, spelled

MAX_LENGTH, MAX_DEPTH, MAX_DIGITS, MAX_LIST = 2000, 40, 15, 200
_NUMBER = re.compile(r"^\d+(\.\d*)?([eE][+-]?\d{1,2})?$|^\.\d+$")
_BACKSLASH = re.compile(r"(?<!\\)(?:\\\\)*\\(?![\\\"'nrt])")
# One sign for one, so that offsets stay: what keyboards and documents write for the signs of the language.
SIGNS = str.maketrans(
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


class Written:
    """One text, made readable for the parser. Every problem it raises carries its offset in what the user wrote."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise error("formula-length", f"A formula has at most {MAX_LENGTH} characters.")
        if "\x00" in text:
            raise error("formula-syntax", "A formula holds no null characters.", text.index("\x00"))
        plain = text.translate(SIGNS)
        self._skip = len(plain) - len(plain.lstrip(" ="))
        self.text = plain[self._skip :].rstrip()
        if not self.text:
            raise error("formula-empty", "The formula is empty.", 0, "write for example sum(revenue)")
        stray = _BACKSLASH.search(self.text)
        if stray:
            raise error("formula-syntax", "A backslash inside a text is written twice.", stray.start() + self._skip)
        if _nesting(self.text) > MAX_DEPTH:
            raise error("formula-depth", f"A formula nests at most {MAX_DEPTH} deep.")
        self.readable = hidden(self.text, self._skip)
        self._raw = self.readable.encode()

    def _syntax(self, bad: SyntaxError) -> FormulaError:
        at = min(bad.offset - 1, len(self.text)) if bad.offset else len(self.text)  # no place: the text stops too early
        rest = self.text[at : at + 12] or "the end"
        help = "write == to compare" if re.search(r"[^=!<>]=[^=]", self.text) else None
        if (word := re.split(r"\W", rest)[0]) in WORDS:
            help = f"a column of that name is written {spelled(word)}, or with its dataset in front"
        if "<>" in self.text:
            help = "write != for 'not equal'"
        return error("formula-syntax", f"The formula cannot be read near {rest!r}.", at + self._skip, help)

    def _at(self, node: ast.expr | ast.keyword) -> int:
        return self._offset(node.col_offset) + self._skip

    def _offset(self, raw: int | None) -> int:
        """Characters before a byte of the readable text."""
        return len(self._raw[:raw].decode(errors="ignore"))

    def _bad(self, node: ast.expr | ast.keyword, code: str, message: str, help: str | None = None) -> FormulaError:
        return error(code, message, self._at(node), help)

    def _source(self, node: ast.expr) -> str:
        return self.text[self._offset(node.col_offset) : self._offset(node.end_col_offset)]

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
            return (shown(node.id),)
        if isinstance(node, ast.Attribute):
            return (*self._path(node.value), shown(node.attr))
        raise self._bad(node, "formula-syntax", f"{self._source(node)[:40]!r} is not a column name.")

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
        help = f'texts stand in quotes: "{shown(node.id)}"' if isinstance(node, ast.Name) else None
        raise self._bad(node, "formula-condition", f"{self._source(node)[:40]!r} is neither a number nor a text.", help)


def _nesting(text: str) -> int:
    """How deep brackets and signs nest, before any parser sees them."""
    depth = most = signs = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        signs = signs + 1 if char in "-+~" else 0 if char != " " else signs
        most = max(most, depth, signs)
    return most
