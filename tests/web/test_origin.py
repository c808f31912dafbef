"""Unsafe requests from anywhere but our own pages."""
from __future__ import annotations

import re

import pytest

from dashapp.core.actor import SYSTEM
from dashapp.services import tokens
from tests.web.browser import OWN, csrf, page_body
from tests.web.matrix import FILE

FOREIGN = [
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, {"Origin": "http://localhost:9999"},
    {"Origin": "http://localhost:9999", "Sec-Fetch-Site": "same-site"}, {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, {"Origin": "https://localhost"},
]
UNSAFE = ["/_dash-update-component", "/upload/orders", "/logout", "/password", "/api/v1/datasets/orders/rows"]
READING = {"GET"}
# Of all routes that write, by the matrix: (method, path with something in its places). The mailbox takes from anybody.
EVERY = sorted({(method, re.sub(r"<[^>]*>", "x", rule)) for kind, method, rule, *_ in
                (line.split(" ", 3) for line in FILE.read_text().splitlines() if line.startswith("route "))
                if method not in READING and rule != "/csp-report"})


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", UNSAFE)
def test_c4_nothing_runs_for_other_sites_or_ports_on_any_unsafe_route(sign_in, path, headers):
    client = sign_in("admin")
    answer = client.post(path, json=page_body("/"), headers={**headers, "X-CSRFToken": csrf(client)})
    assert answer.status_code in (400, 403), answer.status
    assert client.get("/_dash-layout").status_code == 200


@pytest.mark.parametrize("path", [path for path in UNSAFE if path != "/logout"])
def test_c5_a_cookie_without_an_origin_is_refused(sign_in, path):
    client = sign_in("admin")
    assert client.post(path, json=page_body("/"), headers={"X-CSRFToken": csrf(client)}).status_code == 403


@pytest.mark.parametrize("path", ["/_dash-update-component", "/upload/orders", "/api/v1/datasets/orders/rows"])
def test_c5_our_own_origin_without_the_token_is_refused(sign_in, path):
    client = sign_in("admin")
    for token in ({}, {"X-CSRFToken": "made-up"}):
        answer = client.post(path, json=page_body("/"), headers={"Origin": "http://localhost", **token})
        assert answer.status_code == 400


def test_c5_a_bearer_token_needs_no_origin(app, client, now):
    with app.app_context():
        _, secret = tokens.add_token(SYSTEM, "c5", ["read", "ingest"], now=now, email="finance@example.org", days=366)
    answer = client.post("/api/v1/datasets/none/rows", json=[], headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code not in (400, 401, 403, 500), answer.text


def test_c4_signing_in_from_another_site_is_refused(client):
    answer = client.post("/login", data={"email": "x", "password": "y"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_the_public_address_counts_as_ours(app, sign_in):
    from dataclasses import replace

    client = sign_in("admin")
    token, settings = csrf(client), app.extensions["ledgerline.settings"]
    app.extensions["ledgerline.settings"] = replace(settings, public_url="https://kpi.example.org/x")
    try:
        answer = client.post("/_dash-update-component", json=page_body("/account"),
                             headers={"Origin": "https://kpi.example.org", "X-CSRFToken": token})
    finally:
        app.extensions["ledgerline.settings"] = settings
    assert answer.status_code == 200


def test_the_routes_that_write_are_all_here():
    assert {path for _, path in EVERY} >= {"/login", "/logout", "/password", "/upload/x", "/_dash-update-component",
                                           "/api/v1/kpis/x", "/api/v1/uploads/x", "/api/v1/datasets/x/rows"}
    assert {method for method, _ in EVERY} >= {"POST", "PUT", "DELETE", "PATCH"}


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_c4_every_route_that_writes_refuses_every_other_site(app, sign_in, method, path, monkeypatch):
    """With the cookie and the right token, as a page of the same site but another port could send it."""
    client = sign_in("admin")
    known = csrf(client)
    endpoint = app.url_map.bind("localhost").match(path, method=method)[0]
    _fail_when_reached(app, endpoint, monkeypatch)
    for headers in FOREIGN:
        answer = client.open(path, method=method, json={"a": 1}, headers={**headers, "X-CSRFToken": known})
        assert answer.status_code == 403, headers
    assert client.get("/_dash-layout").status_code == 200, "still signed in"


@pytest.mark.parametrize(("method", "path"), [e for e in EVERY if e[1] not in ("/login", "/logout", "/password")])
@pytest.mark.parametrize("token", [None, "", "made-up", "x" * 5000, "Ünïcode"])
def test_c5_every_route_that_writes_asks_for_the_token_of_the_page(app, sign_in, method, path, token, monkeypatch):
    client = sign_in("admin")
    endpoint = app.url_map.bind("localhost").match(path, method=method)[0]
    _fail_when_reached(app, endpoint, monkeypatch)
    named = {} if token is None else {"X-CSRFToken": token.encode().decode("latin-1")}
    assert client.open(path, method=method, json={"a": 1}, headers={**OWN, **named}).status_code == 400


@pytest.mark.parametrize(("method", "path"), [e for e in EVERY if e[1] not in ("/login", "/logout", "/password")])
def test_c5_the_token_of_another_persons_page_is_worth_nothing(app, sign_in, method, path, monkeypatch):
    client, other = sign_in("admin"), sign_in("executive")
    stranger = csrf(other)
    endpoint = app.url_map.bind("localhost").match(path, method=method)[0]
    _fail_when_reached(app, endpoint, monkeypatch)
    answer = client.open(path, method=method, json={"a": 1}, headers={**OWN, "X-CSRFToken": stranger})
    assert answer.status_code == 400


@pytest.mark.parametrize("form", ["/login", "/password"])
def test_c5_a_form_without_its_token_does_nothing(app, sign_in, monkeypatch, form):
    from dashapp.services import accounts

    browser = sign_in("admin")
    monkeypatch.setattr(accounts, "authenticate", lambda *_, **__: pytest.fail("the password was looked at"))
    monkeypatch.setattr(accounts, "change_password", lambda *_, **__: pytest.fail("the password was looked at"))
    client = app.test_client() if form == "/login" else browser
    for token in ({}, {"csrf_token": "made-up"}):
        answer = client.post(form, data={"email": "admin@example.org", "password": "x", "old": "x", "new": "y",
                                         "again": "y", **token}, headers=OWN)
        assert answer.status_code == 400


def _fail_when_reached(app, endpoint, monkeypatch):
    """The view of a route is replaced by one that fails the test; its policy stays."""
    view = app.view_functions[endpoint]

    def reached(**_given):
        raise AssertionError(f"{endpoint} was reached")
    if hasattr(view, "policy"):
        reached.policy = view.policy
    monkeypatch.setitem(app.view_functions, endpoint, reached)
