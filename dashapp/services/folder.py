"""The watched folder: files that are put into `WATCH_DIR/<dataset>/` are taken in like uploads, by nobody's hand.

A file is taken when two looks see the same size and time of change, by one rename into `.taken/`, so that nobody reads
what is half-written. Afterwards it lies in `done/`, or in `failed/` beside `<name>.reason.txt`. Links and folders in
a dataset's folder are not followed. What a killed worker left in `.taken/` is taken up again.
"""
from __future__ import annotations

import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import AppError, Conflict, Invalid, OutOfSpace, Unavailable
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.services import checking, importing, receiving
from dashapp.services.desk import Desk
from dashapp.services.uploads import UploadView

TAKEN, DONE, FAILED, MAPPING = ".taken", "done", "failed", "mapping.json"
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
            left = [path for folder in folders for path in _files(folder / TAKEN)]
            for path in left:
                _bring(desk, path.parent.parent, path, now, again=True)
            seen = {path: _look(path) for folder in folders for path in _waiting(folder)}
            still = [path for path, look in seen.items() if look and self._seen.get(path) == look]
            self._seen = {path: look for path, look in seen.items() if look and path not in still}
            for path in still:
                _take(desk, path, now)
            return len(left) + len(still)


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
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name != MAPPING
                  and not p.name.lower().endswith(UNFINISHED) and (p.is_symlink() or not p.is_dir()))


def _look(path: Path) -> tuple[int, int] | None:
    """Size and time of change; None for a file that is gone."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _take(desk: Desk, path: Path, now: datetime) -> None:
    """Rename the file out of the way, which nobody can do half, and bring it in."""
    folder = path.parent
    (folder / TAKEN).mkdir(exist_ok=True)
    taken = folder / TAKEN / path.name
    try:
        path.rename(taken)
    except FileNotFoundError:
        return
    _bring(desk, folder, taken, now)


def _bring(desk: Desk, folder: Path, path: Path, now: datetime, *, again: bool = False) -> None:
    """One file into its dataset, then into `done` or `failed`.

    again: a killed worker left it. Where its bytes are in the dataset, that worker had come so far.
    """
    try:
        _ingest(desk, folder, path, now)
    except (Unavailable, OutOfSpace):
        return  # nothing is wrong with the file: it stays taken and is tried again
    except AppError as error:
        if again and isinstance(error, Conflict) and error.extra.get("upload"):
            _put(path, folder / DONE)
            return
        told = [error.message, *(i.message for i in error.issues[:20])]
        final = _put(path, folder / FAILED)
        final.with_name(f"{final.name}.reason.txt").write_text("\n".join(dict.fromkeys(told)) + "\n", encoding="utf-8")
        return
    _put(path, folder / DONE)


def _ingest(desk: Desk, folder: Path, path: Path, now: datetime) -> UploadView:
    mapping = _mapping(folder)
    with _opened(path) as stream:
        found = receiving.receive(KEEPER, desk, stream, path.name, folder.name, now=now, sheet=mapping.sheet)
    checked = checking.dry_run(KEEPER, desk, found.id, mapping, now=now)
    if not checked.needs and checked.base_version == 0 and mapping.key is None and mapping.mode is None:
        raise Invalid(f"{folder.name} is new: say in {MAPPING} how rows are recognised, by their key columns or a mode "
                      f"(upsert, append, replace-period), or bring its first file in the browser.")
    importing.refuse_open_decisions(checked)
    return importing.commit_unseen(KEEPER, desk, checked, mapping, now=now)


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


def _put(path: Path, folder: Path) -> Path:
    """Move the file there, under a name that is free."""
    folder.mkdir(exist_ok=True)
    final = folder / path.name
    while final.exists() or final.is_symlink():
        final = folder / f"{path.stem}-{secrets.token_hex(3)}{path.suffix}"
    path.rename(final)
    return final
