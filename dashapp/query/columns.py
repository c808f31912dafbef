"""Names of columns: which column of which dataset, its own or one joined to it, a written name stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashapp.core.dataset import Column, Dataset, RoleOf


@dataclass(frozen=True, slots=True)
class Field:
    """A column as seen from the rows of `dataset`. join: (local column, reference dataset, its key) where joined."""

    dataset: str
    column: Column
    join: tuple[str, str, str] | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """The full name: dataset, reference where joined, column."""
        return (self.dataset, *((self.join[1],) if self.join else ()), self.column.key)

    @property
    def name(self) -> str:
        """The name of the column in the table of rows, unique within a dataset."""
        return "__".join(self.path[1:])


def find(dataset: Dataset, path: tuple[str, ...], datasets: Mapping[str, Dataset]) -> Field | None:
    """The field that `path` names for rows of `dataset`: `col`, `dataset.col`, `ref.col` or `dataset.ref.col`."""
    if len(path) > 1 and path[0] == dataset.key:
        path = path[1:]
    if len(path) == 1:
        own = dataset.column(path[0])
        return Field(dataset.key, own) if own and own.role is not RoleOf.IGNORE else None
    return _joined(dataset, path, datasets) if len(path) == 2 else None


def find_dimension(dataset: Dataset, name: str, datasets: Mapping[str, Dataset]) -> Field | None:
    """Like `find` for filters and splits; a bare name may also be the only joined column of that name."""
    found = find(dataset, tuple(name.split(".")), datasets)
    if found or "." in name:
        return found
    joined = {
        f.path: f for _, target in dataset.joins if (f := _joined(dataset, (target.split(".")[0], name), datasets))
    }
    return next(iter(joined.values())) if len(joined) == 1 else None


def _joined(dataset: Dataset, path: tuple[str, ...], datasets: Mapping[str, Dataset]) -> Field | None:
    for local, target in dataset.joins:
        reference, _, key = target.partition(".")
        other = datasets.get(reference)
        if reference != path[0] or other is None or dataset.column(local) is None or other.column(key) is None:
            continue
        column = other.column(path[1])
        if column and column.role is not RoleOf.IGNORE:
            return Field(dataset.key, column, (local, reference, key))
    return None


def known_paths(dataset: Dataset, datasets: Mapping[str, Dataset]) -> list[str]:
    """Every name that can be written for rows of `dataset`, without its own prefix: for suggestions and pickers."""
    own = [c.key for c in dataset.columns if c.role is not RoleOf.IGNORE]
    joined = [
        f"{ref}.{c.key}"
        for ref in dict.fromkeys(t.split(".")[0] for _, t in dataset.joins)
        if ref in datasets
        for c in datasets[ref].columns
        if find(dataset, (ref, c.key), datasets)
    ]
    return own + joined


def apart(field: Field | None, datasets: Mapping[str, Dataset]) -> str | None:
    """Why a joined column cannot be used: its rows are somewhere else. None for one that can."""
    if field is None or field.join is None:
        return None
    own, other = datasets[field.dataset], datasets[field.join[1]]
    if own.connection == other.connection:
        return None
    places = [f"{d.key} is {f'in the warehouse {d.connection}' if d.place else 'here'}" for d in (own, other)]
    return f"{' and '.join(places)}: rows of different places cannot be joined."
