"""Tokens at the gate, and what every answer has in common."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashapp.core.actor import Role
from dashapp.services import accounts, metering, tokens
from tests.api.conftest import Stage

PROBLEM = "application/problem+json"
BODIES = [
    b"",
    b"{",
    b"[" * 100_000,
    b'{"name": NaN}',
    b"\xff\xfe",
    b'"text"',
    b"[1]",
    b"null",
    b'{"a":' * 50_000,
    b"1" * 5_000,
]


def test_i2_no_token_is_401_with_a_problem(stage: Stage) -> None:
    answer = stage.app.test_client().get("/api/v1/kpis")
    assert (answer.status_code, answer.mimetype) == (401, PROBLEM)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[:-1],
        lambda t: t + "x",
        lambda t: t.upper(),
        lambda t: "xx_" + t[3:],
        lambda t: "",
        lambda t: "ll_",
        lambda t: t.swapcase(),
        lambda t: f"{t}\u0000",
        lambda t: "Ü" + t,
    ],
)
def test_i2_a_token_that_is_not_exactly_one_is_401(stage: Stage, spoil) -> None:  # type: ignore[no-untyped-def]
    caller = stage.caller("finance")
    caller.secret = spoil(caller.secret).encode("utf-8").decode("latin-1").replace("\x00", "%00")
    assert caller.get("/kpis").status_code == 401


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_i2_another_scheme_is_401(stage: Stage, scheme: str) -> None:
    secret = stage.token("finance")
    answer = stage.app.test_client().get("/api/v1/kpis", headers={"Authorization": f"{scheme} {secret}"})
    assert answer.status_code == 401


def test_i2_a_token_in_the_url_or_a_cookie_is_nothing(stage: Stage) -> None:
    secret = stage.token("finance")
    browser = stage.app.test_client()
    assert browser.get("/api/v1/kpis", query_string={"access_token": secret, "token": secret}).status_code == 401
    browser.set_cookie("token", secret)
    browser.set_cookie("Authorization", f"Bearer {secret}")
    assert browser.get("/api/v1/kpis").status_code == 401


def test_i2_a_revoked_and_an_expired_token_are_401(stage: Stage) -> None:
    caller = stage.caller("finance")
    assert caller.get("/kpis").status_code == 200
    with stage.app.app_context():
        (view,) = tokens.list_tokens(stage.cast.finance, now=stage.clock.now)
        tokens.revoke_token(stage.cast.finance, view.id, now=stage.clock.now)
    assert caller.get("/kpis").status_code == 401
    other = stage.caller("finance")
    stage.clock.now += timedelta(days=tokens.DEFAULT_DAYS + 1)
    assert other.get("/kpis").status_code == 401


def test_i3_a_disabled_user_loses_the_token_at_once(stage: Stage) -> None:
    caller = stage.caller("finance")
    assert caller.get("/uploads").status_code == 200
    with stage.app.app_context():
        accounts.disable_user(stage.cast.admin, str(stage.cast.finance.id), now=stage.clock.now)
    assert caller.get("/uploads").status_code == 401


def test_i3_a_demoted_user_loses_the_rights_of_the_role_at_once(stage: Stage) -> None:
    caller = stage.caller("finance")
    with stage.app.app_context():
        accounts.change_role(stage.cast.admin, str(stage.cast.finance.id), Role.EXECUTIVE, now=stage.clock.now)
    assert caller.get("/kpis").status_code == 200
    assert caller.get("/uploads").status_code == 403
    assert caller("POST", "/datasets/orders/rows", json={"rows": [{"a": 1}]}).status_code == 403


def test_i6_a_flood_is_429_with_the_seconds_to_wait_and_others_are_served(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metering.meter, "__kwdefaults__", {"limit": 5})
    stage.clock.tick = timedelta(milliseconds=10)
    flood, other = stage.caller("finance"), stage.caller("analyst")
    answers = [flood.get("/kpis") for _ in range(8)]
    assert [a.status_code for a in answers] == [200] * 5 + [429] * 3
    assert answers[-1].mimetype == PROBLEM
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 120
    assert other.get("/kpis").status_code == 200
    stage.clock.now += timedelta(seconds=int(answers[-1].headers["Retry-After"]))
    assert flood.get("/kpis").status_code == 200


def test_answers_say_how_many_calls_remain(stage: Stage) -> None:
    caller = stage.caller("finance")
    first, second = caller.get("/kpis"), caller.get("/kpis")
    assert first.headers["RateLimit-Limit"] == str(metering.CALLS)
    assert int(second.headers["RateLimit-Remaining"]) == int(first.headers["RateLimit-Remaining"]) - 1


@pytest.mark.parametrize("path", ["/nothing", "/kpis/revenue/forecast", "/rules", "/reports", "/alerts", "/kpis/", "/"])
def test_a_call_that_does_not_exist_is_a_plain_404(stage: Stage, path: str) -> None:
    answer = stage.caller("admin").get(path)
    assert (answer.status_code, answer.mimetype) == (404, PROBLEM)


def test_a_wrong_method_is_405_and_names_the_right_ones(stage: Stage) -> None:
    answer = stage.caller("admin")("POST", "/kpis/revenue")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("path", ["/kpis", "/datasets", "/overview", "/kpis/x", "/series", "/uploads", "/datasets/x"])
def test_b10_unknown_members_of_the_query_are_refused(stage: Stage, path: str) -> None:
    caller = stage.caller("admin")
    if path in ("/kpis/x", "/datasets/x"):
        assert caller.get(path, is_admin=1).status_code == 404  # nothing is read from the query there
        return
    answer = caller.get(path, is_admin=1)
    assert answer.status_code == 422
    assert "is_admin" in answer.get_json()["detail"]


@pytest.mark.parametrize("member", ["role", "owner_id", "scope", "is_admin", "version"])
def test_b10_unknown_members_of_a_body_are_refused_and_nothing_changes(stage: Stage, member: str) -> None:
    caller = stage.caller("analyst")
    answer = caller("PUT", "/kpis/one", json={"name": "One", "formula": "1", member: 1})
    assert answer.status_code == 422
    assert member in answer.get_json()["detail"]
    assert caller.get("/kpis").get_json() == []


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_i5_a_body_that_is_no_json_object_is_refused(stage: Stage, body: bytes) -> None:
    caller = stage.caller("analyst")
    for method, path in (("PUT", "/kpis/one"), ("POST", "/datasets/orders/rows")):
        answer = caller(method, path, data=body, content_type="application/json")
        assert answer.status_code in (400, 422), (method, answer.get_data(as_text=True))
        assert answer.mimetype == PROBLEM


def test_i5_another_media_type_is_415(stage: Stage) -> None:
    caller = stage.caller("analyst")
    assert caller("PUT", "/kpis/one", data="name=x", content_type="text/plain").status_code == 415
    assert caller("POST", "/datasets/orders/rows", data="a,b", content_type="text/csv").status_code == 415
    assert caller("POST", "/datasets/orders/uploads", json={}).status_code == 415


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": -1}, {"offset": -1}, {"limit": "x"}, {"offset": 10**10}, {"limit": "1; drop table kpis"}],
)
def test_i5_unusable_pages_are_refused(stage: Stage, query: dict[str, object]) -> None:
    assert stage.caller("admin").get("/kpis", **query).status_code == 422


def test_i5_a_page_of_a_billion_is_cut(stage: Stage) -> None:
    assert stage.caller("admin").get("/kpis", limit=10**9).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"grain": "minute"},
        {"grain": "event"},
        {"from": "yesterday"},
        {"from": "2026-02-30"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
        {"to": "0001-01-01"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"by": "a,b,c,d"},
        {"where": "' or 1=1"},
        {"where": "region"},
        {"compare": "last_week"},
        {"as_of": "soon"},
        {"as_of": "0001-01-01"},
        {"as_of": "9999-12-31"},
        {"range": "L7D", "from": "2026-01-01"},
        {"range": "L8D"},
        {"grain": "day", "from": "1900-01-01"},
        {"sort": ";drop"},
        {"as_of": "2026-03-01T00:00:00+99:99"},
    ],
)
def test_i5_unusable_filters_are_refused_with_a_sentence(stage: Stage, query: dict[str, str]) -> None:
    one = {"kpis": "x"}
    for path, fixed in (("/kpis/x/series", {}), ("/series", one), ("/overview", {}), ("/export/kpis.csv", one)):
        answer = stage.caller("admin").get(path, **query, **fixed)
        assert answer.status_code == 422, (path, answer.get_data(as_text=True))
        assert answer.get_json()["detail"].endswith(".")
