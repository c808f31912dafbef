"""The watched folder: files that are put into `WATCH_DIR/<dataset>/` are taken in like uploads, by nobody's hand.

A file is taken when two looks see the same size and time of change, by one rename into `.taken/`, so that nobody reads
what is half-written. Afterwards it lies in `done/`, or in `failed/` beside `<name>.reason.txt`. Links and folders in
a dataset's folder are not followed. What a killed worker left in `.taken/` is taken up again.
"""
from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import AppError, Conflict, Invalid, OutOfSpace, TooMany, Unavailable
from dashapp.core.failpoint import failpoint
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.services import queueing, receiving, working
from dashapp.services.arriving import GROUP, Burst
from dashapp.services.checking import DryRun
from dashapp.services.desk import Desk
from dashapp.services.unit import writing
from dashapp.services.uploads import UploadView

TAKEN, DONE, FAILED, MAPPING, WAITING = ".taken", "done", "failed", "mapping.json", "waiting.txt"
TOGETHER = 2 * GROUP  # files between two looks at who else waits
UNFINISHED = (".part", ".tmp", ".partial", ".crdownload", ".filepart", ".swp", "~")
KEEPER = Actor(id=None, email="watched folder", name="Watched folder", role=Role.FINANCE, via="folder")
Look = dict[Path, tuple[int, int]]


class Watch:
    """Call it with the desk and the moment, some seconds apart; `root` is WATCH_DIR.

    One process watches at a time: others find the folder locked and leave it alone.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: Look = {}

    def __call__(self, desk: Desk, now: datetime) -> int:
        """Take in what has been lying still since the last look; how many files were dealt with."""
        if not self._root.is_dir():
            return 0
        with _alone(self._root) as is_mine:
            if not is_mine:
                return 0
            folders = [f for f in sorted(self._root.iterdir()) if f.is_dir() and not f.is_symlink()
                       and not f.name.startswith(".")]
            left = {folder: _files(folder / TAKEN) for folder in folders}
            seen = {path: _look(path) for folder in folders for path in _waiting(folder)}
            still = [path for path, look in seen.items() if look and self._seen.get(path) == look]
            self._seen = {path: look for path, look in seen.items() if look and path not in still}
            return sum(_bring(desk, folder, left[folder], [p for p in still if p.parent == folder], now)
                       for folder in folders)


@contextmanager
def _alone(root: Path) -> Iterator[bool]:
    """Is this process the only one that watches the folder? The lock ends with its process."""
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _files(folder: Path) -> list[Path]:
    """Plain files of a folder, by name; none where it is no folder."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if stat.S_ISREG(p.lstat().st_mode))


def _waiting(folder: Path) -> list[Path]:
    """What lies in a dataset's folder to be taken: files and links, not folders, hidden or unfinished ones."""
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in (MAPPING, WAITING)
                  and not p.name.lower().endswith(UNFINISHED) and (p.is_symlink() or not p.is_dir()))


def _look(path: Path) -> tuple[int, int] | None:
    """Size and time of change; None for a file that is gone."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _take(path: Path) -> Path | None:
    """Rename the file out of the way, which nobody can do half; None when it is gone."""
    (path.parent / TAKEN).mkdir(exist_ok=True)
    taken = path.parent / TAKEN / path.name
    try:
        path.rename(taken)
    except FileNotFoundError:
        return None
    failpoint("folder.taken")
    return taken


def _bring(desk: Desk, folder: Path, left: Sequence[Path], still: Sequence[Path], now: datetime) -> int:
    """Files into their dataset, then into `done` or `failed`; how many were dealt with.

    left: a killed worker, or one that was busy, left them in `.taken`. Between groups people who wait for a job of
    theirs go first: what is not dealt with then is left for the next look.
    """
    paths = [*((p, True) for p in left), *((p, False) for p in still)]
    if not paths:
        return 0
    try:
        mapping = _mapping(folder)
    except Invalid as error:
        for path, is_left in paths:
            _fail(folder, path if is_left else _take(path), error)
        return len(paths)
    done = 0
    with Burst(KEEPER, desk, folder.name, mapping, partial(_refuse_guessed, folder, mapping)) as burst:
        while paths and not (done and working.is_wanted(queueing.JOBS, now=now)):
            together, paths = paths[:TOGETHER], paths[TOGETHER:]
            if not _bring_together(desk, folder, burst, together, mapping, now):
                break
            done += len(together)
    return done


def _bring_together(desk: Desk, folder: Path, burst: Burst, paths: Sequence[tuple[Path, bool]], mapping: Mapping,
                    now: datetime) -> bool:
    """Some files at once; False where the day's quota is used up and the others need not be tried."""
    received, is_full = list[tuple[Path, UploadView]](), False
    with writing():  # one transaction for the lines of all; a file that is refused has written none
        for path, is_left in paths:
            taken = path if is_left else _take(path)
            if taken is None:
                continue
            try:
                received.append((taken, _received(desk, folder, taken, mapping, now, is_left)))
            except TooMany as error:
                is_full = True
                (folder / WAITING).write_text(f"{error.message} The files in {TAKEN} are brought in later.\n", "utf-8")
            except (Unavailable, OutOfSpace):
                continue  # nothing is wrong with the file: it stays taken and is tried again
            except AppError as error:
                _settle(folder, taken, error, is_left=is_left)
    failpoint("folder.received")
    outcomes = burst.commit([found for _, found in received], now=now)
    for (path, _), outcome in zip(received, outcomes, strict=True):
        _settle(folder, path, outcome, is_left=False)
    if not is_full:
        (folder / WAITING).unlink(missing_ok=True)
    return not is_full


