"""The gate: strangers reach the sign-in page and nothing else."""
from __future__ import annotations

import pytest

from dashapp.core.actor import Role
from dashapp.web.policy import ANYONE, policy_of, undecided
from tests.web.browser import OWN

OPEN = {"login", "logout", "healthz", "readyz", "metrics", "csp_report", "sign_in_look"}
UNKNOWN = ["/x", "/admin", "/loginXYZ", "/healthz/", "/login/", "/assets/.env", "/assets/notes.xlsx", "/static/x.js",
           "/api", "/api/v2/kpis", "/_dash", "/_dash-layout/x", "/.git/config", "/wp-login.php", "/kpi/x", "/_mcp",
           "/download/uploads/1/original", "/upload/orders", "/login/look/../app.css", "/reset"]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "PUT"])
def test_a1_strangers_reach_only_the_sign_in_page_on_every_route(app, client, method):
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN:
            continue
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(next(p for p in path.split("/") if name in p and "<" in p), "x")
        answer = client.open(path.replace("<", "").replace(">", ""), method=method, headers=OWN)
        assert answer.status_code in (302, 401), (path, method, answer.status_code)


@pytest.mark.parametrize("path", UNKNOWN)
def test_a1_strangers_learn_nothing_from_unknown_paths(client, path):
    for method in ("GET", "POST", "HEAD"):
        answer = client.open(path, method=method, headers=OWN)
        body = answer.get_data(as_text=True).lower()
        assert answer.status_code in (302, 401, 404, 405), (method, answer.status_code)
        assert "overview" not in body
        assert "python" not in body
        assert "react-entry-point" not in body


def test_a1_the_open_routes_are_exactly_these(app):
    assert {r.endpoint for r in app.url_map.iter_rules() if policy_of(app, r.endpoint) == ANYONE} == OPEN


@pytest.mark.parametrize("path", ["/loginXYZ", "/login/../finance", "/healthz/", "//finance", "/%2e%2e/",
                                  "/%2e%2e/login/x"])
def test_a2_odd_spellings_of_open_paths_are_not_open(client, path):
    answer = client.get(path)
    assert answer.status_code in (302, 308, 404)
    assert "react-entry-point" not in answer.get_data(as_text=True)


def test_b14_every_route_has_a_policy_and_no_second_door_is_there(app):
    assert undecided(app) == []
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert not [r for r in rules if "mcp" in r or "_dash-ws" in r]
    dash = app.extensions["ledgerline.dash"]
    assert not dash.callback_api_paths
    assert not [k for k, b in dash.callback_map.items() if b.get("background") or b.get("websocket")]


def test_a_route_nobody_decided_about_is_refused(app, sign_in):
    endpoint = next(r.endpoint for r in app.url_map.iter_rules() if r.endpoint == "download_original")
    view = app.view_functions[endpoint]
    try:
        app.view_functions[endpoint] = lambda upload: "open"
        assert undecided(app) == [endpoint]
        assert sign_in("admin").get("/download/uploads/1/original").status_code == 403
    finally:
        app.view_functions[endpoint] = view
    assert policy_of(app, endpoint) is Role.FINANCE


def test_i7_a_foreign_host_is_400_before_anything_else(app, client):
    app.config["TRUSTED_HOSTS"] = ["ledgerline.example.org"]
    try:
        assert client.get("/login", headers={"Host": "evil.example"}).status_code == 400
        assert client.get("/login", headers={"Host": "ledgerline.example.org"}).status_code == 200
    finally:
        app.config["TRUSTED_HOSTS"] = None


def test_i7_forwarded_headers_are_ignored_without_a_trusted_proxy(app, client):
    seen = {}
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.update(ip=_address()))
    try:
        client.get("/healthz", headers={"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"})
    finally:
        app.before_request_funcs[None].pop()
    assert seen["ip"] == "127.0.0.1"


def _address():
    from flask import request

    return request.remote_addr


def test_an_oversized_body_is_refused_unread(client):
    answer = client.post("/login", data={"email": "a@example.org", "password": "x" * 10_000_000}, headers=OWN)
    assert answer.status_code == 413
