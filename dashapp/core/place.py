"""Where the rows of a connected dataset are: a table or view in somebody else's warehouse, read where it stands."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RemoteColumn:
    """One column of a remote table. type: as the engine names it, in small letters."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Place:
    """connection: its key; engine: name of its dialect. table: its name in parts, `("public", "orders")`.

    columns: (column of the dataset, remote column, remote type) of each. zone: the time zone in which a remote moment
    becomes a date.
    """

    connection: str
    engine: str
    table: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]
    zone: str = "UTC"

    @property
    def name(self) -> str:
        """The table as people write it."""
        return ".".join(self.table)

    def to_json(self) -> dict[str, Any]:
        """Plain members; `place_from_json` reads them back to an equal value."""
        return {"table": list(self.table), "columns": [list(c) for c in self.columns], "zone": self.zone}


def place_from_json(connection: str, engine: str, data: Mapping[str, Any]) -> Place:
    columns = tuple((str(k), str(n), str(t)) for k, n, t in data["columns"])
    return Place(connection, engine, tuple(data["table"]), columns, data["zone"])
