"""Uploads as they are listed, followed, undone and redone: by role, data scope, token and state."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from dashapp.core.actor import Actor
from dashapp.core.errors import Conflict, Forbidden, NotFound
from dashapp.services import auditing, checking, reverting, uploads
from dashapp.services.desk import Desk
from models import Upload, VintageEvent, db
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, World, orders, orders_csv, scoped

ROWS = orders(40)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def program(actor: Actor, session: str, *rights: str) -> Actor:
    return replace(actor, token_scopes=frozenset(rights), session=session, via="api")


def test_uploads_are_listed_newest_first_by_pages_and_by_dataset(world: World) -> None:
    ids = [world.receive(orders_csv(ROWS[n:n + 2]), f"{n}.csv", "orders" if n % 2 else "other",
                         now=world.now + n * HOUR) for n in range(5)]
    finance, desk = world.cast.finance, world.desk

    def listed(dataset: str | None = None, **page: int) -> list[str]:
        return [u.id for u in uploads.listing(finance, desk, dataset, **page)]

    assert listed() == ids[::-1]
    assert listed(limit=2) == ids[:2:-1]
    assert listed(limit=2, offset=2) == [ids[2], ids[1]]
    assert listed(limit=0) == ids[-1:], "a page has at least one"
    assert listed(offset=-3) == ids[::-1]
    assert listed(offset=5) == []
    assert listed("orders") == [ids[3], ids[1]]
    assert listed("nothing") == []
    assert (uploads.count(finance), uploads.count(finance, "other"), uploads.count(finance, "nothing")) == (5, 3, 0)


def test_the_original_and_the_refused_rows_are_files_with_their_names(world: World) -> None:
    data = csv_bytes(("date", "revenue"), [("2026-01-01", 5), ("soon", 6)])
    done = world.bring(data, "January.csv", "sales",
                       {"mode": "append", "columns": {"date": {"role": "date", "format": "iso"}}})
    file, name = uploads.original(world.cast.finance, world.desk, done.id)
    assert (file.read_bytes(), name) == (data, "January.csv")
    refused, name = uploads.quarantine(world.cast.finance, world.desk, done.id)
    assert (name, "soon" in refused.read_text(encoding="utf-8-sig")) == ("January-refused.csv", True)
    clean = world.bring(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING)
    with pytest.raises(NotFound, match="No row of this upload was refused"):
        uploads.quarantine(world.cast.finance, world.desk, clean.id)
    checking_only = world.receive(orders_csv(ROWS[:3]), "x.csv", "orders")
    checking.reject(world.cast.finance, world.desk, checking_only, now=world.now)
    with pytest.raises(NotFound, match="not kept any more"):
        uploads.original(world.cast.finance, world.desk, checking_only)


def test_refused_rows_are_told_in_blocks_with_cell_and_reason(world: World) -> None:
    lines = [("2026-01-01" if n % 3 else f"soon {n}", n) for n in range(900)]
    done = world.bring(csv_bytes(("date", "revenue"), lines), "January.csv", "sales",
                       {"mode": "append", "columns": {"date": {"role": "date", "format": "iso"}}})
    bad = [(n + 2, text) for n, (text, _) in enumerate(lines) if text.startswith("soon")]

    def told(**block: int) -> list[tuple[str, ...]]:
        head, rows = uploads.refused(world.cast.finance, world.desk, done.id, **block)
        assert head == ("row", "cells", "reason", "date", "revenue")
        return list(rows)

    assert len(bad) == done.quarantined == 300
    assert [(r[0], r[1], r[3]) for r in told(limit=500)] == [(str(n), f"A{n}", text) for n, text in bad]
    assert told(limit=10, offset=290) == told(limit=500)[290:]
    assert told(limit=10, offset=300) == told(limit=0) == []
    assert all("date" in r[2] for r in told(limit=5, offset=-1))


def test_b4_a_scope_hides_what_others_brought_from_every_verb(world: World) -> None:
    theirs = world.bring(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING).id
    emea = scoped(world.cast.analyst, "region=EMEA")
    desk = world.desk
    for verb in (uploads.status, uploads.original, uploads.quarantine, uploads.refused):
        with pytest.raises(NotFound):
            verb(emea, desk, theirs)
    for change in (reverting.undo, reverting.redo, checking.reject):
        with pytest.raises(NotFound):
            change(emea, desk, theirs, now=world.now)
    assert (uploads.listing(emea, desk), uploads.count(emea)) == ((), 0)
    assert uploads.status(world.cast.finance, desk, theirs).is_live


def test_a_token_that_only_brings_follows_what_it_brought_itself_and_not_what_its_owner_did(world: World) -> None:
    mine = program(world.cast.finance, "token 1", "ingest")
    other = program(world.cast.finance, "token 2", "ingest")
    own = world.receive(orders_csv(ROWS), "o.csv", "orders", by=mine)
    owners = world.receive(orders_csv(ROWS[:5]), "p.csv", "orders")
    assert uploads.status(mine, world.desk, own).id == own
    for actor, upload in ((mine, owners), (other, own), (program(world.cast.admin, "token 1", "ingest"), own)):
        with pytest.raises(NotFound):
            uploads.status(actor, world.desk, upload)
    with pytest.raises(Forbidden, match="lacks the right 'read'"):
        uploads.listing(mine, world.desk)
    both = program(world.cast.finance, "token 3", "ingest", "read")
    assert {u.id for u in uploads.listing(both, world.desk)} == {own, owners}


def test_undo_and_redo_are_dated_events_and_the_past_keeps_what_it_showed(world: World) -> None:
    first = world.bring(orders_csv(ROWS[:20]), "a.csv", "orders", ORDERS_MAPPING)
    second = world.bring(orders_csv(ROWS[20:]), "b.csv", "orders", now=world.now + HOUR)
    every, half = sum(r.revenue for r in ROWS), sum(r.revenue for r in ROWS[:20])
    finance, desk = world.cast.finance, world.desk
    undone = reverting.undo(finance, desk, second.id, now=world.now + 2 * HOUR)
    assert (undone.state, undone.is_live, world.total("revenue")) == ("undone", False, half)
    again = reverting.redo(finance, desk, second.id, now=world.now + 3 * HOUR)
    assert (again.state, again.commit, world.total("revenue")) == ("committed", 2, every)
    for hours, wanted in ((0, half), (1, every), (2, half), (3, every)):
        assert world.total("revenue", as_of=world.now + hours * HOUR) == wanted, hours
    events = db.session.query(VintageEvent).order_by(VintageEvent.number).all()
    assert [(e.number, e.live, e.user_email) for e in events] == [(1, False, finance.email), (2, True, finance.email)]
    told = [(x.action, x.before, x.after) for x in auditing.listing(world.cast.admin, limit=2)]
    assert told == [("upload.redo", {"state": "undone"}, {"state": "committed", "dataset": "orders", "version": 4}),
                    ("upload.undo", {"state": "committed"}, {"state": "undone", "dataset": "orders", "version": 3})]
    assert uploads.status(finance, desk, first.id).is_live


def test_h12_events_never_run_backwards_when_a_clock_does(world: World) -> None:
    done = world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING, now=world.now + 5 * HOUR)
    for n, verb in enumerate((reverting.undo, reverting.redo, reverting.undo)):
        verb(world.cast.finance, world.desk, done.id, now=world.now + (3 - n) * HOUR)
    row = db.session.get(Upload, done.id)
    assert row is not None
    moments = [e.at for e in sorted(row.events, key=lambda e: e.number)]
    assert moments == [world.now + 5 * HOUR] * 3


@pytest.mark.parametrize(("state", "undo", "redo"), [
    ("received", False, False), ("inspected", False, False), ("committed", True, False), ("undone", False, True),
    ("rejected", False, False)])
def test_only_what_counts_is_undone_and_only_what_was_undone_comes_back(
        world: World, state: str, undo: bool, redo: bool) -> None:
    def fresh(n: int) -> str:
        upload = world.receive(orders_csv(ROWS[n:n + 5]), f"{n}.csv", f"d{n}")
        if state != "received":
            checked = world.dry_run(upload, ORDERS_MAPPING)
            if state in ("committed", "undone"):
                world.commit(checked)
            if state == "undone":
                reverting.undo(world.cast.finance, world.desk, upload, now=world.now)
            if state == "rejected":
                checking.reject(world.cast.finance, world.desk, upload, now=world.now)
        return upload

    for n, (verb, works) in enumerate(((reverting.undo, undo), (reverting.redo, redo))):
        upload = fresh(n)
        if works:
            assert verb(world.cast.finance, world.desk, upload, now=world.now).id == upload
        else:
            with pytest.raises(Conflict, match=f"This upload is {state}"):
                verb(world.cast.finance, world.desk, upload, now=world.now)
            assert uploads.status(world.cast.finance, world.desk, upload).state == state


def test_bytes_that_came_again_meanwhile_keep_an_undone_upload_from_coming_back(world: World) -> None:
    first = world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    reverting.undo(world.cast.finance, world.desk, first.id, now=world.now)
    second = world.bring(orders_csv(ROWS), "b.csv", "orders")
    with pytest.raises(Conflict) as caught:
        reverting.redo(world.cast.finance, world.desk, first.id, now=world.now)
    assert caught.value.extra["upload"] == second.id
    assert uploads.status(world.cast.finance, world.desk, first.id).state == "undone"
    assert world.total("revenue") == sum(r.revenue for r in ROWS)
