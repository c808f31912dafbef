"""The shop of the query tests, laid out as strangers lay out a warehouse: other names, other types, other cases."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashapp.core.dataset import Dataset
from dashapp.core.place import Place
from tests.query.shop import DATASETS

Rows = list[dict[str, Any]]
# dataset -> column -> (name over there, type in PostgreSQL, type in Spark)
LAYOUT = {
    "orders": {
        "date": ("Ordered At", "timestamp without time zone", "timestamp_ntz"),
        "sku": ("SKU", "character varying", "string"),
        "region": ("select", "text", "string"),
        "channel": ("Channel", "text", "string"),
        "customer_id": ("customer", "text", "string"),
        "qty": ("qty", "double precision", "double"),
        "price": ("Unit \"price\"", "numeric", "decimal(20,6)"),
        "revenue": ("revenue", "numeric", "decimal(18,4)"),
    },
    "catalogue": {
        "sku_id": ("id", "text", "string"),
        "category": ("category", "text", "string"),
        "cost": ("cost", "numeric", "decimal(18,4)"),
    },
    "finance": {
        "date": ("month", "date", "date"),
        "region": ("region", "text", "string"),
        "cogs": ("cogs", "numeric", "decimal(18,4)"),
        "cash": ("cash", "numeric", "decimal(18,4)"),
    },
}
ENGINES = {"postgres": 1, "spark": 2}


def placed(engine: str, schema: str = "shop", datasets: Mapping[str, Dataset] = DATASETS) -> dict[str, Dataset]:
    """The datasets as they are in a warehouse of that engine."""
    at = ENGINES[engine]
    return {k: replace(d, place=Place("shop", engine, (schema, f"The {k}"),
                                      tuple((c, n[0], n[at]) for c, n in LAYOUT[k].items())))
            for k, d in datasets.items()}
