"""A process that dies at a named point: `python -m tests.services.import_process URL FOLDER POINT [VERB UPLOAD]`.

Without a verb it is a worker that takes one job at the tests' moment. `watch` looks twice at a watched folder.
`receive` brings the orders of the file UPLOAD; the other verbs work on that upload, `close` and `reopen` on that
period, `measure` on that dataset, all as the finance member of the cast.
"""
from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from dashapp.core.actor import Actor
from dashapp.core.failpoint import arm, die
from dashapp.core.organisation import Organisation
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import checking, closing, correcting, keeping, quality, receiving, reverting
from dashapp.services.acting import acting
from dashapp.services.desk import Desk
from dashapp.services.folder import Watch
from tests.conftest import NOW, SECRET


def main(url: str, folder: Path, point: str, verb: str = "work", *given: str) -> None:
    app = keeping.state_app(url)
    with app.app_context():
        desk = keeping.open_desk(folder, folder / "facts", SECRET.encode(), Organisation())
    arm(point, die)
    if verb == "watch":
        with app.app_context():
            watch = Watch(Path(given[0]))
            watch(desk, NOW), watch(desk, NOW)
    elif verb == "work":
        Worker(app, lambda: desk, HANDLERS, clock=lambda: NOW).step()
    else:
        with app.app_context():
            act(verb, desk, *given)
    sys.stdout.write("survived")


def _receive(actor: Actor, desk: Desk, path: str) -> None:
    with Path(path).open("rb") as stream:
        receiving.receive(actor, desk, stream, "new.csv", "orders", now=NOW)


VERBS: dict[str, Callable[[Actor, Desk, str], object]] = {
    "receive": _receive,
    "check": lambda actor, desk, upload: checking.dry_run(actor, desk, upload, now=NOW),
    "reject": lambda actor, desk, upload: checking.reject(actor, desk, upload, now=NOW),
    "undo": lambda actor, desk, upload: reverting.undo(actor, desk, upload, now=NOW, reason="wrong file"),
    "redo": lambda actor, desk, upload: reverting.redo(actor, desk, upload, now=NOW, reason="right after all"),
    "anew": lambda actor, desk, upload: correcting.anew(actor, desk, upload, now=NOW),
    "close": lambda actor, desk, period: closing.close(actor, desk, period, now=NOW),
    "reopen": lambda actor, desk, period: closing.reopen(actor, desk, period, now=NOW, reason="an error"),
    "measure": lambda actor, desk, dataset: quality.measure(desk, dataset, now=NOW),
}


def act(verb: str, desk: Desk, user: str, subject: str) -> None:
    VERBS[verb](acting(user), desk, subject)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
