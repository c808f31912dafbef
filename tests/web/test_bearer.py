"""Tokens of programs: where they count, and how fast they stop counting."""
from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from dashapp.core.actor import SYSTEM, Role
from dashapp.services import accounts, tokens

PATH = "/api/v1/datasets"
_serial = count(1)


@pytest.fixture
def owner(app, now):
    """A finance person of this test only."""
    with app.app_context():
        person, _ = accounts.add_user(SYSTEM, f"bearer-{next(_serial)}@example.org", Role.FINANCE, now=now,
                                      password="correct horse battery staple")
    return person


@pytest.fixture
def secret(app, owner):
    return _token(app, owner)


def _token(app, owner, scopes=("read",), days=30):
    with app.app_context():
        moment = app.extensions["ledgerline.clock"]()
        return tokens.add_token(SYSTEM, "t", scopes, now=moment, email=owner.email, days=days)[1]


def ask(client, secret, path=PATH, **more):
    return client.get(path, headers={"Authorization": f"Bearer {secret}", **more})


def test_a_token_opens_the_api(client, secret):
    assert ask(client, secret).status_code == 200


def test_i2_a_token_counts_in_the_header_only(client, secret):
    assert client.get(f"{PATH}?token={secret}&access_token={secret}").status_code == 401
    client.set_cookie("token", secret)
    client.set_cookie("Authorization", f"Bearer {secret}")
    assert client.get(PATH).status_code == 401


def test_i2_a_token_opens_nothing_but_the_api(client, secret):
    assert ask(client, secret, "/_dash-layout").status_code == 401
    assert ask(client, secret, "/").status_code == 302


@pytest.mark.parametrize("change", [str.upper, str.swapcase, lambda t: t[:-1], lambda t: t + "x", lambda t: t[3:],
                                    lambda t: "ll_" + t, lambda t: "",
                                    lambda t: t[:-1] + ("A" if t[-1] != "A" else "B")])
def test_i2_a_token_that_is_nearly_right_is_wrong(client, secret, change):
    assert ask(client, change(secret)).status_code == 401


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "Token x", "bearer  "])
def test_i2_other_schemes_are_refused(client, header):
    assert client.get(PATH, headers={"Authorization": header}).status_code == 401


def test_i2_a_revoked_token_is_refused(app, client, owner, secret, now):
    with app.app_context():
        from dashapp.core.actor import Actor

        actor = Actor(owner.id, owner.email, role=Role.FINANCE)
        tokens.revoke_token(actor, tokens.list_tokens(actor, now=now)[0].id, now=now)
    assert ask(client, secret).status_code == 401


def test_i2_an_expired_token_is_refused(app, client, owner):
    secret, clock = _token(app, owner, days=1), app.extensions["ledgerline.clock"]
    app.extensions["ledgerline.clock"] = lambda: clock() + timedelta(days=1, seconds=1)
    try:
        assert ask(client, secret).status_code == 401
    finally:
        app.extensions["ledgerline.clock"] = clock


def test_i2_a_token_without_the_scope_is_403(app, client, secret):
    answer = client.post("/api/v1/datasets/x/rows", json=[{"a": 1}], headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code in (403, 404, 422)
    assert ask(client, secret, "/api/v1/export/kpis.csv?kpis=revenue&grain=month").status_code in (403, 404, 422)


def test_i3_a_token_of_somebody_disabled_stops_at_once(app, client, owner, secret, now):
    assert ask(client, secret).status_code == 200
    with app.app_context():
        accounts.disable_user(SYSTEM, owner.id, now=now)
    assert ask(client, secret).status_code == 401


def test_i3_a_token_of_somebody_demoted_loses_the_role_at_once(app, client, owner, now):
    secret = _token(app, owner, ("read", "ingest"))
    post = {"json": [{"date": "2026-01-01", "revenue": 1}], "headers": {"Authorization": f"Bearer {secret}"}}
    assert client.post("/api/v1/datasets/i3_rows/rows", **post).status_code != 403
    with app.app_context():
        accounts.change_role(SYSTEM, owner.id, Role.EXECUTIVE, now=now)
    assert client.post("/api/v1/datasets/i3_rows/rows", **post).status_code == 403


def test_b7_a_changed_scope_holds_from_the_next_request_on(app, client, owner, secret, now):
    with app.app_context():
        accounts.set_scope(SYSTEM, owner.id, ["region=EMEA"], now=now)
        actor = tokens.token_actor(secret, ip=None, now=app.extensions["ledgerline.clock"]())
    assert [str(w) for w in actor.scope] == ["region=EMEA"]


def test_people_are_not_managed_by_token(app, owner, now):
    with app.app_context():
        accounts.change_role(SYSTEM, owner.id, Role.ADMIN, now=now)
        actor = tokens.token_actor(_token(app, owner, ("read", "ingest", "export")), ip=None,
                                   now=app.extensions["ledgerline.clock"]())
        with pytest.raises(Exception, match="No token may do this"):
            accounts.list_users(actor)
        accounts.change_role(SYSTEM, owner.id, Role.EXECUTIVE, now=now)


def test_metrics_in_production_are_for_admins(app, client, secret, sign_in):
    from dataclasses import replace

    settings = app.extensions["ledgerline.settings"]
    app.extensions["ledgerline.settings"] = replace(settings, env="production")
    try:
        assert client.get("/metrics").status_code == 401
        assert ask(client, secret, "/metrics").status_code == 403
        assert sign_in("admin").get("/metrics").status_code == 200
    finally:
        app.extensions["ledgerline.settings"] = settings
    shown = client.get("/metrics").get_data(as_text=True)
    assert 'ledgerline_ready{part="database"} 1' in shown
    assert "# TYPE ledgerline_requests_total counter" in shown
