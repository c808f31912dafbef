"""Incidents applied to a day's lines, and what each changed: measured, not assumed."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dashapp.demo.causes import CAUSES, Scene, hit
from dashapp.demo.incidents import Incident
from dashapp.demo.lines import Lines


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


def apply(lines: Lines, effects: list[Effect], scene: Scene) -> Lines:
    """The day's lines with every incident of the day; each effect is measured within its segment as it is applied."""
    for effect in effects:
        incident = effect.incident
        if incident.covers(scene.day):
            before = measures(lines.take(hit(lines, incident, scene.shelf)))
            lines = CAUSES[incident.cause](lines, incident, scene)
            effect.add(before, measures(lines.take(hit(lines, incident, scene.shelf))))
    return lines


def _plain(name: str, value: int) -> int | float:
    return value / 100 if name in ("revenue", "discount", "refunds") else value
