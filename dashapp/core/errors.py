"""The one family of errors that reach a person. Three translators know it: toast, problem+json and exit code."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashapp.core.issue import Issue


class AppError(Exception):
    """Work that failed for a reason a person should read.

    `message` is one sentence in the user's words; `status` is the HTTP status of the same meaning; `extra` holds
    JSON-able members for problem+json (for example a link to the former upload).
    """

    status = 400
    title = "Bad request"

    def __init__(self, message: str, *, issues: Sequence[Issue] = (), **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.issues = tuple(issues)
        self.extra = extra


class NotSignedIn(AppError):
    status = 401
    title = "Sign-in needed"


class Forbidden(AppError):
    status = 403
    title = "Not allowed"


class NotFound(AppError):
    """Also raised for things outside the actor's scope: a stranger cannot tell the two apart."""

    status = 404
    title = "Not found"


class Conflict(AppError):
    """Somebody else was faster, or the same thing is there already. Nothing was overwritten."""

    status = 409
    title = "Conflict"


class TooLarge(AppError):
    status = 413
    title = "Too large"


class Invalid(AppError):
    """Input that cannot be used; `issues` says where and why."""

    status = 422
    title = "Cannot be used"


class TooMany(AppError):
    status = 429
    title = "Too many requests"


class Unavailable(AppError):
    status = 503
    title = "Not available now"


class OutOfSpace(AppError):
    status = 507
    title = "No space left"
