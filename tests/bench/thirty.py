"""Thirty KPIs and the questions about them that all sides of the engine's benchmark answer, and how a side is timed."""
from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

RUNS = 3
TODAY = date(2026, 3, 31)
YEAR, TWO_YEARS = (date(2025, 4, 1), TODAY), (date(2024, 4, 1), TODAY)
PLAIN = {
    "revenue": "sum(orders.revenue)", "cost": "sum(orders.cost)", "units": "sum(orders.qty)", "orders": "count(orders)",
    "gross": "sum(orders.qty * orders.price)", "average_price": "avg(orders.price)", "highest": "max(orders.price)",
    "lowest": "min(orders.price)", "largest": "max(orders.qty)", "average_units": "avg(orders.qty)",
    **{c: f'sum(orders.revenue, orders.channel == "{c}")' for c in ("web", "shop", "phone")},
    **{r.lower(): f'sum(orders.revenue, orders.region == "{r}")' for r in ("EMEA", "APAC", "AMER")}}
DERIVED = {
    "profit": ("revenue - cost",) * 2, "margin": ("(revenue - cost) / revenue",) * 2,
    **{k: (f"{a} / {b}",) * 2 for k, a, b in (
        ("basket", "revenue", "orders"), ("web_share", "web", "revenue"), ("shop_share", "shop", "revenue"),
        ("phone_share", "phone", "revenue"), ("emea_share", "emea", "revenue"), ("apac_share", "apac", "revenue"),
        ("amer_share", "amer", "revenue"), ("units_per_order", "units", "orders"), ("cost_ratio", "cost", "revenue"),
        ("unit_cost", "cost", "units"))},
    "spread": ("highest - lowest",) * 2, "rebate": ("gross - revenue",) * 2}
WHO = {"customers": "distinct(orders.customer_id)", "arpu": "revenue / customers"}
FORMULAS = {**PLAIN, **{k: f for k, (f, _) in DERIVED.items()}, **WHO}
ADDITIVE = tuple(FORMULAS)[:30]
WITH_PEOPLE = (*ADDITIVE[:28], *WHO)
# name -> (KPIs, grain, range, split, filter); the SQL by hand and the pandas code speak of the same
QUESTIONS: dict[str, tuple[tuple[str, ...], str, tuple[date, date], tuple[str, ...], tuple[str, ...]]] = {
    "by day": (ADDITIVE, "day", YEAR, (), ()),
    "by day x region": (ADDITIVE, "day", YEAR, ("region",), ()),
    "by month with distinct customers": (WITH_PEOPLE, "month", TWO_YEARS, (), ()),
    "filtered quarter": (ADDITIVE, "quarter", TWO_YEARS, (), ("region=EMEA", "channel=web"))}
PEOPLE = {
    "distinct customers by month": ("month", TWO_YEARS, (), ()),
    "distinct customers by month x region": ("month", TWO_YEARS, ("region",), ()),
    "distinct customers by month, region=EMEA": ("month", TWO_YEARS, (), ("region=EMEA",)),
    "distinct customers by quarter x channel, region=EMEA|APAC": ("quarter", TWO_YEARS, ("channel",),
                                                                   ("region=EMEA|APAC",))}


def best(work: Callable[[], Any], told: Callable[[Any], Any] | None, runs: int = RUNS) -> dict[str, Any]:
    """Seconds of the first run, wall and processor time of the fastest one, and what `told` says of the result."""
    laps = []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        out = work()
        laps.append((time.perf_counter() - wall, time.process_time() - cpu))
    return {"first": laps[0][0], "wall": min(w for w, _ in laps), "cpu": min(c for _, c in laps),
            "figures": told(out) if told else None}


def checksum(values: Iterable[Any]) -> float:
    return math.fsum(float(v) for v in values if v is not None)


def sums(name: str, records: list[dict[str, Any]]) -> dict[str, float]:
    """Per KPI the sum over all groups: enough to find a wrong figure, small enough to hand over."""
    keys = QUESTIONS[name][0] if name in QUESTIONS else ("customers",)
    return {k: checksum(r[k] for r in records) for k in keys}
