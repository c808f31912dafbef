"""Guessing gets slow, the owner still gets in."""
from __future__ import annotations

from datetime import timedelta

import pytest

from dashapp.core.errors import NotSignedIn, TooMany
from dashapp.services import throttle
from tests.cast import PASSWORD, email_of
from tests.services.people import attempt, in_parallel

VICTIM = email_of("finance")


def evaluated(guesses, now, until):
    """How many guesses are looked at when somebody tries again at every permitted moment of fifteen minutes."""
    count, moment = 0, now
    while moment < until and guesses:
        try:
            guesses -= 1
            attempt(VICTIM, "wrong", moment, ip=f"10.1.{guesses % 50}.1")
        except NotSignedIn:
            count += 1
        except TooMany as error:
            moment += timedelta(seconds=error.extra["retry_after"])
    return count


def test_a8_a_patient_guesser_gets_at_most_twenty_tries_in_a_quarter_of_an_hour(cast, now):
    assert 5 <= evaluated(1000, now, now + timedelta(minutes=15)) <= 20


def test_a8_a_thousand_guesses_at_once_are_nearly_all_refused_unread(database, cast, now, monkeypatch):
    from dashapp.services import passwords

    looked = []
    monkeypatch.setattr(passwords, "is_password", lambda known, given: bool(looked.append(1)))
    for _ in range(5):
        in_parallel(database, [lambda n=n: attempt(VICTIM, "wrong", now, ip=f"10.2.{n}.1") for n in range(8)])
    assert len(looked) <= throttle.FREE


def test_a8_the_owner_gets_in_from_a_device_that_is_known(cast, now):
    attempt(VICTIM, PASSWORD, now, device="home" * 11)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            attempt(VICTIM, "wrong", now, ip="6.6.6.6")
    with pytest.raises(TooMany):
        attempt(VICTIM, PASSWORD, now, ip="6.6.6.6")
    assert attempt(VICTIM, PASSWORD, now, device="home" * 11).email == VICTIM


def test_a_known_device_that_is_stolen_gets_slow_too(cast, now):
    attempt(VICTIM, PASSWORD, now, device="home" * 11)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            attempt(VICTIM, "wrong", now, device="home" * 11)
    with pytest.raises(TooMany):
        attempt(VICTIM, PASSWORD, now, device="home" * 11)


def test_a_device_known_for_one_person_is_unknown_for_another(cast, now):
    attempt(email_of("analyst"), PASSWORD, now, device="home" * 11)
    for n in range(5):
        with pytest.raises(NotSignedIn):
            attempt(VICTIM, "wrong", now, device=("home" * 11 if n % 2 else None))
    with pytest.raises(TooMany):
        attempt(VICTIM, PASSWORD, now, device="home" * 11)


def test_waiting_helps(cast, now):
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            attempt(VICTIM, "wrong", now)
    with pytest.raises(TooMany) as caught:
        attempt(VICTIM, PASSWORD, now)
    later = now + timedelta(seconds=caught.value.extra["retry_after"])
    assert attempt(VICTIM, PASSWORD, later).email == VICTIM


def test_successes_do_not_count(cast, now):
    for n in range(30):
        assert attempt(VICTIM, PASSWORD, now, device=f"device-{n}").email == VICTIM


def test_one_address_that_tries_many_accounts_is_slowed(sqlite_database, now):
    for n in range(throttle.PER_ADDRESS):
        throttle.reserve(f"{n}@example.org", ip="6.6.6.6", device=None, now=now)
    with pytest.raises(TooMany):
        throttle.reserve("one-more@example.org", ip="6.6.6.6", device=None, now=now)
    throttle.reserve("one-more@example.org", ip="7.7.7.7", device=None, now=now)


def test_old_failures_are_swept(cast, now):
    from models import SignInAttempt, db

    with pytest.raises(NotSignedIn):
        attempt(VICTIM, "wrong", now)
    attempt(VICTIM, PASSWORD, now + timedelta(days=2), device="home" * 11)
    assert [a.succeeded for a in db.session.query(SignInAttempt)] == [True]


def test_addresses_are_kept_as_hashes(cast, now):
    from models import SignInAttempt, db

    with pytest.raises(NotSignedIn):
        attempt(VICTIM, "wrong", now)
    assert VICTIM not in db.session.query(SignInAttempt).one().subject
