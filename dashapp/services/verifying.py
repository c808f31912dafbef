"""Are the stored facts what they were when they were committed? Recomputes the hash of every vintage's file."""
from __future__ import annotations

from dashapp.core.actor import Actor, Role
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene


def verify_facts(actor: Actor, desk: Desk) -> tuple[int, tuple[str, ...]]:
    """How many vintages were looked at, and a sentence for each that is missing or was changed. Admin."""
    from dashapp.facts.folder import dataset_folder
    from dashapp.facts.record import file_digest

    actor.require(Role.ADMIN)
    faults, seen = [], 0
    for vintages in load_scene().vintages.values():
        for vintage in vintages:
            seen += 1
            path = dataset_folder(desk.ledger.root, vintage.dataset) / vintage.filename
            name = f"{vintage.dataset}, commit {vintage.commit} ({vintage.source_name or vintage.id})"
            if not path.is_file():
                faults.append(f"{name}: the file {path.name} is missing")
            elif file_digest(path) != vintage.sha256:
                faults.append(f"{name}: the file {path.name} is not the one that was stored")
    return seen, tuple(faults)
