"""Tables of rows as Ibis names them: columns with their types, belonging to no engine."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dashapp.core.dataset import STORED, Dataset, RoleOf

LINEAGE = {"_vintage": "string", "_sheet": "string", "_row": "int32"}
TYPES = {
    "DATE": "date",
    "DECIMAL(18,4)": "decimal(18, 4)",
    "DOUBLE": "float64",
    "VARCHAR": "string",
    "BIGINT": "int64",
    "INTEGER": "int32",
    "BIT": "int64",  # Ibis has no such type; as a number it has the same operators
    "DECIMAL(38,4)": "decimal(38, 4)",
    "DECIMAL(38,8)": "decimal(38, 8)",
}


@lru_cache(maxsize=256)
def unbound(name: str, schema: tuple[tuple[str, str], ...]) -> Any:
    """An Ibis table of that name and schema (column, stored type) that belongs to no engine."""
    import ibis

    return ibis.table({k: TYPES.get(t, t) for k, t in schema}, name=name)


def schema_of(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    """Columns of the table of rows with their stored types; lineage included, which rows of a warehouse do not have."""
    own = tuple((c.key, STORED[c.type]) for c in dataset.columns if c.role is not RoleOf.IGNORE)
    return own if dataset.place else (*own, *LINEAGE.items())
