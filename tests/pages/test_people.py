"""The account, users and audit pages, asked the way the browser asks them."""
from __future__ import annotations

import json
from itertools import count

import pytest

from dashapp.core.actor import SYSTEM, Role
from dashapp.services import accounts, auditing, preferences
from dashapp.ui.people import browser
from tests.cast import PASSWORD
from tests.web.browser import body_for, output_of, send

_serial = count(1)


@pytest.fixture
def person(app, now):
    """Somebody of this test only."""
    with app.app_context():
        email = f"pages-{next(_serial)}@example.org"
        return accounts.add_user(SYSTEM, email, Role.EXECUTIVE, now=now, password=PASSWORD)[0]


def call(client, app, function, inputs=(), state=(), triggered=None):
    """Send a callback with values in the order of its declaration; what changed, as JSON."""
    body = body_for(app, output_of(app, function))
    for entries, values in ((body["inputs"], inputs), (body["state"], state)):
        for position, value in enumerate(values):
            if isinstance(entries[position], dict):
                entries[position]["value"] = value
            else:
                entries[position] = value
    if triggered:
        body["changedPropIds"] = [triggered]
    answer = send(client, body)
    assert answer.status_code in (200, 204), answer.text
    return answer.get_json() if answer.status_code == 200 else {}


def clicked(part, key, value):
    identity = {"part": part, key: value}
    return [{"id": identity, "property": "n_clicks", "value": 1}], \
        json.dumps(identity, sort_keys=True, separators=(",", ":")) + ".n_clicks"


def found(app, person):
    with app.app_context():
        return accounts.find_user(SYSTEM, person.email)


def test_an_admin_adds_a_person_and_sees_the_password_once(app, sign_in):
    client, email = sign_in("admin"), f"added-{next(_serial)}@example.org"
    told = call(client, app, "pages.admin_users.add", [1], [email, "New", "analyst", "region=EMEA\n\nchannel=web", 0])
    once = told["response"]["user-once"]["children"]
    assert "not shown again" in json.dumps(once)
    with app.app_context():
        made = accounts.find_user(SYSTEM, email)
    assert (made.role, made.scope, made.must_change_password) == (Role.ANALYST, ("channel=web", "region=EMEA"), True)
    shown = json.dumps(call(client, app, "pages.admin_users.show", [1]))
    assert email in shown
    assert "argon2" not in shown


@pytest.mark.parametrize("state", [["", "", "executive", "", 0], ["x@example.org", "", "owner", "", 0],
                                   ["x@example.org", "", "executive", "region EMEA", 0], [1, [], {}, None, None]])
def test_what_is_no_person_is_refused_in_a_toast(app, sign_in, state):
    told = call(sign_in("admin"), app, "pages.admin_users.add", [1], state)
    assert "response" not in told or not told["response"]
    assert "toasts" in told["sideUpdate"]
    assert "Error id" not in json.dumps(told)


def test_an_admin_changes_role_scope_password_and_state(app, sign_in, person):
    client = sign_in("admin")
    ids = [{"id": {"part": "user-role", "user": person.id}, "property": "value", "value": "finance"}]
    states = [{"id": {"part": "user-role", "user": person.id}, "property": "id",
               "value": {"part": "user-role", "user": person.id}}]
    call(client, app, "pages.admin_users.change_role", [ids], [states, 0])
    assert found(app, person).role is Role.FINANCE
    call(client, app, "pages.admin_users.save_scope", [1], [person.id, "region=EMEA", 0])
    assert found(app, person).scope == ("region=EMEA",)
    clicks, triggered = clicked("user-scope", "user", person.id)
    opened = call(client, app, "pages.admin_users.open_scope", [clicks], triggered=triggered)["response"]
    assert opened["scope-text"]["value"] == "region=EMEA"
    clicks, triggered = clicked("user-password", "user", person.id)
    reset = call(client, app, "pages.admin_users.reset_password", [clicks], triggered=triggered)
    assert "one-time" in json.dumps(reset)
    clicks, triggered = clicked("user-active", "user", person.id)
    call(client, app, "pages.admin_users.toggle", [clicks], [0], triggered=triggered)
    assert not found(app, person).is_active
    call(client, app, "pages.admin_users.toggle", [clicks], [0], triggered=triggered)
    assert found(app, person).is_active


def test_drawing_the_list_changes_nobodys_role(app, sign_in, person):
    client = sign_in("admin")
    with app.app_context():
        before = len(auditing.listing(SYSTEM, limit=500))
    call(client, app, "pages.admin_users.change_role", [[]], [[], 0])
    ids = [{"id": {"part": "user-role", "user": person.id}, "property": "value", "value": person.role.value}]
    states = [{**ids[0], "property": "id", "value": ids[0]["id"]}]
    call(client, app, "pages.admin_users.change_role", [ids], [states, 0])
    with app.app_context():
        assert len(auditing.listing(SYSTEM, limit=500)) == before


