"""Calls of programs: counts that every worker sees, and answers kept so that a repeated call has one effect."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import JsonType, UtcDateTime, db


class CallCount(db.Model):
    """How many calls a caller made in one window. `caller` is a hash; `window` counts windows since 1970."""

    __tablename__ = "call_counts"

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    calls: Mapped[int] = mapped_column(default=0)


class KeptCall(db.Model):
    """A call made with an idempotency key. `status` and `answer` are null while its first attempt is under way.

    `id_hash`: of caller, call and key; `body_sha256`: what was sent, so that another body is not taken for the same.
    """

    __tablename__ = "kept_calls"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(String(64))
    attempt: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
