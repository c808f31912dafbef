"""Settings of the organisation, versioned; and small facts the processes share (heartbeats, first-run marks)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import JsonType, UtcDateTime, db


class OrganisationVersion(db.Model):
    """One version of `core.organisation.Organisation`; the highest number counts."""

    __tablename__ = "organisation_versions"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JsonType)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(254))


class Mark(db.Model):
    """A named fact about the installation: `worker-heartbeat`, `demo-loaded`, `overview-token`."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JsonType, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
