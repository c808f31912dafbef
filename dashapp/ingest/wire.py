"""Frozen values to JSON and back, for the pipe to the child and for job rows."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from dashapp.core.mapping import Mapping, mapping_from_json

T = TypeVar("T")
AS_BEFORE = "as before"  # in the place of a value that the child was given with the file before


def encode(value: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    """JSON-able form of a frozen dataclass of texts, numbers, dates, enums, tuples, dicts and further dataclasses."""
    if isinstance(value, Mapping):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [encode(v) for v in value]
    if isinstance(value, dict):
        return {k: encode(v) for k, v in value.items()}
    return value


def decode(kind: type[T], data: Any) -> T:
    """The value of `kind` that `encode` wrote. Raises ValueError, TypeError or KeyError for anything else."""
    return _decode(kind, data)


def _decode(kind: Any, data: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return None if data is None else _decode(next(a for a in get_args(kind) if a is not type(None)), data)
    if origin is tuple:
        inner = get_args(kind)
        items = [_decode(inner[0] if inner[-1] is Ellipsis else inner[i], v) for i, v in enumerate(data)]
        return tuple(items)
    if kind is Mapping:
        return mapping_from_json(data)
    if origin is Literal:
        return data
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{k: _decode(hints[k], v) for k, v in data.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return date.fromisoformat(data) if kind is date else data


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
