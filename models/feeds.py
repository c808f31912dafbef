"""Feeds: statements that bring rows of a warehouse into a dataset, again and again."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import HasId, JsonType, UtcDateTime, db
from models.connections import ConnectionRow


class FeedRow(HasId, db.Model):
    """A feed. `next_at` is when it runs next, None while it is paused; `said` is what came of the last run that worked,
    `trouble` what the last one ended with, empty when it worked; `failures` counts those since it worked."""

    __tablename__ = "feeds"

    key: Mapped[str] = mapped_column(String(63), unique=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connections.id", ondelete="RESTRICT"), index=True)
    dataset_key: Mapped[str] = mapped_column(String(63), index=True)
    sql: Mapped[str] = mapped_column(Text)
    schedule: Mapped[str] = mapped_column(String(40))
    mode: Mapped[str] = mapped_column(String(16))
    key_columns: Mapped[list[str]] = mapped_column(JsonType, default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(JsonType, default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(254), default="")
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    ran_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    upload_id: Mapped[str | None] = mapped_column(String(32))
    said: Mapped[str] = mapped_column(Text, default="")
    trouble: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)
    connection: Mapped[ConnectionRow] = relationship(lazy="joined")
