"""What the quality of a dataset was: one row per version and business day."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import HasId, JsonType, UtcDateTime, db


class QualityRow(HasId, db.Model):
    """Five numbers from 0 to 1, None where one has no meaning, and the counts they come from."""

    __tablename__ = "quality"
    __table_args__ = (UniqueConstraint("dataset_id", "version", "day"),)

    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    completeness: Mapped[float | None]
    validity: Mapped[float | None]
    uniqueness: Mapped[float | None]
    consistency: Mapped[float | None]
    timeliness: Mapped[float | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JsonType, default=dict)
