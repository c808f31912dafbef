"""How many order lines each day has: growth, week, year, holidays and promotions."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from dashapp.demo.spec import Spec

YEARLY_GROWTH = 1.13
WEEKDAY = np.array([1.18, 1.22, 1.20, 1.15, 1.05, 0.62, 0.58])
HOLIDAY_FACTOR = 0.35
AFTER_PROMOTION = 0.93


@dataclass(frozen=True, slots=True)
class Promotion:
    """A sale: first and last day, lift of demand (factor) and discount in basis points."""

    name: str
    start: date
    end: date
    lift: float
    basis_points: int


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int) -> dict[date, str]:
    """The days on which the company's customers do not work."""
    sunday = easter(year)
    return {
        date(year, 1, 1): "New Year", sunday - timedelta(2): "Good Friday", sunday + timedelta(1): "Easter Monday",
        date(year, 5, 1): "Labour Day", date(year, 12, 24): "Christmas Eve", date(year, 12, 25): "Christmas",
        date(year, 12, 26): "Boxing Day", date(year, 12, 31): "New Year's Eve",
    }


def promotions(year: int) -> tuple[Promotion, ...]:
    """The sales of a year; Black week ends on the Monday after the fourth Friday of November."""
    friday = date(year, 11, 22) + timedelta((4 - date(year, 11, 22).weekday()) % 7)

    def sale(name: str, start: date, days: int, lift: float, basis_points: int) -> Promotion:
        return Promotion(name, start, start + timedelta(days - 1), lift, basis_points)

    return (
        sale("Spring refresh", date(year, 3, 10), 10, 1.22, 800),
        sale("Summer clearance", date(year, 7, 1), 12, 1.18, 1200),
        sale("Back to office", date(year, 9, 1), 10, 1.25, 800),
        sale("Black week", friday - timedelta(4), 8, 1.65, 1500),
    )


def promotion_on(day: date) -> Promotion | None:
    """The sale that runs on `day`, if any."""
    return next((p for p in promotions(day.year) if p.start <= day <= p.end), None)


def demand(day: date, elapsed: int) -> float:
    """Relative demand of a day, without noise; `elapsed` is days since the first one. The long-run mean is near 1."""
    turn = 2 * np.pi * day.timetuple().tm_yday / 365.25
    year = 1 + 0.09 * np.cos(turn - 2 * np.pi * 315 / 365.25) + 0.05 * np.cos(2 * turn - 4 * np.pi * 95 / 365.25)
    factor = YEARLY_GROWTH ** (elapsed / 365.25) * year * WEEKDAY[day.weekday()]
    if day in holidays(day.year):
        factor *= HOLIDAY_FACTOR
    sale = promotion_on(day)
    if sale:
        return float(factor * sale.lift)
    after = any(promotion_on(day - timedelta(n)) for n in range(1, 6))
    return float(factor * (AFTER_PROMOTION if after else 1.0))


def expected(spec: Spec) -> NDArray[np.float64]:
    """Expected order lines of each day, shape (days,), adding up to `spec.orders`."""
    shape = np.array([demand(spec.day(n), n) for n in range(spec.days)])
    scaled: NDArray[np.float64] = shape * (spec.orders / shape.sum())
    return scaled


def lines_per_day(spec: Spec) -> NDArray[np.int64]:
    """Whole order lines of each day, shape (days,): demand with 5 % day noise, adding up to `spec.orders` exactly.

    The fractions are handed out by largest remainder.
    """
    noisy = expected(spec) * spec.draw("day noise").lognormal(0.0, 0.05, spec.days)
    exact = noisy * (spec.orders / noisy.sum())
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    missing = int(spec.orders - whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole
