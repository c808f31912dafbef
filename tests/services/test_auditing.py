"""The trail: complete, in order, and nobody's to change."""
from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from dashapp.core.actor import SYSTEM
from dashapp.core.errors import Forbidden
from dashapp.services import accounts, auditing
from dashapp.services.unit import writing
from models import AuditLine, db
from tests.services.people import in_parallel


def fill(actor, now, count=5):
    for n in range(count):
        auditing.record(actor, "thing.change", f"thing {n}", now=now + timedelta(seconds=n),
                        before={"n": n - 1, "é": None}, after={"n": n, "at": 1.5})


def test_lines_are_numbered_without_gaps_and_chained(database, cast, now):
    fill(cast.finance, now)
    verdict = auditing.verify_chain(cast.admin)
    assert (verdict.is_whole, verdict.lines) == (True, 5)
    rows = db.session.query(AuditLine).order_by(AuditLine.number).all()
    assert [r.number for r in rows] == [1, 2, 3, 4, 5]
    assert rows[0].previous_hash == auditing.GENESIS
    assert [r.previous_hash for r in rows[1:]] == [r.hash for r in rows[:-1]]


@pytest.mark.parametrize("sql", ["UPDATE audit SET action = 'x' WHERE number = 2", "DELETE FROM audit WHERE number = 2",
                                 "DELETE FROM audit"])
def test_i9_the_database_refuses_to_change_the_trail(database, cast, now, sql):
    fill(cast.finance, now)
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(sql))
    db.session.rollback()
    assert auditing.verify_chain(cast.admin).is_whole


@pytest.mark.parametrize(("sql", "number"), [
    ("UPDATE audit SET subject = 'thing 9' WHERE number = 3", 3),
    ("UPDATE audit SET user_email = 'x' WHERE number = 1", 1),
    ("UPDATE audit SET after = '{\"n\": 7}' WHERE number = 4", 4), ("DELETE FROM audit WHERE number = 2", 2),
    ("UPDATE audit SET hash = 'x' WHERE number = 2", 2), ("UPDATE audit SET previous_hash = 'x' WHERE number = 5", 5),
    ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE number = 2", 2)])
def test_i9_a_line_that_was_tampered_with_is_named(sqlite_database, cast, now, sql, number):
    fill(cast.finance, now)
    db.session.execute(text("DROP TRIGGER audit_no_update"))
    db.session.execute(text("DROP TRIGGER audit_no_delete"))
    db.session.execute(text(sql))
    db.session.commit()
    verdict = auditing.verify_chain(cast.admin)
    assert verdict.number == number
    assert str(number) in verdict.reason


def _unguarded():
    db.session.execute(text("DROP TRIGGER audit_no_update"))
    db.session.execute(text("DROP TRIGGER audit_no_delete"))


def test_i9_a_line_rewritten_with_a_fresh_hash_is_betrayed_by_the_line_after_it(sqlite_database, cast, now):
    fill(cast.finance, now)
    _unguarded()
    line = db.session.get(AuditLine, 3)
    line.subject = "nothing happened here"
    line.hash = auditing._digest(line)
    db.session.commit()
    verdict = auditing.verify_chain(cast.admin)
    assert (verdict.number, verdict.lines) == (4, 4)
    assert "does not follow" in verdict.reason


def test_i9_two_lines_that_changed_places_are_found(sqlite_database, cast, now):
    fill(cast.finance, now)
    _unguarded()
    for old, new in ((2, 100), (3, 2), (100, 3)):
        db.session.execute(text("UPDATE audit SET number = :new WHERE number = :old"), {"old": old, "new": new})
    db.session.commit()
    assert auditing.verify_chain(cast.admin).number == 2


def test_i9_a_line_slipped_in_at_the_end_without_its_hash_is_found(sqlite_database, cast, now):
    fill(cast.finance, now)
    db.session.add(AuditLine(number=6, at=now, user_id=None, user_email="x", via="web", action="a", subject="b",
                             previous_hash=db.session.get(AuditLine, 5).hash, hash="f" * 64))
    db.session.commit()
    assert auditing.verify_chain(cast.admin).number == 6


@pytest.mark.parametrize("column", ["user_id", "user_email", "via", "ip", "session", "action", "subject", "before",
                                    "after", "at", "previous_hash", "hash"])
def test_i9_no_member_of_a_line_can_change_unseen(sqlite_database, cast, now, column):
    fill(cast.finance, now)
    _unguarded()
    value = {"at": "2020-01-01 00:00:00.000000", "before": '{"n": 99}', "after": '{"n": 99}'}.get(column, "other")
    db.session.execute(text(f'UPDATE audit SET "{column}" = :value WHERE number = 3'), {"value": value})
    db.session.commit()
    assert auditing.verify_chain(cast.admin).number == 3


def test_i8_a_change_that_fails_leaves_no_line(database, cast, now):
    def fail():
        with writing():
            auditing.record(cast.finance, "thing.change", "x", now=now)
            raise RuntimeError
    with pytest.raises(RuntimeError):
        fail()
    assert auditing.listing(SYSTEM) == ()


def test_many_writers_make_one_chain(database, cast, now):
    results = in_parallel(database, [lambda n=n: auditing.record(cast.finance, "a", str(n), now=now) for n in range(8)])
    assert sorted(results) == list(range(1, 9))
    assert auditing.verify_chain(SYSTEM).is_whole


def test_people_see_their_own_lines_and_admins_all(cast, now):
    auditing.record(cast.finance, "a.b", "mine", now=now)
    auditing.record(cast.analyst, "a.c", "theirs", now=now)
    assert [line.subject for line in auditing.listing(cast.finance)] == ["mine"]
    assert [line.subject for line in auditing.listing(cast.admin)] == ["theirs", "mine"]
    assert auditing.listing(cast.executive) == ()


@pytest.mark.parametrize(("words", "found"), [
    ({"action": "a.b"}, ["one"]), ({"who": "ANALYST"}, ["two"]), ({"about": "w"}, ["two"]), ({"about": "%"}, []),
    ({"before": 2}, ["one"]), ({"limit": 1}, ["two"]), ({"limit": 10**9}, ["two", "one"]), ({"limit": -1}, ["two"])])
def test_the_list_is_filtered_and_paged(cast, now, words, found):
    auditing.record(cast.finance, "a.b", "one", now=now)
    auditing.record(cast.analyst, "a.c", "two", now=now)
    assert [line.subject for line in auditing.listing(cast.admin, **words)] == found


@pytest.mark.parametrize("name", ["finance", "analyst", "executive"])
def test_only_admins_check_the_chain(cast, name):
    with pytest.raises(Forbidden):
        auditing.verify_chain(getattr(cast, name))


def test_where_it_came_from_is_kept(cast, now):
    from dataclasses import replace

    auditing.record(replace(cast.finance, ip="10.0.0.9", session="s", via="api"), "a", "b\r\n\x1b[31m", now=now)
    line = auditing.listing(cast.admin)[0]
    assert (line.ip, line.session, line.via, line.subject) == ("10.0.0.9", "s", "api", "b\r\n\x1b[31m")
    assert line.at == now


def test_the_trail_keeps_no_password(cast, now):
    _, once = accounts.add_user(cast.admin, "x@example.org", cast.finance.role, now=now)
    told = "".join(f"{line}" for line in auditing.listing(SYSTEM, limit=500))
    assert once not in told
    assert "argon2" not in told
