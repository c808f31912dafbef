"""Answers kept by what they stand on, in memory and in files that all processes share, each computed once.

The key of an answer is a digest over everything it depends on: the question with its data scope, the definitions and
the rows in force at its moment, settings, business date, and the code that answers. So an answer never has to be
thrown away: whatever could change it changes its key. What one moment alone explains - a warehouse that did not
answer - is handed to those who asked and kept by nobody.
"""
from __future__ import annotations

import hashlib
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dashapp.core.canonical import canonical, restored
from dashapp.core.organisation import Organisation
from dashapp.core.period import Grain, Period
from dashapp.core.question import Question
from dashapp.core.series import Compared, Point, Ranking, Series, Total
from dashapp.services.flight import Flight
from dashapp.services.shelf import Shelf

if TYPE_CHECKING:
    from dashapp.services.scene import Scene

Answer = tuple[Series, ...]
CLASSES = (Series, Point, Total, Compared, Ranking, Period, Grain)
IN_MEMORY = 256  # answers per process
MEGABYTE = 1024 * 1024
DEFAULT_LIMIT = 256 * MEGABYTE
ROOMS = ("core", "facts", "query")  # whose code makes an answer what it is


class Answers:
    """The answers of one installation, for all threads of a process.

    folder: where files are shared with other processes, None for none; secret: see `shelf`; limit: bytes of all files.
    """

    def __init__(self, folder: Path | None = None, secret: bytes = b"", limit: int = DEFAULT_LIMIT) -> None:
        self._shelf = Shelf(folder, secret, limit) if folder and limit else None
        self._flight = Flight(folder / "locks" if folder and limit else None)
        self._memory: OrderedDict[str, Answer] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: str, make: Callable[[], Answer], *, seconds: float, hurried: bool = False) -> Answer:
        """The answer of this key (see `key_of`), computed by `make` where nobody has it yet.

        seconds: how long to wait for somebody who is computing the same. hurried: `make` is content with a part; such
        askers wait for each other only, and nobody else gets their parts. Raises what `make` raises.
        """
        found = self._remembered(key)
        if found is None:
            found = self._shared(key)
        if found is None:
            turn = key[::-1] if hurried else key
            found = self._flight.once(turn, lambda: self._shared(key), lambda: self._made(key, make), seconds=seconds)
        return found

    def forget(self) -> None:
        """This process remembers no answer; files stay."""
        with self._guard:
            self._memory.clear()

    def tidy(self, before: datetime) -> int:
        """Files that nobody used since `before` are taken away, and as many as are too many; how many."""
        return self._shelf.tidy(before.timestamp()) if self._shelf else 0

    def clear(self) -> None:
        """Neither this process nor any file holds an answer."""
        self.forget()
        if self._shelf:
            self._shelf.clear()

    def _remembered(self, key: str) -> Answer | None:
        with self._guard:
            if key in self._memory:
                self._memory.move_to_end(key)
            return self._memory.get(key)

    def _shared(self, key: str) -> Answer | None:
        """From the files of all processes; one that cannot be read any more is as good as none."""
        data = self._shelf.take(key) if self._shelf else None
        if data is None:
            return None
        try:
            answer: Answer = restored(zlib.decompress(data).decode(), CLASSES)
        except (ValueError, zlib.error):
            return None
        self._remember(key, answer)
        return answer

    def _made(self, key: str, make: Callable[[], Answer]) -> Answer:
        answer = make()
        if is_final(answer):
            self._remember(key, answer)
            if self._shelf:
                self._shelf.put(key, zlib.compress(canonical(answer).encode(), 1))
        return answer

    def _remember(self, key: str, answer: Answer) -> None:
        with self._guard:
            self._memory[key] = answer
            while len(self._memory) > IN_MEMORY:
                self._memory.popitem(last=False)


def is_final(answer: Answer) -> bool:
    """Would the same question on the same data get the same answer again?"""
    return not any(s.is_partial for s in answer)


def key_of(organisation: Organisation, scene: Scene, question: Question, *, now: datetime) -> str:
    """The key of an answer: 64 hexadecimal digits over all it depends on, the question's data scope among it."""
    today = organisation.today(question.as_of or now)
    parts = (_code(), scene.ground_at(question.as_of), organisation.to_json(), today, question)
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


@cache
def _code() -> str:
    """A digest over the code that answers: a process of another version never reads what this one kept."""
    root, digest = Path(__file__).resolve().parents[1], hashlib.sha256()
    for path in sorted(p for room in ROOMS for p in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
