"""Signing in and out, and what a cookie is worth afterwards."""
from __future__ import annotations

from datetime import timedelta

import pytest
from flask import session

from dashapp.core.actor import SYSTEM, Role
from dashapp.services import accounts
from dashapp.web.login import local_target
from tests.cast import PASSWORD, email_of
from tests.conftest import _csrf
from tests.web.browser import OWN, headers, page_body, send

ELSEWHERE = ["//evil.example", "/\\evil.example", "/%09/evil.example", "javascript:alert(1)", "http:evil.example",
             " //evil.example", "https://evil.example", "/\t/evil.example", "///evil.example", "/%2f%2fevil.example",
             "\\\\evil.example", "/login", "/logout", "/../x", "/a//b", "data:text/html,x", "/\r\nSet-Cookie:a=b"]


def post(client, email, password, **more):
    token = _csrf(client.get("/login").get_data(as_text=True))
    return client.post("/login", data={"email": email, "password": password, "csrf_token": token, **more}, headers=OWN)


@pytest.fixture
def person(app, now):
    """Somebody of this test only: (id, e-mail), with the cast's password."""
    made = []

    def make(email, role=Role.EXECUTIVE):
        with app.app_context():
            found, _ = accounts.add_user(SYSTEM, email, role, now=now, password=PASSWORD)
            made.append(found.id)
            return found.id, email
    yield make
    with app.app_context():
        for one in made:
            accounts.change_role(SYSTEM, one, Role.EXECUTIVE, now=now)
            accounts.disable_user(SYSTEM, one, now=now)


def signed_in(app, email):
    client = app.test_client()
    assert post(client, email, PASSWORD).status_code == 303
    return client


def test_a_newcomer_is_sent_to_sign_in_and_comes_back(client):
    answer = client.get("/kpi/revenue?range=12M")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/kpi/revenue%3Frange%3D12M")
    answer = post(client, email_of("executive"), PASSWORD, next="/kpi/revenue?range=12M")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kpi/revenue?range=12M")


def test_signing_in_opens_the_shell(sign_in):
    page = sign_in("executive").get("/")
    assert page.status_code == 200
    assert "react-entry-point" in page.get_data(as_text=True)


def test_a_signed_in_person_is_not_asked_again(sign_in):
    assert sign_in("executive").get("/login").headers["Location"] == "/"


def test_a3_a_copied_cookie_is_worth_nothing_after_signing_out(app, sign_in):
    client = sign_in("executive")
    stolen = client.get_cookie("ledgerline").value
    assert client.post("/logout", data={"csrf_token": headers(client)["X-CSRFToken"]}, headers=OWN).status_code == 303
    thief = app.test_client()
    thief.set_cookie("ledgerline", stolen)
    assert thief.get("/_dash-layout").status_code == 401


def test_a3_signing_out_needs_the_token_of_the_page(sign_in):
    client = sign_in("executive")
    assert client.post("/logout", data={}, headers=OWN).status_code == 400
    assert client.get("/_dash-layout").status_code == 200


@pytest.mark.parametrize("event", ["password", "role", "disable", "reset"])
def test_a4_a_session_ends_with_what_it_rested_on(app, person, now, event):
    user, email = person(f"a4-{event}@example.org")
    client, other = signed_in(app, email), signed_in(app, email)
    with app.app_context():
        if event == "role":
            accounts.change_role(SYSTEM, user, Role.FINANCE, now=now)
        elif event == "disable":
            accounts.disable_user(SYSTEM, user, now=now)
        elif event == "reset":
            accounts.reset_password(SYSTEM, user, now=now)
    if event == "password":
        form = {"old": PASSWORD, "new": "another good long password", "again": "another good long password",
                "csrf_token": _csrf(other.get("/password").get_data(as_text=True))}
        assert other.post("/password", data=form, headers=OWN).status_code == 303
        assert other.get("/_dash-layout").status_code == 200
    assert client.get("/_dash-layout").status_code == 401


@pytest.mark.parametrize(("away", "status"), [(timedelta(minutes=29), 200), (timedelta(minutes=31), 401)])
def test_a4_an_idle_session_ends_after_half_an_hour(app, sign_in, away, status):
    client, clock = sign_in("executive"), app.extensions["ledgerline.clock"]
    app.extensions["ledgerline.clock"] = lambda: clock() + away
    try:
        assert client.get("/_dash-layout").status_code == status
    finally:
        app.extensions["ledgerline.clock"] = clock


