"""Slow senders are cut off: a body that stops arriving must not hold one of the server's threads for good.

Time-outs of sockets do not help against one byte a second, so each read has to be over within a minute. Bodies are read
in pieces of 64 KB, which makes a kilobyte a second the slowest line that can still send.
"""
from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

SECONDS = 60.0
TICK = 1.0
PIECE = 64 * 1024
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Patience:
    """WSGI middleware: reading a request's body from gunicorn's socket ends when a piece takes too long.

    seconds: for one piece of at most 64 KB. What was cut off reads like a sender that hung up.
    """

    def __init__(self, app: Application, *, seconds: float = SECONDS, tick: float = TICK) -> None:
        self._app, self._seconds, self._tick = app, seconds, tick
        self._due: dict[int, tuple[float, socket.socket]] = {}
        self._lock = threading.Lock()
        self._is_watching = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        line = environ.get("gunicorn.socket")
        if line is not None:
            environ["wsgi.input"] = _Body(environ["wsgi.input"], line, self)
        return self._app(environ, start_response)

    @contextmanager
    def within(self, line: socket.socket) -> Iterator[None]:
        """What happens inside must be over in time, or `line` delivers nothing any more."""
        with self._lock:
            self._due[id(line)] = (time.monotonic() + self._seconds, line)
            if not self._is_watching:
                self._is_watching = True
                threading.Thread(target=self._watch, name="patience", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._due.pop(id(line), None)

    def _watch(self) -> None:
        """One thread for all requests of the process, there only while a body is being read."""
        while True:
            time.sleep(self._tick)
            with self._lock:
                late = [line for due, line in self._due.values() if due <= time.monotonic()]
                if not self._due:
                    self._is_watching = False
                    return
            for line in late:
                with suppress(OSError):  # it hung up by itself meanwhile
                    line.shutdown(socket.SHUT_RD)


class _Body:
    """The request's input under the eyes of `Patience`."""

    def __init__(self, body: Any, line: socket.socket, patience: Patience) -> None:
        self._body, self._line, self._patience = body, line, patience

    def read(self, size: int = -1) -> bytes:
        pieces = []
        while size != 0:
            wanted = PIECE if size < 0 else min(size, PIECE)
            with self._patience.within(self._line):
                piece = self._body.read(wanted)
            pieces.append(piece)
            size -= len(piece) if size > 0 else 0
            if len(piece) < wanted:
                break
        return b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        with self._patience.within(self._line):
            return self._body.readline(size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")
