"""Reading what was sent, strictly: unknown members are refused, depth is bounded, and every refusal says where."""
from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue

MAX_PAGE = 1000
_MAX_ISSUES = 20


class Strict(BaseModel):
    """The base of everything that is read: no unknown members, no numbers out of texts in JSON."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False, allow_inf_nan=False)


class Page(Strict):
    """Which part of a list. Larger pages are cut to the limit."""

    limit: int = Field(100, ge=1, description=f"Rows per page; more than {MAX_PAGE} gives {MAX_PAGE}")
    offset: int = Field(0, ge=0, le=10**9, description="Rows to leave out first")

    @property
    def size(self) -> int:
        return min(self.limit, MAX_PAGE)


def refuse(error: ValidationError) -> NoReturn:
    """Turn what pydantic found into the product's own refusal."""
    issues = [_issue(e) for e in error.errors(include_url=False, include_context=False)[:_MAX_ISSUES]]
    raise Invalid("The call cannot be used: " + "; ".join(i.message for i in issues[:3]) + ".", issues=issues)


def _issue(found: Any) -> Issue:
    place = ".".join(str(part) for part in found["loc"])[:80] or "body"
    return Issue("call", f"{place}: {found['msg'][:200]}", column=place)


def json_body() -> Any:
    """The JSON of the body. Raises UnsupportedMediaType, and Invalid for what is no JSON or nested too deeply."""
    if not request.is_json:
        raise UnsupportedMediaType
    return parse(request.get_data(cache=True))


def parse(text: bytes | str) -> Any:
    """JSON without NaN and infinity. Raises Invalid."""
    try:
        return json.loads(text, parse_constant=_no_constant, parse_int=_whole)
    except RecursionError:
        raise Invalid("The JSON is nested too deeply.") from None
    except ValueError as error:
        raise Invalid(f"This is not JSON: {str(error)[:120]}.") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _whole(text: str) -> int:
    if len(text) > 400:
        raise ValueError("a number has too many digits")
    return int(text)


def read_as(model: type[Any], value: Any) -> Any:
    """The value as `model`. Raises Invalid with an issue per member that does not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        refuse(error)


def listed(items: list[Any], page: Page, total: int | None = None) -> Response:
    """A JSON array with `X-Total-Count`. With total None, `items` are all of them and the page is cut here."""
    shown = items[page.offset:page.offset + page.size] if total is None else items
    response = jsonify(shown)
    response.headers["X-Total-Count"] = str(len(items) if total is None else total)
    return response