def test_a4_a_busy_session_ends_after_twelve_hours(app, sign_in):
    client, clock = sign_in("executive"), app.extensions["ledgerline.clock"]
    try:
        for minutes in range(20, 13 * 60, 20):
            app.extensions["ledgerline.clock"] = lambda m=minutes: clock() + timedelta(minutes=m)
            expected = 200 if minutes <= 12 * 60 - 1 else 401
            assert client.get("/_dash-layout").status_code == expected, minutes
    finally:
        app.extensions["ledgerline.clock"] = clock


def test_a4_background_refreshes_do_not_keep_a_session_awake(app, sign_in):
    client, clock = sign_in("executive"), app.extensions["ledgerline.clock"]
    body = {"output": "data-version.data", "outputs": {"id": "data-version", "property": "data"},
            "inputs": [{"id": "data-version-clock", "property": "n_intervals", "value": 1}],
            "state": [{"id": "data-version", "property": "data", "value": None}],
            "changedPropIds": ["data-version-clock.n_intervals"]}
    headers(client)
    try:
        for minutes in range(5, 30, 5):
            app.extensions["ledgerline.clock"] = lambda m=minutes: clock() + timedelta(minutes=m)
            assert send(client, body).status_code in (200, 204)
        app.extensions["ledgerline.clock"] = lambda: clock() + timedelta(minutes=31)
        assert send(client, body).status_code == 401
    finally:
        app.extensions["ledgerline.clock"] = clock


def test_a5_keys_planted_before_signing_in_are_gone_afterwards(app):
    with app.test_client() as client:
        client.get("/login")
        with client.session_transaction() as planted:
            planted["role"], planted["_user_id"] = "admin", "planted"
        before = client.get_cookie("ledgerline").value
        token = _csrf(client.get("/login").get_data(as_text=True))
        form = {"email": email_of("executive"), "password": PASSWORD, "csrf_token": token}
        client.post("/login", data=form, headers=OWN)
        client.get("/")
        assert "role" not in session
        assert session["_user_id"] != "planted"
        assert client.get_cookie("ledgerline").value != before


def test_a6_the_session_cookie_is_as_narrow_as_plain_http_allows(client):
    answer = post(client, email_of("executive"), PASSWORD)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("ledgerline="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert len(cookie) < 4096


def test_a6_under_https_every_cookie_is_secure_and_the_session_belongs_to_this_host_alone(app, monkeypatch):
    monkeypatch.setitem(app.config, "SESSION_COOKIE_NAME", "__Host-ledgerline")
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    client, here = app.test_client(), {"base_url": "https://localhost"}
    token = _csrf(client.get("/login", **here).get_data(as_text=True))
    own = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/login", data={"email": email_of("executive"), "password": PASSWORD, "csrf_token": token},
                         headers=own, **here)
    assert answer.status_code == 303
    told = answer.headers.getlist("Set-Cookie") + client.get("/", **here).headers.getlist("Set-Cookie")
    by_name = {line.partition("=")[0]: line for line in told}
    assert set(by_name) == {"__Host-ledgerline", "ledgerline-device", "_csrf_token"}
    for name, line in by_name.items():
        assert "; Secure" in line, name
        assert "SameSite=Lax" in line, name
        assert "Domain=" not in line, name
        assert ("HttpOnly" in line) is (name != "_csrf_token"), name
    assert "Path=/;" in by_name["__Host-ledgerline"] + ";"


def test_a5_a_session_id_known_before_signing_in_is_worth_nothing_afterwards(app, person):
    """An attacker's own valid session, planted into the victim's browser: the victim's sign-in makes a new one."""
    _, attacker = person("a5-attacker@example.org")
    planted = signed_in(app, attacker).get_cookie("ledgerline").value
    victim = app.test_client()
    victim.set_cookie("ledgerline", planted)
    victim.post("/logout", data={"csrf_token": headers(victim)["X-CSRFToken"]}, headers=OWN)
    assert post(victim, email_of("executive"), PASSWORD).status_code == 303
    assert victim.get_cookie("ledgerline").value != planted
    thief = app.test_client()
    thief.set_cookie("ledgerline", planted)
    assert thief.get("/_dash-layout").status_code == 401


def test_a7_unknown_disabled_and_mistyped_get_the_same_answer(app, person, now):
    user, email = person("a7@example.org")
    with app.app_context():
        accounts.disable_user(SYSTEM, user, now=now)
    tried = ((email, PASSWORD), ("nobody-a7@example.org", PASSWORD), (email_of("analyst"), "not the right one"))
    answers = [post(app.test_client(), who, pw) for who, pw in tried]
    bodies = {_without_token(a.get_data(as_text=True)).replace(f'value="{who}"', "")  # what they typed comes back
              for a, (who, _) in zip(answers, tried, strict=True)}
    assert {a.status_code for a in answers} == {401}
    assert len(bodies) == 1
    assert len({len(a.get_data()) - len(who) for a, (who, _) in zip(answers, tried, strict=True)}) == 1


