"""What an undo or a redo would do, told before it happens: closed periods, figures that move, what follows of them."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dashapp.core.actor import Actor, Role
from dashapp.core.closing import Touched
from dashapp.core.errors import Conflict
from dashapp.core.period import DateRange
from dashapp.services import closing, uploads
from dashapp.services.consequences import Commit, follows_of
from dashapp.services.desk import Desk
from dashapp.services.moving import moves
from dashapp.services.scene import Scene, load_scene
from dashapp.services.unit import reading
from models import Upload


@dataclass(frozen=True)
class Foreseen:
    """live: whether the upload would count afterwards. moves, consequences: as in a dry run."""

    upload: str
    live: bool
    closed: Touched
    moves: tuple[dict[str, Any], ...] = ()
    consequences: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"upload": self.upload, "live": self.live, "closed": self.closed.to_json(), "moves": list(self.moves),
                "consequences": list(self.consequences)}


def foresee(actor: Actor, desk: Desk, upload: str, *, now: datetime) -> Foreseen:
    """The undo of a committed upload, or the redo of an undone one, as it would be. Finance. Raises NotFound, Conflict.

    Figures are those of the periods that the upload has rows in or replaced, within the actor's data scope.
    """
    actor.require(Role.FINANCE)
    with reading() as session:
        row = uploads.load(session, actor, upload)
        if row.state not in ("committed", "undone"):
            raise Conflict(f"This upload is {row.state}; there is nothing to undo.")
        key, live, span = row.dataset_key, row.state == "undone", _span(row)
    scene = load_scene()
    touched = closing.touched_by_toggle(actor, desk, scene, key, upload, live=live, now=now)
    if span is None:
        return Foreseen(upload, live, touched)
    commit = Commit(actor, desk, scene, _after(scene, key, upload, now, live=live), key, span, now)
    return Foreseen(upload, live, touched, tuple(moves(actor, desk, scene, commit.after, key, span, now=now)),
                    follows_of(commit))


def _span(row: Upload) -> DateRange | None:
    """The days that the upload reaches: its own, and those it replaced; None for lists without dates."""
    days = [d for d in (row.first, row.last) if d]
    days += [date.fromisoformat(d) for d in (row.replaced or {}).get("span", ())]
    return DateRange(min(days), max(days)) if days else None


def _after(scene: Scene, key: str, upload: str, now: datetime, *, live: bool) -> Scene:
    """The scene as it would be afterwards."""
    known = scene.datasets[key]
    turned = tuple(replace(v, events=(*v.events, (now, live))) if v.id == upload else v for v in scene.vintages[key])
    return replace(scene, token=(*scene.token, "turned", upload, live),
                   datasets={**scene.datasets, key: replace(known, version=known.version + 1)},
                   vintages={**scene.vintages, key: turned})
