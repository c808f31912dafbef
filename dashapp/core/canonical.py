"""One text per value: different values never share one, and the text gives the value back to the last digit.

A digest of the text can stand for the value as a key, and the text can be kept in a file: it holds plain members only,
and who reads it names the classes it may become, so that no bytes can turn into code.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

LIST, MAP, FLOAT, DECIMAL, DATE, MOMENT = "l", "o", "f", "d", "t", "m"  # tags; those of classes are their names


def canonical(value: Any) -> str:
    """The text of None, texts, numbers, dates, moments with a zone, enum members, frozen values, tuples and mappings.

    A list counts as the tuple, a moment as the same one in UTC. Raises TypeError for anything else.
    """
    return json.dumps(_spelled(value), separators=(",", ":"))


def restored(text: str, classes: Iterable[type]) -> Any:
    """The value of a text; dataclasses and enums among `classes` only. Raises ValueError for any other text."""
    try:
        return _read(json.loads(text), {c.__name__: c for c in classes})
    except (TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise ValueError("not the text of such a value") from error


def _spelled(value: Any) -> Any:
    kind: Any = type(value)
    return _way(kind)(value)


@cache
def _way(kind: Any) -> Callable[[Any], Any]:
    """How values of a type are spelled, found once per type."""
    for kinds, spell in _WAYS:
        if issubclass(kind, kinds):
            return spell
    name: str = kind.__name__
    if not hasattr(kind, "__dataclass_fields__"):
        raise TypeError(f"{name} has no text")
    members = _members(kind)
    return lambda v: [name, *[_spelled(getattr(v, m)) for m in members]]


@cache
def _members(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def _moment(value: datetime) -> list[str]:
    if value.tzinfo is None:
        raise TypeError("a moment without a zone means nothing")
    return [MOMENT, value.astimezone(UTC).isoformat()]


def _mapping(value: Mapping[Any, Any]) -> list[Any]:
    return [MAP, *sorted(([_spelled(k), _spelled(v)] for k, v in value.items()), key=json.dumps)]


_WAYS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (  # enum members are texts and moments are dates, too
    (Enum, lambda v: [type(v).__name__, v.value]), ((str, bool, int, type(None)), lambda v: v),
    (float, lambda v: [FLOAT, repr(v)]), (Decimal, lambda v: [DECIMAL, str(v)]), (datetime, _moment),
    (date, lambda v: [DATE, v.isoformat()]), ((tuple, list), lambda v: [LIST, *map(_spelled, v)]), (Mapping, _mapping))


def _read(item: Any, classes: Mapping[str, type]) -> Any:
    if not isinstance(item, list):
        if isinstance(item, dict):
            raise ValueError("no text of ours has such members")
        return item
    tag, rest = item[0], item[1:]
    if tag == LIST:
        return tuple([_read(r, classes) for r in rest])
    if tag == MAP:
        return {_read(k, classes): _read(v, classes) for k, v in rest}
    if tag in _PLAIN:
        (text,) = rest
        return _PLAIN[tag](text)
    known = classes[tag]
    if is_dataclass(known) and len(rest) != len(_members(known)):
        raise ValueError(f"{tag} had other members")
    return known(*[_read(r, classes) for r in rest])


_PLAIN: dict[str, Any] = {FLOAT: float, DECIMAL: Decimal, DATE: date.fromisoformat, MOMENT: datetime.fromisoformat}
