"""Daily marketing by region and medium: what was spent, who came, and how many ordered online."""
from __future__ import annotations

from typing import Any

import numpy as np

from dashapp.demo.customers import LINES_PER_ORDER
from dashapp.demo.season import YEARLY_GROWTH, expected, promotion_on
from dashapp.demo.spec import CHANNEL_SHARE, ONLINE, REGION_SHARE, REGIONS, Spec
from dashapp.demo.tally import Tally

# Medium: share of the spend, share of the orders, orders per visit.
MEDIA = (
    ("Paid search", 0.40, 0.31, 0.031), ("Social", 0.22, 0.12, 0.014), ("Email", 0.07, 0.19, 0.042),
    ("Display", 0.19, 0.06, 0.009), ("Organic", 0.12, 0.32, 0.027),
)
SHARE_OF_REVENUE = 0.038


def marketing(spec: Spec, tally: Tally) -> list[dict[str, Any]]:
    """Rows by day, region and medium; spend in cents.

    The conversions of a day and region add up to its web and mobile orders. Visits follow what the orders would have
    been: people still came when the shop was down, and bots hardly browse.
    """
    visit_noise, spend_noise = (spec.draw(what).lognormal(0, 0.07, (spec.days, len(REGIONS), len(MEDIA)))
                                for what in ("visits", "spend"))
    budget = _budget(spec, tally)
    orders = tally.orders[:, :, ONLINE].sum(axis=2)
    usual = _smooth(spec)
    share = np.array([m[2] for m in MEDIA])
    rows = []
    for day in range(spec.days):
        draw = spec.draw("conversions", day)
        push = 1.35 if promotion_on(spec.day(day)) else 1.0
        for r, region in enumerate(REGIONS):
            converted = draw.multinomial(int(orders[day, r]), share / share.sum())
            for m, (medium, part, of_orders, rate) in enumerate(MEDIA):
                visits = usual[day, r] * of_orders / rate * visit_noise[day, r, m]
                cents = budget[day] * REGION_SHARE[r] * part * push * spend_noise[day, r, m]
                rows.append({"date": spec.day(day), "region": region, "medium": medium, "spend": round(cents),
                             "visits": max(round(visits), int(converted[m])), "conversions": int(converted[m])})
    return rows


def _budget(spec: Spec, tally: Tally) -> np.ndarray:
    """Cents a day: a share of the revenue planned for the time of year, without the incidents, shape (days,)."""
    per_line = tally.usual_revenue.sum() / spec.orders
    plan: np.ndarray = np.convolve(np.pad(expected(spec), 14, mode="edge"), np.ones(29) / 29, mode="valid")
    cents: np.ndarray = plan * per_line * SHARE_OF_REVENUE
    return cents


def _smooth(spec: Spec) -> np.ndarray:
    """Online orders expected by day and region, shape (days, regions)."""
    online = sum(CHANNEL_SHARE[c] for c in ONLINE)
    drift = YEARLY_GROWTH ** (-np.arange(spec.days) / 365.25 * 0.25)
    return np.outer(expected(spec) * drift * online / LINES_PER_ORDER, REGION_SHARE)
