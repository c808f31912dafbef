"""How far a dataset's rows reach at a moment: dates, weekdays with trade, and data-through."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState, state_of
from dashapp.core.vintage import Vintage, live_vintages

if TYPE_CHECKING:
    from dashapp.facts.profile import Profile
    from dashapp.facts.tables import Tables
    from dashapp.services.desk import Desk


def data_states(tables: Tables, datasets: Iterable[Dataset], vintages: Mapping[str, tuple[Vintage, ...]],
                at: datetime | None, today: date, calendar: Calendar) -> dict[str, DataState]:
    """The state of each dataset as the tables show it."""
    return {d.key: _state(d, tables.reach(d.key), vintages[d.key], at, today, calendar) for d in datasets}


def data_state(desk: Desk, dataset: Dataset, vintages: tuple[Vintage, ...], at: datetime | None,
               today: date) -> DataState:
    """The state of one dataset."""
    return _state(dataset, desk.ledger.profile(dataset, vintages, at), vintages, at, today, desk.organisation.calendar)


def declared_through(vintages: tuple[Vintage, ...], at: datetime | None) -> date | None:
    """The latest data-through that a live upload declared, unless a later upload without one reaches further."""
    live = live_vintages(vintages, at)
    declared = max((v.data_through for v in live if v.data_through), default=None)
    reached = max((v.last for v in live if v.last), default=None)
    return declared if declared and (reached is None or declared >= reached) else None


def _state(dataset: Dataset, profile: Profile, vintages: tuple[Vintage, ...], at: datetime | None, today: date,
           calendar: Calendar) -> DataState:
    return state_of(dataset, profile.first, profile.last, profile.weekdays, declared_through(vintages, at), calendar,
                    today)
