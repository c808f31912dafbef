"""People: who may change whom, and what can never be lost."""
from __future__ import annotations

import pytest

from dashapp.core.actor import SYSTEM, Role
from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, TooMany
from dashapp.services import accounts, auditing, passwords, sessions
from tests.cast import PASSWORD, email_of
from tests.services.people import attempt, last_lines

GOOD = "quite a long password"


def test_an_admin_adds_a_person_who_signs_in_with_a_one_time_password(database, cast, now):
    person, once = accounts.add_user(cast.admin, " New@Example.ORG ", Role.FINANCE, now=now, name="New",
                                     scope=["region=EMEA"])
    assert (person.email, person.role, person.scope) == ("new@example.org", Role.FINANCE, ("region=EMEA",))
    assert person.must_change_password
    assert attempt("new@example.org", once, now).id == person.id
    line = last_lines(1)[0]
    assert (line.action, line.subject, line.email) == ("user.add", "new@example.org", cast.admin.email)
    assert "password" not in str(line.after)


@pytest.mark.parametrize("name", ["analyst", "finance", "executive", "scoped", "stranger"])
def test_only_admins_manage_people(cast, now, name):
    actor = getattr(cast, name)
    for verb in (lambda: accounts.list_users(actor), lambda: accounts.add_user(actor, "x@y.z", Role.ADMIN, now=now),
                 lambda: accounts.change_role(actor, actor.id, Role.ADMIN, now=now),
                 lambda: accounts.set_scope(actor, actor.id, [], now=now),
                 lambda: accounts.disable_user(actor, cast.admin.id, now=now),
                 lambda: accounts.enable_user(actor, actor.id, now=now),
                 lambda: accounts.reset_password(actor, cast.admin.id, now=now)):
        with pytest.raises(Forbidden):
            verb()
    assert last_lines(1) == []


def test_an_address_is_taken_once(cast, now):
    with pytest.raises(Conflict):
        accounts.add_user(cast.admin, email_of("finance").upper(), Role.FINANCE, now=now)


@pytest.mark.parametrize("email", ["", "x", "a b@c.d", "a@", "@b", "a@b@c", "a\n@b.c", "x" * 250 + "@b.c"])
def test_an_address_looks_like_one(cast, now, email):
    with pytest.raises(Invalid):
        accounts.add_user(cast.admin, email, Role.FINANCE, now=now)


def test_a_scope_that_cannot_be_read_is_refused_and_leaves_nothing(cast, now):
    with pytest.raises(Invalid):
        accounts.add_user(cast.admin, "x@example.org", Role.FINANCE, now=now, scope=["region EMEA"])
    with pytest.raises(NotFound):
        accounts.find_user(cast.admin, "x@example.org")


@pytest.mark.parametrize("weak", ["short", "a" * 20, "password1234", "finance@example.org", "Ledgerline2026",
                                  "x" * 2000])
def test_weak_passwords_are_refused_with_what_helps(cast, now, weak):
    with pytest.raises(Exception, match=r"\.$"):
        accounts.add_user(cast.admin, "finance@example.org", Role.FINANCE, now=now, password=weak)


def test_a18_nobody_takes_their_own_rights(cast, now):
    accounts.add_user(cast.admin, "second@example.org", Role.ADMIN, now=now)
    for what, verb in (("role", lambda: accounts.change_role(cast.admin, cast.admin.id, Role.FINANCE, now=now)),
                       ("disable", lambda: accounts.disable_user(cast.admin, cast.admin.id, now=now))):
        with pytest.raises(Forbidden, match="own rights"):
            verb()
        assert last_lines(1)[0].action == f"user.{what}.refused"
    assert accounts.find_user(cast.admin, cast.admin.email).role is Role.ADMIN


