"""A process that asks for one computation: `python -m tests.services.flight_process FOLDER KEY [HOLD]`.

It says `ready`, waits for a line, and asks; computing adds a line to FOLDER/made and makes FOLDER/answer, which is what
others find. With HOLD it says `holding` in the middle of computing and waits for ever, so that it can be killed there.
"""
from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from dashapp.services.flight import Flight


def main(folder: Path, key: str, hold: bool) -> None:
    def find() -> str | None:
        path = folder / "answer"
        return path.read_text() if path.exists() else None

    def make() -> str:
        line = os.open(folder / "made", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(line, f"{os.getpid()}\n".encode())
        os.close(line)
        if hold:
            print("holding", flush=True)  # noqa: T201
            threading.Event().wait()
        work = folder / f"answer.{os.getpid()}"
        work.write_text("42")
        work.replace(folder / "answer")
        return "42"

    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    print(Flight(folder / "locks").once(key, find, make, seconds=60), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], "HOLD" in sys.argv)
