"""The way into ingest: a file is read by a child process with little memory, little time and no secrets.

A workbook of two kilobytes can make the parser ask for 400 GB and abort; here it aborts a process nobody misses.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from dashapp.core import errors
from dashapp.core.dataset import Dataset
from dashapp.core.errors import Invalid, OutOfSpace, TooLarge, Unavailable
from dashapp.core.history import History
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.core.profile import Profile
from dashapp.core.space import FULL_DISK
from dashapp.ingest.limits import MIB, STANDARD, FileLimits, Progress
from dashapp.ingest.model import Conversion, Inspection
from dashapp.ingest.slots import slot
from dashapp.ingest.wire import AS_BEFORE, encode

_ROOT = Path(__file__).resolve().parents[2]
_LOG = logging.getLogger(__name__)
_TOO_MUCH = (
    "The file needs more {what} to read than one file may use. It may be damaged; else split it, for example by year."
)
_AGAIN = "Reading the file was interrupted. Nothing was stored; please try again."
_NEW = History()


def inspect_file(
    path: Path,
    name: str,
    mapping: Mapping,
    known: Dataset | None,
    *,
    limits: FileLimits = STANDARD,
    currency: str = "EUR",
    zone: str = "UTC",
    today: date | None = None,
    history: History = _NEW,
    slots: Path | None = None,
    progress: Progress | None = None,
    profiles: Sequence[Profile] = (),
) -> Inspection:
    """What a file holds and how it would be read: sheets, header, columns, questions, issues.

    name: as the user's machine called the file, for messages only. known: the dataset it goes into; its columns win.
    zone: the organisation's, for timestamps that name theirs. today: business date, None to not look for future dates.
    history: what the dataset was like until now. slots: folder of the machine-wide places; what is put aside while the
    file is read lies beside it. profiles: the dataset's senders, the latest first. Raises Invalid, TooLarge,
    Unavailable, OutOfSpace; never stores anything.
    """
    look = {"verb": "inspect", "profiles": encode(list(profiles))}
    answer = _run(look, path, name, mapping, known, limits, currency, zone, today, history, slots, progress)
    return _read(Inspection.from_json, answer)


def convert_file(
    path: Path,
    name: str,
    mapping: Mapping,
    known: Dataset | None,
    *,
    out: Path,
    quarantine: Path,
    vintage: str,
    limits: FileLimits = STANDARD,
    currency: str = "EUR",
    zone: str = "UTC",
    today: date | None = None,
    history: History = _NEW,
    slots: Path | None = None,
    progress: Progress | None = None,
    profiles: Sequence[Profile] = (),
    series: Series | None = None,
) -> Conversion:
    """Write the accepted rows to `out` (Parquet) and the refused ones to `quarantine` (CSV with reasons).

    The Parquet has the dataset's columns and `_vintage`, `_sheet`, `_row` (Excel's row number). Raises Invalid with
    every open question and file error as issues, TooLarge, Unavailable, OutOfSpace; then neither file exists. series: a
    child that reads this file among others; its limits of children and its folder of places hold then.
    """
    extra = {"verb": "convert", "out": str(out), "quarantine": str(quarantine), "vintage": vintage,
             "profiles": encode(list(profiles))}
    try:
        return _read(
            Conversion.from_json,
            _run(extra, path, name, mapping, known, limits, currency, zone, today, history, slots, progress, series),
        )
    except errors.AppError:
        out.unlink(missing_ok=True)
        quarantine.unlink(missing_ok=True)
        raise


def _read(reader: Callable[[dict[str, Any]], Any], answer: dict[str, Any]) -> Any:
    try:
        return reader(answer)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise Unavailable(_AGAIN) from None


def _run(
    extra: dict[str, Any],
    path: Path,
    name: str,
    mapping: Mapping,
    known: Dataset | None,
    limits: FileLimits,
    currency: str,
    zone: str,
    today: date | None,
    history: History,
    slots: Path | None,
    progress: Progress | None,
    series: Series | None = None,
) -> dict[str, Any]:
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise TooLarge(f"The file has {size / MIB:,.0f} MB; at most {limits.max_bytes / MIB:,.0f} MB can be read.")
    request = extra | {
        "path": str(path.resolve()),
        "name": name,
        "mapping": mapping.to_json(),
        "known": encode(known),
        "limits": encode(limits),
        "currency": currency,
        "zone": zone,
        "today": today.isoformat() if today else None,
        "history": encode(history) if series is None else series.encoded(history),
    }
    if series is not None:
        return series.ask(request, limits, progress)
    folder = slots or slots_here()
    with (
        slot(folder, limits.children, limits.patience) as place,
        tempfile.TemporaryDirectory(prefix="ledgerline-read-", dir=slots.parent if slots else None) as scratch,
    ):
        return _supervise(request | {"scratch": scratch}, Path(scratch), place, limits, progress)


def slots_here() -> Path:
    """The folder of the machine-wide places where nobody names one."""
    return Path(tempfile.gettempdir()) / f"ledgerline-slots-{os.getuid()}"


def command() -> list[str]:
    """How the child is started. `-P` and `-s` keep foreign folders off its import path."""
    return [sys.executable, "-P", "-s", "-m", "dashapp.ingest.child"]


def environment() -> dict[str, str]:
    """All the child may know: where the code is, and to keep numeric libraries to one thread. No secret is
    inherited. It may keep compiled modules, as any process: compiling ingest anew is a third of its start.
    """
    return {
        "PYTHONPATH": str(_ROOT),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "RAYON_NUM_THREADS": "1",
    }


class Series:
    """One child that reads many files one after the other, for bursts of small ones: its start costs as much as dozens
    of them. A file that it dies of, or cannot read, costs only itself: the next one gets a new child.

    A context manager: it holds one of the places of the machine while it is open. Not for two threads at once.
    """

    MOST = 250  # files until the child is replaced: what a parser does not give back ends with it

    def __init__(self, slots: Path | None = None, limits: FileLimits = STANDARD) -> None:
        self._slots, self._limits = slots or slots_here(), limits
        self._stack = ExitStack()
        self._child: _Child | None = None
        self._read = 0
        self._history: tuple[History, Any] | None = None
        self._given: Any = None  # the history that the child has

    def __enter__(self) -> Series:
        self._place = self._stack.enter_context(slot(self._slots, self._limits.children, self._limits.patience))
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="ledgerline-read-")))
        return self

    def __exit__(self, *_error: object) -> None:
        self._replace()
        self._stack.close()

    def encoded(self, history: History) -> Any:
        """The history as it travels; the same value for the same history, which a child is told once."""
        if self._history is None or self._history[0] is not history:
            self._history = (history, encode(history))
        return self._history[1]

    def ask(self, request: dict[str, Any], limits: FileLimits, progress: Progress | None) -> dict[str, Any]:
        """The answer for one file. Where a child that has read others dies of it, it is read once more by a new one:
        nobody pays for what others left behind, but for the time of a file. Raises as `convert_file`."""
        was_fresh = self._child is None
        try:
            return self._asked(request, limits, progress)
        except errors.AppError as error:
            if was_fresh or self._child is not None or error.message == _TOO_MUCH.format(what="time"):
                raise
        return self._asked(request, limits, progress)

    def _asked(self, request: dict[str, Any], limits: FileLimits, progress: Progress | None) -> dict[str, Any]:
        if self._child is None or self._read >= self.MOST:
            self._replace()
            self._child = _Child(self._folder, self._place)
        self._read += 1
        is_whole, said = False, request["history"]
        more = {"history": AS_BEFORE} if said is self._given and said is not None else {}
        try:
            with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
                answer = self._child.ask(request | {"scratch": scratch} | more, limits, progress)
            self._given = said
            is_whole = "result" in answer or (answer.get("error") or {}).get("kind") in ("Invalid", "TooLarge")
            return _worded(answer, self._folder)
        finally:
            if not is_whole:
                self._replace()

    def _replace(self) -> None:
        if self._child is not None:
            self._child.end()
        self._child, self._read, self._given = None, 0, None


class _Child:
    """The process, in a folder of its own, with a place of the machine that it holds as long as it lives."""

    def __init__(self, folder: Path, place: int) -> None:
        self._stderr = (folder / "stderr").open("w+b")
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                cwd=folder,
                env=environment(),
                pass_fds=(place,),
                start_new_session=True,
            )
        except OSError:
            self._stderr.close()
            raise Unavailable("No process could be started to read the file. Please try again.") from None

    def ask(self, request: dict[str, Any], limits: FileLimits, progress: Progress | None) -> dict[str, Any]:
        """Its last word on a request. Raises what its death means, after which it is gone."""
        answer = _listen(self._process, request, limits, progress)
        if answer is None:
            _end(self._process)
            self._stderr.seek(max(0, self._stderr.seek(0, 2) - 4000))
            raise _death(self._process.returncode, self._stderr.read().decode("utf-8", "replace"))
        return answer

    def end(self) -> None:
        _end(self._process)
        self._stderr.close()


def _supervise(
    request: dict[str, Any], scratch: Path, place: int, limits: FileLimits, progress: Progress | None
) -> dict[str, Any]:
    """One file, one child."""
    child = _Child(scratch, place)
    try:
        return _worded(child.ask(request, limits, progress), scratch)
    finally:
        child.end()


def _end(child: subprocess.Popen[bytes]) -> None:
    """Whatever happened, no child and no zombie is left. A child that answered gets a moment to end by itself."""
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # it died before it read its request
    try:
        child.wait(timeout=2.0)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _listen(
    child: subprocess.Popen[bytes], request: dict[str, Any], limits: FileLimits, progress: Progress | None
) -> dict[str, Any] | None:
    """The child's last word; None when it went away without one. Kills it when its time is up."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        return None
    deadline, buffer = time.monotonic() + limits.wall, b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                child.kill()
                raise Invalid(_TOO_MUCH.format(what="time"))
            piece = child.stdout.read1(1 << 16)  # type: ignore[attr-defined]
            buffer += piece
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                word = _parse(line)
                if "progress" not in word:
                    return word
                if progress is not None:
                    progress(float(word["progress"]), _rows(word))
            if not piece:
                return None
            if len(buffer) > limits.answer:
                child.kill()
                raise Unavailable(_AGAIN)


