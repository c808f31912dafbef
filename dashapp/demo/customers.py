"""The customers: when they come and leave, how often they order, where they are and what discount they have."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashapp.demo.season import lines_per_day
from dashapp.demo.spec import CHANNEL_SHARE, REGION_SHARE, Spec

LINES_PER_ORDER = 2.17
# Key accounts, regulars, occasional buyers: orders a month, share that leaves a month, share of the standing
# customers, discount in basis points.
RATE = np.array([5.0, 1.6, 0.45])
LEAVES = np.array([0.015, 0.035, 0.075])
STANDING = np.array([0.08, 0.42, 0.50])
BASIS_POINTS = np.array([500, 200, 0])
DAYS_PER_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class Customers:
    """Arrays of one length, a place per customer, ordered by first day.

    arrives, leaves: day index of the first order (before 0 for those who were there) and of the end, exclusive.
    rate: orders a month while there. region and channel: indices; channel is the one preferred.
    """

    arrives: NDArray[np.int32]
    leaves: NDArray[np.int32]
    rate: NDArray[np.float32]
    region: NDArray[np.int8]
    channel: NDArray[np.int8]
    basis_points: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.arrives)


def customers(spec: Spec) -> Customers:
    """Customers enough for the orders of the spec: a standing base, and arrivals in proportion to each day's orders."""
    draw = spec.draw("customers")
    orders = lines_per_day(spec) / LINES_PER_ORDER
    standing = max(20, round(orders[:90].mean() * DAYS_PER_MONTH / float(STANDING @ RATE)))
    arrival_mix = STANDING * LEAVES
    per_order = float(arrival_mix.sum() + 0.011) / float(STANDING @ RATE)
    arrivals = draw.poisson(orders * per_order)
    arrives = np.concatenate([np.full(standing, -1), np.repeat(np.arange(spec.days), arrivals)]).astype(np.int32)
    kind = np.concatenate([draw.choice(3, standing, p=STANDING),
                           draw.choice(3, int(arrivals.sum()), p=arrival_mix / arrival_mix.sum())])
    stays = 1 + draw.exponential(DAYS_PER_MONTH / LEAVES[kind])
    total = len(arrives)
    return Customers(
        arrives, np.minimum(arrives + stays, 2**30).astype(np.int32),
        (RATE[kind] * draw.gamma(4.0, 0.25, total)).astype(np.float32),
        draw.choice(len(REGION_SHARE), total, p=REGION_SHARE).astype(np.int8),
        draw.choice(len(CHANNEL_SHARE), total, p=CHANNEL_SHARE).astype(np.int8), BASIS_POINTS[kind])


def buyers(people: Customers, day: int, orders: int, draw: np.random.Generator) -> NDArray[np.int32]:
    """Who places each order of the day, shape (orders,): all who arrive today, and present ones by their rate."""
    first, last = np.searchsorted(people.arrives, [day, day + 1])
    new = np.arange(first, min(last, first + orders), dtype=np.int32)
    present = np.flatnonzero(people.leaves[:first] > day)
    if not len(present):
        present = np.arange(max(last, 1))
    weight = np.cumsum(people.rate[present], dtype=np.float64)
    old = present[np.searchsorted(weight, draw.random(orders - len(new)) * weight[-1], side="right")]
    return draw.permutation(np.concatenate([new, old.astype(np.int32)]))
