"""A worker of its own process, run by the tests: `python -m tests.jobs.worker_process URL FOLDER LEASE [HOLD]`.

Its one kind of job, `append`, adds a line with its number to FOLDER/ledger.txt. With HOLD it then says so in
FOLDER/holding and waits for ever, so that the test can kill it in the middle of its work.
"""
from __future__ import annotations

import os
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from dashapp.jobs.run import Run
from dashapp.jobs.worker import Worker
from dashapp.services import keeping


def main(url: str, folder: Path, lease: float, hold: bool) -> None:
    stop = threading.Event()

    def append(run: Run) -> dict[str, Any]:
        line = f"{run.claim.args['n']} {os.getpid()}\n".encode()
        file = os.open(folder / "ledger.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, line)
        os.close(file)
        if hold:
            (folder / "holding").touch()
            threading.Event().wait()
        return {"pid": os.getpid()}

    def until_empty(_desk: object, _now: object) -> None:
        stop.set()

    app = keeping.state_app(url)
    worker = Worker(app, lambda: None, {"append": append}, lease=timedelta(seconds=lease))  # type: ignore[arg-type, return-value]
    worker.run(stop, until_empty)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), "HOLD" in sys.argv)
