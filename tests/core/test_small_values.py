"""Limits, vintages, failpoints, errors and issues: small values that say what state something is in."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashapp.core import errors, failpoint
from dashapp.core.errors import AppError
from dashapp.core.issue import Issue
from dashapp.core.rule import SIDE_NAMES, STATUS_NAMES, Limits
from dashapp.core.vintage import Vintage, live_vintages


# limits ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("side", "warning", "critical", "expected"), [
    ("below", 10, 5, {4: "critical", 5: "critical", 5.01: "warning", 10: "warning", 10.01: "ok", 0: "critical"}),
    ("above", 5, 10, {4.99: "ok", 5: "warning", 9.99: "warning", 10: "critical", 11: "critical", 0: "ok"}),
    ("below", 10, None, {-1: "warning", 10: "warning", 11: "ok"}),
    ("above", None, 10, {9: "ok", 10: "critical"}),
    ("below", 0, 0, {0: "critical", 1: "ok", -1: "critical"}),
    ("above", None, None, {1: "none", 0: "none"}),
])
def test_a_limit_itself_lies_in_the_worse_band(side, warning, critical, expected) -> None:
    limits = Limits("revenue", "month", side, warning, critical)
    assert {v: limits.status(v) for v in expected} == expected
    assert limits.status(None) == "none"
    assert set(expected.values()) <= set(STATUS_NAMES)
    assert side in SIDE_NAMES


# vintages -------------------------------------------------------------------------------------------------------------
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


def vintage(commit: int, at: datetime = T0, *events: tuple[datetime, bool]) -> Vintage:
    return Vintage(f"v{commit}", "orders", commit, at, f"{commit}.parquet", "0" * 64, 10, "append", events=events)


def test_a_vintage_lives_from_its_commit_until_it_is_undone_and_again_when_redone() -> None:
    hour = timedelta(hours=1)
    known = vintage(1, T0, (T0 + hour, False), (T0 + 2 * hour, True), (T0 + 3 * hour, False))
    tick = timedelta(microseconds=1)
    seen = {n: known.is_live(T0 + n) for n in (-tick, tick * 0, hour - tick, hour, 2 * hour - tick, 2 * hour,
                                               3 * hour - tick, 3 * hour, 9 * hour)}
    assert list(seen.values()) == [False, True, True, False, False, True, True, False, False]
    assert known.is_live() is False, "now is after all that happened"
    assert vintage(2).is_live()
    assert vintage(3, T0, (T0 + hour, False), (T0 + 2 * hour, True)).is_live()


def test_live_vintages_come_in_the_order_of_their_commits() -> None:
    known = (vintage(3, T0 + timedelta(2)), vintage(1), vintage(2, T0, (T0 + timedelta(1), False)))
    assert [v.commit for v in live_vintages(known)] == [1, 3]
    assert [v.commit for v in live_vintages(known, T0)] == [1, 2]
    assert live_vintages(known, T0 - timedelta(1)) == ()


# failpoints -----------------------------------------------------------------------------------------------------------
def test_an_armed_point_acts_each_time_until_it_is_disarmed() -> None:
    passed: list[int] = []
    failpoint.failpoint("here")
    failpoint.arm("here", lambda: passed.append(1))
    failpoint.failpoint("elsewhere")
    failpoint.failpoint("here")
    failpoint.failpoint("here")
    failpoint.disarm("here")
    failpoint.failpoint("here")
    failpoint.disarm("here")
    assert passed == [1, 1]


# errors and issues ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "status", "title"), [
    ("AppError", 400, "Bad request"), ("NotSignedIn", 401, "Sign-in needed"), ("Forbidden", 403, "Not allowed"),
    ("NotFound", 404, "Not found"), ("Conflict", 409, "Conflict"), ("TooLarge", 413, "Too large"),
    ("Invalid", 422, "Cannot be used"), ("TooMany", 429, "Too many requests"),
    ("Unavailable", 503, "Not available now"), ("OutOfSpace", 507, "No space left"),
])
def test_every_error_has_its_status_and_says_what_happened(kind: str, status: int, title: str) -> None:
    issue = Issue("code", "words")
    found = getattr(errors, kind)("It happened.", issues=[issue], upload="u1")
    assert isinstance(found, AppError)
    assert (found.status, found.title, str(found), found.message) == (status, title, "It happened.", "It happened.")
    assert (found.issues, found.extra) == ((issue,), {"upload": "u1"})
    assert getattr(errors, kind)("Again.").issues == ()


def test_an_issue_is_told_without_what_is_empty() -> None:
    assert Issue("a", "b").to_json() == {"code": "a", "message": "b", "severity": "error", "count": 1}
    found = Issue("date-unreadable", "m", "warning", "S", "C7", 7, "Date", "x", "h", 0, 3).to_json()
    assert found == {"code": "date-unreadable", "message": "m", "severity": "warning", "sheet": "S", "cell": "C7",
                     "row": 7, "column": "Date", "value": "x", "help": "h", "position": 0, "count": 3}