def _rows(word: dict[str, Any]) -> int | None:
    rows = word.get("rows")
    return rows if isinstance(rows, int) else None


def _parse(line: bytes) -> dict[str, Any]:
    try:
        word = json.loads(line)
    except ValueError:
        word = None
    if not isinstance(word, dict) or not {"progress", "result", "error"} & set(word):
        raise Unavailable(_AGAIN)
    return word


def _death(code: int | None, stderr: str) -> errors.AppError:
    _LOG.warning("the reading process ended with %s: %s", code, stderr[-1500:])
    if (
        code in (-signal.SIGABRT, -signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGBUS)
        or "memory allocation" in stderr
        or "MemoryError" in stderr
    ):
        return Invalid(_TOO_MUCH.format(what="time" if code == -signal.SIGXCPU else "memory"))
    if "PanicException" in stderr or "panicked" in stderr:
        return Invalid("The file is damaged: the reader gave up on it. Open it in Excel and save it anew.")
    return Unavailable(_AGAIN)


def _worded(answer: dict[str, Any], scratch: Path) -> dict[str, Any]:
    if "result" in answer and isinstance(answer["result"], dict):
        return answer["result"]
    error = answer.get("error")
    if not isinstance(error, dict):
        raise Unavailable(_AGAIN)
    kind, message = str(error.get("kind")), str(error.get("message"))
    if kind in ("Invalid", "TooLarge"):
        raise getattr(errors, kind)(message, issues=[Issue(**i) for i in error.get("issues", [])])
    if kind == "memory":
        raise Invalid(_TOO_MUCH.format(what="memory"))
    if kind == "space":
        raise OutOfSpace(FULL_DISK)
    if kind == "os":
        raise Unavailable(f"Reading the file failed on this machine: {message}. Nothing was stored; please try again.")
    _LOG.warning(
        "the reading process failed with %s: %s", message, (scratch / "stderr").read_text("utf-8", "replace")[-3000:]
    )
    raise Invalid("The file cannot be read: its content is damaged or of a kind that no reader here knows.")
