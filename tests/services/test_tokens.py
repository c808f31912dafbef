"""Tokens as rows: hashed, scoped, dated, revocable."""
from __future__ import annotations

from datetime import timedelta

import pytest

from dashapp.core.actor import SYSTEM
from dashapp.core.errors import Forbidden, Invalid, NotFound, NotSignedIn
from dashapp.services import tokens
from models import Token, db
from tests.services.people import last_lines


def act(secret, now):
    return tokens.token_actor(secret, ip="10.0.0.1", now=now)


def test_a_token_acts_as_its_owner_with_fewer_rights(database, cast, now):
    identity, secret = tokens.add_token(cast.scoped, "script", ["read", "export"], now=now)
    actor = act(secret, now)
    assert (actor.id, actor.role, actor.scope) == (cast.scoped.id, cast.scoped.role, cast.scoped.scope)
    assert actor.token_scopes == {"read", "export"}
    assert (actor.via, actor.session) == ("api", f"token {identity}")
    with pytest.raises(Forbidden):
        actor.require(cast.scoped.role, token="ingest")


def test_the_database_holds_no_secret(cast, now):
    _, secret = tokens.add_token(cast.finance, "script", ["read"], now=now)
    row = db.session.query(Token).one()
    assert secret not in (row.prefix, row.secret_hash)
    assert secret.startswith(row.prefix)
    assert secret not in str(last_lines(1))


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 101}, {"name": "a\nb"}, {"scopes": []}, {"days": 0},
                                   {"scopes": ["admin"]}, {"scopes": ["read", "READ"]}, {"days": 367}, {"days": -1}])
def test_odd_tokens_are_refused(cast, now, wrong):
    with pytest.raises(Invalid):
        tokens.add_token(cast.finance, **{"name": "x", "scopes": ["read"], "now": now, **wrong})
    assert last_lines(1) == []


def test_a_token_dies_on_its_day(cast, now):
    _, secret = tokens.add_token(cast.finance, "x", ["read"], now=now, days=1)
    assert act(secret, now + timedelta(hours=23))
    with pytest.raises(NotSignedIn):
        act(secret, now + timedelta(days=1))


def test_a_stranger_neither_sees_nor_revokes_it(cast, now):
    identity, secret = tokens.add_token(cast.finance, "x", ["read"], now=now)
    assert tokens.list_tokens(cast.stranger, now=now) == ()
    with pytest.raises(NotFound):
        tokens.revoke_token(cast.stranger, identity, now=now)
    assert act(secret, now)
    tokens.revoke_token(cast.admin, identity, now=now)
    with pytest.raises(NotSignedIn):
        act(secret, now)
    assert tokens.list_tokens(cast.finance, now=now) == ()


def test_only_admins_make_tokens_for_others(cast, now):
    with pytest.raises(Forbidden):
        tokens.add_token(cast.finance, "x", ["read"], now=now, email=cast.admin.email)
    _, secret = tokens.add_token(cast.admin, "x", ["read"], now=now, email=cast.finance.email)
    assert act(secret, now).id == cast.finance.id
    with pytest.raises(NotFound):
        tokens.add_token(SYSTEM, "x", ["read"], now=now, email="nobody@example.org")


def test_a_token_makes_no_tokens(cast, now):
    actor = act(tokens.add_token(cast.admin, "x", ["read", "ingest", "export"], now=now)[1], now)
    for verb in (lambda: tokens.add_token(actor, "y", ["read"], now=now), lambda: tokens.list_tokens(actor, now=now),
                 lambda: tokens.revoke_token(actor, "x", now=now)):
        with pytest.raises(Forbidden):
            verb()


def test_nobody_collects_tokens_without_end(cast, now):
    for n in range(tokens.MAX_TOKENS):
        tokens.add_token(cast.finance, f"t{n}", ["read"], now=now)
    with pytest.raises(Invalid, match="at most"):
        tokens.add_token(cast.finance, "one more", ["read"], now=now)


def test_its_last_use_is_told_by_the_minute(cast, now):
    _, secret = tokens.add_token(cast.finance, "x", ["read"], now=now)
    for seconds in (0, 59, 61):
        act(secret, now + timedelta(seconds=seconds))
    assert tokens.list_tokens(cast.finance, now=now)[0].last_used_at == now + timedelta(seconds=61)
