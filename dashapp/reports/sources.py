"""Source rows as a table: what was uploaded, with file, sheet and row number beside it."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashapp.core.dataset import Column as StoredColumn
from dashapp.reports.table import ArrowRows, CellType, Column, Table

_TYPES: dict[str, CellType] = {"date": "date", "money": "money", "number": "number", "text": "text"}
PLACE = (Column("File"), Column("Sheet"), Column("Row", "integer"))


@dataclass(frozen=True, slots=True)
class _Placed:
    """Arrow rows whose first columns `_vintage, _sheet, _row` are shown as file name, sheet and row number."""

    rows: ArrowRows
    files: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for vintage, *rest in self.rows:
            yield (self.files.get(vintage, vintage), *rest)


def source_table(found: Any, columns: Sequence[StoredColumn], files: Mapping[str, str], *, currency: str,
                 title: str = "Source rows") -> Table:
    """Rows of one dataset in their order.

    found: Arrow table that holds `_vintage, _sheet, _row` and, for every column, one named by its key. files: upload
    id -> name of the file. Money is in `currency`; texts are verbatim, values as they were stored.
    """
    kept = [c for c in columns if c.key in found.column_names]
    picked = found.select(["_vintage", "_sheet", "_row", *(c.key for c in kept)])
    heads = tuple(Column(c.header or c.key, _TYPES[c.type], 2 if c.type == "money" else None,
                         currency if c.type == "money" else None) for c in kept)
    return Table(title, (*PLACE, *heads), _Placed(ArrowRows(picked), files))
