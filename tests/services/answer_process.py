"""A process in which several people open the overview: `python -m tests.services.answer_process URL FOLDER PEOPLE`.

It says `ready`, waits for a line, and each asks in a thread of their own. Every computation adds a line with its
question to FOLDER/computed; the figures seen are printed, one line for all when they are equal.
"""
from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from dashapp.core.actor import SYSTEM
from dashapp.core.filters import Filters
from dashapp.core.organisation import Organisation
from dashapp.services import asking, keeping, overviewing
from dashapp.services.desk import Desk
from tests.conftest import NOW, SECRET


def main(url: str, folder: Path, people: int) -> None:
    app = keeping.state_app(url)
    with app.app_context():
        desk = keeping.open_desk(folder, folder / "facts", SECRET.encode(), Organisation())
    count(folder / "computed")
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    seen: list[str] = []
    threads = [threading.Thread(target=look, args=(app, desk, seen)) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(*set(seen), f"by {len(seen)}", flush=True)  # noqa: T201


def count(path: Path) -> None:
    """Every question that is really computed leaves its line."""
    compute: Callable[..., Any] = asking.answer_on

    def counted(desk: Desk, scene: Any, question: Any, **more: Any) -> Any:
        line = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(line, f"{question!r}\n".encode())
        os.close(line)
        return compute(desk, scene, question, **more)

    asking.answer_on = counted


def look(app: Flask, desk: Desk, seen: list[str]) -> None:
    with app.app_context():
        view = overviewing.overview(SYSTEM, desk, Filters(), now=NOW)
        seen.append(str([(c.kpi.key, str(c.value), [str(p.value) for p in c.points]) for c in view.cards]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
