"""Rows that a program pushes, as the file they stand for: what goes in takes the same path as every upload."""
from __future__ import annotations

import io
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from dashapp.api.reading import Strict
from dashapp.core.errors import Invalid
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.core.pushed import lines, mapping_of_rows

MAX_ROWS = 50_000
MAX_COLUMNS = 1_000
Value = StrictStr | StrictBool | StrictInt | StrictFloat | None
Name = Annotated[str, Field(min_length=1, max_length=200)]


class RowsIn(Strict):
    """Rows by column name. A column that a row leaves out is empty there."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "rows": [{"order_id": "4711", "date": "2026-03-01", "region": "EMEA", "revenue": 120.5}],
        "mapping": {"key": ["order_id"]}, "mode": "upsert"}]})

    rows: list[dict[Name, Value]] = Field(min_length=1, max_length=MAX_ROWS)
    mapping: dict[str, Any] | None = Field(None, description="As for a file; everything that is left out is guessed")
    mode: Literal["upsert", "append", "replace-period"] | None = Field(
        None, description="What a row with a known key, or of a known period, does to the one that is there")
    reason: str = Field("", max_length=500, description="Why rows of closed periods change, where they do")


def as_csv(body: RowsIn) -> tuple[io.BytesIO, Mapping]:
    """The rows as UTF-8 CSV (row 1 holds the names, so row 2 is the first pushed) and the mapping that reads it."""
    names = list(dict.fromkeys(name for row in body.rows for name in row))
    if not 1 <= len(names) <= MAX_COLUMNS:
        raise Invalid(f"Rows have 1 to {MAX_COLUMNS} columns.")
    data = lines([names, *([row.get(name) for name in names] for row in body.rows)])
    mapping = mapping_of_rows(mapping_from_json(body.mapping or {}))
    return io.BytesIO(data), replace(mapping, mode=body.mode or mapping.mode)
