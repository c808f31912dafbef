"""Versions of a definition: what each changed, by whom, when and why - and an old one in force again."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dashapp.core.actor import Actor, Role
from dashapp.core.definition import KpiChange
from dashapp.core.difference import Difference, differences
from dashapp.core.errors import NotFound
from dashapp.core.kpi import Kpi
from dashapp.services import defining
from dashapp.services.desk import Desk
from dashapp.services.persisted import kpi_json
from dashapp.services.scene import load_scene


@dataclass(frozen=True)
class Version:
    """One saved version and what it changed against the one before; all of it for the first."""

    change: KpiChange
    differences: tuple[Difference, ...]
    is_current: bool

    def to_json(self) -> dict[str, object]:
        """As the API and the terminal tell it."""
        change = self.change
        return {"version": change.kpi.version, "saved_at": change.saved_at.isoformat(), "saved_by": change.saved_by,
                "why": change.why, "deleted": change.deleted, "current": self.is_current,
                "differences": [d.to_json() for d in self.differences], "definition": kpi_json(change.kpi)}


def versions(actor: Actor, desk: Desk, key: str) -> tuple[Version, ...]:
    """All versions, newest first. Any role. Raises NotFound."""
    actor.require(Role.EXECUTIVE)
    found = defining.history(actor, desk, key)
    earlier = [*(c.kpi for c in found[1:]), None]
    return tuple(Version(change, differences(before, change.kpi), n == 0 and not change.deleted)
                 for n, (change, before) in enumerate(zip(found, earlier, strict=True)))


def draft_of(actor: Actor, desk: Desk, key: str, number: int) -> Kpi:
    """An old version as a draft that replaces the one in force. Analyst. Raises NotFound."""
    actor.require(Role.ANALYST)
    return _draft(key, number)


def _draft(key: str, number: int) -> Kpi:
    found = next((c for c in defining.versions_of(key) if c.kpi.version == number and not c.deleted), None)
    if found is None:
        raise NotFound(f"{key!r} has no version {number} that could be restored.")
    current = load_scene().kpis.get(key)
    return replace(found.kpi, version=current.version if current else 0)


def restore(actor: Actor, desk: Desk, key: str, number: int, why: str = "", *, now: datetime) -> Kpi:
    """An old version is in force again, as a new version. Analyst. Returns what is in force.

    Raises NotFound for a version that is not there, Invalid where its formula cannot be used any more, Conflict when
    somebody saved in between.
    """
    actor.require(Role.ANALYST, token="ingest")
    return defining.save(actor, desk, _draft(key, number), reason(number, why), now=now)


def reason(number: int, why: str = "") -> str:
    """What is kept as the reason of a restored version."""
    return f"Restores version {number}" + (f": {why.strip()}" if why.strip() else "")
