"""One day's order lines as arrays; money is whole cents, so every sum is exact."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.demo.customers import LINES_PER_ORDER, Customers, buyers
from dashapp.demo.products import CATEGORIES, Products
from dashapp.demo.season import promotion_on
from dashapp.demo.spec import CHANNEL_SHARE, CHANNELS, Spec

ORDER_SIZES = (0.42, 0.26, 0.15, 0.10, 0.07)
MARKETPLACE = CHANNELS.index("marketplace")


@dataclass(frozen=True, slots=True)
class Lines:
    """Arrays of one length, a place per order line.

    order: number of the order within the day. customer, region, channel, sku: indices. qty: units. price: cents a
    unit. basis_points: discount. returned: units that came back by the last day of the history.
    """

    order: NDArray[np.int64]
    customer: NDArray[np.int64]
    region: NDArray[np.int8]
    channel: NDArray[np.int8]
    sku: NDArray[np.int64]
    qty: NDArray[np.int64]
    price: NDArray[np.int64]
    basis_points: NDArray[np.int64]
    returned: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.order)

    @property
    def discount(self) -> NDArray[np.int64]:
        """Cents, half up, of quantity times price."""
        return (self.qty * self.price * self.basis_points + 5000) // 10000

    @property
    def revenue(self) -> NDArray[np.int64]:
        """Cents: quantity times price less discount; before returns."""
        return self.qty * self.price - self.discount

    @property
    def refund(self) -> NDArray[np.int64]:
        """Cents paid back: the returned share of the revenue, half up."""
        return (2 * self.revenue * self.returned + self.qty) // (2 * self.qty)

    def take(self, which: NDArray[np.bool_]) -> Lines:
        return Lines(*(getattr(self, name)[which] for name in Lines.__slots__))

    def plus(self, other: Lines) -> Lines:
        return Lines(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in Lines.__slots__))

    def but(self, **arrays: Any) -> Lines:
        return replace(self, **arrays)


def day_lines(spec: Spec, shelf: Products, people: Customers, day: int, lines: int) -> Lines:
    """The day as it would be without incidents: exactly `lines` lines, every product at most once per order."""
    draw = spec.draw("lines", day)
    order = order_numbers(lines, draw)
    who = buyers(people, day, int(order[-1]) + 1 if lines else 0, draw)
    strays = draw.random(len(who)) < 0.25
    channel = np.where(strays, draw.choice(len(CHANNELS), len(who), p=CHANNEL_SHARE), people.channel[who])
    sku = apart(order, draw.choice(len(shelf), lines, p=shelf.share), len(shelf))
    customer = who[order].astype(np.int64)
    quantity = np.array([c.quantity for c in CATEGORIES])[shelf.category[sku]]
    qty = draw.geometric(1 / quantity)
    rate = people.basis_points[customer] + 200 * (channel[order] == MARKETPLACE) + _sale(spec, day, lines, draw)
    returned = returns(np.array([c.returns for c in CATEGORIES])[shelf.category[sku]], qty, spec.days - 1 - day, draw)
    return Lines(order, customer, people.region[customer], channel[order].astype(np.int8), sku, qty, shelf.price[sku],
                 rate, returned)


def order_numbers(lines: int, draw: np.random.Generator) -> NDArray[np.int64]:
    """The order each line belongs to, ascending from 0, shape (lines,)."""
    sizes = draw.choice(len(ORDER_SIZES), int(lines / LINES_PER_ORDER * 1.3) + 8, p=ORDER_SIZES) + 1
    numbers = np.repeat(np.arange(len(sizes)), sizes)
    rest = np.arange(max(0, lines - len(numbers))) + len(sizes)
    return np.concatenate([numbers, rest])[:lines].astype(np.int64)


def apart(order: NDArray[np.int64], sku: NDArray[np.int64], many: int) -> NDArray[np.int64]:
    """The products, a repeated one within an order moved on to the next product until none repeats."""
    sku = sku.astype(np.int64)
    while True:
        _, first = np.unique(order * many + sku, return_index=True)
        if len(first) == len(sku):
            return sku
        again = np.ones(len(sku), dtype=bool)
        again[first] = False
        sku = np.where(again, (sku + 1) % many, sku)


def returns(rate: NDArray[np.float64], qty: NDArray[np.int64], days_left: int, draw: np.random.Generator
            ) -> NDArray[np.int64]:
    """Units returned so far: a return takes 3 days and then 8 more on average, so recent days show fewer."""
    known = (draw.random(len(qty)) < rate) & (3 + draw.geometric(1 / 8, len(qty)) <= days_left)
    units = 1 + np.floor(draw.random(len(qty)) * qty).astype(np.int64)
    return np.where(known, units, 0)


def _sale(spec: Spec, day: int, lines: int, draw: np.random.Generator) -> NDArray[np.int64]:
    sale = promotion_on(spec.day(day))
    taking_part = draw.random(lines) < 0.6
    return taking_part * (sale.basis_points if sale else 0)
