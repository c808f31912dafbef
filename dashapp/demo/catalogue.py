"""The catalogue as rows: list price and unit cost of every product."""
from __future__ import annotations

from typing import Any

from dashapp.demo.products import CATEGORIES, Products


def catalogue(shelf: Products) -> list[dict[str, Any]]:
    """One row per product; money in cents."""
    return [{"sku_id": sku, "category": CATEGORIES[kind].name, "name": name, "list_price": int(price),
             "unit_cost": int(cost)}
            for sku, kind, name, price, cost in zip(shelf.sku, shelf.category, shelf.name, shelf.price, shelf.cost,
                                                    strict=True)]
