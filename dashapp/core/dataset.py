"""Datasets and their columns: what rows mean, how they are identified and how they are brought in."""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from dashapp.core.period import Grain
from dashapp.core.place import Place

Kind = Literal["facts", "reference", "snapshot"]
Mode = Literal["upsert", "append", "replace-period"]
Aggregation = Literal["sum", "avg", "last", "min", "max", "count"]


class RoleOf(StrEnum):
    """What a column is for. `ignore` is kept in the original file only."""

    DATE = "date"
    MEASURE = "measure"
    DIMENSION = "dimension"
    ENTITY = "entity"
    ID = "id"
    CURRENCY = "currency"
    IGNORE = "ignore"


ColumnType = Literal["date", "money", "number", "text"]
STORED = {"date": "DATE", "money": "DECIMAL(18,4)", "number": "DOUBLE", "text": "VARCHAR"}
SYSTEM_COLUMNS = ("_vintage", "_sheet", "_row")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset: key (snake_case), header as first seen, role and stored type.

    Money is DECIMAL(18,4), numbers DOUBLE, text is kept verbatim, dates are plain dates.
    """

    key: str
    header: str
    role: RoleOf
    type: ColumnType
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table of rows of one meaning.

    kind: `facts` (a date is required), `reference` (a key, no date), `snapshot` (dated by its upload).
    grain: what one row covers; marks: whether its date is the first or the last day of that grain.
    key: columns that identify a row, or () for none. joins: local column -> "other_dataset.key_column", many to one.
    version: grows by one with every committed change of its rows (upload, undo, redo).
    place: where the rows are read when they stay in a warehouse, None for uploaded ones.
    absence_is_zero is a property of KPIs, never of datasets.
    """

    key: str
    name: str
    kind: Kind = "facts"
    grain: Grain = Grain.EVENT
    marks: Literal["start", "end"] = "start"
    key_columns: tuple[str, ...] = ()
    mode: Mode | None = None
    slice_columns: tuple[str, ...] = ()
    joins: tuple[tuple[str, str], ...] = ()
    columns: tuple[Column, ...] = ()
    version: int = 0
    is_demo: bool = False
    place: Place | None = None
    id: str | None = field(default=None, compare=False)

    @property
    def engine(self) -> str:
        """The name of the engine that answers questions about the rows."""
        return self.place.engine if self.place else "duckdb"

    @property
    def connection(self) -> str:
        """The key of the connection the rows are read through; the empty text for uploaded rows."""
        return self.place.connection if self.place else ""

    def column(self, key: str) -> Column | None:
        return next((c for c in self.columns if c.key == key), None)

    def keys_of(self, *roles: RoleOf) -> tuple[str, ...]:
        return tuple(c.key for c in self.columns if c.role in roles)

    @property
    def date_column(self) -> str | None:
        return next(iter(self.keys_of(RoleOf.DATE)), None)

    @property
    def entity_column(self) -> str | None:
        return next(iter(self.keys_of(RoleOf.ENTITY)), None)


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
RESERVED = frozenset(("period", "date_", "window", "split"))


def snake_case(header: str) -> str:
    """The column or dataset key of a header: `UnitPrice` -> `unit_price`, `Sub-Category` -> `sub_category`.

    Accents are folded; a header without letters or digits gives the empty text; a leading digit gets `c_`.
    """
    folded = unicodedata.normalize("NFKD", header.strip().replace("ß", "ss"))
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    folded = _CAMEL.sub("_", folded).replace("%", " pct ")
    key = re.sub(r"[^0-9a-zA-Z]+", "_", folded).strip("_").lower()
    return f"c_{key}" if key[:1].isdigit() else key
