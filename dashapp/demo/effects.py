"""Incidents applied to a day's lines, and what each changed: measured, not assumed."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.demo.customers import Customers
from dashapp.demo.incidents import Incident
from dashapp.demo.lines import Lines, returns
from dashapp.demo.products import Products
from dashapp.demo.spec import CHANNELS, REGIONS, Spec

ORDERS_PER_BOT = 3
CHEAPER_SELLS = 3


@dataclass(slots=True)
class Effect:
    """What one incident changed within its segment: totals without and with it. Money in cents until `to_json`."""

    incident: Incident
    without: dict[str, int] = field(default_factory=dict)
    actual: dict[str, int] = field(default_factory=dict)

    def add(self, before: dict[str, int], after: dict[str, int]) -> None:
        for name, value in before.items():
            self.without[name] = self.without.get(name, 0) + value
            self.actual[name] = self.actual.get(name, 0) + after[name]

    def to_json(self) -> dict[str, Any]:
        """The incident with its sizes: `without`, `actual`, `change` and `change_ratio` (null from nothing)."""
        return {
            "key": self.incident.key, "kind": self.incident.cause, "title": self.incident.title,
            "start": self.incident.start.isoformat(), "end": self.incident.end.isoformat(),
            "segment": {column: list(values) for column, values in self.incident.segment},
            "strength": self.incident.strength, "kpis": dict(self.incident.kpis),
            "without": {n: _plain(n, v) for n, v in self.without.items()},
            "actual": {n: _plain(n, v) for n, v in self.actual.items()},
            "change": {n: _plain(n, self.actual[n] - v) for n, v in self.without.items()},
            "change_ratio": {n: round(self.actual[n] / v - 1, 4) if v else None for n, v in self.without.items()},
        }


def measures(lines: Lines) -> dict[str, int]:
    """Sums over lines; `revenue`, `discount` and `refunds` in cents."""
    return {
        "lines": len(lines), "orders": len(np.unique(lines.order)), "customers": len(np.unique(lines.customer)),
        "units": int(lines.qty.sum()), "revenue": int(lines.revenue.sum()), "discount": int(lines.discount.sum()),
        "returned": int(lines.returned.sum()), "refunds": int(lines.refund.sum()),
    }


def hit(lines: Lines, incident: Incident, shelf: Products) -> NDArray[np.bool_]:
    """Which lines lie in the incident's segment."""
    mask = np.ones(len(lines), dtype=bool)
    for column, values in incident.segment:
        if column == "catalogue.category":
            mask &= np.logical_or.reduce([shelf.of(v) for v in values])[lines.sku]
        else:
            names, codes = (REGIONS, lines.region) if column == "region" else (CHANNELS, lines.channel)
            mask &= np.isin(codes, [names.index(v) for v in values])
    return mask


@dataclass(frozen=True, slots=True)
class Scene:
    """What the incidents of one day may look at."""

    spec: Spec
    shelf: Products
    day: date
    usual_orders: float
    bots: dict[str, int]

    def draw(self, incident: Incident) -> np.random.Generator:
        return self.spec.draw(incident.key, self.spec.index(self.day))


def bot_accounts(spec: Spec, people: Customers, found: tuple[Incident, ...], usual_orders: float
                 ) -> tuple[dict[str, int], int]:
    """First customer number of each bot incident, and how many customers there are with the bots."""
    first, total = {}, len(people)
    for incident in found:
        if incident.cause == "bots":
            first[incident.key] = total
            days = (incident.end - incident.start).days + 1
            total += days * _accounts(usual_orders, incident)
    return first, total


def apply(lines: Lines, effects: list[Effect], scene: Scene) -> Lines:
    """The day's lines with every incident of the day; each effect is measured within its segment as it is applied."""
    for effect in effects:
        incident = effect.incident
        if incident.covers(scene.day):
            before = measures(lines.take(hit(lines, incident, scene.shelf)))
            lines = _CAUSES[incident.cause](lines, incident, scene)
            effect.add(before, measures(lines.take(hit(lines, incident, scene.shelf))))
    return lines


def _outage(lines: Lines, incident: Incident, scene: Scene) -> Lines:
    mask = hit(lines, incident, scene.shelf)
    orders = np.unique(lines.order[mask])
    lost = scene.draw(incident).choice(orders, round(len(orders) * incident.strength), replace=False)
    return lines.take(~(mask & np.isin(lines.order, lost)))


def _price_error(lines: Lines, incident: Incident, scene: Scene) -> Lines:
    mask = hit(lines, incident, scene.shelf)
    price = np.where(mask, np.rint(lines.price * incident.strength).astype(np.int64), lines.price)
    qty = np.where(mask, lines.qty * CHEAPER_SELLS, lines.qty)
    return lines.but(price=price, qty=qty)


def _bots(lines: Lines, incident: Incident, scene: Scene) -> Lines:
    accounts = _accounts(scene.usual_orders, incident)
    first = scene.bots[incident.key] + (scene.day - incident.start).days * accounts
    customer = np.repeat(np.arange(first, first + accounts), ORDERS_PER_BOT)
    many = len(customer)
    cheap = np.argsort(scene.shelf.price, kind="stable")[:3]
    segment = dict(incident.segment)
    last = int(lines.order.max()) if len(lines) else -1
    sku = scene.draw(incident).choice(cheap, many)
    extra = Lines(
        np.arange(last + 1, last + 1 + many), customer,
        np.full(many, REGIONS.index(segment["region"][0]), np.int8),
        np.full(many, CHANNELS.index(segment["channel"][0]), np.int8), sku, np.ones(many, np.int64),
        scene.shelf.price[sku], np.zeros(many, np.int64), np.zeros(many, np.int64))
    return lines.plus(extra)


def _margin_leak(lines: Lines, incident: Incident, scene: Scene) -> Lines:
    more = round(incident.share_at(scene.day) * 10000)
    return lines.but(basis_points=lines.basis_points + more * hit(lines, incident, scene.shelf))


def _return_wave(lines: Lines, incident: Incident, scene: Scene) -> Lines:
    rate = np.full(len(lines), incident.strength)
    late = (scene.spec.end - scene.day).days
    back = np.maximum(returns(rate, lines.qty, late, scene.draw(incident)), lines.returned)
    return lines.but(returned=np.where(hit(lines, incident, scene.shelf), back, lines.returned))


def _accounts(usual_orders: float, incident: Incident) -> int:
    return max(2, round(usual_orders * incident.strength / ORDERS_PER_BOT))


def _plain(name: str, value: int) -> int | float:
    return value / 100 if name in ("revenue", "discount", "refunds") else value


_CAUSES: dict[str, Callable[[Lines, Incident, Scene], Lines]] = {
    "outage": _outage, "price_error": _price_error, "bots": _bots, "margin_leak": _margin_leak,
    "return_wave": _return_wave,
}
