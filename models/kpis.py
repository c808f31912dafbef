"""KPI definitions with every version, targets, and plain limits."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import HasId, JsonType, UtcDateTime, db


class KpiRow(HasId, db.Model):
    """The current definition; its history is in KpiVersion. `version` grows by one with every save."""

    __tablename__ = "kpis"

    key: Mapped[str] = mapped_column(String(63), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)


class KpiVersion(HasId, db.Model):
    """One saved version: the whole definition as JSON (`core.kpi.Kpi`), who saved it, when and why."""

    __tablename__ = "kpi_versions"
    __table_args__ = (UniqueConstraint("kpi_id", "version"),)

    kpi_id: Mapped[str] = mapped_column(ForeignKey("kpis.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JsonType)
    deleted: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(254))
    why: Mapped[str] = mapped_column(Text, default="")


class Target(HasId, db.Model):
    """What finance wants a KPI to be in a period. `split` is a canonical text of conditions, empty for the total."""

    __tablename__ = "targets"
    __table_args__ = (UniqueConstraint("kpi_key", "grain", "start", "split", "version"),)

    kpi_key: Mapped[str] = mapped_column(String(63), index=True)
    grain: Mapped[str] = mapped_column(String(16))
    start: Mapped[date]
    end: Mapped[date]
    split: Mapped[str] = mapped_column(Text, default="")
    value: Mapped[float | None]
    version: Mapped[int] = mapped_column(default=1)
    is_current: Mapped[bool] = mapped_column(default=True)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(254))


class LimitRow(HasId, db.Model):
    """Plain warning and critical limits of a KPI at a grain; `version` is the optimistic lock."""

    __tablename__ = "limits"
    __table_args__ = (Index("uq_limit", "kpi_key", "grain", unique=True),)

    kpi_key: Mapped[str] = mapped_column(String(63))
    grain: Mapped[str] = mapped_column(String(16))
    side: Mapped[str] = mapped_column(String(8))
    warning: Mapped[float | None]
    critical: Mapped[float | None]
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(254))
