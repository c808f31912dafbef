"""Units written beside the numbers: `Revenue (EUR thousand)`, `in millions`, `Angaben in TEUR`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashapp.ingest.cells import CODES, SIGNS

_CODE = "|".join(CODES)
_NAMES = {"euro": "EUR", "euros": "EUR", "dollars": "USD", "dollar": "USD", "pounds": "GBP", "francs": "CHF"}
_CUR = rf"(?P<cur>US\$|{_CODE}|[{''.join(s for s in SIGNS if len(s) == 1)}]|euros?|dollars?|pounds|francs)"
_WORDS = {
    1e3: r"thousands?|tausend|tsd\.?|thsd\.?|milliers?|miles|migliaia|['’]?000s?|k",
    1e6: r"millions?|millionen|millones|milioni|mio\.?|mln\.?|mn\.?|mm|m",
    1e9: r"billions?|milliarden?|milliards?|miliardi|mrd\.?|bn\.?|b",
    1e5: r"lakhs?",
    1e7: r"crores?|cr\.?",
}
_SHORT = re.compile(r"^(?:k|m|b|mm|cr\.?)$", re.I)
_SCALE = rf"(?P<scale>{'|'.join(_WORDS.values())})"
_SAID = "figures|amounts|values|numbers|angaben|werte|betr[äa]ge|montants|importes|expressed|reported"
_IN = rf"(?:(?:all |alle )?(?:{_SAID})?\s*(?:in|en)\s+)?"
_FORMS = tuple(re.compile(rf"{_IN}(?:{form})", re.I) for form in (
    rf"{_CUR}\s*(?:in\s+)?{_SCALE}", rf"{_SCALE}\s*(?:of\s+|d['e]\s*)?{_CUR}", _SCALE))
_TEUR = re.compile(rf"{_IN}T(?P<cur>{_CODE}|€|£)", re.I)
_BARE = re.compile(rf"{_IN}(?:{_CUR})", re.I)
_INSIDE = re.compile(r"[(\[]([^()\[\]]{1,60})[)\]]")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d+)?")  # 783,000: its zeros are no `(000)`
_PHRASE = re.compile(r"(?:^|[\s,;:–-])((?:in|en)\s+[^\s,;.()\[\]]+(?:\s+(?:of\s+)?[^\s,;()\[\]]+){0,2})", re.I)


@dataclass(frozen=True, slots=True)
class Unit:
    """scale: what a number is multiplied by; currency: code, None where none is said; text: as written."""

    scale: float
    currency: str | None
    text: str


def unit_of(text: str) -> Unit | None:
    """The unit that a text is, and nothing else: `EUR thousand`, `k€`, `in millions`, `EUR`. None for anything else."""
    plain = " ".join(text.strip(" ()[]:").split())
    if not plain or len(plain) > 60:
        return None
    if found := _TEUR.fullmatch(plain):
        return Unit(1e3, _code(found["cur"]), plain)
    for form in _FORMS:
        if found := form.fullmatch(plain):
            currency = _code(found["cur"]) if "cur" in found.groupdict() else None
            if currency is None and _SHORT.match(found["scale"]):
                return None  # `k` and `m` alone may be anything: metres, months
            return Unit(_factor(found["scale"]), currency, plain)
    if found := _BARE.fullmatch(plain):
        return Unit(1.0, _code(found["cur"]), plain)
    return None


def split(header: str) -> tuple[str, Unit | None]:
    """(the header without its unit, the unit): `Revenue (EUR thousand)` -> `Revenue`. A unit alone stays the name."""
    if (whole := unit_of(header)) is not None:
        return header, whole
    for found in _INSIDE.finditer(header):
        unit = unit_of(found[1])
        if unit is not None:
            rest = " ".join((header[: found.start()] + " " + header[found.end() :]).split())
            return (rest or header), unit
    for found in re.finditer(r"[\s,;:_/–-]+(?=\S)", header):
        rest, tail = header[: found.start()].strip(" ,;:_/–-"), header[found.end() :]
        if rest[-1:].isdigit() and tail.startswith("000"):
            continue  # `over 10,000`
        unit = unit_of(tail) if rest and not re.fullmatch(r"(?:in|en)", rest, re.I) else None
        if unit is not None and (unit.scale != 1.0 or re.match(r"(?:in|en)\s", tail, re.I)):
            return rest, unit
    return header, None


def of_title(text: str) -> Unit | None:
    """The unit a line above or below a table speaks of; None where it speaks of none that scales."""
    text = _GROUPED.sub("#", text)
    candidates = [text, *_INSIDE.findall(text), *_PHRASE.findall(text), *re.split(r"[,;:–|]\s*", text)]
    for one in candidates:
        words = one.split()
        for end in range(len(words), 0, -1):
            unit = unit_of(" ".join(words[:end]).rstrip(".,;:"))
            if unit is not None and unit.scale != 1.0:
                return unit
    return None


def _factor(word: str) -> float:
    return next(scale for scale, pattern in _WORDS.items() if re.fullmatch(pattern, word, re.I))


def _code(text: str) -> str:
    return {**SIGNS, "us$": "USD", **_NAMES}.get(text if text in SIGNS else text.lower(), text.upper())
