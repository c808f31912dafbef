"""Senders over the API: listed with how their files are read, renamed, forgotten - by who may."""

from __future__ import annotations

import pytest

from tests.api.conftest import Stage
from tests.services.world import World

ROWS = b"Day,Amount\n2025-01-03,5\n2025-01-05,6\n"


def test_senders_are_listed_renamed_and_forgotten(stage: Stage) -> None:
    with stage.app.app_context():
        World(stage.app.extensions["ledgerline"], stage.cast).bring(
            ROWS, "north 01.csv", "senders", {"key": ["day"], "mode": "upsert"}
        )
    finance = stage.caller("finance")
    (found,) = finance("GET", "/datasets/senders/profiles").json
    assert (found["name"], found["columns"], found["layout"], found["uses"]) == ("north", ["Day", "Amount"], "flat", 1)
    assert finance("PUT", "/datasets/senders/profiles/north", json={"name": "Berlin"}).json["name"] == "Berlin"
    assert finance("PUT", "/datasets/senders/profiles/north", json={"name": "x"}).status_code == 404
    assert finance("PUT", "/datasets/senders/profiles/Berlin", json={"name": "x", "more": 1}).status_code == 422
    assert finance("DELETE", "/datasets/senders/profiles/Berlin").status_code == 204
    assert finance("GET", "/datasets/senders/profiles").json == []
    assert finance("GET", "/datasets/gone/profiles").status_code == 404


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)])
def test_an_executive_is_refused(stage: Stage, method: str, body: dict[str, str] | None) -> None:
    path = "/datasets/orders/profiles" + ("" if method == "GET" else "/north")
    assert stage.caller("executive")(method, path, json=body).status_code == 403
