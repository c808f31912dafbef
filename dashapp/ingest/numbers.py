"""How numbers are written in a column, and the SQL that reads them exactly so and not otherwise.

The style is a property of the column. `1.234` alone is one and a bit to one reader and a thousand to another: a column
that holds nothing clearer is a question, never a guess. Cells a workbook stores as numbers need no style at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from dashapp.core.mapping import NumberStyle
from dashapp.ingest.cells import CURRENCY, FOLD_FROM, FOLD_TO, MISSING, fold
from dashapp.ingest.model import Ask, Choice

POINT = NumberStyle(".", ",")
COMMA = NumberStyle(",", ".")
_CURRENCY = re.compile(CURRENCY, re.I)
_BARE = re.compile(rf"(?:{CURRENCY})|[-+()%\s]", re.I)


@dataclass(frozen=True, slots=True)
class Decision:
    """style None: open, see `ask`. mixed: examples that contradict each other."""

    style: NumberStyle | None
    ask: Ask | None = None
    mixed: tuple[str, ...] = ()


def evidence(text: str) -> str | None:
    """What one text says about the decimal mark: `.`, `,`, `?` for an ambiguous one, None for no mark at all."""
    bare = re.sub(r"[eE][-+]?\d+$", "", _BARE.sub("", fold(text))).replace("'", "")
    marks = [c for c in bare if c in ".,"]
    if not marks:
        return None
    if len(set(marks)) == 2:
        return marks[-1]
    other = "," if marks[0] == "." else "."
    if len(marks) > 1:
        return other
    whole, _, rest = bare.partition(marks[0])
    if len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return "?"
    return marks[0]


def decide(header: str, texts: Iterable[str]) -> Decision:
    """The style of one column from the distinct texts of its text cells.

    Its thousands mark is the one they are written with: a blank or an apostrophe only where none of them has the other.
    """
    texts = list(texts)
    seen: dict[str, list[str]] = {".": [], ",": [], "?": []}
    for text in texts:
        mark = evidence(text)
        if mark:
            seen[mark].append(text)
    if seen["."] and seen[","]:
        return Decision(None, _ask(header, (seen["?"] or seen[","])[0]), (seen["."][0], seen[","][0]))
    if seen["."] or seen[","]:
        return Decision(_grouped(texts, POINT if seen["."] else COMMA))
    if seen["?"]:
        return Decision(None, _ask(header, seen["?"][0]))
    return Decision(POINT)


def _grouped(texts: list[str], style: NumberStyle) -> NumberStyle:
    bare = [_CURRENCY.sub("", fold(t)).strip() for t in texts]
    if any(style.thousands in t for t in bare):
        return style
    mark = next((m for m in (" ", "'") if any(re.search(rf"\d{m}\d", t) for t in bare)), None)
    return NumberStyle(style.decimal, mark) if mark else style


def _ask(header: str, text: str) -> Ask:
    return Ask(
        "number-style",
        f"Is the mark in {text} ({header!r}) a decimal mark or a thousands mark? No row of the column tells.",
        header,
        (
            Choice(".", f"point for decimals: {text} is {_shown(text, POINT)}"),
            Choice(",", f"comma for decimals: {text} is {_shown(text, COMMA)}"),
        ),
    )


def _shown(text: str, style: NumberStyle) -> str:
    return _BARE.sub("", fold(text)).replace(style.thousands or " ", "").replace(style.decimal, ".")


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


MISSING_SQL = "[" + ",".join(quote(m) for m in sorted(MISSING)) + "]"
BLANK_SQL = quote(" \t\u00a0\u202f\r\n")
AMBIGUOUS_SQL = quote(r"\s*[-+]?[1-9]\d{0,2}\.\d{3}\s*")


_KEPT = quote(r"\1\2")


def is_missing_sql(column: str) -> str:
    """True for an empty cell and for the words that stand for one.

    A list, not IN: that becomes a join over all rows, even inside a CASE that needs it for none.
    """
    return f"({column} IS NULL OR list_contains({MISSING_SQL}, lower(trim({column}, {BLANK_SQL}))))"


def folded_sql(column: str) -> str:
    """What `cells.fold` makes of a cell, in SQL."""
    return f"trim(translate({column}, {quote(FOLD_FROM)}, {quote(FOLD_TO)}))"


def styled_sql(column: str, style: NumberStyle) -> str:
    """Canonical number text (`-1234.5`, with a trailing `%` for percentages) of a cell in `style`; NULL when it is not.

    Accepts currency signs and codes on either side, parentheses or a trailing minus for negatives, full-width digits,
    and blanks or apostrophes as thousands marks beside the declared one - if the groups are well formed.
    """
    thousands = re.escape(style.thousands) if style.thousands not in ("", " ", "'") else ""
    mark, point = f"[ '{thousands}]", re.escape(style.decimal)
    body = rf"(?:\d{{1,3}}(?:{mark}\d{{2,3}})*{mark}\d{{3}}|\d+)(?:{point}\d*)?|{point}\d+"
    body = rf"(?:{body})(?:[eE][-+]?\d{{1,3}})?"
    pattern = rf"\(\s*{body}\s*%?\s*\)|[-+]?\s*{body}\s*%?|{body}\s*%?\s*-"
    folded = folded_sql(column)
    currency = quote(rf"^([-+(]*)\s*{CURRENCY}\s*|\s*{CURRENCY}\s*(\)?)$")
    bare = f"regexp_replace({folded}, {currency}, {_KEPT}, 'i')"
    core = (
        f"regexp_replace(regexp_replace({bare}, '[-+() %]*$|^[-+( ]*|[ {thousands}'']', '', 'g'), {quote(point)}, '.')"
    )
    sign = f"CASE WHEN {bare} LIKE '(%' OR {bare} LIKE '-%' OR {bare} LIKE '%-' THEN '-' ELSE '' END"
    percent = f"CASE WHEN {bare} LIKE '%\\%%' ESCAPE '\\' THEN '%' ELSE '' END"
    return f"CASE WHEN regexp_full_match({bare}, {quote(pattern)}) THEN {sign} || {core} || {percent} END"


def scaled_sql(text: str, kind: str, scale: float | None) -> str:
    """The value of a plain number text, multiplied by a power of ten - in its text, so that no digit is lost."""
    stored = "DECIMAL(18,4)" if kind == "money" else "DOUBLE"
    if scale in (None, 1.0):
        return f"TRY_CAST({text} AS {stored})"
    power = f"TRY_CAST(trim({text}) || 'e{round(math.log10(scale or 1.0))}' AS {stored})"
    return (
        f"CASE WHEN contains(lower({text}), 'e') THEN TRY_CAST(TRY_CAST({text} AS DOUBLE) * {scale!r} AS {stored}) "
        f"ELSE {power} END"
    )


def value_sql(text: str, kind: str, scale: float | None = None) -> str:
    """The typed value of a canonical number text. kind: `money` or `number`. Too large for money gives NULL. A scale
    does not hold for a number that carries a percent sign.
    """
    plain = scaled_sql(text, kind, scale)
    if kind == "money":
        return (
            f"CASE WHEN {text} LIKE '%\\%' ESCAPE '\\' THEN TRY_CAST(TRY_CAST(rtrim({text}, '%') AS "
            f"DECIMAL(38,12)) / 100 AS DECIMAL(18,4)) ELSE {plain} END"
        )
    value = (
        f"(CASE WHEN {text} LIKE '%\\%' ESCAPE '\\' THEN TRY_CAST(rtrim({text}, '%') AS DOUBLE) / 100 ELSE {plain} END)"
    )
    return f"CASE WHEN isfinite({value}) THEN {value} END"  # 1e400 is a number to DuckDB: infinity
