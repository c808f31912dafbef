"""Tables as an Excel workbook: typed cells, number formats, frozen heads, filters, print set-up and a sheet of notes.

Nothing that comes from data becomes a formula or a link: each cell is written by its type, never by its looks.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dashapp.reports.table import Table
from dashapp.reports.xlsx import bulk, formatted

BULK_FROM = 5_000


def write(tables: Table | Sequence[Table], *, created: datetime | None = None) -> bytes:
    """One sheet per table (more where a table is longer than a sheet) and a last sheet `Notes`.

    created: the moment stamped into the file's properties, None for a fixed one (equal tables give equal bytes).
    From 5,000 rows on the bulk writer is used where it can express the tables; the cells are the same, and it stamps
    its own moment.
    """
    several = (tables,) if isinstance(tables, Table) else tuple(tables)
    if sum(len(t.rows) for t in several) >= BULK_FROM and bulk.can_write(several):
        return bulk.write(several)
    return formatted.write(several, created=created)
