"""The sandboxed process: `python -m dashapp.ingest.child`, requests as JSON lines in, JSON lines out.

It limits itself before it imports a parser: address space, CPU time, file size, no core dump. It ends when its parent's
end of the pipe closes. Whatever a hostile file makes the parser do happens here and ends here. A parent may send many
small files one after the other: each has the same time, and the process ends after the first that it could not read.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import sys
import threading
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from dashapp.core.dataset import Dataset
from dashapp.core.errors import AppError
from dashapp.core.history import History
from dashapp.core.mapping import mapping_from_json
from dashapp.core.profile import Profile
from dashapp.core.space import is_full_disk
from dashapp.ingest.limits import MIB, FileLimits
from dashapp.ingest.wire import AS_BEFORE, decode

_FULL: dict[str, Any] = {"kind": "space", "message": "", "issues": []}


class WithoutPandas:
    """pyarrow imports pandas whenever it can: a second and 60 MB that nobody needs here."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not used here")


_kept: list[History] = [History()]
FILES_OF_CPU = 10  # times the CPU time of one file that a process has for all of its files


def confine(limits: FileLimits) -> None:
    """Take the limits; they cannot be raised again."""
    for what, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, FILES_OF_CPU * limits.cpu),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 4096 * MIB),
        (resource.RLIMIT_NOFILE, 256),
    ):
        hard = resource.getrlimit(what)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (least, least))


def begin(limits: FileLimits) -> None:
    """The next file has its own CPU time, beginning now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (min(int(used.ru_utime + used.ru_stime) + 1 + limits.cpu, hard), hard))


def main() -> int:
    """Serve requests until there are no more. Exit 0 with a result or a worded error on the pipe for each; anything
    else is a death."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a parser that prints must not write into the answer
    inbox = Inbox()
    line = inbox.next()
    if line is None:
        return 3
    confine(decode(FileLimits, json.loads(line)["limits"]))
    sys.meta_path.insert(0, WithoutPandas())
    while line is not None:
        request = json.loads(line)
        limits = decode(FileLimits, request["limits"])
        begin(limits)
        _say(pipe, answer(request, limits, partial(_say, pipe)))
        line = inbox.next()
    return 0


class Inbox:
    """Requests as they come. The process ends at once when its parent goes while a file is being read."""

    def __init__(self) -> None:
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._is_busy = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def next(self) -> bytes | None:
        """The next request; None when the parent wants no more."""
        self._is_busy.clear()
        line = self._lines.get()
        self._is_busy.set()
        return line

    def _listen(self) -> None:
        rest = b""
        while piece := os.read(0, 1 << 16):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self._lines.put(line)
        if self._is_busy.is_set():
            os._exit(3)
        self._lines.put(None)


def answer(request: dict[str, Any], limits: FileLimits, say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The last word on a request of the sandbox: `result`, or `error` with kind, message and issues. Progress is said
    on the way."""
    try:
        return {"result": _serve(request, limits, say)}
    except AppError as error:
        issues = [i.to_json() for i in error.issues]
        return {"error": {"kind": type(error).__name__, "message": error.message, "issues": issues}}
    except MemoryError:
        return {"error": {"kind": "memory", "message": "", "issues": []}}
    except OSError as error:
        if is_full_disk(error):
            return {"error": _FULL}
        return {"error": {"kind": "os", "message": os.strerror(error.errno or 0), "issues": []}}
    except Exception as error:  # noqa: BLE001 - the sandbox's edge: a parser's own exception classes are many
        return {"error": _worded(error)}


def _worded(error: Exception) -> dict[str, Any]:
    name, text = type(error).__name__, " ".join(str(error).split())
    print(f"{name}: {text[:2000]}", file=sys.stderr)  # noqa: T201 - the parent logs the end of this
    import traceback

    traceback.print_exc()
    if is_full_disk(error) or (name == "IOException" and "No space" in text):
        return _FULL
    if name == "OutOfMemoryException" or "bad_alloc" in text or "ailed to allocate" in text:
        return {"kind": "memory", "message": "", "issues": []}
    if name == "IOException" and "write" in text.lower():
        return {"kind": "os", "message": "no space left on the disk", "issues": []}
    return {"kind": "crash", "message": name, "issues": []}


def _say(pipe: TextIO, what: dict[str, Any]) -> None:
    pipe.write(json.dumps(what, ensure_ascii=True) + "\n")
    pipe.flush()


def _serve(request: dict[str, Any], limits: FileLimits, say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    from dashapp.ingest.inspecting import inspect
    from dashapp.ingest.reading import Context

    path, mapping = Path(request["path"]), mapping_from_json(request["mapping"])
    known = decode(Dataset, request["known"]) if request["known"] else None
    today = date.fromisoformat(request["today"]) if request["today"] else None
    profiles = tuple(decode(Profile, p) for p in request["profiles"])
    history = _history(request.get("history"))
    context = Context(Path(request["scratch"]), limits, request["currency"], request["zone"], today, profiles, history)

    def progress(part: float, rows: int | None) -> None:
        say({"progress": round(part, 3), **({} if rows is None else {"rows": rows})})

    if request["verb"] == "inspect":
        return inspect(path, request["name"], mapping, known, context, progress).to_json()
    from dashapp.ingest.writing import convert

    return convert(
        path,
        request["name"],
        mapping,
        known,
        context,
        out=Path(request["out"]),
        quarantine=Path(request["quarantine"]),
        vintage=request["vintage"],
        progress=progress,
    ).to_json()


def _history(told: Any) -> History:
    """What the dataset was like; AS_BEFORE: as for the last file that this process read."""
    if told != AS_BEFORE:
        _kept[:] = [decode(History, told) if told else History()]
    return _kept[0]


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # the answer is out; tearing down a gigabyte of parsed cells would only cost time
