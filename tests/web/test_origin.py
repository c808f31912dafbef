"""Unsafe requests from anywhere but our own pages."""
from __future__ import annotations

import pytest

from dashapp.core.actor import SYSTEM
from dashapp.services import tokens
from tests.web.browser import csrf, page_body

FOREIGN = [
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, {"Origin": "http://localhost:9999"},
    {"Origin": "http://localhost:9999", "Sec-Fetch-Site": "same-site"}, {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, {"Origin": "https://localhost"},
]
UNSAFE = ["/_dash-update-component", "/upload/orders", "/logout", "/password", "/api/v1/datasets/orders/rows"]


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
