"""Periods that finance closed or opened again, and what changed in closed ones nevertheless, with the reason."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import HasId, JsonType, UtcDateTime, db

DEEDS = ("upload", "undo", "redo")


class ClosedPeriod(HasId, db.Model):
    """One decision: all days up to `until` are closed, or those after it are open again (None: all are).

    Decisions are only ever added. They name a dataset by its key (None: all of them), so that one which is deleted and
    brought anew is still closed.
    """

    __tablename__ = "closed_periods"

    number: Mapped[int] = mapped_column(unique=True)
    dataset_key: Mapped[str | None] = mapped_column(String(63), index=True)
    closes: Mapped[bool]
    until: Mapped[date | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_email: Mapped[str] = mapped_column(String(254), default="")
    reason: Mapped[str] = mapped_column(Text, default="")


class LateChange(HasId, db.Model):
    """Rows of closed periods that came or went with an upload, its undo or its redo. It outlives its upload."""

    __tablename__ = "late_changes"
    __table_args__ = (CheckConstraint("deed IN ('" + "','".join(DEEDS) + "')", name="deed"),)

    upload_id: Mapped[str] = mapped_column(String(32), index=True)
    dataset_key: Mapped[str] = mapped_column(String(63), index=True)
    source_name: Mapped[str] = mapped_column(Text)
    deed: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[str | None] = mapped_column(String(32))
    user_email: Mapped[str] = mapped_column(String(254), default="")
    until: Mapped[date]
    came: Mapped[int]
    went: Mapped[int]
    periods: Mapped[list[Any]] = mapped_column(JsonType, default=list)
    reason: Mapped[str] = mapped_column(Text)
