"""What is true for the whole installation: its name, zone, language of numbers, currency and calendar."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashapp.core.calendar import Calendar
from dashapp.core.words import Words


@dataclass(frozen=True, slots=True)
class Organisation:
    """Settings that change meaning; versioned like definitions. `week_start`: 0 Monday ... 6 Sunday."""

    name: str = "Ledgerline"
    timezone: str = "UTC"
    locale: str = "en_GB"
    currency: str = "EUR"
    fiscal_month: int = 1
    week_start: int = 0
    calendar_family: str = "gregorian"

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.fiscal_month, self.week_start, self.calendar_family)  # type: ignore[arg-type]

    @property
    def words(self) -> Words:
        """The formatter of this organisation's numbers and dates."""
        return Words(self.locale, self.currency, self.timezone)

    def today(self, now: datetime) -> date:
        """The business date of a moment (aware UTC) in the organisation's zone."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
