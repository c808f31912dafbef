"""Idempotency keys: one effect, one answer."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashapp.core.actor import ANONYMOUS
from dashapp.core.errors import AppError, Conflict, Invalid, NotSignedIn
from dashapp.services.repeating import once
from models import KeptCall, db
from tests.cast import Cast


class Effect:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> tuple[int, dict[str, Any]]:
        self.times += 1
        return 201, {"number": self.times}


def test_i4_the_same_key_gives_the_first_answer_again(database: Flask, cast: Cast, now: datetime) -> None:
    effect = Effect()
    answers = [once(cast.finance, "POST /x", "k", b"body", effect, now=now + timedelta(hours=n)) for n in range(3)]
    assert answers == [(201, {"number": 1})] * 3
    assert effect.times == 1


def test_i4_the_same_key_with_another_body_is_refused(database: Flask, cast: Cast, now: datetime) -> None:
    effect = Effect()
    once(cast.finance, "POST /x", "k", b"body", effect, now=now)
    with pytest.raises(Invalid, match="another body"):
        once(cast.finance, "POST /x", "k", b"other", effect, now=now)
    assert effect.times == 1


def test_i4_keys_of_other_people_and_calls_are_other_keys(database: Flask, cast: Cast, now: datetime) -> None:
    effect = Effect()
    once(cast.finance, "POST /x", "k", b"", effect, now=now)
    once(cast.admin, "POST /x", "k", b"", effect, now=now)
    once(cast.finance, "POST /y", "k", b"", effect, now=now)
    assert effect.times == 3


def test_i4_ten_at_once_have_one_effect(database: Flask, cast: Cast, now: datetime) -> None:
    effect, gate, seen = Effect(), threading.Barrier(10), []

    def call() -> None:
        with database.app_context():
            gate.wait()
            try:
                seen.append(once(cast.finance, "POST /x", "k", b"", effect, now=now)[0])
            except AppError as error:
                seen.append(error.status)
            db.session.remove()

    threads = [threading.Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert effect.times == 1
    assert set(seen) <= {201, 409}
    assert 201 in seen


def test_a_failed_call_frees_its_key(database: Flask, cast: Cast, now: datetime) -> None:
    def fails() -> tuple[int, dict[str, Any]]:
        raise Invalid("no")

    with pytest.raises(Invalid):
        once(cast.finance, "POST /x", "k", b"", fails, now=now)
    assert once(cast.finance, "POST /x", "k", b"", Effect(), now=now)[0] == 201


def test_an_attempt_that_died_is_free_again_after_its_lease(database: Flask, cast: Cast, now: datetime) -> None:
    once(cast.finance, "POST /x", "k", b"", Effect(), now=now)
    db.session.query(KeptCall).update({"status": None, "answer": None})
    db.session.commit()
    with pytest.raises(Conflict):
        once(cast.finance, "POST /x", "k", b"", Effect(), now=now + timedelta(minutes=9))
    assert once(cast.finance, "POST /x", "k", b"", Effect(), now=now + timedelta(minutes=11))[0] == 201


def test_kept_answers_are_swept_after_a_day(database: Flask, cast: Cast, now: datetime) -> None:
    effect = Effect()
    for later in (timedelta(0), timedelta(hours=25)):
        once(cast.finance, "POST /x", "k", b"", effect, now=now + later)
    assert effect.times == 2
    assert db.session.query(KeptCall).count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb"])
def test_an_unusable_key_is_refused(database: Flask, cast: Cast, now: datetime, key: str) -> None:
    with pytest.raises(Invalid):
        once(cast.finance, "POST /x", key, b"", Effect(), now=now)


def test_nobody_keeps_no_answers(database: Flask, now: datetime) -> None:
    with pytest.raises(NotSignedIn):
        once(ANONYMOUS, "POST /x", "k", b"", Effect(), now=now)
