"""I8: each change of people is one line of the trail with what was before and after; a refused one leaves none."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask

from dashapp.core.actor import SYSTEM, Role
from dashapp.core.errors import AppError
from dashapp.core.kpi import Kpi
from dashapp.core.organisation import Organisation
from dashapp.core.rule import Limits
from dashapp.services import (
    accounts,
    auditing,
    boards,
    closing,
    connecting,
    defining,
    limiting,
    organising,
    preferences,
    profiling,
    sessions,
    targeting,
    tokens,
    versioning,
    working,
)
from dashapp.services.boards import Board
from dashapp.services.desk import Desk
from dashapp.services.preferences import Preferences
from dashapp.services.unit import writing
from models import DatasetRow, ProfileRow
from tests.cast import PASSWORD, Cast
from tests.conftest import NOW
from tests.services.test_permissions import READS, TABLE

LIMITS = Limits("revenue", "month", "below", 900.0, 800.0)
WAREHOUSE = f"postgresql://reader:{PASSWORD.replace(chr(32), chr(45))}@127.0.0.1:9/shop"
FRESH = "a new and quite long password"


@dataclass
class Stage:
    """Who acts on what; `kept` carries ids from one step of a test to the next."""

    cast: Cast
    desk: Desk
    kept: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def stage(sqlite_database: Flask, desk: Desk, cast: Cast) -> Stage:
    found = Stage(cast, desk)
    defining.save(cast.analyst, desk, Kpi("revenue", "Revenue", "1 + 1"), now=NOW)
    limiting.save(cast.analyst, replace(LIMITS, grain="week"), now=NOW)
    targeting.save(cast.finance, desk, "revenue", "2026-01", 5.0, now=NOW)
    connecting.add(cast.admin, desk, "shop", WAREHOUSE, now=NOW)
    boards.save(cast.finance, Board(("revenue",)), now=NOW)
    closing.close(cast.finance, desk, "2025-12", now=NOW)
    with writing() as session:
        sales = DatasetRow(key="sales", name="Sales", created_at=NOW)
        session.add(sales)
        session.flush()
        session.add_all(ProfileRow(dataset_id=sales.id, name=name, fingerprint=name, made_at=NOW, used_at=NOW)
                        for name in ("Berlin", "Boston"))
    secret = sessions.start(str(cast.executive.id), ip="10.0.0.1", user_agent="t", now=NOW)
    seat = sessions.session_seat(secret, ip="10.0.0.1", now=NOW)
    assert seat is not None
    found.kept["session"] = str(seat.actor.session)
    found.kept["token"] = tokens.add_token(cast.finance, "t", now=NOW)[0]
    with writing() as session:
        found.kept["job"] = working.enqueue(session, "test", {}, now=NOW, user_id=cast.finance.id)
    return found


Act = Callable[[Stage], Any]
# verb -> (action of its line, how it works, how it is refused)
VERBS: dict[str, tuple[str, Act, Act]] = {
    "accounts.add_user": (
        "user.add", lambda s: accounts.add_user(s.cast.admin, "new@example.org", Role.FINANCE, now=NOW),
        lambda s: accounts.add_user(s.cast.admin, s.cast.finance.email, Role.FINANCE, now=NOW)),
    "accounts.change_role": (
        "user.role", lambda s: accounts.change_role(s.cast.admin, str(s.cast.finance.id), Role.ANALYST, now=NOW),
        lambda s: accounts.change_role(s.cast.admin, "nobody", Role.ANALYST, now=NOW)),
    "accounts.set_scope": (
        "user.scope", lambda s: accounts.set_scope(s.cast.admin, str(s.cast.finance.id), ["region=EMEA"], now=NOW),
        lambda s: accounts.set_scope(s.cast.admin, str(s.cast.finance.id), ["nonsense"], now=NOW)),
    "accounts.disable_user": (
        "user.disable", lambda s: accounts.disable_user(s.cast.admin, str(s.cast.finance.id), now=NOW),
        lambda s: accounts.disable_user(s.cast.admin, "nobody", now=NOW)),
    "accounts.reset_password": (
        "user.password.reset", lambda s: accounts.reset_password(s.cast.admin, str(s.cast.finance.id), now=NOW),
        lambda s: accounts.reset_password(s.cast.admin, "nobody", now=NOW)),
    "accounts.change_password": (
        "user.password.change", lambda s: accounts.change_password(s.cast.finance, PASSWORD, FRESH, now=NOW),
        lambda s: accounts.change_password(s.cast.finance, PASSWORD, "short", now=NOW)),
    "boards.save": ("layout.save", lambda s: boards.save(s.cast.executive, Board(("revenue",)), now=NOW),
                    lambda s: boards.save(s.cast.executive, Board(("x" * 64,)), now=NOW)),
    "boards.reset": ("layout.reset", lambda s: boards.reset(s.cast.finance, now=NOW),
                     lambda s: boards.reset(s.cast.analyst, now=NOW)),
    "closing.close": ("period.close", lambda s: closing.close(s.cast.finance, s.desk, "2026-01", now=NOW),
                      lambda s: closing.close(s.cast.finance, s.desk, "2025-12", now=NOW)),
    "closing.reopen": (
        "period.reopen", lambda s: closing.reopen(s.cast.finance, s.desk, "2025-12", now=NOW, reason="wrong rate"),
        lambda s: closing.reopen(s.cast.finance, s.desk, "2025-12", now=NOW, reason="")),
    "connecting.add": (
        "connection.add", lambda s: connecting.add(s.cast.admin, s.desk, "books", WAREHOUSE, now=NOW),
        lambda s: connecting.add(s.cast.admin, s.desk, "shop", WAREHOUSE, now=NOW)),
    "connecting.rotate": (
        "connection.rotate", lambda s: connecting.rotate(s.cast.admin, s.desk, "shop", WAREHOUSE, now=NOW),
        lambda s: connecting.rotate(s.cast.admin, s.desk, "shop", "sc://127.0.0.1", now=NOW)),
    "connecting.remove": (
        "connection.remove", lambda s: connecting.remove(s.cast.admin, s.desk, "shop", now=NOW),
        lambda s: connecting.remove(s.cast.admin, s.desk, "books", now=NOW)),
    "versioning.restore": (
        "kpi.save", lambda s: versioning.restore(s.cast.analyst, s.desk, "revenue", 1, now=NOW),
        lambda s: versioning.restore(s.cast.analyst, s.desk, "revenue", 7, now=NOW)),
    "defining.save": ("kpi.save", lambda s: defining.save(s.cast.analyst, s.desk, Kpi("b", "B", "2"), now=NOW),
                      lambda s: defining.save(s.cast.analyst, s.desk, Kpi("revenue", "R", "2"), now=NOW)),
    "defining.delete": ("kpi.delete", lambda s: defining.delete(s.cast.analyst, s.desk, "revenue", now=NOW),
                        lambda s: defining.delete(s.cast.analyst, s.desk, "nothing", now=NOW)),
    "limiting.save": ("limits.save", lambda s: limiting.save(s.cast.analyst, LIMITS, now=NOW),
                      lambda s: limiting.save(s.cast.analyst, replace(LIMITS, grain="week"), now=NOW)),
    "limiting.delete": ("limits.delete", lambda s: limiting.delete(s.cast.analyst, "revenue", "week", 1, now=NOW),
                        lambda s: limiting.delete(s.cast.analyst, "revenue", "week", 2, now=NOW)),
    "organising.save": (
        "settings.save", lambda s: organising.save(s.cast.admin, Organisation(currency="CHF"), 0, now=NOW),
        lambda s: organising.save(s.cast.admin, Organisation(currency="CHF"), 7, now=NOW)),
    "preferences.save": (
        "preferences.save", lambda s: preferences.save(s.cast.executive, Preferences("dark"), now=NOW),
        lambda s: preferences.save(s.cast.executive, replace(Preferences(), landing="//evil"), now=NOW)),
    "profiling.rename": (
        "profile.rename", lambda s: profiling.rename(s.cast.finance, "sales", "Berlin", "Bonn", now=NOW),
        lambda s: profiling.rename(s.cast.finance, "sales", "Berlin", "Boston", now=NOW)),
    "profiling.forget": ("profile.forget", lambda s: profiling.forget(s.cast.finance, "sales", "Berlin", now=NOW),
                         lambda s: profiling.forget(s.cast.finance, "sales", "Bonn", now=NOW)),
    "sessions.revoke": (
        "session.revoke", lambda s: sessions.revoke(s.cast.executive, s.kept["session"], now=NOW),
        lambda s: sessions.revoke(s.cast.finance, s.kept["session"], now=NOW)),
    "targeting.save": (
        "target.save", lambda s: targeting.save(s.cast.finance, s.desk, "revenue", "2026-01", 6.0, now=NOW),
        lambda s: targeting.save(s.cast.finance, s.desk, "revenue", "January", 6.0, now=NOW)),
    "tokens.add_token": ("token.add", lambda s: tokens.add_token(s.cast.finance, "more", now=NOW),
                         lambda s: tokens.add_token(s.cast.finance, "more", ("fly",), now=NOW)),
    "tokens.revoke_token": (
        "token.revoke", lambda s: tokens.revoke_token(s.cast.finance, s.kept["token"], now=NOW),
        lambda s: tokens.revoke_token(s.cast.stranger, s.kept["token"], now=NOW)),
    "working.cancel": ("job.cancel", lambda s: working.cancel(s.cast.finance, s.kept["job"], now=NOW),
                       lambda s: working.cancel(s.cast.stranger, s.kept["job"], now=NOW)),
}
# Followed on their way through the ledger in test_connecting, test_correcting, test_datasets, test_demonstrating,
# test_feeding and test_queueing.
OF_DATA = ("checking.", "correcting.anew", "datasets.", "demonstrating.", "feeding.", "importing.", "placing.",
           "queueing.", "receiving.", "reverting.")
LOOKS = {"accounts.list_users", "accounts.find_user", "connecting.test", "correcting.corrected",
         "defining.editable", "joining.targets", "sessions.listing", "tokens.list_tokens"}


def lines(act: Callable[[], Any]) -> list[Any]:
    """What the trail has more afterwards, newest first."""
    before = auditing.listing(SYSTEM, limit=1)
    act()
    last = before[0].number if before else 0
    return [x for x in auditing.listing(SYSTEM, limit=500) if x.number > last]


def test_every_verb_that_changes_something_is_followed_here_or_on_its_way_through_the_ledger() -> None:
    enabling = {"accounts.enable_user"}  # beside disabling, below
    changing = {v for v in set(TABLE) - READS - LOOKS if not v.startswith(("exporting.", "evidencing.", *OF_DATA))}
    assert set(VERBS) == changing - enabling


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_i8_a_change_is_one_line_of_who_did_what_when(stage: Stage, verb: str) -> None:
    action, act, _ = VERBS[verb]
    found = lines(lambda: act(stage))
    assert [x.action for x in found] == [action]
    assert found[0].at == NOW
    assert found[0].email in {a.email for a in (stage.cast.admin, stage.cast.analyst, stage.cast.finance,
                                                stage.cast.executive)}
    assert PASSWORD not in str(found)
    assert auditing.verify_chain(SYSTEM).is_whole


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_i8_what_is_refused_leaves_no_line(stage: Stage, verb: str) -> None:
    _, _, refused = VERBS[verb]

    def tried() -> None:
        with suppress(AppError):  # or it had nothing to change
            refused(stage)

    assert lines(tried) == []


def test_i8_enabling_is_told_once_and_what_is_so_already_is_no_change(stage: Stage) -> None:
    admin, finance = stage.cast.admin, str(stage.cast.finance.id)
    assert lines(lambda: accounts.enable_user(admin, finance, now=NOW)) == []
    accounts.disable_user(admin, finance, now=NOW)
    assert lines(lambda: accounts.disable_user(admin, finance, now=NOW)) == []
    (line,) = lines(lambda: accounts.enable_user(admin, finance, now=NOW))
    assert line.action == "user.enable"
    assert (line.before["is_active"], line.after["is_active"]) == (False, True)


def test_i8_before_and_after_are_what_was_there(stage: Stage) -> None:
    def told(verb: str) -> tuple[Any, Any]:
        (line,) = lines(lambda: VERBS[verb][1](stage))
        return line.before, line.after

    assert told("targeting.save") == ({"value": 5.0}, {"value": 6.0})
    before, after = told("accounts.change_role")
    assert (before["role"], after["role"]) == ("finance", "analyst")
    before, after = told("accounts.set_scope")
    assert (before["scope"], after["scope"]) == ([], ["region=EMEA"])
    assert told("limiting.save")[0] is None
    before, after = told("limiting.delete")
    assert (before, after) == ({"side": "below", "warning": 900.0, "critical": 800.0, "version": 1}, None)
    assert told("working.cancel") == ({"state": "queued"}, {"state": "cancelled"})
    assert told("boards.reset") == ({"order": ["revenue"], "sizes": {}, "hidden": []}, None)
    assert told("tokens.revoke_token") == ({"token": stage.kept["token"], "name": "t"}, None)
    assert told("organising.save")[1]["currency"] == "CHF"
