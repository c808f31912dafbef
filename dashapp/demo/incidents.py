"""What goes wrong in the demo company, when, where and how strongly: the truth that detection is scored against."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dashapp.demo.season import holidays, promotion_on
from dashapp.demo.spec import Spec

Cause = Literal["outage", "price_error", "bots", "margin_leak", "return_wave"]
Days = tuple[date, date]
Segment = tuple[tuple[str, tuple[str, ...]], ...]
FULL_HISTORY = 365
TWO_YEARS = 700


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that went wrong from `start` to `end`, both inside.

    segment: column -> values hit (`catalogue.category` is the joined column). strength: outage: share of the orders
    lost; price error: factor on the price; bots: extra orders as a share of all orders; margin leak: discount added
    on the last day, a straight line from 0; return wave: share of lines returned. kpis: where it shows, with `up` or
    `down`.
    """

    key: str
    cause: Cause
    title: str
    start: date
    end: date
    segment: Segment
    strength: float
    kpis: tuple[tuple[str, str], ...]

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end

    def share_at(self, day: date) -> float:
        """Strength reached on `day` by an incident that grows along a straight line."""
        return self.strength * ((day - self.start).days + 1) / ((self.end - self.start).days + 1)


def incidents(spec: Spec) -> tuple[Incident, ...]:
    """The incidents of a company, oldest first; none when the spec says so.

    The recent ones lie within a year of the last day (closer in a shorter history); a long history has two earlier
    ones as well. Short ones start on a working day away from sales and holidays; no two short ones overlap.
    """
    if not spec.incidents:
        return ()
    outage = _outage("outage", "AMER", _calm(spec, 19, 2, spec.end), 0.85)
    price = _price(_calm(spec, 46, 3, outage.start))
    bots = _bots("bots", _calm(spec, 96, 2, price.start))
    found = [outage, price, bots, _leak(spec), _wave(spec)]
    if spec.days >= TWO_YEARS:
        again = _bots("bots_first_year", _calm(spec, 430, 2, bots.start))
        found += [again, _outage("outage_first_year", "EMEA", _calm(spec, 520, 2, again.start), 0.65)]
    return tuple(sorted(found, key=lambda i: (i.start, i.key)))


def _ago(spec: Spec, days: int) -> int:
    """Days before the end, drawn together in a history of less than a year and moved a little by the seed."""
    wobble = int(spec.draw("incident days", days).integers(-2, 3))
    return max(2, round((days + wobble) * min(1.0, spec.days / FULL_HISTORY)))


def _calm(spec: Spec, about: int, length: int, before: date) -> Days:
    """The last run of `length` ordinary working days about `about` days before the end or earlier, and before `before`.

    In a short history without such a run, the days are just any.
    """
    ago = max(_ago(spec, about), (spec.end - before).days + length + 1)
    runs = [[spec.end - timedelta(back - n) for n in range(length)] for back in range(ago, spec.days)]
    run = next((days for days in runs if all(_ordinary(d) for d in days)), runs[0])
    return run[0], run[-1]


def _ordinary(day: date) -> bool:
    near = (day + timedelta(n) for n in (-3, 0, 3))
    return day.weekday() < 5 and day not in holidays(day.year) and not any(promotion_on(d) for d in near)


def _outage(key: str, region: str, days: Days, lost: float) -> Incident:
    return Incident(key, "outage", f"The shop could not be reached from {region}", *days,
                    (("region", (region,)), ("channel", ("web", "mobile"))), lost,
                    (("orders", "down"), ("revenue", "down"), ("conversion_rate", "down")))


def _price(days: Days) -> Incident:
    return Incident("price_error", "price_error", "Seating was sold at a tenth of its price", *days,
                    (("catalogue.category", ("Seating",)),), 0.1,
                    (("revenue", "down"), ("units", "up"), ("average_order_value", "down"), ("profit_margin", "down")))


def _bots(key: str, days: Days) -> Incident:
    return Incident(key, "bots", "Bots placed orders from fresh accounts", *days,
                    (("region", ("APAC",)), ("channel", ("web",))), 0.7,
                    (("orders", "up"), ("new_customers", "up"), ("average_order_value", "down")))


def _leak(spec: Spec) -> Incident:
    return Incident("margin_leak", "margin_leak", "Marketplace discounts crept up unnoticed",
                    spec.end - timedelta(_ago(spec, 150)), spec.end, (("channel", ("marketplace",)),), 0.22,
                    (("profit_margin", "down"), ("gross_profit", "down"), ("revenue", "down")))


def _wave(spec: Spec) -> Incident:
    start = spec.end - timedelta(_ago(spec, 70))
    length = max(4, round(24 * min(1.0, spec.days / FULL_HISTORY)))
    return Incident("return_wave", "return_wave", "A faulty batch of lamps came back weeks later", start,
                    start + timedelta(length - 1), (("catalogue.category", ("Lighting",)),), 0.38,
                    (("satisfaction", "down"), ("defect_rate", "up")))
