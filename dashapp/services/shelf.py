"""A shelf of disposable files: bytes kept by key for every process of the installation, the least used go first.

What is read back is what was put there by this installation under this key, or nothing: each file carries a code over
key and content that nobody makes without the installation's secret. A file that is damaged, cut short or foreign is
a miss, and is taken away.
"""
from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("ledgerline.cache")
HEAD = b"ledgerline answer 1\n"
CODE = hashlib.sha256().digest_size
SUFFIX = ".answer"
_KEY = re.compile(r"[0-9a-f]{64}")
_ROOM = 16  # a file takes at most this part of the shelf; the shelf is looked through after as much was put on it


class Shelf:
    """Files of one folder. limit: bytes of all files together; 0 keeps none. secret: any bytes, see above."""

    def __init__(self, folder: Path, secret: bytes, limit: int) -> None:
        self.folder, self.limit = folder, limit
        self._secret = hmac.digest(secret, HEAD, "sha256")
        self._put = limit  # bytes put since the shelf was looked through: the first one looks

    def take(self, key: str) -> bytes | None:
        """What was put under the key, or None. It counts as used."""
        path = self._path(key)
        if not self.limit:
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as file:
                found = file.read(self.limit)
        except OSError:  # not there, or not for this account: either way it has to be computed
            return None
        content = self._content(key, found)
        with suppress(OSError):  # another process may have taken it away meanwhile
            if content is None:
                path.unlink()
            else:
                os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> bool:
        """Keep the content under the key, for this account's eyes only; False where it is too large or the disk full.

        The file appears at once under its final name: nobody reads half of it.
        """
        data = HEAD + self._code(key, content) + content
        if len(data) * _ROOM > self.limit:
            return False
        work = self.folder / f".{secrets.token_hex(8)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(work, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            work.replace(self._path(key))
        except OSError as error:
            log.warning("an answer could not be kept: %s", error.strerror)
            with suppress(OSError):
                work.unlink()
            return False
        self._put += len(data)
        if self._put * _ROOM > self.limit:
            self.tidy()
        return True

    def tidy(self, before: float | None = None) -> int:
        """Take away the least recently used files until the others fit; how many.

        before: seconds since 1970; files that were not used since go, too, and what was never finished.
        """
        self._put = 0
        found = sorted(self._files(), reverse=True)
        kept, gone = 0, 0
        for used, size, path in found:
            kept += size
            if kept > self.limit - self.limit // _ROOM or (before is not None and used < before):
                with suppress(OSError):
                    path.unlink()
                    gone += 1
        return gone if before is None else gone + self._unfinished(before)

    def clear(self) -> None:
        """Nothing is left of what was put here."""
        for _, _, path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """(last used, bytes, path) of every file of the shelf; whatever else lies in the folder is left alone."""
        for path in self.folder.glob(f"*{SUFFIX}"):
            with suppress(OSError):
                if _KEY.fullmatch(path.stem):
                    stat = path.lstat()
                    yield stat.st_mtime, stat.st_size, path

    def _unfinished(self, before: float) -> int:
        """What a killed process was writing."""
        gone = 0
        for path in self.folder.glob(".*"):
            with suppress(OSError):
                if re.fullmatch(r"\.[0-9a-f]{16}", path.name) and path.lstat().st_mtime < before:
                    path.unlink()
                    gone += 1
        return gone

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("a key is a SHA-256 in hexadecimal digits")
        return self.folder / f"{key}{SUFFIX}"

    def _content(self, key: str, data: bytes) -> bytes | None:
        start = len(HEAD) + CODE
        code, content = data[len(HEAD):start], data[start:]
        genuine = data.startswith(HEAD) and hmac.compare_digest(code, self._code(key, content))
        return content if genuine else None

    def _code(self, key: str, content: bytes) -> bytes:
        return hmac.digest(self._secret, key.encode() + content, "sha256")
