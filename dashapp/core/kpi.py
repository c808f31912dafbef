"""A KPI's definition: what it means, how it is computed, and how a person should read it."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["currency", "percent", "number", "ratio", "days"]
Direction = Literal["up", "down", "band"]
UNITS: tuple[Unit, ...] = ("currency", "percent", "number", "ratio", "days")
DIRECTIONS: tuple[Direction, ...] = ("up", "down", "band")
CATEGORY_NAMES = {"financial": "Financial", "customer": "Customers", "market": "Market", "operational": "Operations",
                  "other": "More"}
CATEGORIES = tuple(CATEGORY_NAMES)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One version of a definition.

    formula: the text with resolved, prefixed names (`sum(orders.revenue)`), as stored. Percent units hold fractions
    (0.12 is shown as 12 %). weight: share in the health score, 0-1. min_value/max_value: plausible range in the unit.
    anomaly_threshold: sensitivity in standard deviations. absent_is_zero: a period without rows counts as zero.
    version: 1, 2, ...; 0 for a definition that is not saved.
    """

    key: str
    name: str
    formula: str
    unit: Unit = "number"
    direction: Direction = "up"
    decimals: int = 0
    category: str = "other"
    weight: float = 0.0
    min_value: float | None = None
    max_value: float | None = None
    anomaly_threshold: float = 2.0
    description: str = ""
    owner: str | None = None
    absent_is_zero: bool = False
    version: int = 0
