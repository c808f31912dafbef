"""Datasets, their columns, uploads (vintages) and the dated events that show or hide a vintage."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import HasId, JsonType, UtcDateTime, db
from models.connections import PlaceRow

UPLOAD_STATES = ("received", "inspected", "queued", "committing", "committed", "undone", "failed", "rejected")


class DatasetRow(HasId, db.Model):
    """A dataset. `version` counts committed changes of its rows and is the compare-and-set of every commit.

    One whose rows stay in a warehouse is `placed` there; its version grows whenever they were looked at anew and may
    have changed.
    """

    __tablename__ = "datasets"

    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16), default="facts")
    grain: Mapped[str] = mapped_column(String(16), default="event")
    marks: Mapped[str] = mapped_column(String(8), default="start")
    key_columns: Mapped[list[str]] = mapped_column(JsonType, default=list)
    mode: Mapped[str | None] = mapped_column(String(16))
    slice_columns: Mapped[list[str]] = mapped_column(JsonType, default=list)
    joins: Mapped[dict[str, str]] = mapped_column(JsonType, default=dict)
    mapping: Mapped[dict[str, Any]] = mapped_column(JsonType, default=dict)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=0)
    served_version: Mapped[int] = mapped_column(default=0)
    last_commit: Mapped[int] = mapped_column(default=0)
    placed: Mapped[PlaceRow | None] = relationship(cascade="all, delete-orphan", lazy="joined")
    columns: Mapped[list[ColumnRow]] = relationship(
        back_populates="dataset", cascade="all, delete-orphan", order_by="ColumnRow.position", lazy="selectin"
    )


class ColumnRow(HasId, db.Model):
    __tablename__ = "dataset_columns"
    __table_args__ = (UniqueConstraint("dataset_id", "key"),)

    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(63))
    header: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))
    type: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str | None] = mapped_column(String(16))
    dataset: Mapped[DatasetRow] = relationship(back_populates="columns")


class Upload(HasId, db.Model):
    """One file (or push of rows) from receipt to commit; its id is the vintage id.

    `digest` binds a commit to what was previewed; `commit` is the number within the dataset, set once.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        Index("ix_upload_dataset_commit", "dataset_id", "commit", unique=True),
        CheckConstraint("state IN ('" + "','".join(UPLOAD_STATES) + "')", name="state"),
    )

    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), index=True)
    dataset_key: Mapped[str] = mapped_column(String(63), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    user_email: Mapped[str] = mapped_column(String(254), default="")
    via: Mapped[str] = mapped_column(String(16), default="web")
    source_name: Mapped[str] = mapped_column(Text)
    source_sha256: Mapped[str] = mapped_column(String(64), index=True)
    source_bytes: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default="received")
    mapping: Mapped[dict[str, Any]] = mapped_column(JsonType, default=dict)
    inspection: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    digest: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(Text)
    commit: Mapped[int | None]
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    filename: Mapped[str | None] = mapped_column(String(100))
    sha256: Mapped[str | None] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    mode: Mapped[str | None] = mapped_column(String(16))
    key_columns: Mapped[list[str]] = mapped_column(JsonType, default=list)
    first: Mapped[date | None]
    last: Mapped[date | None]
    data_through: Mapped[date | None]
    replaced: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    dataset: Mapped[DatasetRow | None] = relationship()
    events: Mapped[list[VintageEvent]] = relationship(order_by="VintageEvent.at, VintageEvent.number", lazy="selectin")


class ProfileRow(HasId, db.Model):
    """A sender of a dataset's files: how their last file was read, and the fingerprint of its headers."""

    __tablename__ = "profiles"
    __table_args__ = (UniqueConstraint("dataset_id", "name"),)

    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    fingerprint: Mapped[str] = mapped_column(String(32))
    mapping: Mapped[dict[str, Any]] = mapped_column(JsonType, default=dict)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uses: Mapped[int] = mapped_column(default=1)


class VintageEvent(HasId, db.Model):
    """An undo (`live` false) or redo (`live` true) of a vintage, dated."""

    __tablename__ = "vintage_events"

    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    live: Mapped[bool]
    user_email: Mapped[str] = mapped_column(String(254), default="")