def _received(desk: Desk, folder: Path, path: Path, mapping: Mapping, now: datetime, is_left: bool) -> UploadView:
    """The upload that stands for the file; one that a killed worker received is taken up again."""
    with _opened(path) as stream:
        if is_left:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
            found = receiving.left_open(KEEPER, folder.name, path.name, digest)
            if found is not None and (desk.originals / found.id).is_file():
                return found
            stream.seek(0)
        return receiving.receive(KEEPER, desk, stream, path.name, folder.name, now=now, sheet=mapping.sheet)


def _settle(folder: Path, path: Path, outcome: UploadView | AppError, *, is_left: bool) -> None:
    """Put the file where what came of it says. Where the bytes of one that was left are in the dataset, the killed
    worker had come so far."""
    if isinstance(outcome, Unavailable | OutOfSpace):
        return  # nothing is wrong with the file: it stays taken and is tried again
    if not isinstance(outcome, AppError) or (is_left and isinstance(outcome, Conflict) and outcome.extra.get("upload")):
        _put(path, folder / DONE)
    else:
        _fail(folder, path, outcome)


def _fail(folder: Path, path: Path | None, error: AppError) -> None:
    """The reason first, then the file: none lies in `failed` without a word."""
    if path is None:
        return
    (folder / FAILED).mkdir(exist_ok=True)
    final = _free(folder / FAILED / path.name)
    told = [error.message, *(i.message for i in error.issues[:20])]
    final.with_name(f"{final.name}.reason.txt").write_text("\n".join(dict.fromkeys(told)) + "\n", encoding="utf-8")
    failpoint("folder.told")
    path.rename(final)


def _refuse_guessed(folder: Path, mapping: Mapping, checked: DryRun) -> None:
    """A first file makes a dataset only by what was said; nobody would see a guess."""
    if not checked.needs and checked.base_version == 0 and mapping.key is None and mapping.mode is None:
        raise Invalid(f"{folder.name} is new: say in {MAPPING} how rows are recognised, by their key columns or a mode "
                      f"(upsert, append, replace-period), or bring its first file in the browser.")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes. Raises Invalid for a link, which may lead anywhere, and for what is no file."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Invalid("Only plain files are taken in; this is a link, or it cannot be read.") from error
    with os.fdopen(number, "rb") as stream:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise Invalid("Only plain files are taken in.")
        yield stream


def _mapping(folder: Path) -> Mapping:
    """The mapping that lies in the folder, for every file of it. Raises Invalid."""
    path = folder / MAPPING
    if not path.is_file() or path.is_symlink():
        return Mapping()
    try:
        return mapping_from_json(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise Invalid(f"{MAPPING} is not JSON: {error}.") from error


def _put(path: Path, folder: Path) -> None:
    """Move the file there, under a name that is free."""
    folder.mkdir(exist_ok=True)
    path.rename(_free(folder / path.name))


def _free(path: Path) -> Path:
    """The path, or one beside it that nobody has."""
    final = path
    while final.exists() or final.is_symlink():
        final = path.with_name(f"{path.stem}-{secrets.token_hex(3)}{path.suffix}")
    return final
