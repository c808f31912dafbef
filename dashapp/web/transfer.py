"""Files in and out of the browser: the streamed upload, downloads under safe names, and compression of Dash's files."""
from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Flask, Request, Response, jsonify, request

from dashapp.core.actor import Role
from dashapp.core.errors import TooLarge
from dashapp.services import receiving
from dashapp.web.here import here
from dashapp.web.multipart import SLACK, FileStream
from dashapp.web.policy import policy

_SUITES = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>"


def register(app: Flask) -> None:
    """`POST /upload/<dataset>` and `GET /download/...`."""
    app.add_url_rule("/upload/<dataset>", "upload", _upload, methods=["POST"])


@policy(Role.FINANCE)
def _upload(dataset: str) -> Any:
    at = here()
    limit = at.desk.max_upload
    if request.content_length is not None and request.content_length > limit + SLACK:
        raise TooLarge(f"The file is larger than {limit // 2**20} MB.")
    stream = FileStream(request, limit)
    upload = receiving.receive(at.actor, at.desk, stream.binary, stream.filename, dataset, now=at.now)
    return jsonify(id=upload.id, status=upload.state), 201


def attachment(content: bytes | Any, filename: str, mimetype: str) -> Response:
    """A download under its own name (RFC 6266): ASCII for old browsers, UTF-8 for the others, nothing executable."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in filename)[:150] or "file"
    response = Response(content, mimetype=mimetype)
    exact = quote(filename[:200], safe="")
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"
    return response


def suite_key(asked: Request) -> str:
    """Key of a compressed answer worth keeping: Dash's own scripts, which are the same for everybody."""
    return asked.path if asked.endpoint == _SUITES else ""


class CompressedSuites:
    """Compressed scripts by path, in memory. Answers without a key are never kept."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        if not key.endswith(";") and len(self._kept) < 500:
            self._kept[key] = value
