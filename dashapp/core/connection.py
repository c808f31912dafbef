"""Connections to warehouses as people see them: without what lets anybody in."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashapp.core.dataset import Column


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection. trouble: why it did not answer when it was last tried, empty when it did; datasets: keys of those
    that are read through it."""

    key: str
    name: str
    engine: str
    label: str
    refresh_minutes: int
    datasets: tuple[str, ...]
    created_at: datetime
    created_by: str
    rotated_at: datetime | None
    tested_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True)
class TableOffer:
    """A table that can become a dataset. columns: the guess of what each column is; remote: its name and type there."""

    connection: str
    table: tuple[str, ...]
    dataset: str
    columns: tuple[Column, ...]
    remote: tuple[tuple[str, str], ...]
