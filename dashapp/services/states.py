"""How far a dataset's rows reach at a moment: dates, weekdays with trade, and data-through."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState, state_of
from dashapp.core.vintage import Vintage, live_vintages

if TYPE_CHECKING:
    from dashapp.facts.profile import Profile
    from dashapp.facts.tables import Tables
    from dashapp.services.desk import Desk
    from dashapp.services.scene import Scene


def data_states(tables: Tables, datasets: Iterable[Dataset], vintages: Mapping[str, tuple[Vintage, ...]],
                at: datetime | None, today: date, calendar: Calendar) -> dict[str, DataState]:
    """The state of each dataset as the tables show it."""
    return {d.key: _state(d, tables.reach(d.key), vintages[d.key], at, today, calendar) for d in datasets}


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


def remote_profile(data: Mapping[str, Any] | None) -> Profile:
    """The profile of a connected dataset as it was last seen; an empty one before that."""
    from dashapp.facts.profile import Profile, profile_from_json

    return profile_from_json({"cardinality": {}, **data}) if data else Profile()


def profile_at(desk: Desk, scene: Scene, key: str) -> Profile:
    """The profile of a dataset as it is now, wherever its rows are."""
    dataset = scene.datasets[key]
    if dataset.place is not None:
        return remote_profile(scene.profiles.get(key))
    return desk.ledger.profile(dataset, scene.vintages[key])


def state_at(desk: Desk, scene: Scene, key: str, today: date) -> DataState:
    """The state of a dataset as it is now, wherever its rows are."""
    return _state(scene.datasets[key], profile_at(desk, scene, key), scene.vintages[key], None, today,
                  desk.organisation.calendar)
