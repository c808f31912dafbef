"""What the demo company is made from: seed, length, size, last day, and its fixed vocabulary."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from dashapp.core.errors import Invalid

REGIONS = ("EMEA", "AMER", "APAC", "LATAM")
REGION_SHARE = (0.52, 0.26, 0.15, 0.07)
CHANNELS = ("web", "mobile", "marketplace", "sales")
CHANNEL_SHARE = (0.44, 0.17, 0.21, 0.18)
ONLINE = (0, 1)
# Any 61 days hold a whole month, so there is always a finance sheet.
MIN_DAYS, MIN_ORDERS = 61, 500


@dataclass(frozen=True, slots=True)
class Spec:
    """seed >= 0; days of history ending at `end` (inside); orders: order lines before incidents, exactly.

    incidents: False gives the company as it would have been, line for line, without any incident.
    """

    seed: int
    days: int
    orders: int
    end: date
    incidents: bool = True

    def __post_init__(self) -> None:
        if self.seed < 0 or self.days < MIN_DAYS or self.orders < MIN_ORDERS:
            raise Invalid(f"The demo company needs a seed of 0 or more, at least {MIN_DAYS} days and "
                          f"at least {MIN_ORDERS} order lines.")

    @property
    def start(self) -> date:
        return self.end - timedelta(self.days - 1)

    def day(self, index: int) -> date:
        return self.start + timedelta(index)

    def index(self, day: date) -> int:
        return (day - self.start).days

    def draw(self, purpose: str, part: int = 0) -> np.random.Generator:
        """A random stream of its own for each purpose and part: adding one never moves another."""
        return np.random.default_rng([self.seed, int.from_bytes(purpose.encode(), "big") % 2**63, part])
