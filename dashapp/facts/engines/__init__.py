"""Engines of connected datasets: one file per kind of warehouse. Only aggregates travel: see `Warehouse.fetch`.

An answer comes within its deadline or not at all: what runs longer is cancelled over there, and what does not even
answer that is left behind.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from dashapp.core.errors import AppError
from dashapp.core.place import Place, RemoteColumn
from dashapp.core.registry import Registry

MAX_ROWS = 200_000  # of an answer: groups, never rows of the table
BATCH = 5_000  # rows that are handed on at a time
Take = Callable[[Sequence[str], Sequence[Sequence[Any]]], None]  # names of the columns, and rows


class Unreachable(AppError):
    """The warehouse did not answer: it is down, too slow, or it does not let us in. `message` has no secrets."""

    status = 503
    title = "Not available now"


class Refused(AppError):
    """The warehouse answered, and said no: there is no such table, no right to read it, or no such number."""

    status = 422
    title = "Cannot be used"


@dataclass(frozen=True, slots=True)
class RemoteProfile:
    """What completeness stands on: rows, first and last date, weekday (0 Monday) -> number of dates with rows."""

    rows: int
    first: date | None
    last: date | None
    weekdays: Mapping[int, int]


class Warehouse(Protocol):
    """One open connection to a warehouse, safe for any number of threads. It only ever reads."""

    def fetch(self, sql: str, *, timeout: float, most: int = MAX_ROWS) -> dict[str, list[Any]]:
        """The answer to one SELECT as column -> values. timeout: seconds until it is cancelled.

        Raises Unreachable when it takes longer or nobody answers, Refused for what the engine refuses and for an
        answer of more than `most` rows.
        """

    def read(self, sql: str, take: Take, *, timeout: float, most: int) -> None:
        """Hand on the rows of one SELECT, some thousand at a time; `take` is called at least once.

        In one read-only transaction where the engine has such. Raises as `fetch`; what `take` raises ends the reading.
        """

    def tables(self, *, timeout: float) -> list[tuple[str, ...]]:
        """Names, in parts, of the tables and views that can be read."""

    def schema(self, table: tuple[str, ...], *, timeout: float) -> list[RemoteColumn]:
        """The columns of a table or view, in order. Raises Refused when there is none."""

    def profile(self, place: Place, date_column: str | None, *, timeout: float) -> RemoteProfile:
        """The profile of the rows; dates are those of the dataset's date column."""

    def marker(self, table: tuple[str, ...], *, timeout: float) -> str | None:
        """A text that changes with every change of the table; None where the engine cannot tell (a view)."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class Engine:
    """name: of its dialect. schemes: of the URLs it is reached by. example: such a URL. open: no network yet.

    check: raises Invalid for a URL that must not be used. kinds: remote type -> type of a column, None where the type
    cannot be used.
    """

    name: str
    label: str
    schemes: tuple[str, ...]
    example: str
    check: Callable[[str], None]
    open: Callable[[str], Warehouse]
    kind: Callable[[str], str | None]


ENGINES = Registry("dashapp.facts.engines", Engine)


def engine_of(url: str) -> Engine | None:
    """The engine whose URLs begin like this one."""
    scheme, separator, _ = url.partition("://")
    return next((e for e in ENGINES if separator and scheme.lower() in e.schemes), None)
