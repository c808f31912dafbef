"""Connections to warehouses whose tables are asked where they stand."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import HasId, JsonType, UtcDateTime, db


class ConnectionRow(HasId, db.Model):
    """A warehouse. `sealed` is its URL, encrypted; `stamp` changes whenever the URL does; `trouble` is what the last
    try ended with, empty when it answered."""

    __tablename__ = "connections"

    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    engine: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[str] = mapped_column(Text)
    stamp: Mapped[str] = mapped_column(String(32))
    refresh_minutes: Mapped[int] = mapped_column(default=15)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(254), default="")
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(Text, default="")


class PlaceRow(db.Model):
    """Where the rows of a connected dataset are, and the `profile` of them that completeness stands on."""

    __tablename__ = "places"

    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connections.id", ondelete="RESTRICT"), index=True)
    place: Mapped[dict[str, Any]] = mapped_column(JsonType)
    profile: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    profiled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    connection: Mapped[ConnectionRow] = relationship(lazy="joined")
