"""Signed-in browsers as rows."""
from __future__ import annotations

from datetime import timedelta

import pytest

from dashapp.core.errors import NotFound
from dashapp.services import sessions
from models import Session, db
from tests.services.people import last_lines


def start(actor, now, **more):
    return sessions.start(actor.id, ip="10.0.0.1", user_agent="Test/1", now=now, **more)


def seat(secret, now, **more):
    return sessions.session_seat(secret, ip="10.0.0.2", now=now, **more)


def test_a_session_opens_its_persons_seat(database, cast, now):
    found = seat(start(cast.scoped, now), now)
    assert found.actor == cast.scoped.__class__(**{**_fields(cast.scoped), "ip": "10.0.0.2",
                                                   "session": found.actor.session})
    assert found.actor.scope == cast.scoped.scope
    assert last_lines(1)[0].action == "session.start"


def _fields(actor):
    return {name: getattr(actor, name) for name in actor.__slots__}


def test_the_database_holds_no_secret(cast, now):
    secret = start(cast.finance, now)
    row = db.session.query(Session).one()
    assert secret not in (row.id_hash, row.public_id)
    assert len(secret) >= 43


@pytest.mark.parametrize("secret", ["", "x", "\udcff", "a" * 10_000])
def test_a_made_up_secret_opens_nothing(cast, now, secret):
    start(cast.finance, now)
    assert seat(secret, now) is None


@pytest.mark.parametrize(("away", "open_"), [(timedelta(minutes=30), True), (timedelta(minutes=30, seconds=1), False)])
def test_a4_half_an_hour_idle_is_the_limit(cast, now, away, open_):
    assert (seat(start(cast.finance, now), now + away) is not None) is open_


def test_a4_twelve_hours_is_the_limit_however_busy(cast, now):
    secret, moment = start(cast.finance, now), now
    while moment <= now + timedelta(hours=12):
        assert seat(secret, moment) is not None
        moment += timedelta(minutes=20)
    assert seat(secret, moment) is None


def test_a_look_without_touching_does_not_prolong(cast, now):
    secret = start(cast.finance, now)
    assert seat(secret, now + timedelta(minutes=29), touch=False)
    assert seat(secret, now + timedelta(minutes=31)) is None


def test_a_busy_session_is_written_once_a_minute_at_most(cast, now):
    secret = start(cast.finance, now)
    seat(secret, now + timedelta(seconds=59))
    assert db.session.query(Session).one().last_seen_at == now
    db.session.rollback()
    seat(secret, now + timedelta(seconds=61))
    db.session.expire_all()
    assert db.session.query(Session).one().last_seen_at == now + timedelta(seconds=61)


def test_a_person_sees_and_ends_their_own_sessions_only(cast, now):
    first, second = start(cast.finance, now), start(cast.finance, now + timedelta(seconds=1))
    mine = seat(second, now + timedelta(seconds=1)).actor
    listed = sessions.listing(mine, now=now + timedelta(seconds=1))
    assert [s.is_current for s in listed] == [True, False]
    with pytest.raises(NotFound):
        sessions.revoke(cast.admin, listed[1].id, now=now)
    sessions.revoke(mine, listed[1].id, now=now)
    assert seat(first, now) is None
    assert seat(second, now + timedelta(seconds=1)) is not None
    with pytest.raises(NotFound):
        sessions.revoke(mine, listed[1].id, now=now)


def test_the_name_of_a_session_signs_nobody_in(cast, now):
    mine = seat(start(cast.finance, now), now).actor
    assert seat(sessions.listing(mine, now=now)[0].id, now) is None


def test_signing_out_ends_it_and_is_one_line(cast, now):
    secret = start(cast.finance, now)
    sessions.end(cast.finance, secret, now=now)
    sessions.end(cast.finance, secret, now=now)
    assert seat(secret, now) is None
    assert [line.action for line in last_lines(10)] == ["session.end", "session.start"]


def test_sessions_of_long_ago_are_swept(cast, now):
    start(cast.finance, now)
    start(cast.finance, now + timedelta(days=8))
    assert db.session.query(Session).count() == 1


def test_a_disabled_person_starts_no_session(cast, now):
    from dashapp.services import accounts

    accounts.disable_user(cast.admin, cast.finance.id, now=now)
    with pytest.raises(NotFound):
        start(cast.finance, now)
