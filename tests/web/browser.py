"""What a browser sends: callback requests with the headers and bodies that Dash's renderer makes."""
from __future__ import annotations

from typing import Any

from dash._utils import split_callback_id
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


def csrf(client: FlaskClient) -> str:
    """The token that scripts read from their cookie; opening any page sets it."""
    if client.get_cookie("_csrf_token") is None:
        client.get("/")
    cookie = client.get_cookie("_csrf_token")
    return cookie.value if cookie else ""


def headers(client: FlaskClient) -> dict[str, str]:
    return {**OWN, "X-CSRFToken": csrf(client)}


def send(client: FlaskClient, body: Any, **more: Any) -> TestResponse:
    """POST a callback body as our own page would."""
    return client.post("/_dash-update-component", json=body, headers={**headers(client), **more})


def body_for(app: Flask, output: str, values: Any = None) -> dict[str, Any]:
    """A well-formed body for a callback: every input and state holds `values` (patterns match nothing)."""
    bound = app.extensions["ledgerline.dash"].callback_map[output]
    inputs = [_entry(entry, values) for entry in bound["inputs"]]
    state = [_entry(entry, values) for entry in bound.get("state", [])]
    outputs = None if bound.get("no_output") else split_callback_id(output)
    changed = [f"{e['id']}.{e['property']}" for e in inputs if isinstance(e, dict)][:1]
    return {"output": output, "outputs": outputs, "inputs": inputs, "state": state, "changedPropIds": changed}


def page_body(path: str, search: str = "") -> dict[str, Any]:
    """What the router is sent when somebody opens a page."""
    return {
        "output": ".._pages_content.children..._pages_store.data..",
        "outputs": [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}],
        "inputs": [{"id": "_pages_location", "property": "pathname", "value": path},
                   {"id": "_pages_location", "property": "search", "value": search}],
        "state": [], "changedPropIds": ["_pages_location.pathname"],
    }


def callbacks(app: Flask) -> dict[str, Any]:
    """Callback id -> what Dash knows of it, for everything a browser can call."""
    return {k: v for k, v in app.extensions["ledgerline.dash"].callback_map.items() if "callback" in v}


def output_of(app: Flask, function: str) -> str:
    """The id of the callback bound to a function, named like `pages.account.add_token`."""
    found = [key for key, bound in callbacks(app).items() if name_of(bound) == function]
    assert len(found) == 1, (function, found)
    return found[0]


def name_of(bound: dict[str, Any]) -> str:
    function = bound["callback"]
    return f"{function.__module__}.{function.__qualname__}"


def _entry(wanted: dict[str, Any], value: Any) -> Any:
    if wanted["id"].startswith("{"):
        return []
    return {"id": wanted["id"], "property": wanted["property"], "value": value}
