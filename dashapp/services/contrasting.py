"""Two uploads of one dataset side by side: what a corrected file changed, before anybody looks at a figure."""
from __future__ import annotations

from dashapp.core.actor import Actor, Role
from dashapp.core.contrast import Contrast
from dashapp.core.errors import Conflict, Invalid
from dashapp.core.space import SpaceNeeded
from dashapp.services import uploads
from dashapp.services.desk import Desk
from dashapp.services.persisted import vintage_of
from dashapp.services.scene import load_scene
from dashapp.services.unit import reading


@SpaceNeeded()
def contrast(actor: Actor, desk: Desk, one: str, other: str) -> Contrast:
    """The rows of two uploads as they were brought, the earlier commit first. Finance; in a data scope of one's own.

    Raises NotFound, Invalid for one upload twice or for two datasets, Conflict where one was never committed.
    """
    actor.require(Role.FINANCE)
    if one == other:
        raise Invalid("These are one and the same upload. Choose two.")
    with reading() as session:
        rows = [uploads.load(session, actor, upload) for upload in (one, other)]
        if rows[0].dataset_key != rows[1].dataset_key:
            raise Invalid("Only two uploads of the same dataset can be compared.")
        if (row := next((r for r in rows if r.commit is None), None)) is not None:
            raise Conflict(f"{row.source_name} was never committed; it has no rows to compare.")
        key, vintages = rows[0].dataset_key, [vintage_of(r) for r in rows]
    return desk.ledger.contrast(load_scene().datasets[key], vintages[0], vintages[1])
