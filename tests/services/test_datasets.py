"""Datasets as people see them, who may do what to them, and the one line each change leaves."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dashapp.core.actor import ANONYMOUS, SYSTEM, Actor
from dashapp.core.errors import AppError, Forbidden, Invalid, NotFound, NotSignedIn
from dashapp.core.filters import Filters
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.core.question import Question
from dashapp.services import (
    asking,
    auditing,
    checking,
    choosing,
    datasets,
    defining,
    demonstrating,
    exploring,
    importing,
    offering,
    overviewing,
    queueing,
    reverting,
    uploads,
    verifying,
)
from dashapp.services.acting import acting
from dashapp.services.desk import Desk
from models import Upload, User, db
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, SPAN, World, added, opened, orders, orders_csv

ROWS = orders(20)


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    found = World(desk, cast)
    found.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    return found


def test_a_renamed_dataset_keeps_its_key_its_figures_and_its_formulas(world: World) -> None:
    before = world.values("revenue")
    datasets.rename(world.cast.finance, world.desk, "orders", "  Order book ", now=world.now)
    view = datasets.get(world.cast.executive, world.desk, "orders", now=world.now)
    assert (view.dataset.name, view.dataset.key) == ("Order book", "orders")
    assert world.values("revenue") == before
    world.bring(orders_csv(orders(3, prefix="B")), "b.csv", "orders")
    assert datasets.get(world.cast.executive, world.desk, "orders", now=world.now).dataset.name == "Order book"
    for name in ("", " ", "x" * 201):
        with pytest.raises(Invalid):
            datasets.rename(world.cast.finance, world.desk, "orders", name, now=world.now)
    with pytest.raises(NotFound):
        datasets.rename(world.cast.finance, world.desk, "nothing", "x", now=world.now)


def test_a_deleted_dataset_leaves_no_row_no_upload_and_no_file(world: World) -> None:
    world.check(orders_csv(orders(3, prefix="B")), "b.csv", "orders")
    bad = csv_bytes(("order_id", "date", "revenue"), [("x", "2025-02-30", 1), ("y", "2025-02-03", 2)])
    world.check(bad, "c.csv", "orders", ORDERS_MAPPING)
    other = world.bring(csv_bytes(("date", "revenue"), [("2026-01-01", 1)]), "o.csv", "other",
                        {"mode": "append", "key": []})
    assert len(list(world.desk.quarantine.iterdir())) == 1
    datasets.delete(world.cast.admin, world.desk, "orders", now=world.now)
    assert [d.dataset.key for d in datasets.listing(world.cast.admin, world.desk, now=world.now)] == ["other"]
    assert not (world.desk.ledger.root / "orders").exists()
    assert [p.name for p in world.desk.originals.iterdir()] == [other.id]
    assert list(world.desk.quarantine.iterdir()) == []
    assert [u.dataset_key for u in db.session.query(Upload)] == ["other"]
    with pytest.raises(NotFound):
        datasets.get(world.cast.admin, world.desk, "orders", now=world.now)


def test_a_new_column_joins_the_dataset_and_old_rows_have_no_value_there(world: World) -> None:
    header = ("order_id", "date", "revenue", "channel")
    checked = world.check(csv_bytes(header, [("N1", "2026-01-03", "5.05", "web"), ("N2", "2026-01-03", "6", "shop")]),
                          "b.csv", "orders")
    assert checked.new_columns == ("channel",)
    world.commit(checked)
    found = world.values("revenue", "year", by=("channel",))
    assert (found["2026", "web"], found["2026", "shop"]) == (Decimal("5.05"), 6)
    assert {k: v for k, v in found.items() if k[0] == "2025"} == {
        ("2025", ""): added(ROWS, "year")[("2025",)]}
    assert "channel" in choosing.dimensions(world.cast.executive, world.desk, "revenue")


def test_data_through_is_what_was_declared_until_rows_reach_further(world: World) -> None:
    def through() -> date | None:
        return datasets.get(world.cast.admin, world.desk, "orders", now=world.now).data_through

    last = ROWS[-1].day
    assert through() == last
    world.bring(orders_csv(orders(2, prefix="B")), "b.csv", "orders", {"data_through": "2025-11-30", **ORDERS_MAPPING})
    assert through() == date(2025, 11, 30)
    done = {p.period.label: p.complete for p in world.series("revenue").points}
    assert done["2025-11"] is True
    world.bring(orders_csv(orders(2, start=date(2025, 12, 9), prefix="C")), "c.csv", "orders", ORDERS_MAPPING)
    assert through() == date(2025, 12, 9)


# who may do what -----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("guarded"), sqlite_template) as found:
        found.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
        yield found


QUESTION = Question(("revenue",), Grain.MONTH, SPAN)
FILTERS = Filters("custom", SPAN.start, SPAN.end)
Verb = Callable[[Actor, World], Any]
READ: dict[str, Verb] = {
    "ask": lambda a, w: asking.ask(a, w.desk, QUESTION, now=w.now),
    "overview": lambda a, w: overviewing.overview(a, w.desk, FILTERS, now=w.now),
    "explain": lambda a, w: exploring.explain(a, w.desk, "revenue", "2025-11", now=w.now),
    "rows": lambda a, w: exploring.rows(a, w.desk, "revenue", "2025-11", now=w.now),
    "dimensions": lambda a, w: choosing.dimensions(a, w.desk, "revenue"),
    "members": lambda a, w: choosing.members(a, w.desk, "region", now=w.now),
    "datasets": lambda a, w: datasets.listing(a, w.desk, now=w.now),
    "dataset": lambda a, w: datasets.get(a, w.desk, "orders", now=w.now),
    "kpis": lambda a, w: defining.listing(a, w.desk),
    "kpi": lambda a, w: defining.get(a, w.desk, "revenue"),
    "history": lambda a, w: defining.history(a, w.desk, "revenue"),
    "offers": lambda a, w: defining.offers(a, w.desk),
    "data_version": lambda a, w: asking.data_version(a, w.desk),
}
UPLOADS: dict[str, Verb] = {
    "uploads": lambda a, w: uploads.listing(a, w.desk),
    "count": lambda a, w: uploads.count(a),
    "upload": lambda a, w: uploads.status(a, w.desk, "x"),
    "original": lambda a, w: uploads.original(a, w.desk, "x"),
    "refused rows": lambda a, w: uploads.quarantine(a, w.desk, "x"),
    "job": lambda a, w: queueing.job_of(a, w.desk, "x"),
    "offers of an upload": lambda a, w: offering.offers(a, w.desk, "x"),
    "inspection": lambda a, w: checking.inspection(a, w.desk, "x"),
}
ONE_UPLOAD = set(UPLOADS) - {"uploads", "count"}
INGEST: dict[str, Verb] = {
    "receive": lambda a, w: w.receive(b"a,b\n1,2\n", "x.csv", "../nothing", by=a),
    "inspect": lambda a, w: checking.inspect(a, w.desk, "x", now=w.now),
    "dry run": lambda a, w: checking.dry_run(a, w.desk, "x", now=w.now),
    "reject": lambda a, w: checking.reject(a, w.desk, "x", now=w.now),
    "queue check": lambda a, w: queueing.queue_check(a, w.desk, "x", _nothing(), now=w.now),
    "queue ingest": lambda a, w: queueing.queue_ingest(a, w.desk, "x", _nothing(), now=w.now),
    "queue": lambda a, w: queueing.queue(a, w.desk, "x", "d", now=w.now),
    "commit": lambda a, w: importing.commit(a, w.desk, "x", "d", now=w.now),
    "ingest": lambda a, w: importing.ingest(a, w.desk, "x", now=w.now),
    "undo": lambda a, w: reverting.undo(a, w.desk, "x", now=w.now),
    "redo": lambda a, w: reverting.redo(a, w.desk, "x", now=w.now),
    "rename": lambda a, w: datasets.rename(a, w.desk, "nothing", "x", now=w.now),
}
DEFINE: dict[str, Verb] = {
    "save": lambda a, w: defining.save(a, w.desk, Kpi("BAD", "x", "1"), now=w.now),
    "delete": lambda a, w: defining.delete(a, w.desk, "nothing", now=w.now),
}
ADMIN: dict[str, Verb] = {
    "delete dataset": lambda a, w: datasets.delete(a, w.desk, "nothing", now=w.now),
    "load demo": lambda a, w: demonstrating.load(a, w.desk, now=w.now, days=-1),
    "remove demo": lambda a, w: datasets.remove_demo(a, w.desk, now=w.now),
    "verify": lambda a, w: verifying.verify_facts(a, w.desk),
}
LEVELS = {"executive": READ, "finance": {**UPLOADS, **INGEST}, "analyst": DEFINE, "admin": ADMIN}
ORDER = ("executive", "finance", "analyst", "admin")


def _nothing() -> Any:
    from dashapp.core.mapping import Mapping

    return Mapping()


def _is_refused(verb: Verb, actor: Actor, world: World) -> bool:
    try:
        verb(actor, world)
    except (Forbidden, NotSignedIn):
        return True
    except AppError:
        return False  # permission was there: it failed for what was asked
    return False


@pytest.mark.parametrize("level", ORDER)
def test_every_verb_asks_for_its_role_first(guarded: World, level: str) -> None:
    for name, verb in LEVELS[level].items():
        assert _is_refused(verb, ANONYMOUS, guarded), name
        for role in ORDER:
            allowed = ORDER.index(role) >= ORDER.index(level)
            assert _is_refused(verb, getattr(guarded.cast, role), guarded) is not allowed, (name, role)


def test_a_token_does_what_its_scopes_say_and_no_more(guarded: World) -> None:
    reads = replace(guarded.cast.admin, token_scopes=frozenset({"read"}))
    brings = replace(guarded.cast.admin, token_scopes=frozenset({"ingest"}))
    for name, verb in {**READ, **UPLOADS, "verify": ADMIN["verify"]}.items():
        assert not _is_refused(verb, reads, guarded), name
        if name not in {"data_version", *ONE_UPLOAD}:
            assert _is_refused(verb, brings, guarded), name
    foreign, *_ = uploads.listing(guarded.cast.finance, guarded.desk)
    for name in ONE_UPLOAD:  # it follows what it brought itself; of any other it is not told that it is there
        with pytest.raises(NotFound):
            UPLOADS[name](brings, guarded)
    with pytest.raises(NotFound):
        uploads.status(replace(brings, via="token"), guarded.desk, foreign.id)
    for name, verb in {**INGEST, **{k: v for k, v in ADMIN.items() if k != "verify"}}.items():
        assert _is_refused(verb, reads, guarded), name


# one line per change -------------------------------------------------------------------------------------------------
def test_i8_every_change_leaves_exactly_one_line_and_a_failed_one_none(sqlite_database: Flask, desk: Desk,
                                                                     cast: Cast) -> None:
    world = World(desk, cast)

    def lines(act: Callable[[], Any]) -> list[str]:
        before = len(auditing.listing(SYSTEM, limit=500))
        with suppress(AppError):
            act()
        found = auditing.listing(SYSTEM, limit=500)
        return sorted(x.action for x in found[:len(found) - before])

    kept: dict[str, Any] = {}
    data = orders_csv(ROWS)
    assert lines(lambda: kept.update(id=world.receive(data, "a.csv", "orders"))) == ["upload.receive"]
    assert lines(lambda: checking.inspect(cast.finance, desk, kept["id"], now=world.now)) == []
    assert lines(lambda: kept.update(run=world.dry_run(kept["id"], ORDERS_MAPPING))) == []
    assert lines(lambda: world.commit(replace(kept["run"], digest="other"))) == []
    assert lines(lambda: world.commit(kept["run"], adopt=("revenue",))) == ["dataset.create", "kpi.save",
                                                                           "upload.commit"]
    assert lines(lambda: world.commit(kept["run"])) == []
    assert lines(lambda: world.receive(data, "again.csv", "orders")) == []
    assert lines(lambda: reverting.undo(cast.finance, desk, kept["id"], now=world.now)) == ["upload.undo"]
    assert lines(lambda: reverting.undo(cast.finance, desk, kept["id"], now=world.now)) == []
    assert lines(lambda: reverting.redo(cast.finance, desk, kept["id"], now=world.now)) == ["upload.redo"]
    assert lines(lambda: datasets.rename(cast.finance, desk, "orders", "Book", now=world.now)) == ["dataset.rename"]
    assert lines(lambda: datasets.rename(cast.executive, desk, "orders", "No", now=world.now)) == []
    fine, bad = Kpi("fine", "Fine", "1"), Kpi("bad", "Bad", "sum(nowhere.x)")
    assert lines(lambda: defining.save(cast.analyst, desk, fine, now=world.now)) == ["kpi.save"]
    assert lines(lambda: defining.save(cast.analyst, desk, fine, now=world.now)) == []
    assert lines(lambda: defining.save(cast.analyst, desk, bad, now=world.now)) == []
    assert lines(lambda: defining.delete(cast.analyst, desk, "fine", now=world.now)) == ["kpi.delete"]
    assert lines(lambda: defining.delete(cast.analyst, desk, "fine", now=world.now)) == []
    other = world.receive(orders_csv(ROWS[:2]), "b.csv", "orders")
    assert lines(lambda: checking.reject(cast.finance, desk, other, now=world.now)) == ["upload.reject"]
    assert lines(lambda: checking.reject(cast.finance, desk, other, now=world.now)) == []
    assert lines(lambda: datasets.delete(cast.finance, desk, "orders", now=world.now)) == []
    assert lines(lambda: datasets.delete(cast.admin, desk, "orders", now=world.now)) == [
        "dataset.delete", "kpi.delete"], "the KPI that came with it is a change of its own"
    assert lines(lambda: datasets.remove_demo(cast.admin, desk, now=world.now)) == []
    assert auditing.verify_chain(cast.admin).is_whole


# jobs act for people -------------------------------------------------------------------------------------------------
def test_a_job_acts_with_the_role_and_scope_its_person_has_now(sqlite_database: Flask, cast: Cast) -> None:
    found = acting(cast.scoped.id)
    assert (found.id, found.role, found.scope, found.via) == (cast.scoped.id, cast.scoped.role, cast.scoped.scope,
                                                              "job")
    assert acting(None) is SYSTEM
    user = db.session.get(User, cast.scoped.id)
    assert user is not None
    user.role, user.scope = "finance", ["region=APAC"]
    db.session.commit()
    assert [str(w) for w in acting(cast.scoped.id).scope] == ["region=APAC"]
    user = db.session.get(User, cast.scoped.id)
    assert user is not None
    user.is_active = False
    db.session.commit()
    for who in (cast.scoped.id, "nobody"):
        with pytest.raises(Forbidden):
            acting(who)


def test_choices_are_what_the_rows_hold(world: World) -> None:
    assert choosing.members(world.cast.executive, world.desk, "region", now=world.now, kpi="revenue") == tuple(
        sorted({r.region for r in ROWS} - {""}))
    assert choosing.members(world.cast.executive, world.desk, "nothing", now=world.now) == ()
    assert choosing.members(world.cast.executive, world.desk, "revenue", now=world.now) == ()
    assert set(choosing.dimensions(world.cast.executive, world.desk)) >= {"region"}
    assert choosing.dimensions(world.cast.executive, world.desk, "nothing") == {}
