"""Numbers as locales write them: rounding, grouping and the locale's own signs, read from Babel once per form."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    format_scientific,
    get_decimal_symbol,
    get_group_symbol,
)

from dashapp.core.kpi import Unit
from dashapp.core.series import Number

SCIENTIFIC_FROM = Decimal("1e15")
WIDE = Context(prec=400)
_FRACTION = re.compile(r"0\.[0#]+|0(?!.*0)")


def exact(value: Number | None) -> Decimal | None:
    """Exact for Decimals and integers, the shortest repr for floats; None for what is no number."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return number if number.is_finite() else None


def rounded(value: Decimal, places: int) -> Decimal:
    """Half away from zero, as spreadsheets round; never a negative zero."""
    out = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=WIDE)
    return out.copy_abs() if out == 0 else out


def plain(value: Decimal, unit: Unit, decimals: int, locale: str, currency: str) -> str:
    """All digits before the mark and `decimals` after it, with the unit's sign where the locale puts it."""
    form = _form(unit if unit in ("percent", "currency") else "number", decimals, locale, currency)
    number = rounded(value, decimals + form.shift)
    whole, _, fraction = f"{number.copy_abs().scaleb(form.shift, WIDE):f}".partition(".")
    before, after = form.negative if number < 0 else form.positive
    text = before + form.grouped(whole) + (form.point + fraction if fraction else "") + after
    return text + (" day" if number == 1 else " days") if unit == "days" else text


def compact(value: Decimal, unit: Unit, locale: str, currency: str) -> str:
    """Three significant digits; locales without a short form for thousands (German) get the plain number."""
    short = Context(prec=3, rounding=ROUND_HALF_UP).plus(value).quantize(Decimal(1), context=WIDE)
    if short.copy_abs() >= SCIENTIFIC_FROM:
        return format_scientific(short, "0.##E0", locale=locale)
    if unit == "currency":
        text = format_compact_currency(short, currency, locale=locale, fraction_digits=2)
    else:
        text = format_compact_decimal(short, locale=locale, fraction_digits=2)
    if re.search(r"\d{5}", text):
        return plain(value, unit, 0, locale, currency)
    return f"{text} days" if unit == "days" else text


@dataclass(frozen=True, slots=True)
class _Form:
    """How a locale writes one kind of number: read from Babel once, because asking it for every figure is slow."""

    positive: tuple[str, str]
    negative: tuple[str, str]
    point: str
    group: str
    sizes: tuple[int, int]
    shift: int

    def grouped(self, whole: str) -> str:
        first, further = self.sizes
        head, groups = whole[:-first], [whole[-first:]]
        while head:
            head, part = head[:-further], head[-further:]
            groups.append(part)
        return self.group.join(reversed(groups))


@lru_cache(maxsize=512)
def _form(kind: str, decimals: int, locale: str, currency: str) -> _Form:
    data = Locale.parse(locale)
    formats = {
        "currency": data.currency_formats["standard"],
        "percent": data.percent_formats[None],
        "number": data.decimal_formats[None],
    }
    pattern = formats[kind]
    places = "0" if decimals <= 0 else "0." + "0" * decimals
    text = ";".join(_FRACTION.sub(places, part, count=1) for part in pattern.pattern.split(";"))

    def around(sample: int) -> tuple[str, str]:
        if kind == "currency":
            said = format_currency(sample, currency, text, data, currency_digits=False)
        elif kind == "percent":
            said = format_percent(Decimal(sample) / 100, text, data)
        else:
            said = format_decimal(sample, text, data)
        before, _, after = said.partition("1")
        return before, after.lstrip(get_decimal_symbol(data) + "0")

    mark = get_group_symbol(data)
    return _Form(around(1), around(-1), get_decimal_symbol(data), mark, pattern.grouping, 2 if kind == "percent" else 0)
