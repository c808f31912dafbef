"""One file out of a multipart body, handed on as it arrives: a large upload costs no memory and no second copy."""
from __future__ import annotations

from typing import BinaryIO, cast

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from dashapp.core.errors import AppError, TooLarge

CHUNK = 64 * 1024
MAX_PARTS = 20
SLACK = 64 * 1024  # boundaries, headers and small fields around the file


class FileStream:
    """The first part named `file`, readable once, start to end. Reading its end also checks the rest of the body.

    limit: bytes of the whole body, counted as they come, whatever Content-Length says.
    """

    def __init__(self, request: Request, limit: int, name: str = "file") -> None:
        kind, options = parse_options_header(request.content_type)
        if kind != "multipart/form-data" or not options.get("boundary"):
            raise AppError("Send the file as multipart/form-data.")
        self._decoder = MultipartDecoder(options["boundary"].encode("latin-1", "replace"), 4 * CHUNK)
        self._body, self._left, self._limit = request.stream, limit + SLACK, limit
        self._parts, self._ended, self._pending = 0, False, b""
        self.filename = self._find(name)

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; the empty text at the end. Raises AppError for a body that is cut or malformed."""
        wanted = size if size >= 0 else self._limit + 1
        while len(self._pending) < wanted and not self._ended:
            event = self._next()
            if not isinstance(event, Data):
                raise AppError("This upload is not complete.")
            self._pending += event.data
            if not event.more_data:
                self._ended = True
                self._drain()
        out, self._pending = self._pending[:wanted], self._pending[wanted:]
        return out

    @property
    def binary(self) -> BinaryIO:
        """The stream under the type that receivers declare; they only read."""
        return cast(BinaryIO, self)

    def _find(self, name: str) -> str:
        while True:
            event = self._next()
            if isinstance(event, Epilogue):
                raise AppError(f"The upload holds no part named {name!r}.")
            if isinstance(event, File) and event.name == name:
                return event.filename

    def _drain(self) -> None:
        while not isinstance(self._next(), Epilogue):
            pass

    def _next(self) -> Event:
        while True:
            try:
                event = self._decoder.next_event()
            except (ValueError, RequestEntityTooLarge) as error:
                raise AppError("This upload is not well formed.") from error
            if isinstance(event, Field | File):
                self._count_part()
            if not isinstance(event, NeedData):
                return event
            self._feed()

    def _count_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise TooLarge(f"An upload has at most {MAX_PARTS} parts.")

    def _feed(self) -> None:
        try:
            data = self._body.read(CHUNK)
        except ClientDisconnected as error:
            raise AppError("This upload is not complete.") from error
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(f"The file is larger than {self._limit // 2**20} MB.")
        try:
            self._decoder.receive_data(data or None)
        except (ValueError, RequestEntityTooLarge) as error:
            raise AppError("This upload is not well formed.") from error
