"""One upload as the ledger sees it, and the events that make it visible or not."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dashapp.core.dataset import Mode


@dataclass(frozen=True, slots=True)
class Vintage:
    """One immutable Parquet file of a dataset.

    commit: number of its commit within the dataset (1, 2, ...); orders visibility. committed_at: UTC, never running
    backwards within a dataset. undone_at/redone_at: the latest such events in order, see `events`.
    first/last: dates of its rows (None for references). replaced: for `replace-period`, the closed whole-period range
    and, per slice column, the values it replaced; also confined by the uploader's scope when there was one.
    key_columns: the key in force at the commit; () where rows have no identity. filename: the Parquet file's name
    inside the dataset's folder of FACTS_DIR; sha256: of that file's bytes.
    """

    id: str
    dataset: str
    commit: int
    committed_at: datetime
    filename: str
    sha256: str
    rows: int
    mode: Mode
    key_columns: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    replaced: tuple[date, date] | None = None
    replaced_slices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    events: tuple[tuple[datetime, bool], ...] = ()
    source_name: str = ""
    data_through: date | None = None

    def is_live(self, at: datetime | None = None) -> bool:
        """Committed by `at` and not undone at `at` (now when None). `events` are (when, live-after), oldest first."""
        if at is not None and self.committed_at > at:
            return False
        live = True
        for when, alive in self.events:
            if at is None or when <= at:
                live = alive
        return live


def live_vintages(vintages: tuple[Vintage, ...], at: datetime | None = None) -> tuple[Vintage, ...]:
    """The vintages live at `at`, in commit order."""
    return tuple(sorted((v for v in vintages if v.is_live(at)), key=lambda v: v.commit))
