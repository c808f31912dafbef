"""What kind of answer a request expects: a page for a person, JSON for a program or a script."""
from __future__ import annotations

from flask import request

_FOR_SCRIPTS = ("api", "upload", "_dash-layout", "_dash-dependencies", "_dash-update-component", "_reload-hash")


def is_under(first: str) -> bool:
    """Is `first` the first segment of the path?"""
    return request.path.lstrip("/").split("/", 1)[0] == first


def is_page_request() -> bool:
    """Would a person see the answer as a page? Everything else gets JSON."""
    return request.method in ("GET", "HEAD") and not any(is_under(first) for first in _FOR_SCRIPTS)


def wants_page() -> bool:
    """Should an error be told as a page? Also true for the server's own forms."""
    return is_page_request() or request.endpoint in ("login", "logout", "password")