def test_a18_the_last_admin_stays(database, cast, now):
    for what, verb in (("role", lambda: accounts.change_role(SYSTEM, cast.admin.id, Role.FINANCE, now=now)),
                       ("disable", lambda: accounts.disable_user(SYSTEM, cast.admin.id, now=now))):
        with pytest.raises(Forbidden, match="last admin"):
            verb()
        assert last_lines(1)[0].action == f"user.{what}.refused"
    second, _ = accounts.add_user(SYSTEM, "second@example.org", Role.ADMIN, now=now)
    accounts.disable_user(SYSTEM, cast.admin.id, now=now)
    with pytest.raises(Forbidden, match="last admin"):
        accounts.disable_user(SYSTEM, second.id, now=now)


def test_a_disabled_admin_does_not_count_as_one(cast, now):
    second, _ = accounts.add_user(SYSTEM, "second@example.org", Role.ADMIN, now=now)
    accounts.disable_user(SYSTEM, second.id, now=now)
    with pytest.raises(Forbidden, match="last admin"):
        accounts.disable_user(SYSTEM, cast.admin.id, now=now)


def test_a18_two_admins_who_demote_each_other_leave_one(database, cast, now):
    from tests.services.people import in_parallel

    second, _ = accounts.add_user(SYSTEM, "second@example.org", Role.ADMIN, now=now)
    in_parallel(database, [lambda: accounts.change_role(SYSTEM, cast.admin.id, Role.FINANCE, now=now),
                           lambda: accounts.change_role(SYSTEM, second.id, Role.FINANCE, now=now)])
    assert len([p for p in accounts.list_users(SYSTEM) if p.role is Role.ADMIN and p.is_active]) == 1


def test_a_new_role_ends_the_sessions_and_is_one_line(cast, now):
    secret = sessions.start(cast.finance.id, ip="", user_agent="", now=now)
    before = len(last_lines(500))
    accounts.change_role(cast.admin, cast.finance.id, Role.ANALYST, now=now)
    assert sessions.session_seat(secret, ip="", now=now) is None
    lines = last_lines(500)
    assert len(lines) == before + 1
    assert (lines[0].before["role"], lines[0].after["role"]) == ("finance", "analyst")


def test_i8_a_change_that_changes_nothing_leaves_no_line(cast, now):
    accounts.change_role(cast.admin, cast.finance.id, Role.FINANCE, now=now)
    accounts.set_scope(cast.admin, cast.scoped.id, ["region=EMEA"], now=now)
    accounts.enable_user(cast.admin, cast.finance.id, now=now)
    assert last_lines(1) == []


def test_a_new_scope_holds_for_open_sessions(cast, now):
    secret = sessions.start(cast.finance.id, ip="", user_agent="", now=now)
    accounts.set_scope(cast.admin, cast.finance.id, ["region=APAC", "channel=web"], now=now)
    seat = sessions.session_seat(secret, ip="", now=now)
    assert [str(w) for w in seat.actor.scope] == ["channel=web", "region=APAC"]


def test_a_lost_password_is_replaced_by_a_one_time_password(cast, now):
    once = accounts.reset_password(cast.admin, cast.finance.id, now=now)
    assert attempt(email_of("finance"), once, now).must_change_password
    with pytest.raises(NotSignedIn):
        attempt(email_of("finance"), PASSWORD, now)


def test_a_person_changes_their_password(cast, now):
    accounts.change_password(cast.finance, PASSWORD, GOOD, now=now)
    assert attempt(email_of("finance"), GOOD, now)
    with pytest.raises(Forbidden, match="current password"):
        accounts.change_password(cast.finance, PASSWORD, GOOD + "!", now=now)
    with pytest.raises(Invalid, match="differ"):
        accounts.change_password(cast.finance, GOOD, GOOD, now=now)


def test_guessing_the_current_password_gets_slow(cast, now):
    for _ in range(5):
        with pytest.raises(Forbidden):
            accounts.change_password(cast.finance, "wrong", GOOD, now=now)
    with pytest.raises(TooMany):
        accounts.change_password(cast.finance, PASSWORD, GOOD, now=now)


def test_what_does_not_exist_is_not_found(cast, now):
    for verb in (lambda: accounts.change_role(cast.admin, "none", Role.ADMIN, now=now),
                 lambda: accounts.set_scope(cast.admin, "none", [], now=now),
                 lambda: accounts.disable_user(cast.admin, "none", now=now),
                 lambda: accounts.reset_password(cast.admin, "none", now=now),
                 lambda: accounts.find_user(cast.admin, "none@example.org")):
        with pytest.raises(NotFound):
            verb()


