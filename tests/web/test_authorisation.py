"""Every page and callback, tried as every role: what the matrix says is what happens."""
from __future__ import annotations

import dash
import pytest

from dashapp.core.actor import Role
from dashapp.web.callback import callback_policies
from tests.web.browser import OWN, body_for, callbacks, csrf, page_body, send
from tests.web.matrix import FILE, lines_of

ROLES = ("executive", "finance", "analyst", "admin")


def test_b1_the_matrix_is_what_the_app_does(app):
    """Changed on purpose? `python -m tests.web.matrix` writes it anew."""
    known, real = set(FILE.read_text().split("\n")) - {""}, set(lines_of(app))
    assert (sorted(real - known), sorted(known - real)) == ([], [])


def test_b1_nothing_is_undecided(app):
    assert not [line for line in lines_of(app) if line.endswith(" None")]


@pytest.mark.parametrize("role", ROLES)
def test_b1_every_callback_refuses_the_roles_below_its_own(app, sign_in, role):
    client = sign_in(role)
    for output, needed in callback_policies(app.extensions["ledgerline.dash"]).items():
        if Role(role).includes(needed):
            continue
        answer = send(client, body_for(app, output))
        assert answer.status_code == 403, output
        assert "response" not in answer.get_json()


def test_b1_every_callback_refuses_strangers(app, client):
    for output in callbacks(app):
        assert client.post("/_dash-update-component", json=body_for(app, output), headers=OWN).status_code == 401


def test_b1_the_wrapper_refuses_even_where_the_gate_would_not(app, cast_actor):
    from flask import g

    bound = next(b for k, b in callbacks(app).items() if b["callback"].__qualname__ == "reset_password")
    with app.test_request_context("/"):
        g.actor = cast_actor("finance")
        with pytest.raises(Exception, match="role admin"):
            bound["callback"].__wrapped__([1])


@pytest.fixture
def cast_actor():
    from dashapp.core.actor import Actor

    return lambda name: Actor("x", f"{name}@example.org", role=Role(name))


@pytest.mark.parametrize("role", ROLES)
def test_b2_a_page_of_a_higher_role_is_a_refusal_without_data(sign_in, role):
    client = sign_in(role)
    for registered in dash.page_registry.values():
        answer = send(client, page_body(registered["path"]))
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 200, registered["path"]
        assert ('"page-refused"' in shown) is (not Role(role).includes(registered["role"])), registered["path"]
        if "page-refused" in shown:
            assert len(shown) < 1000


@pytest.mark.parametrize("role", ROLES)
def test_b2_the_navigation_offers_what_the_role_may_open(sign_in, role):
    shown = sign_in(role).get("/_dash-layout").get_data(as_text=True).replace("\\u002f", "/")
    for registered in dash.page_registry.values():
        if registered["nav"] and registered["path"] != "/":
            offered = f'"href":"{registered["path"]}"' in shown
            assert offered is Role(role).includes(registered["role"]), registered["path"]


def test_b3_query_keys_give_no_rights_on_any_page(sign_in):
    client = sign_in("executive")
    for registered in dash.page_registry.values():
        plain = send(client, page_body(registered["path"]))
        keyed = send(client, page_body(registered["path"], "?is_admin=1&user_id=2&scope=all&role=admin&evil=%27"))
        assert (plain.status_code, keyed.status_code) == (200, 200), registered["path"]
        assert ("page-refused" in plain.text) is ("page-refused" in keyed.text)


def test_b3_a_query_key_never_replaces_a_part_of_the_path(app, monkeypatch):
    from dashapp.web import page

    seen = {}
    registered = {"role": Role.EXECUTIVE, "path_template": "/thing/<key>"}
    guarded = page._guarded(registered, lambda **given: seen.update(given))
    monkeypatch.setattr(page, "_path_variables", lambda: {"key": "42"})
    from flask import g

    from dashapp.core.actor import Actor

    with app.test_request_context("/"):
        g.actor = Actor("x", "x@example.org", role=Role.EXECUTIVE)
        guarded(key="evil", other="1")
    assert seen == {"key": "42", "other": "1"}


def test_b10_members_that_do_not_belong_change_nothing(app, sign_in):
    from dashapp.core.actor import SYSTEM
    from dashapp.services import accounts

    client = sign_in("executive")
    with app.app_context():
        before = accounts.find_user(SYSTEM, "executive@example.org")
    form = {"old": "x", "new": "y", "again": "y", "role": "admin", "scope": "", "is_admin": "1", "version": "1",
            "owner_id": "1", "csrf_token": csrf(client)}
    client.post("/password", data=form, headers=OWN)
    body = {**page_body("/"), "role": "admin", "is_admin": True}
    send(client, body)
    with app.app_context():
        assert accounts.find_user(SYSTEM, "executive@example.org") == before


def test_b10_preferences_take_no_other_members(app, sign_in):
    with app.app_context():
        from dashapp.services.preferences import Preferences

        with pytest.raises(TypeError):
            Preferences(role="admin")


def test_c1_the_first_visitor_leaves_nothing_for_the_next(app, sign_in, client):
    assert "admin@example.org" not in client.get("/", follow_redirects=True).get_data(as_text=True)
    first = sign_in("admin")
    first.get("/")
    first.get("/_dash-layout")
    send(first, page_body("/admin/users"))
    second = sign_in("executive")
    for path in ("/", "/_dash-layout", "/_dash-dependencies"):
        text = second.get(path).get_data(as_text=True).replace("\\u002f", "/")
        assert "admin@example.org" not in text.lower()
        assert "/admin/users" not in text
    assert "admin" not in client.get("/login").get_data(as_text=True).lower()
