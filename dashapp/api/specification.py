"""The OpenAPI specification, made from the resources, and a page of it that needs no script and no other host."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel

from dashapp.api.resource import PREFIX, needs, token
from dashapp.core.actor import Role

PROBLEM: dict[str, Any] = {
    "type": "object", "description": "RFC 9457. `issues` where single members, cells or rows are at fault.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "error_id": {"type": "string"}, "retry_after": {"type": "integer"},
        "issues": {"type": "array", "items": {"type": "object", "required": ["code", "message"]}},
    },
}
ABOUT = (
    "KPIs, their series and the rows behind them. Send `Authorization: Bearer TOKEN`; a token acts as its owner, with "
    "the owner's role and data scope and the token's rights: `read`, `ingest` (uploads, rows, definitions), `export` "
    "(files). Filters are written as everywhere "
    "in the product: `region=EMEA`, `region!=EMEA`, `region=EMEA|APAC`, `name~=text`; `where` may repeat. Percentages "
    "are fractions: 12 % is 0.12. Errors are `application/problem+json`. At most 600 calls a minute per token."
)
VERSION = "1"
_views = Blueprint("openapi", __name__, url_prefix=PREFIX, template_folder="templates")


def register(app: Flask, resources: Sequence[APIBlueprint], bodies: Sequence[type[BaseModel]]) -> None:
    """Serve the specification of these resources, with the shapes of `bodies`, and its page."""
    app.extensions["ledgerline.openapi"] = specification(resources, bodies)
    app.register_blueprint(_views)


def specification(resources: Sequence[APIBlueprint], bodies: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """OpenAPI 3.1 as JSON-able values."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for body in bodies:
        schemas[body.__name__] = body.model_json_schema(ref_template="#/components/schemas/{model}")
    for resource in resources:
        for path, item in resource.paths.items():
            paths.setdefault(path, {}).update({v: {"security": token("read"), **o} for v, o in _plain(item).items()})
        schemas |= {name: _plain(schema) for name, schema in resource.components_schemas.items()}
    return {
        "openapi": "3.1.0", "info": {"title": "Ledgerline", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}], "tags": [_plain(tag) for resource in resources for tag in resource.tags],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items())),
                       "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


@_views.get("/openapi.json")
@needs(Role.EXECUTIVE)
def document() -> Response:
    """The specification."""
    return jsonify(current_app.extensions["ledgerline.openapi"])


@_views.get("/docs")
@needs(Role.EXECUTIVE)
def page() -> str:
    """The specification as a page."""
    return render_template("api_docs.html", spec=current_app.extensions["ledgerline.openapi"], prefix=PREFIX)


def _plain(value: Any) -> Any:
    """flask-openapi3 keeps operations as dicts of models: the JSON of both."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
    return value