def test_the_first_admin_is_made_once(database, now):
    once = accounts.first_admin("Boss@Example.org", now=now)
    assert attempt("boss@example.org", once, now).role is Role.ADMIN
    assert accounts.first_admin("boss@example.org", now=now) is None
    assert accounts.first_admin("other@example.org", GOOD, now=now) is None
    assert [p.email for p in accounts.list_users(SYSTEM)] == ["boss@example.org"]


def test_a15_two_first_runs_at_once_make_exactly_one_admin(database, now):
    from tests.services.people import in_parallel

    runs = [lambda n=n: accounts.first_admin(f"boss{n}@example.org", now=now) for n in range(6)]
    results = in_parallel(database, runs)
    assert len([r for r in results if r is not None]) == 1
    assert len(accounts.list_users(SYSTEM)) == 1


def test_a_given_first_password_need_not_be_changed(sqlite_database, now):
    assert accounts.first_admin("boss@example.org", GOOD, now=now) == GOOD
    assert not attempt("boss@example.org", GOOD, now).must_change_password


def test_a_weak_first_password_stops_the_start(sqlite_database, now):
    with pytest.raises(Invalid):
        accounts.first_admin("boss@example.org", "short", now=now)


def test_on_a_trial_the_printed_password_leads_straight_to_the_overview(database, now):
    printed = accounts.first_admin("boss@example.org", now=now, is_trial=True)
    assert printed
    from models import User, db

    assert db.session.query(User).one().must_change_password is False


def test_a_hash_of_weaker_parameters_is_renewed_at_the_next_sign_in(cast, now):
    from argon2 import PasswordHasher

    from models import User, db

    user = db.session.get(User, cast.finance.id)
    user.password_hash = PasswordHasher(memory_cost=1024, time_cost=1, parallelism=1).hash(PASSWORD)
    db.session.commit()
    attempt(email_of("finance"), PASSWORD, now)
    db.session.expire_all()
    assert not passwords.is_outdated(db.session.get(User, cast.finance.id).password_hash)
    assert auditing.verify_chain(SYSTEM).is_whole


def test_a10_at_most_two_hashes_are_computed_at_once(monkeypatch):
    import threading
    from concurrent.futures import ThreadPoolExecutor

    known, lock, seen, running = passwords.hash_password(PASSWORD), threading.Lock(), [], []
    real = passwords._hasher

    class Counting:
        def verify(self, *given):
            with lock:
                running.append(1)
                seen.append(len(running))
            try:
                return real.verify(*given)
            finally:
                with lock:
                    running.pop()
    monkeypatch.setattr(passwords, "_hasher", Counting())
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: passwords.is_password(known, PASSWORD), range(16)))
    assert max(seen) <= 2


def test_a10_hashing_stays_in_two_threads_whoever_asks(monkeypatch):
    """Memory that a thread gave back stays with it: many request threads must not each keep a hash's worth."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    seen, real = set(), passwords._hasher

    class Noting:
        def verify(self, *given):
            seen.add(threading.current_thread().name)
            return real.verify(*given)

        def hash(self, *given):
            seen.add(threading.current_thread().name)
            return real.hash(*given)
    monkeypatch.setattr(passwords, "_hasher", Noting())
    known = passwords.hash_password(PASSWORD)
    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(lambda _: passwords.is_password(known, PASSWORD), range(24)))
    assert len(seen) <= passwords.AT_ONCE
    assert threading.main_thread().name not in seen


def test_a7_somebody_unknown_costs_a_hash_too(sqlite_database, now, monkeypatch):
    asked = []
    real = passwords.is_password
    monkeypatch.setattr(passwords, "is_password", lambda known, given: asked.append(known) or real(known, given))
    with pytest.raises(NotSignedIn):
        attempt("nobody@example.org", PASSWORD, now)
    assert asked == [None]
    assert passwords._hasher.check_needs_rehash(passwords._dummy()) is False
