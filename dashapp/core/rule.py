"""A threshold: ordered bands on one KPI, and the status a value has in them."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "critical", "none"]
STATUS_NAMES: dict[Status, str] = {"ok": "On track", "warning": "Warning", "critical": "Critical", "none": "No limits"}
SIDE_NAMES = {"below": "low values", "above": "high values"}  # which of them are bad


@dataclass(frozen=True, slots=True)
class Limits:
    """Plain limits of a KPI at a grain, in the KPI's unit. side `below`: lower is worse; `above`: higher is worse."""

    kpi: str
    grain: str
    side: Literal["below", "above"]
    warning: float | None = None
    critical: float | None = None
    version: int = 0

    def status(self, value: float | None) -> Status:
        """Which band holds the value; a limit itself is inside the worse band. No value or no limits: `none`."""
        if value is None or (self.warning is None and self.critical is None):
            return "none"
        if _beyond(value, self.critical, self.side):
            return "critical"
        return "warning" if _beyond(value, self.warning, self.side) else "ok"


def _beyond(value: float, limit: float | None, side: str) -> bool:
    return limit is not None and (value <= limit if side == "below" else value >= limit)
