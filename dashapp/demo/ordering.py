"""The order book as a stream of Arrow tables, a day at a time, so that its size never sits in memory."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dashapp.demo import arrow
from dashapp.demo.causes import Scene, bot_accounts
from dashapp.demo.customers import LINES_PER_ORDER, customers
from dashapp.demo.effects import Effect, apply
from dashapp.demo.incidents import incidents
from dashapp.demo.lines import Lines, day_lines
from dashapp.demo.products import Products, products
from dashapp.demo.season import expected, lines_per_day
from dashapp.demo.shapes import ORDERS
from dashapp.demo.spec import CHANNELS, REGIONS, Spec
from dashapp.demo.tally import Tally


@dataclass(slots=True)
class OrderBook:
    """Streams the days once; `tally` and `effects` are filled while it is read and complete at the end."""

    spec: Spec
    tally: Tally = field(init=False)
    effects: list[Effect] = field(init=False)
    shelf: Products = field(init=False)

    def __post_init__(self) -> None:
        self.tally = Tally.empty(self.spec)
        self.effects = [Effect(i) for i in incidents(self.spec)]
        self.shelf = products(self.spec)

    def days(self) -> Iterator[pa.Table]:
        """One table per day with the columns of the orders dataset."""
        people, counts = customers(self.spec), lines_per_day(self.spec)
        usual = expected(self.spec) / LINES_PER_ORDER
        bots, total = bot_accounts(people, tuple(e.incident for e in self.effects), float(usual.mean()))
        names = _Names(self.shelf, total)
        for day in range(self.spec.days):
            plain = day_lines(self.spec, self.shelf, people, day, int(counts[day]))
            scene = Scene(self.spec, self.shelf, self.spec.day(day), float(usual.mean()), bots)
            lines = apply(plain, self.effects, scene)
            self.tally.add(day, plain, lines, self.shelf)
            yield _table(lines, self.spec, day, names)


class _Names:
    """Texts made once and taken by index."""

    def __init__(self, shelf: Products, people: int) -> None:
        self.sku = pa.array(shelf.sku)
        self.region, self.channel = pa.array(REGIONS), pa.array(CHANNELS)
        self.customer = _numbered("C", np.arange(1, people + 1), 7)


def _table(lines: Lines, spec: Spec, day: int, names: _Names) -> pa.Table:
    """Order keys are `yymmdd-nnnnn`: twelve letters, which DuckDB keeps inline."""
    numbers = _numbered(f"{spec.day(day):%y%m%d}-", np.arange(1, int(lines.order.max(initial=-1)) + 2), 5)
    return arrow.table(ORDERS, {
        "order_id": numbers.take(pa.array(lines.order)),
        "date": np.full(len(lines), arrow.ordinal(spec.day(day)), np.int32),
        "sku": names.sku.take(pa.array(lines.sku)), "region": names.region.take(pa.array(lines.region)),
        "channel": names.channel.take(pa.array(lines.channel)),
        "customer_id": names.customer.take(pa.array(lines.customer)),
        "qty": lines.qty, "price": lines.price, "discount": lines.discount, "revenue": lines.revenue,
        "returned": lines.returned,
    })


def _numbered(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")
