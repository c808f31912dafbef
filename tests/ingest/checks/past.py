"""A past for checks that look back: made here with plain Python, not by what the product makes it with."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from math import log10
from statistics import median

from dashapp.core.history import History, Mix, Past, Spread

Row = tuple[date, str, float]  # date, region, revenue


def trade(start: date, days: int, *, seed: int = 7, per_day: int = 6, skip: Iterable[date] = (),
          value: Callable[[random.Random, date], float] | None = None) -> list[Row]:
    """Rows on weekdays: `per_day` each, revenue between 20 and 180, three regions."""
    dice, gone, out = random.Random(seed), set(skip), []
    for day in (start + timedelta(n) for n in range(days)):
        if day.weekday() < 5 and day not in gone:
            for _ in range(per_day):
                revenue = value(dice, day) if value else dice.uniform(20, 180)
                out.append((day, dice.choices(("EMEA", "APAC", "AMER"), (5, 3, 2))[0], round(revenue, 2)))
    return out


def csv(rows: Iterable[Row]) -> str:
    return "Date,Region,Revenue\n" + "".join(f"{d},{region},{value}\n" for d, region, value in rows)


def history(rows: list[Row], **more: object) -> History:
    """What the product would tell about these rows."""
    days = sorted({d for d, _, _ in rows})
    periods = tuple(Past(d, sum(r[0] == d for r in rows), (sum(r[2] for r in rows if r[0] == d),)) for d in days)
    mixes: dict[tuple[date, str], int] = {}
    for day, region, _ in rows:
        name = (day.replace(day=1), region)
        mixes[name] = mixes.get(name, 0) + 1
    return History(len(rows), days[0], days[-1], tuple(days), ("revenue",), periods,
                   (spread("revenue", [r[2] for r in rows]),),
                   tuple(Mix("region", m, v, n) for (m, v), n in mixes.items()), **more)  # type: ignore[arg-type]


def spread(column: str, values: list[float], group: str = "") -> Spread:
    logs = [log10(abs(v)) for v in values if v]
    level = median(logs)
    return Spread(column, len(values), sum(v < 0 for v in values) / len(values), level,
                  median(abs(x - level) for x in logs), min(logs), max(logs), group)
