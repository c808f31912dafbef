"""A process that dies at a named point: `python -m tests.services.import_process URL FOLDER POINT [VERB UPLOAD]`.

Without a verb it is a worker that takes one job at the tests' moment. `watch` looks twice at a watched folder.
`receive` brings the orders of the file UPLOAD, `check` and `reject` work on that upload, all as the finance member of
the cast.
"""
from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from dashapp.core.failpoint import arm
from dashapp.core.organisation import Organisation
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import checking, keeping, receiving
from dashapp.services.acting import acting
from dashapp.services.desk import Desk
from dashapp.services.folder import Watch
from tests.conftest import NOW, SECRET


def main(url: str, folder: Path, point: str, verb: str = "work", *given: str) -> None:
    app = keeping.state_app(url)
    with app.app_context():
        desk = keeping.open_desk(folder, folder / "facts", SECRET.encode(), Organisation())
    arm(point, lambda: os.kill(os.getpid(), signal.SIGKILL))
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


def act(verb: str, desk: Desk, user: str, subject: str) -> None:
    actor = acting(user)
    if verb == "receive":
        with Path(subject).open("rb") as stream:
            receiving.receive(actor, desk, stream, "new.csv", "orders", now=NOW)
    elif verb == "check":
        checking.dry_run(actor, desk, subject, now=NOW)
    else:
        checking.reject(actor, desk, subject, now=NOW)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
