"""Saved layouts: one per person and board, with a default per role."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import HasId, JsonType, UtcDateTime, db


class Layout(HasId, db.Model):
    """Order, sizes and hidden cards of a board, for a user or (user_id null) as the default of a role."""

    __tablename__ = "layouts"
    __table_args__ = (
        Index("uq_layout_user", "user_id", "board", unique=True),
        Index("uq_layout_role", "role", "board", unique=True),
    )

    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str | None] = mapped_column(String(16))
    board: Mapped[str] = mapped_column(String(40), default="overview")
    content: Mapped[dict[str, Any]] = mapped_column(JsonType, default=dict)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
