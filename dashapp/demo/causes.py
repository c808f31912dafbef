"""How each kind of incident changes a day's lines."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dashapp.demo.customers import Customers
from dashapp.demo.incidents import Incident
from dashapp.demo.lines import Lines, returns
from dashapp.demo.products import Products
from dashapp.demo.spec import CHANNELS, REGIONS, Spec

ORDERS_PER_BOT = 3
CHEAPER_SELLS = 3


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


def bot_accounts(people: Customers, found: tuple[Incident, ...], usual_orders: float) -> tuple[dict[str, int], int]:
    """First customer number of each bot incident, and how many customers there are with the bots."""
    first, total = {}, len(people)
    for incident in found:
        if incident.cause == "bots":
            first[incident.key] = total
            days = (incident.end - incident.start).days + 1
            total += days * _accounts(usual_orders, incident)
    return first, total


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


CAUSES: dict[str, Callable[[Lines, Incident, Scene], Lines]] = {
    "outage": _outage, "price_error": _price_error, "bots": _bots, "margin_leak": _margin_leak,
    "return_wave": _return_wave,
}
