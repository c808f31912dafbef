"""Saved layouts of the overview: the person's own, else the default of their role, else every card in order."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Invalid
from dashapp.services import auditing
from dashapp.services.unit import reading, writing
from models import Layout

Size = Literal["S", "M", "L"]
SIZES: tuple[Size, ...] = ("S", "M", "L")
MAX_CARDS = 500


@dataclass(frozen=True)
class Board:
    """order: KPI keys in display order (others follow); sizes: key -> S, M or L (M when absent); hidden: keys."""

    order: tuple[str, ...] = ()
    sizes: dict[str, Size] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def arrange(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        """`keys` in the board's order; keys it does not know keep their own order at the end."""
        known = [k for k in self.order if k in keys]
        return (*known, *(k for k in keys if k not in set(known)))


def load(actor: Actor, board: str = "overview") -> Board:
    """The board this person sees."""
    actor.require(Role.EXECUTIVE)
    with reading() as session:
        rows = session.scalars(select(Layout).where(Layout.board == board)).all()
        own = next((r for r in rows if r.user_id is not None and r.user_id == actor.id), None)
        shared = next((r for r in rows if r.user_id is None and actor.role and r.role == actor.role.value), None)
        chosen = own or shared
        return _board(chosen.content) if chosen else Board()


def save(actor: Actor, board: Board, *, now: datetime, name: str = "overview", role: Role | None = None) -> None:
    """The person's layout is kept; with `role` (admins) it becomes the default of that role."""
    actor.require(Role.ADMIN if role else Role.EXECUTIVE, token="account")  # layouts are nothing for programs
    _check(board)
    content = {"order": list(board.order), "sizes": dict(board.sizes), "hidden": sorted(board.hidden)}
    with writing() as session:
        owner = Layout.user_id == actor.id if role is None else (Layout.user_id.is_(None)) & (Layout.role == role.value)
        row = session.scalar(select(Layout).where(Layout.board == name, owner))
        before = dict(row.content) if row else None
        if row is None:
            row = Layout(user_id=None if role else actor.id, role=role.value if role else None, board=name)
            session.add(row)
        row.content, row.saved_at = content, now
        auditing.record(actor, "layout.save", role.value if role else name, before=before, after=content, now=now)


def reset(actor: Actor, *, now: datetime, name: str = "overview") -> None:
    """The person sees the default of their role again."""
    actor.require(Role.EXECUTIVE, token="account")
    with writing() as session:
        row = session.scalar(select(Layout).where(Layout.board == name, Layout.user_id == actor.id))
        if row is not None:
            session.delete(row)
            auditing.record(actor, "layout.reset", name, before=dict(row.content), now=now)


def board_from_json(data: Any) -> Board:
    """Read what a browser sent. Raises Invalid for anything that is not a layout."""
    if not isinstance(data, dict) or set(data) - {"order", "sizes", "hidden"}:
        raise Invalid("This is not a layout.")
    order, sizes, hidden = data.get("order") or [], data.get("sizes") or {}, data.get("hidden") or []
    if not isinstance(order, list) or not isinstance(hidden, list) or not isinstance(sizes, dict):
        raise Invalid("This is not a layout.")
    board = Board(tuple(order), dict(sizes), frozenset(h for h in hidden if isinstance(h, str)))
    _check(board)
    return board


def _check(board: Board) -> None:
    texts = [*board.order, *board.sizes, *board.hidden]
    if len(texts) > 3 * MAX_CARDS or any(not isinstance(t, str) or len(t) > 63 for t in texts):
        raise Invalid("This is not a layout.")
    if any(s not in SIZES for s in board.sizes.values()):
        raise Invalid("A card is S, M or L.")


def _board(content: dict[str, Any]) -> Board:
    return Board(tuple(content.get("order", ())), dict(content.get("sizes", {})), frozenset(content.get("hidden", ())))
