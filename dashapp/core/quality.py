"""The quality of a dataset in five numbers from 0 to 1, each with its definition and the counts it comes from."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

GOOD, FAIR = 0.98, 0.9  # from which a number is called good, fair; below it is poor


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the five numbers. help: its definition, as people read it."""

    name: str
    label: str
    help: str


DIMENSIONS = (
    Dimension("completeness", "Completeness",
              "The smaller of two shares: cells that have a value, and expected days (weeks, months) that have rows. "
              "Expected is what the dataset's own calendar teaches: no Saturdays is not a gap."),
    Dimension("validity", "Validity",
              "The share of the rows that arrived which were accepted and whose values lie within the plausible "
              "ranges of the KPI definitions."),
    Dimension("uniqueness", "Uniqueness",
              "The share of rows that repeat no other: by the key where one is declared, else in every column."),
    Dimension("consistency", "Consistency",
              "The share of rows whose keys are found in every joined list and whose texts are spelled in one way "
              "(EMEA and emea are two)."),
    Dimension("timeliness", "Timeliness",
              "1 while the data are no older than they usually are when a file arrives, then falling to 0 at twice "
              "that age."),
)
NAMES = tuple(d.name for d in DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Quality:
    """The five numbers of one version of a dataset at a moment; None where one has no meaning (a list has no dates).

    counts: what they come from, see `services.quality`.
    """

    dataset: str
    version: int
    at: datetime
    scores: Mapping[str, float | None]
    counts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def lowest(self) -> float | None:
        return min((s for s in self.scores.values() if s is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        return {"dataset": self.dataset, "version": self.version, "at": self.at.isoformat(), **dict(self.scores),
                "counts": dict(self.counts)}


def word(score: float | None) -> str:
    """`good`, `fair`, `poor`; `none` where there is no number."""
    if score is None:
        return "none"
    return "good" if score >= GOOD else "fair" if score >= FAIR else "poor"


def share(good: int, of: int) -> float | None:
    """A share, None of nothing; never rounded up to all."""
    return good / of if of else None


def timeliness(age: int, usual: int, period: int) -> float:
    """age: days the data are old; usual: how old they are when files arrive; period: days of a row's period.

    1 up to the usual age and one period more, in which the next file is made; 0 at twice that.
    """
    allowed = max(1, usual + period)
    return 1.0 if age <= allowed else max(0.0, 1 - (age - allowed) / allowed)


@dataclass(frozen=True, slots=True)
class Trend:
    """How a number moved since an earlier one: `since` is the day of that, None where there is none."""

    change: float | None
    since: date | None
