"""Files in and out of the browser: the streamed upload, downloads under safe names, and compression of Dash's files."""
from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, jsonify, request, send_file

from dashapp.core.actor import Role
from dashapp.core.errors import TooLarge
from dashapp.services import receiving, uploads
from dashapp.web.here import here
from dashapp.web.multipart import SLACK, FileStream
from dashapp.web.policy import policy

_SUITES = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>"


def register(app: Flask) -> None:
    """`POST /upload/<dataset>` and `GET /download/...`."""
    app.add_url_rule("/upload/<dataset>", "upload", _upload, methods=["POST"])
    app.add_url_rule("/download/uploads/<upload>/original", "download_original", _original)
    app.add_url_rule("/download/uploads/<upload>/quarantine", "download_quarantine", _quarantine)


@policy(Role.FINANCE)
def _upload(dataset: str) -> Any:
    at = here()
    limit = at.desk.max_upload
    if request.content_length is not None and request.content_length > limit + SLACK:
        raise TooLarge(f"The file is larger than {limit // 2**20} MB.")
    stream = FileStream(request, limit)
    upload = receiving.receive(at.actor, at.desk, stream.binary, stream.filename, dataset, now=at.now)
    return jsonify(id=upload.id, status=upload.state), 201


@policy(Role.FINANCE)
def _original(upload: str) -> Response:
    """The file as it arrived, never shown inside the browser."""
    at = here()
    path, name = uploads.original(at.actor, at.desk, upload)
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=name)


@policy(Role.FINANCE)
def _quarantine(upload: str) -> Response:
    """Refused rows with their reasons."""
    at = here()
    path, name = uploads.quarantine(at.actor, at.desk, upload)
    return send_file(path, "text/csv", as_attachment=True, download_name=name)


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