def test_people_keep_their_likes(app, sign_in):
    client = sign_in("finance")
    call(client, app, "pages.account.save_likes", [1], ["dark", "compact", "/account"])
    shown = call(client, app, "pages.account.show_likes", [1])["response"]
    assert (shown["like-theme"]["value"], shown["like-density"]["value"]) == ("dark", "compact")
    call(client, app, "pages.account.save_likes", [1], ["system", "comfortable", "/"])
    assert "Error id" not in json.dumps(call(client, app, "pages.account.save_likes", [1], [1, None, {}]))


def test_a_token_is_made_shown_once_and_revoked(app, sign_in):
    client = sign_in("analyst")
    told = json.dumps(call(client, app, "pages.account.add_token", [1], ["my script", ["read"], "30", 0]))
    secret = told[told.index("ll_"):][:59]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().get("/api/v1/datasets", headers=bearer).status_code == 200
    shown = json.dumps(call(client, app, "pages.account.show_tokens", [1]))
    assert secret not in shown
    identity = json.loads(shown[shown.index('{"part": "token-revoke"'):].partition("}")[0] + "}")["token"]
    clicks, triggered = clicked("token-revoke", "token", identity)
    call(client, app, "pages.account.revoke", [[], clicks], [0], triggered=triggered)
    assert app.test_client().get("/api/v1/datasets", headers=bearer).status_code == 401


@pytest.mark.parametrize("state", [["", ["read"], "30", 0], ["x", [], "30", 0], ["x", ["admin"], "30", 0],
                                   ["x", ["read"], "9999", 0], ["x", ["read"], "-1", 0], ["x", None, None, None]])
def test_odd_tokens_are_refused_in_a_toast(app, sign_in, state):
    told = call(sign_in("analyst"), app, "pages.account.add_token", [1], state)
    assert "ll_" not in json.dumps(told.get("response", {}))
    assert "Error id" not in json.dumps(told)


def test_a_person_sees_and_ends_their_browsers(app, sign_in):
    first, second = sign_in("analyst"), sign_in("analyst")
    shown = json.dumps(call(second, app, "pages.account.show_sessions", [1]))
    assert "this browser" in shown
    for part in shown.split('{"part": "session-revoke"')[1:]:
        identity = json.loads('{"part": "session-revoke"' + part.partition("}")[0] + "}")["session"]
        clicks, triggered = clicked("session-revoke", "session", identity)
        call(second, app, "pages.account.revoke", [clicks, []], [0], triggered=triggered)
    assert first.get("/_dash-layout").status_code == 401
    assert second.get("/_dash-layout").status_code == 200


def test_a_wrong_current_password_is_told(app, sign_in):
    told = call(sign_in("stranger"), app, "pages.account.change_password", [1], ["wrong", "another long password", 0])
    assert "current password is not right" in json.dumps(told)


def test_the_trail_is_read_filtered_and_checked(app, sign_in, person):
    client = sign_in("admin")
    shown = json.dumps(call(client, app, "pages.admin_audit.show", ["user.add", "system", person.email, None]))
    assert person.email in shown
    assert "executive" in shown
    assert "Nothing found" in json.dumps(call(client, app, "pages.admin_audit.show", ["no.such", "", "", None]))
    assert "The trail is whole" in json.dumps(call(client, app, "pages.admin_audit.verify", [1]))
    older = call(client, app, "pages.admin_audit.turn", [1, None], [7], triggered="audit-older.n_clicks")
    assert older["response"] == {"audit-before": {"data": 7}}


def test_the_theme_of_the_menu_is_kept(app, sign_in):
    client = sign_in("scoped")
    call(client, app, "dashapp.web.shell.keep_theme", ["dark"])
    with app.app_context():
        from dashapp.core.actor import Actor

        actor = Actor(accounts.find_user(SYSTEM, "scoped@example.org").id, "scoped@example.org", role=Role.EXECUTIVE)
        assert preferences.load(actor).theme == "dark"
    call(client, app, "dashapp.web.shell.keep_theme", ["system"])


@pytest.mark.parametrize(("agent", "word"), [
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36", "Chrome on Linux"),
    ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", "Edge on Windows"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Mobile Safari/604", "Safari on iPhone"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on macOS"),
    ("curl/8", "curl/8"), ("", "unknown browser")])
def test_browsers_are_called_by_their_names(agent, word):
    assert browser(agent) == word
