"""Numbers as people type them into a field: by the organisation's own marks, and never taken for another size.

What could be a tenth, ten times or a thousand times what was meant is refused, so that nobody has to find it later.
"""
from __future__ import annotations

import math
import re
from decimal import Decimal

from babel.numbers import get_decimal_symbol, get_group_symbol

from dashapp.core import digits
from dashapp.core.errors import Invalid
from dashapp.core.kpi import Unit

_BLANKS = re.compile(r"(?<=\d)[ \u00a0\u202f'\u2019](?=\d)")
_SHAPE = re.compile(r"[-+]?(\d+([.,]\d+)*|[.,]\d+)([.,])?", re.ASCII)
_GROUPS = re.compile(r"[1-9]\d{0,2}([.,]\d{2,3})*[.,]\d{3}", re.ASCII)  # India groups by two before the last three
_LONGEST = 40
_UNGROUPED: tuple[Unit, ...] = ("percent", "ratio")


def read_number(text: object, unit: Unit, locale: str, cell: str) -> float | None:
    """What was typed for a figure of `unit` (percent become fractions), None for nothing typed.

    cell: the field's name at the start of the sentence that refuses. Raises Invalid for what is no number, and for a
    single mark that is a decimal mark to one reader and a thousands mark to another.
    """
    said = "" if text is None else str(text).strip()
    if not said:
        return None
    plain = _western(said, locale).replace("\u2212", "-")
    plain = plain.removesuffix("%").rstrip() if unit == "percent" else plain
    if len(plain) > _LONGEST or not _is_spaced_well(plain) or not _SHAPE.fullmatch(_BLANKS.sub("", plain)):
        raise Invalid(f"{cell}: {said[:40]!r} is not a number. Write it like {written(1234.5, 'number', locale)}.")
    spaced = bool(_BLANKS.search(plain))
    value = Decimal(_pointed(_BLANKS.sub("", plain), spaced, unit, locale, cell, said))
    number = float(value / 100 if unit == "percent" else value)
    if not math.isfinite(number):
        raise Invalid(f"{cell}: {said[:40]!r} is too large.")
    return number


def written(value: float | None, unit: Unit, locale: str) -> str:
    """A figure as it stands in a field, without its unit's sign: `read_number` reads the same value out of it.

    Grouped as the locale does; percentages and ratios are not, because there a mark before three digits is doubtful.
    """
    if value is None:
        return ""
    exact = Decimal(str(round(value * 100, 10) if unit == "percent" else value)).normalize(digits.WIDE)
    places = max(0, -int(exact.as_tuple().exponent))
    text = digits.plain(exact, "number", places, locale, "EUR").replace("-", "\u2212")
    return text.replace(get_group_symbol(locale), "") if unit in _UNGROUPED else text


def _pointed(text: str, spaced: bool, unit: Unit, locale: str, cell: str, said: str) -> str:
    """The number with a point for decimals and nothing else between its digits."""
    sign, body = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    marks = [c for c in body if c in ".,"]
    decimal = _decimal(locale)
    if not marks or (marks == [decimal]):
        return sign + body.replace(decimal, ".")
    last = marks[-1]
    whole, _, rest = body.rpartition(last)
    if len(set(marks)) == 2 and marks.count(last) == 1 and not spaced and _GROUPS.fullmatch(whole):
        return sign + re.sub(r"[.,]", "", whole) + "." + rest
    if len(set(marks)) == 1 and not spaced and _GROUPS.fullmatch(body):
        if len(marks) > 1 or (last == _group(locale) and unit not in _UNGROUPED):
            return sign + body.replace(last, "")
        raise Invalid(f"{cell}: {said[:40]!r} can mean two numbers. Write {sign}{body.replace(last, '')} or "
                      f"{sign}{body.replace(last, decimal)}.")
    if len(marks) == 1:
        return sign + body.replace(last, ".")
    raise Invalid(f"{cell}: {said[:40]!r} is not a number: its marks do not stand where groups end.")


def _is_spaced_well(text: str) -> bool:
    """Blanks and apostrophes between digits stand at every third digit, or not at all."""
    parts = _BLANKS.split(re.split(r"[.,]", text.lstrip("+-"), maxsplit=1)[0])
    return len(parts) == 1 or (1 <= len(parts[0]) <= 3 and all(len(p) == 3 for p in parts[1:]))


def _western(text: str, locale: str) -> str:
    """The locale's digits and marks as Western ones, where they are others."""
    text = "".join(str(int(c)) if c.isdecimal() else c for c in text)
    symbols = {"\u066b": ".", "\u066c": ",", get_decimal_symbol(locale): ".", get_group_symbol(locale): ","}
    return "".join(symbols.get(c, c) if c not in ".,' \u00a0\u202f\u2019" else c for c in text)


def _decimal(locale: str) -> str:
    return "," if get_decimal_symbol(locale) == "," else "."


def _group(locale: str) -> str:
    found = get_group_symbol(locale)
    return found if found in ".,' \u00a0\u202f\u2019" else ","
