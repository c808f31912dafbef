"""Rows that come without a file - pushed by a program, read from a warehouse - as the file they stand for."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from dashapp.core.mapping import Mapping, NumberStyle


def mapping_of_rows(said: Mapping) -> Mapping:
    """How rows written by `lines` are read: what was said of them, and what is known of such a file."""
    return replace(said, header_row=1, encoding="utf-8", delimiter=",", sheet=None,
                   number=said.number or NumberStyle(".", ""))


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as lines of a CSV file in UTF-8; the first row of a file are its names."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([cell_text(v) for v in row] for row in rows)
    return out.getvalue().encode("utf-8", errors="replace")


def cell_text(value: Any) -> str:
    """A value as a person would type it: numbers in full, without an exponent; dates and moments in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        return f"{number:f}" if number.is_finite() else str(number)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat(sep=" ")
    return str(value)
