"""Source rows as a table: what was uploaded, with file, sheet, row and cells beside it."""
from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashapp.core.currency import RATES
from dashapp.core.dataset import Column as StoredColumn
from dashapp.core.derivation import SourceRows
from dashapp.reports.table import CellType, Column, Table

_TYPES: dict[str, CellType] = {"date": "date", "money": "money", "number": "number", "text": "text"}
RATE = f"{RATES}.rate"
PLACE = (Column("File"), Column("Sheet"), Column("Row", "integer"), Column("Cells"))


def source_table(found: SourceRows, columns: Iterable[StoredColumn], *, currency: str | None,
                 title: str = "Source rows") -> Table:
    """The rows of one dataset in their order. Money is in `currency` (None: each row says its own); texts are verbatim,
    values as they were stored.

    columns: those of the dataset; a column of `found` that is none of them (a joined one) is taken as it is.
    """
    known = {c.key: c for c in columns}
    heads = tuple(_head(key, known, currency) for key in found.columns)
    return Table(title, (*PLACE, *heads), tuple((r.file, r.sheet, r.row, r.place, *r.cells) for r in found.rows))


def _head(key: str, known: Mapping[str, StoredColumn], currency: str | None) -> Column:
    column = known.get(key)
    if column is None:
        is_exchanged = key == RATE or key.rpartition(".")[2].isupper()  # keys of columns are small letters
        return Column(key, "number" if is_exchanged else "text")
    money = column.type == "money"
    return Column(column.header or key, _TYPES[column.type], 2 if money else None, currency if money else None)
