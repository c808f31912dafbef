"""What a single text looks like: missing, number, date or plain text. Used on samples; whole columns are typed in
SQL.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Look = Literal["missing", "number", "date", "text"]

MISSING = frozenset(
    ("", "-", "–", "—", "--", "null", "none", "n/a", "na", "n.a.", "nan", "#n/a", "(null)", "nil", "\\n")
)
INFINITE = frozenset(("inf", "-inf", "+inf", "infinity", "-infinity", "+infinity", "∞", "-∞"))
# fmt: off
CODES = [
    "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF",
    "RON", "BGN", "TRY", "INR", "BRL", "MXN", "ZAR", "SGD", "HKD", "KRW", "THB", "ILS", "AED", "SAR", "RUB",
    "UAH", "ISK", "IDR", "MYR", "PHP", "TWD", "VND", "EGP", "NGN", "KES", "CLP", "COP", "ARS", "PEN", "MAD",
]
# fmt: on
SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "₩": "KRW",
    "₪": "ILS",
    "฿": "THB",
    "₫": "VND",
    "₴": "UAH",
    "zł": "PLN",
    "Kč": "CZK",
}
# signs that name their currency as clearly as a code does
DOLLARS = {"US$": "USD", "A$": "AUD", "C$": "CAD", "R$": "BRL"}
CURRENCY = "(?:US\\$|A\\$|C\\$|R\\$|[$€£¥₹₽₺₩₪฿₫₴]|zł|Kč|kr\\.?|" + "|".join(CODES) + ")"
# characters that mean the same to a reader, folded before numbers are read
FOLD_FROM = "０１２３４５６７８９．，－＋（）％＄￥−–\u00a0\u202f\u2009’"
FOLD_TO = "0123456789.,-+()%$¥--   '"
KEPT, KEPT_LENGTH = 8192, 60  # texts whose looks are remembered, and how long they may be
_FOLD = str.maketrans(FOLD_FROM, FOLD_TO)

_NUMBER = re.compile(
    rf"^[-+(]?\s*(?:{CURRENCY})?\s*[-+(]?\s*"
    rf"(?:(?:\d{{1,3}}(?:[.,' ]\d{{2,3}})*[.,' ]\d{{3}}|\d+)(?:[.,]\d*)?|[.,]\d+)"
    rf"(?:[eE][-+]?\d{{1,3}})?\s*(?:{CURRENCY})?\s*%?\s*\)?\s*-?$",
    re.I,
)
_PLAIN = re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?$")
_TIME = r"(?:[T ,]+\d{1,2}:\d{2}.*)?"
_MONTH = (
    r"(?:jan|feb|f[ée]v|m[aä]r|mrz|apr|avr|abr|ma[iyj]|mag|jun|juin|giu|jul|juil|lug|aug|ago|ao[uû]"
    r"|sep|set|oct|okt|ott|out|nov|d[eéi][cz]|ene|gen)[a-zéûä]*\.?"
)
_DATE = re.compile(
    rf"^(?:\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?{_TIME}|\d{{1,2}}([-/. "
    rf"])\d{{1,2}}\1(?:\d{{4}}|\d{{2}}){_TIME}|\d{{1,2}}[/.-]\d{{4}}"
    rf"|\d{{1,2}}\.?[- ./]?(?:de )?{_MONTH}[- ./,]*(?:de )?\d{{2,4}}{_TIME}|{_MONTH}[- ./']*\d{{2,4}}|{_MONTH} "
    rf"\d{{1,2}}(?:st|nd|rd|th)?,? ?\d{{4}}{_TIME}"
    r"|\d{4}[- ]?W\d{1,2}|\d{4}[- /]?Q[1-4]|Q[1-4][- /]?\d{4})$",
    re.I,
)


def fold(text: str) -> str:
    """Full-width digits and signs, typographic minus and narrow blanks as their plain counterparts."""
    return text.translate(_FOLD).strip()


def is_missing(text: str | None) -> bool:
    return text is None or text.strip().lower() in MISSING


def is_plain(text: str) -> bool:
    """A number as programs write it: point for decimals, no thousands mark."""
    return _PLAIN.match(text) is not None


def look(text: str | None) -> Look:
    """The most specific thing a text could be."""
    return _look(text) if text is None or len(text) <= KEPT_LENGTH else _looked(text)


def _looked(text: str | None) -> Look:
    if text is None or is_missing(text):
        return "missing"
    plain = fold(text)
    if _PLAIN.match(plain):
        return "number"
    if len(plain) <= 40 and _DATE.match(plain):
        return "date"
    if plain.lower() in INFINITE or (len(plain) <= 60 and _NUMBER.match(plain)):
        return "number"
    return "text"


# The search for headers and tables looks at the same few hundred cells thousands of times.
_look = lru_cache(maxsize=KEPT)(_looked)
