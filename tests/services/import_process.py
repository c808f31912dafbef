"""A worker of its own process that dies at a named point: `python -m tests.services.import_process URL FOLDER POINT`.

It takes one job from the queue at the tests' moment and works on it until the point kills it.
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
from dashapp.services import keeping
from tests.conftest import NOW, SECRET


def main(url: str, folder: Path, point: str) -> None:
    app = keeping.state_app(url)
    with app.app_context():
        desk = keeping.open_desk(folder, folder / "facts", SECRET.encode(), Organisation())
    arm(point, lambda: os.kill(os.getpid(), signal.SIGKILL))
    Worker(app, lambda: desk, HANDLERS, clock=lambda: NOW).step()
    sys.stdout.write("survived")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
