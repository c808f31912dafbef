"""Source rows as a table: what was uploaded, with file, sheet, row and cells beside it."""
from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashapp.core.dataset import Column as StoredColumn
from dashapp.core.derivation import SourceRows
from dashapp.reports.table import CellType, Column, Table

_TYPES: dict[str, CellType] = {"date": "date", "money": "money", "number": "number", "text": "text"}
PLACE = (Column("File"), Column("Sheet"), Column("Row", "integer"), Column("Cells"))


def source_table(found: SourceRows, columns: Iterable[StoredColumn], *, currency: str,
                 title: str = "Source rows") -> Table:
    """The rows of one dataset in their order. Money is in `currency`; texts are verbatim, values as they were stored.

    columns: those of the dataset; a column of `found` that is none of them (a joined one) is taken as it is.
    """
    known = {c.key: c for c in columns}
    heads = tuple(_head(key, known, currency) for key in found.columns)
    return Table(title, (*PLACE, *heads), tuple((r.file, r.sheet, r.row, r.place, *r.cells) for r in found.rows))


def _head(key: str, known: Mapping[str, StoredColumn], currency: str) -> Column:
    column = known.get(key)
    if column is None:
        return Column(key)
    money = column.type == "money"
    return Column(column.header or key, _TYPES[column.type], 2 if money else None, currency if money else None)
