"""Closed periods: who closes, what then needs a reason, and that no way in opens them silently."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from dashapp.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from dashapp.core.mapping import mapping_from_json
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import (
    auditing,
    closing,
    datasets,
    demonstrating,
    importing,
    queueing,
    reverting,
    uploads,
)
from dashapp.services.desk import Desk
from dashapp.services.importing import Stale
from tests.cast import Cast
from tests.services.people import in_parallel
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, Order, World, added, orders_csv, scoped

JAN, FEB, MAR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
ROWS = [Order(f"A{n}", date(2026, 1, 5) + timedelta(10 * n), "S1", "EMEA", 2, Decimal("1.25")) for n in range(6)]
LATE = replace(ROWS[1], qty=9)  # 15 January
OPEN = Order("N1", date(2026, 3, 2), "S1", "EMEA", 1, Decimal("3.00"))


@pytest.fixture
def world(database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


@pytest.fixture
def lite(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


@pytest.fixture
def closed(lite: World) -> World:
    """Six orders from 5 January to 24 February; all until the end of January is closed."""
    lite.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    close(lite, "2026-01")
    return lite


def close(world: World, period: str, dataset: str | None = None, **more: Any) -> Any:
    return closing.close(world.cast.finance, world.desk, period, dataset, now=world.now, **more)


def reopen(world: World, period: str, dataset: str | None = None, reason: str = "found an error") -> Any:
    return closing.reopen(world.cast.finance, world.desk, period, dataset, now=world.now, reason=reason)


def until(world: World) -> dict[str, date | None]:
    return {c.dataset: c.until for c in closing.listing(world.cast.executive, world.desk)[0]}


def late(world: World, **more: Any) -> Any:
    return closing.late(world.cast.finance, world.desk, **more)


def values(world: World) -> Any:
    return world.values("revenue", "day")


def test_a_month_is_closed_for_all_datasets_or_for_one(world: World) -> None:
    world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    world.bring(orders_csv(ROWS), "b.csv", "sales", ORDERS_MAPPING)
    close(world, "2026-01", "orders", reason="month end")
    assert until(world) == {"orders": JAN, "sales": None}
    close(world, "2026-02")
    assert until(world) == {"orders": FEB, "sales": FEB}
    reopen(world, "2026-02", "sales")
    assert until(world) == {"orders": FEB, "sales": JAN}
    decisions = closing.listing(world.cast.executive, world.desk)[1]
    assert [(d.number, d.dataset, d.closes, d.until, d.by, d.reason) for d in decisions] == [
        (3, "sales", False, JAN, "finance@example.org", "found an error"),
        (2, None, True, FEB, "finance@example.org", ""), (1, "orders", True, JAN, "finance@example.org", "month end")]


def test_i8_each_decision_leaves_one_line_in_the_trail_and_a_refused_one_none(closed: World) -> None:
    before = len(auditing.listing(closed.cast.admin, limit=500))
    reopen(closed, "2026-01", reason="wrong rate")
    line, *rest = auditing.listing(closed.cast.admin, limit=500)
    assert len(rest) == before
    assert (line.action, line.subject) == ("period.reopen", "all datasets")
    assert (line.before, line.after) == ({"until": "2026-01-31"}, {"until": "2025-12-31", "reason": "wrong rate"})
    for refused in (lambda: reopen(closed, "2026-01"), lambda: close(closed, "2026-03"), lambda: close(closed, "x")):
        with pytest.raises(AppError):
            refused()
    assert len(auditing.listing(closed.cast.admin, limit=500)) == before + 1


def test_a_period_that_goes_on_is_not_closed_and_a_closed_one_not_again(closed: World) -> None:
    with pytest.raises(Invalid, match="not over"):
        close(closed, "2026-03")
    with pytest.raises(Invalid, match="not over"):
        close(closed, "2026-03-16")
    for period in ("2026-01", "2025-12", "2026-01-15"):
        with pytest.raises(Conflict, match="closed until 2026-01-31 already"):
            close(closed, period)
    with pytest.raises(NotFound):
        close(closed, "2026-01", "nothing")


def test_opening_again_needs_a_reason_and_something_closed(closed: World) -> None:
    with pytest.raises(Invalid, match="why"):
        reopen(closed, "2026-01", reason="  ")
    with pytest.raises(Conflict, match="Nothing of 2026-02"):
        reopen(closed, "2026-02")
    with pytest.raises(NotFound):
        reopen(closed, "2026-01", "nothing")
    assert until(closed) == {"orders": JAN}


def test_who_sees_a_part_of_the_rows_closes_nothing(closed: World) -> None:
    for verb in (closing.close, closing.reopen):
        with pytest.raises(Forbidden, match="part"):
            verb(scoped(closed.cast.finance, "region=EMEA"), closed.desk, "2026-01", now=closed.now, reason="x")


def test_e24_a_correction_for_a_closed_month_needs_a_reason_which_is_kept_and_listed(world: World) -> None:
    world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    close(world, "2026-01")
    checked = world.check(orders_csv([LATE, OPEN]), "late.csv", "orders")
    assert (checked.closed.until, checked.closed.came, checked.closed.went) == (JAN, 1, 1)
    assert checked.closed.periods == (("2026-01", 1, 1),)
    before = values(world)
    with pytest.raises(Invalid, match="Give a reason") as refused:
        world.commit(checked)
    assert refused.value.extra["closed"]["came"] == 1
    assert (values(world), late(world)) == (before, ())
    moment = world.now + timedelta(minutes=1)
    done = world.commit(checked, reason="invoice 4711 was late", now=moment)
    assert values(world) == added([ROWS[0], LATE, *ROWS[2:], OPEN], "day")
    assert world.values("revenue", "day", as_of=world.now) == before
    (one,) = late(world)
    assert (one.upload, one.dataset, one.file, one.deed, one.by, one.until) == (
        done.id, "orders", "late.csv", "upload", "finance@example.org", JAN)
    assert (one.came, one.went, one.periods, one.reason) == (1, 1, (("2026-01", 1, 1),), "invoice 4711 was late")
    line = next(x for x in auditing.listing(world.cast.admin) if x.action == "upload.commit")
    assert line.after is not None
    assert (line.after["reason"], line.after["closed"]["came"]) == ("invoice 4711 was late", 1)


def test_rows_that_come_again_unchanged_need_no_reason(closed: World) -> None:
    checked = closed.check(orders_csv([*ROWS, OPEN]), "year to date.csv", "orders")
    assert not checked.closed.any
    closed.commit(checked)
    assert values(closed) == added([*ROWS, OPEN], "day")
    assert late(closed) == ()


def test_undo_and_redo_of_closed_rows_need_a_reason_too(closed: World) -> None:
    done = closed.commit(closed.check(orders_csv([LATE]), "late.csv", "orders"), reason="late")
    actor, desk, now = closed.cast.finance, closed.desk, closed.now
    assert reverting.rehearse(actor, desk, done.id, now=now).periods == (("2026-01", 1, 1),)
    with pytest.raises(Invalid, match="Give a reason"):
        reverting.undo(actor, desk, done.id, now=now)
    assert uploads.status(actor, desk, done.id).state == "committed"
    reverting.undo(actor, desk, done.id, now=now, reason="was wrong")
    assert values(closed) == added(ROWS, "day")
    with pytest.raises(Invalid, match="Give a reason"):
        reverting.redo(actor, desk, done.id, now=now)
    reverting.redo(actor, desk, done.id, now=now, reason="was right")
    assert {(x.deed, x.reason) for x in late(closed, upload=done.id)} == {
        ("redo", "was right"), ("undo", "was wrong"), ("upload", "late")}
    line = next(x for x in auditing.listing(closed.cast.admin) if x.action == "upload.redo")
    assert line.after is not None
    assert line.after["reason"] == "was right"


def test_undo_of_open_rows_needs_none(closed: World) -> None:
    done = closed.bring(orders_csv([OPEN]), "open.csv", "orders")
    reverting.undo(closed.cast.finance, closed.desk, done.id, now=closed.now)
    reverting.redo(closed.cast.finance, closed.desk, done.id, now=closed.now)
    assert late(closed) == ()


def test_a_month_closed_after_the_preview_makes_it_stale(lite: World) -> None:
    lite.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    checked = lite.check(orders_csv([LATE]), "late.csv", "orders")
    assert checked.closed.until is None
    close(lite, "2026-01")
    with pytest.raises(Stale, match="Periods were closed"):
        lite.commit(checked)
    again = lite.dry_run(checked.upload)
    assert (again.closed.came, again.closed.went) == (1, 1)
    reopen(lite, "2026-01")
    with pytest.raises(Stale):
        lite.commit(again, reason="late")
    lite.commit(lite.dry_run(checked.upload))
    assert late(lite) == ()


def test_closing_and_committing_at_once_never_lets_closed_rows_in_unlisted(database: Flask, world: World) -> None:
    world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    checked = world.check(orders_csv([LATE]), "late.csv", "orders")
    made = in_parallel(database, [lambda: world.commit(checked), lambda: close(world, "2026-01")])
    state = uploads.status(world.cast.finance, world.desk, checked.upload)
    came_first = not isinstance(made[0], AppError)
    assert came_first is (state.state == "committed")
    assert not isinstance(made[1], AppError)
    if came_first:  # then it was in before the month was closed
        (decision,) = closing.listing(world.cast.executive, world.desk)[1]
        assert decision.until == JAN
    else:
        assert isinstance(made[0], Stale)


@pytest.mark.parametrize("mode", ["upsert", "append", "replace-period"])
def test_every_mode_is_held(closed: World, mode: str) -> None:
    mapping = {**ORDERS_MAPPING, "mode": mode, **({} if mode == "upsert" else {"key": []})}
    checked = closed.check(orders_csv([LATE]), "late.csv", "orders", mapping)
    assert checked.closed.any
    with pytest.raises(Invalid, match="Give a reason"):
        closed.commit(checked)


def _ingest(world: World, upload: str, reason: str) -> Any:
    return importing.ingest(world.cast.finance, world.desk, upload, now=world.now, reason=reason)


def _queue_seen(world: World, upload: str, reason: str) -> Any:
    checked = world.dry_run(upload)
    queueing.queue(world.cast.finance, world.desk, upload, checked.digest, now=world.now, reason=reason)
    return _work(world, upload)


def _queue_unseen(world: World, upload: str, reason: str) -> Any:
    queueing.queue_ingest(world.cast.finance, world.desk, upload, mapping_from_json({}), now=world.now, reason=reason)
    return _work(world, upload)


def _work(world: World, upload: str) -> Any:
    from flask import current_app

    worker = Worker(current_app._get_current_object(), lambda: world.desk, HANDLERS,  # type: ignore[attr-defined]
                    clock=lambda: world.now)
    while worker.step():
        pass
    found = uploads.status(world.cast.finance, world.desk, upload)
    if found.error:
        raise Invalid(found.error)
    return found


@pytest.mark.parametrize("way", [_ingest, _queue_seen, _queue_unseen])
def test_every_way_in_asks_for_the_reason_and_keeps_it(closed: World, way: Callable[..., Any]) -> None:
    before = values(closed)
    upload = closed.receive(orders_csv([LATE]), "late.csv", "orders")
    with pytest.raises(Invalid, match="Give a reason"):
        way(closed, upload, "")
    assert values(closed) == before
    again = closed.receive(orders_csv([LATE, OPEN]), "late 2.csv", "orders")
    way(closed, again, "came late")
    assert [(x.upload, x.reason) for x in late(closed)] == [(again, "came late")]
    assert values(closed) == added([ROWS[0], LATE, *ROWS[2:], OPEN], "day")


def test_a_dataset_with_closed_rows_is_not_deleted(closed: World) -> None:
    with pytest.raises(Conflict, match="Open them again first"):
        datasets.delete(closed.cast.admin, closed.desk, "orders", now=closed.now)
    assert values(closed) == added(ROWS, "day")
    reopen(closed, "2026-01")
    datasets.delete(closed.cast.admin, closed.desk, "orders", now=closed.now)


def test_a_dataset_that_is_brought_anew_under_its_old_key_is_still_closed(closed: World) -> None:
    reopen(closed, "2026-01", "orders")
    datasets.delete(closed.cast.admin, closed.desk, "orders", now=closed.now)
    close(closed, "2026-02")
    checked = closed.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    assert (checked.closed.until, checked.closed.came) == (FEB, 6)


def test_a_list_that_closed_rows_are_joined_to_needs_a_reason_where_its_rows_change(lite: World) -> None:
    def listed(*rows: tuple[str, str]) -> bytes:
        return csv_bytes(("sku_id", "category"), rows)

    mapping = {"kind": "reference", "key": ["sku_id"], "mode": "upsert"}
    lite.bring(listed(("S1", "Toys"), ("S2", "Books")), "catalogue.csv", "catalogue", mapping)
    lite.bring(orders_csv(ROWS), "a.csv", "orders", {**ORDERS_MAPPING, "joins": {"sku": "catalogue.sku_id"}})
    close(lite, "2026-01")
    lite.bring(listed(("S3", "Games")), "new.csv", "catalogue")
    changed = lite.check(listed(("S1", "Games")), "moved.csv", "catalogue")
    assert (changed.closed.is_list, changed.closed.went) == (True, 1)
    with pytest.raises(Invalid, match="this list"):
        lite.commit(changed)
    lite.commit(changed, reason="new tree of categories")
    assert [x.periods for x in late(lite)] == [()]


def test_the_demo_company_comes_and_goes_whatever_is_closed(lite: World) -> None:
    closing.close(lite.cast.finance, lite.desk, "2026-02", now=lite.now)
    demonstrating.load(lite.cast.admin, lite.desk, now=lite.now, orders=600, days=150)
    assert late(lite) == ()
    assert datasets.remove_demo(lite.cast.admin, lite.desk, now=lite.now)


def test_within_a_data_scope_only_ones_own_changes_are_listed_and_shown(closed: World) -> None:
    emea = scoped(closed.cast.finance, "region=EMEA")
    checked = closed.check(orders_csv([LATE]), "late.csv", "orders", by=emea)
    assert {r.cells["region"] for r in checked.closed.rows} == {"EMEA"}
    closed.commit(checked, by=emea, reason="mine")
    other = scoped(closed.cast.analyst, "region=EMEA")
    assert [x.reason for x in closing.late(emea, closed.desk)] == ["mine"]
    assert closing.late(other, closed.desk) == ()
    assert (closing.count_late(emea), closing.count_late(other)) == (1, 0)


def test_a_commit_asked_for_twice_lists_its_change_once(closed: World) -> None:
    checked = closed.check(orders_csv([LATE]), "late.csv", "orders")
    first = closed.commit(checked, reason="late")
    assert closed.commit(checked).id == first.id
    assert closing.count_late(closed.cast.finance) == 1
