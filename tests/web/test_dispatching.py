"""Callback bodies that no page of ours would send."""
from __future__ import annotations

import json
import random

import pytest

from tests.web.browser import body_for, callbacks, headers, name_of, page_body, send

ODD = [[], {}, None, float("nan"), 1e400, int("9" * 4000), "x" * 1_000_000, "\ud800", -1, True, [None], {"a": []},
       "\x00"]
DATA_VERSION = "data-version.data"


def post(client, text, **more):
    return client.post("/_dash-update-component", data=text, headers={**headers(client), **more},
                       content_type=more.get("Content-Type", "application/json"))


@pytest.mark.parametrize("value", ODD, ids=lambda v: f"{type(v).__name__}-{str(v)[:8]!r}")
def test_c2_odd_values_into_every_callback_are_never_an_accident(app, sign_in, value):
    client = sign_in("admin")
    for output, bound in callbacks(app).items():
        if name_of(bound).endswith(("keep_theme",)):
            continue
        answer = post(client, json.dumps(body_for(app, output, value)))
        assert answer.status_code in (200, 204, 400, 404, 413, 422), (output, answer.get_data(as_text=True)[:300])


def test_c2_ten_thousand_digits_are_400(sign_in, app):
    client = sign_in("admin")
    text = json.dumps(body_for(app, DATA_VERSION, "DIGITS")).replace('"DIGITS"', "9" * 10_000)
    assert post(client, text).status_code == 400


@pytest.mark.parametrize("change", [
    {"output": "no-such.thing"}, {"output": None}, {"output": ["data-version.data"]}, {"output": {}},
    {"inputs": []}, {"inputs": None}, {"inputs": {"id": "x"}}, {"inputs": [1]}, {"inputs": [None]}, {"inputs": [[]]},
    {"inputs": [{"id": "x", "property": "y", "value": 1}]},
    {"inputs": [{"id": "data-version-clock", "property": "n_intervals"}] * 2},
    {"inputs": [{"id": {"a": "b"}, "property": "n_intervals"}]},
    {"outputs": {"id": "user-once", "property": "children"}}, {"outputs": [1, 2]}, {"outputs": "x"},
    {"outputs": [[[]]]}, {"state": [{"id": "x", "property": "y"}]}, {"state": "x"},
    {"changedPropIds": 1}, {"changedPropIds": [1]},
])
def test_c3_spoofed_members_are_400_or_404(app, sign_in, change):
    client = sign_in("admin")
    answer = send(client, {**body_for(app, DATA_VERSION), **change})
    assert answer.status_code in (400, 404), answer.get_data(as_text=True)[:200]


@pytest.mark.parametrize("text", ["[]", "1", "null", '"x"', "", "{", "[" * 100_000 + "]" * 100_000,
                                  '{"a":' * 100_000 + "1" + "}" * 100_000, "\xff", '{"output": "a.b"', "{}"])
def test_c3_bodies_that_are_no_object_are_refused(sign_in, text):
    assert post(sign_in("admin"), text.encode("latin-1")).status_code in (400, 404)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x/y"])
def test_c4_other_content_types_never_reach_a_callback(app, sign_in, kind):
    client = sign_in("admin")
    answer = client.post("/_dash-update-component", data=json.dumps(body_for(app, DATA_VERSION)),
                         headers=headers(client), content_type=kind)
    assert answer.status_code in (400, 415)


def test_c3_a_refused_body_is_one_log_line(app, sign_in, capsys, monkeypatch):
    from dashapp.web import logs

    client, told = sign_in("admin"), []
    csrf_headers = headers(client)
    monkeypatch.setattr(logs.LOG, "handle", told.append)
    client.post("/_dash-update-component", data="[]", content_type="application/json", headers=csrf_headers)
    assert len(told) == 1


def test_pattern_callbacks_take_their_matches(app, sign_in):
    from tests.web.browser import output_of

    client = sign_in("admin")
    body = body_for(app, output_of(app, "pages.admin_users.reset_password"))
    body["inputs"] = [[{"id": {"part": "user-password", "user": "none"}, "property": "n_clicks", "value": None}]]
    assert send(client, body).status_code in (200, 204)
    body["inputs"] = [[{"id": {"part": "user-password", "evil": "none"}, "property": "n_clicks", "value": None}]]
    assert send(client, body).status_code == 400
    body["inputs"] = [[{"id": {"part": ["x"], "user": "none"}, "property": "n_clicks", "value": None}]]
    assert send(client, body).status_code == 400


def test_the_router_answers_a_page(sign_in):
    answer = send(sign_in("executive"), page_body("/account"))
    assert answer.get_json()["response"]["_pages_store"]["data"]["title"].startswith("Account")


def test_an_unknown_page_is_told_as_such(sign_in):
    assert "There is no page here" in send(sign_in("executive"), page_body("/no/such/page")).get_data(as_text=True)


def test_c3_a_thousand_bent_bodies_are_never_an_accident(app, sign_in):
    client, dice = sign_in("admin"), random.Random(20260315)
    known = headers(client)
    bodies = [body_for(app, output) for output in callbacks(app)]
    for _ in range(1000):
        bent = _bend(json.loads(json.dumps(dice.choice(bodies))), dice)
        answer = client.post("/_dash-update-component", json=bent, headers=known)
        assert answer.status_code < 500, json.dumps(bent)[:2000]


def _bend(body, dice):
    """Replace, remove or double one member somewhere in the body."""
    place = body
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        if not keys:
            return body
        key = dice.choice(list(keys))
        if isinstance(place[key], dict | list) and place[key] and dice.random() < 0.7:
            place = place[key]
            continue
        deed = dice.choice(("remove", "replace", "double"))
        if deed == "remove":
            del place[key]
        elif deed == "replace":
            place[key] = dice.choice([None, 0, -1.5, "", "x", [], {}, [[]], [None], {"id": {}}, True, "a.b", "..a.b.."])
        else:
            place[key] = [place[key], place[key]]
        return body
