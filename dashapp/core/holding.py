"""A dataset with what it holds now."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashapp.core.dataset import Dataset


@dataclass(frozen=True)
class DatasetView:
    """A dataset with what it holds now: visible rows, dates, live uploads, and whether its serving file is current."""

    dataset: Dataset
    rows: int
    first: date | None
    last: date | None
    data_through: date | None
    uploads: int
    is_served: bool
