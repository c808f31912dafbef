"""A job as a person may see it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as a person may see it. progress: fraction done, 0-1."""

    id: str
    kind: str
    state: str
    progress: float
    step: str
    result: dict[str, Any] | None
    error: str | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested: bool

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")
