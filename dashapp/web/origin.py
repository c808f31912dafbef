"""Where an unsafe request came from: only our own pages may send one with a session cookie.

Cookies travel from other ports and subdomains of the same site whatever SameSite says; browsers name the origin.
"""
from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def refusal_of(request: Request, public_url: str, *, signed_in: bool) -> str | None:
    """The reason to refuse an unsafe request, or None. Sec-Fetch-Site decides where it is sent, else Origin.

    Without either, a request that carries a session is refused; one that does not has only itself to harm.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if origin is not None and origin not in _own(request, public_url):
        return "This request came from another site."
    if site is not None:
        return None if site == "same-origin" else "This request came from another site."
    if origin is None and signed_in:
        return "This request does not say where it came from."
    return None


def _own(request: Request, public_url: str) -> set[str]:
    own = {request.host_url.rstrip("/")}
    if public_url:
        parts = urlsplit(public_url)
        own.add(f"{parts.scheme}://{parts.netloc}")
    return own
