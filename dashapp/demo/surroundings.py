"""What is measured around the orders: survey, market, brand tracker and operations, of closed weeks and months only."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np

from dashapp.demo.finance import closed_months
from dashapp.demo.incidents import Incident, incidents
from dashapp.demo.spec import REGIONS, Spec
from dashapp.demo.tally import Tally

SATISFACTION = {"EMEA": 4.34, "AMER": 4.26, "APAC": 4.18, "LATAM": 4.09}
MARKET_SHARE = {"EMEA": 0.062, "AMER": 0.021, "APAC": 0.013, "LATAM": 0.017}
SITES = (("Leipzig", 0.64), ("Rotterdam", 0.36))
BRAND = (("Innovation Index", 61.0, 0.16), ("Competitive Index", 55.0, 0.08), ("Brand Recognition Index", 43.0, 0.24))
AFTERMATH = timedelta(14)


def closed_weeks(spec: Spec) -> list[date]:
    """The Mondays of the whole weeks of the history that are over on its last day."""
    first = spec.start + timedelta(-spec.start.weekday() % 7)
    return [first + timedelta(n) for n in range(0, (spec.end - first).days - 5, 7)]


def survey(spec: Spec, tally: Tally) -> list[dict[str, Any]]:
    """Rows by week and region: mean satisfaction (1 to 5), promoters, detractors and responses (counts).

    A third of the week's ordering customers answer. Outages and the return wave show for two weeks afterwards.
    """
    rows = []
    found = incidents(spec)
    for monday in closed_weeks(spec):
        first = spec.index(monday)
        for r, region in enumerate(REGIONS):
            draw = spec.draw("survey", first * len(REGIONS) + r)
            mood = SATISFACTION[region] + 0.0002 * first - _annoyance(found, monday, region)
            answers = max(12, round(tally.usual_orders[first:first + 7, r].sum() * 0.3))
            score = float(np.clip(mood + draw.normal(0, 0.05), 1, 5))
            happy = float(np.clip(0.56 + 0.55 * (score - 4.25), 0.05, 0.9))
            unhappy = float(np.clip(0.15 - 0.40 * (score - 4.25), 0.02, 0.9))
            promoters, _, detractors = draw.multinomial(answers, _shares(happy, unhappy))
            rows.append({"date": monday, "region": region, "satisfaction": round(score, 2), "promoters": int(promoters),
                         "detractors": int(detractors), "responses": answers})
    return rows


def market(spec: Spec, tally: Tally) -> list[dict[str, Any]]:
    """Rows by month and region: what all suppliers sell there, in cents, to 1,000 EUR; it grows more slowly."""
    draw, rows = spec.draw("market"), []
    daily = tally.usual_revenue.sum(axis=(0, 2)) / spec.days
    for month in closed_months(spec):
        years = (spec.index(month.start) - spec.days / 2) / 365.25
        turn = 1 + 0.05 * np.cos(2 * np.pi * (month.start.month - 11) / 12)
        for r, region in enumerate(REGIONS):
            size = daily[r] * month.days / MARKET_SHARE[region] * 1.045**years * turn * draw.lognormal(0, 0.012)
            rows.append({"date": month.start, "region": region, "market_size": round(size / 1e5) * 100_000})
    return rows


def readings(spec: Spec) -> list[dict[str, Any]]:
    """Rows by month and KPI: an agency's indices from 0 to 100."""
    draw = spec.draw("readings")
    return [{"date": month.start, "kpi": name, "value": round(level + drift * n + draw.normal(0, 0.9), 1)}
            for n, month in enumerate(closed_months(spec)) for name, level, drift in BRAND]


def operations(spec: Spec, tally: Tally) -> list[dict[str, Any]]:
    """Rows by week and site: output (standard hours earned), input (hours paid), own-brand units made, defects.

    The faulty batch behind the return wave was made at the first site in the fortnight before the wave's first orders.
    """
    return list(_operations(spec, tally))


def _operations(spec: Spec, tally: Tally) -> Iterator[dict[str, Any]]:
    waves = [i for i in incidents(spec) if i.cause == "return_wave"]
    for monday in closed_weeks(spec):
        days = slice(spec.index(monday), spec.index(monday) + 7)
        for n, (site, share) in enumerate(SITES):
            draw = spec.draw("operations", days.start * len(SITES) + n)
            faulty = n == 0 and any(w.start - AFTERMATH <= monday + timedelta(6) < w.start + AFTERMATH for w in waves)
            output = tally.usual_orders[days].sum() * share * 0.55
            made = max(20, round(int(tally.built[days].sum()) * share))
            yield {"date": monday, "site": site, "output": round(float(output), 1),
                   "input": round(float(output / (0.89 + 0.00006 * days.start) * draw.lognormal(0, 0.025)), 1),
                   "units_produced": made, "defects": int(draw.binomial(made, 0.058 if faulty else 0.013))}


def _annoyance(found: tuple[Incident, ...], monday: date, region: str) -> float:
    """Points of satisfaction lost in the week, by the incidents that touch it or ended up to two weeks before."""
    lost = 0.0
    for incident in found:
        if incident.start <= monday + timedelta(6) and monday <= incident.end + AFTERMATH:
            lost += {"outage": 0.32, "return_wave": 0.16}.get(incident.cause, 0.0) * _reaches(incident, region)
    return lost


def _reaches(incident: Incident, region: str) -> bool:
    return region in dict(incident.segment).get("region", REGIONS)


def _shares(happy: float, unhappy: float) -> list[float]:
    return [happy, max(0.0, 1 - happy - unhappy), min(unhappy, 1 - happy)]