def _without_token(text):
    return text.replace(_csrf(text), "")


@pytest.mark.parametrize("password", ["\x00\x00 with zeros inside", "p😀ssw😀rd with emoji", "  leading blanks count",
                                      "a" + "bcd" * 21, "x1y2" * 32])
def test_a9_passwords_are_taken_as_they_are(app, now, password):
    email = f"a9-{abs(hash(password))}@example.org"
    with app.app_context():
        accounts.add_user(SYSTEM, email, Role.EXECUTIVE, now=now, password=password)
    assert post(app.test_client(), email, password.strip() + "x").status_code == 401
    assert post(app.test_client(), email, password).status_code == 303


def test_a9_a_password_of_more_than_a_kilobyte_is_400(client):
    assert post(client, email_of("executive"), "x" * 1025).status_code == 400


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_a11_next_never_leads_away(app, wanted):
    client = app.test_client()
    answer = post(client, email_of("executive"), PASSWORD, next=wanted)
    assert answer.headers["Location"] == "/"
    with app.test_request_context("/login"):
        assert local_target(wanted) == ""


@pytest.mark.parametrize("wanted", ["/", "/trends", "/kpi/revenue?by=region&where=region%3DEMEA"])
def test_a11_next_leads_to_our_own_pages(app, wanted):
    with app.test_request_context("/login"):
        assert local_target(wanted) == wanted


def test_a_stale_form_is_shown_again_instead_of_failing(client):
    answer = client.post("/login", data={"email": email_of("executive"), "password": PASSWORD}, headers=OWN)
    assert answer.status_code == 400
    assert "out of date" in answer.get_data(as_text=True)


def test_a_one_time_password_opens_only_the_page_that_replaces_it(app, now):
    with app.app_context():
        _, once = accounts.add_user(SYSTEM, "once@example.org", Role.EXECUTIVE, now=now)
    client = app.test_client()
    assert post(client, "once@example.org", once).status_code == 303
    assert client.get("/").headers["Location"] == "/password"
    assert client.get("/_dash-layout").status_code == 403
    token = _csrf(client.get("/password").get_data(as_text=True))
    fields = {"old": once, "new": "a fresh long password", "csrf_token": token}
    assert client.post("/password", data={**fields, "again": "different"}, headers=OWN).status_code == 422
    assert client.post("/password", data={**fields, "again": "a fresh long password"}, headers=OWN).status_code == 303
    assert client.get("/").status_code == 200


def test_people_land_where_they_like_to(app, person, now):
    from dashapp.services import preferences
    from dashapp.services.preferences import Preferences

    user, email = person("landing@example.org")
    with app.app_context():
        actor = _actor(user, email)
        preferences.save(actor, Preferences(landing="/account"), now=now)
    assert post(app.test_client(), email, PASSWORD).headers["Location"] == "/account"


def _actor(user, email):
    from dashapp.core.actor import Actor

    return Actor(user, email, role=Role.EXECUTIVE)


def test_the_throttle_says_when_to_come_back(app):
    client = app.test_client()
    answers = [post(client, "slow-down@example.org", "wrong password") for _ in range(6)]
    assert [a.status_code for a in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_the_sign_in_page_loads_style_sheets_and_nothing_else(client):
    page = client.get("/login").get_data(as_text=True)
    assert "/login/look/bootstrap.min.css" in page
    with client.get("/login/look/bootstrap.min.css") as sheet:
        assert sheet.mimetype == "text/css"
    assert client.get("/login/look/00-theme.js").status_code == 404


def test_an_opened_page_survives_the_sign_in_of_the_same_person_elsewhere(app, sign_in):
    client = sign_in("executive")
    headers(client)
    sign_in("executive")
    assert send(client, page_body("/")).status_code == 200


def test_a_wrong_password_keeps_the_address_and_never_the_password(client):
    page = post(client, 'typed"<b>@example.org', "not the password").get_data(as_text=True)
    assert 'value="typed&#34;&lt;b&gt;@example.org"' in page
    assert "not the password" not in page


def test_the_forms_can_be_asked_for_their_head(client):
    answer = client.head("/login")
    assert (answer.status_code, answer.data) == (200, b"")
