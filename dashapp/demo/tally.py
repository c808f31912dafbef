"""Sums of the order lines by day, region and channel: what the other sheets of the company are derived from."""
from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dashapp.demo.lines import Lines
from dashapp.demo.products import CATEGORIES, Products
from dashapp.demo.spec import CHANNELS, REGIONS, Spec

Grid = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tally:
    """Integer arrays of shape (days, regions, channels); money in cents.

    usual_orders and usual_revenue are those of the same day without incidents. built: units of own-brand storage
    sold, shape (days,).
    """

    orders: Grid
    usual_orders: Grid
    revenue: Grid
    usual_revenue: Grid
    refunds: Grid
    cost: Grid
    built: Grid

    @classmethod
    def empty(cls, spec: Spec) -> Tally:
        shape = (spec.days, len(REGIONS), len(CHANNELS))
        grids = {f.name: np.zeros(shape, np.int64) for f in fields(cls)}
        return cls(**{**grids, "built": np.zeros(spec.days, np.int64)})

    def add(self, day: int, usual: Lines, lines: Lines, shelf: Products) -> None:
        """Count one day: its lines and the lines as they would have been. Cost is that of the units that were kept."""
        self.orders[day] = _orders(lines)
        self.usual_orders[day] = _orders(usual)
        self.revenue[day] = _sums(lines, lines.revenue)
        self.usual_revenue[day] = _sums(usual, usual.revenue)
        self.refunds[day] = _sums(lines, lines.refund)
        self.cost[day] = _sums(lines, (lines.qty - lines.returned) * shelf.cost[lines.sku])
        self.built[day] = usual.qty[(shelf.category == _STORAGE)[usual.sku]].sum()


_STORAGE = [c.name for c in CATEGORIES].index("Storage")


def _place(lines: Lines) -> Grid:
    return lines.region.astype(np.int64) * len(CHANNELS) + lines.channel


def _sums(lines: Lines, values: Grid) -> Grid:
    """Exact sums: `bincount` would add in floating point."""
    out = np.zeros(len(REGIONS) * len(CHANNELS), np.int64)
    np.add.at(out, _place(lines), values)
    return out.reshape(len(REGIONS), len(CHANNELS))


def _orders(lines: Lines) -> Grid:
    _, first = np.unique(lines.order, return_index=True)
    counts = np.bincount(_place(lines)[first], minlength=len(REGIONS) * len(CHANNELS))
    return counts.reshape(len(REGIONS), len(CHANNELS))
