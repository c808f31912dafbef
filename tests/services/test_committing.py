"""What a commit binds to, what it refuses, and what it leaves when it is refused."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from dashapp.core.mapping import mapping_from_json
from dashapp.services import auditing, checking, datasets, importing, queueing, reverting, serving, uploads
from dashapp.services.desk import Desk
from models import DatasetRow, Upload, db
from tests.cast import Cast
from tests.services.people import in_parallel
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, World, added, orders, orders_csv, scoped, world_at

ROWS = orders(30)


@pytest.fixture
def world(database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


@pytest.fixture
def lite(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def _day(world: World) -> dict[tuple[str, ...], Decimal]:
    return world.values("revenue", "day")


def _files(world: World, dataset: str = "orders") -> list[str]:
    return sorted(p.name for p in (world.desk.ledger.root / dataset).glob("*"))


def test_e25_undo_and_redo_give_bit_identical_answers(world: World) -> None:
    first = world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING, build=True)
    before = json.dumps([world.series(k, g, by=("region",)).to_json()
                         for k in ("revenue", "orders", "average_order_value") for g in ("day", "month")])
    fixed = [replace(r, qty=r.qty + 5) for r in ROWS[:7]]
    second = world.bring(orders_csv(fixed), "b.csv", "orders", now=world.now + timedelta(minutes=1))
    middle = _day(world)
    assert middle == added([*fixed, *ROWS[7:]], "day")

    def again() -> str:
        return json.dumps([world.series(k, g, by=("region",)).to_json()
                           for k in ("revenue", "orders", "average_order_value") for g in ("day", "month")])
    assert again() != before
    reverting.undo(world.cast.finance, world.desk, second.id, now=world.now + timedelta(minutes=2))
    assert again() == before
    serving.build(world.desk, "orders")
    assert again() == before
    reverting.redo(world.cast.finance, world.desk, second.id, now=world.now + timedelta(minutes=3))
    assert _day(world) == middle
    reverting.undo(world.cast.finance, world.desk, first.id, now=world.now + timedelta(minutes=4))
    assert _day(world) == added(fixed, "day")
    with pytest.raises(Conflict):
        reverting.undo(world.cast.finance, world.desk, first.id, now=world.now)


def test_every_commit_undo_and_redo_is_there_as_of_its_moment(lite: World) -> None:
    at = [lite.now + timedelta(hours=h) for h in range(6)]
    lite.now = at[5] + timedelta(hours=1)
    a = lite.bring(orders_csv(ROWS[:10]), "a.csv", "orders", ORDERS_MAPPING, now=at[0])
    fixed = [replace(r, qty=r.qty + 1) for r in ROWS[:4]]
    lite.bring(orders_csv([*fixed, *ROWS[10:]]), "b.csv", "orders", now=at[1])
    reverting.undo(lite.cast.finance, lite.desk, a.id, now=at[2])
    reverting.redo(lite.cast.finance, lite.desk, a.id, now=at[3])
    both, alone = added([*fixed, *ROWS[4:]], "day"), added([*fixed, *ROWS[10:]], "day")
    second = timedelta(seconds=1)
    expected = [(at[0] - second, {}), (at[0], added(ROWS[:10], "day")), (at[1] - second, added(ROWS[:10], "day")),
                (at[1], both), (at[2] - second, both), (at[2], alone), (at[3] - second, alone), (at[3], both)]
    for moment, wanted in expected:
        assert lite.values("revenue", "day", as_of=moment) == wanted, moment
    serving.build(lite.desk, "orders")
    for moment, wanted in expected:
        assert lite.values("revenue", "day", as_of=moment) == wanted, moment


def test_commit_times_never_run_backwards(lite: World) -> None:
    lite.bring(orders_csv(ROWS[:5]), "a.csv", "orders", ORDERS_MAPPING)
    early = lite.bring(orders_csv(ROWS[5:]), "b.csv", "orders", now=lite.now - timedelta(hours=1))
    assert early.committed_at == lite.now
    undone = reverting.undo(lite.cast.finance, lite.desk, early.id, now=lite.now - timedelta(hours=2))
    assert undone.state == "undone"
    assert lite.values("revenue", "day", as_of=lite.now) == added(ROWS[:5], "day")


def test_e23_the_same_bytes_again_are_refused_with_a_link(world: World) -> None:
    first = world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    with pytest.raises(Conflict) as refused:
        world.receive(orders_csv(ROWS), "b.csv", "orders")
    assert refused.value.extra == {"upload": first.id, "link": f"/data/{first.id}"}


def test_e23_the_same_file_by_8_parallel_uploads_is_one_batch(database: Flask, world: World) -> None:
    data = orders_csv(ROWS)
    ids = in_parallel(database, [lambda n=n: world.receive(data, f"{n}.csv", "orders") for n in range(8)])
    checked = [world.dry_run(i, ORDERS_MAPPING) for i in ids]
    done = in_parallel(database, [lambda c=c: world.commit(c) for c in checked])
    assert sum(not isinstance(d, Exception) for d in done) == 1
    refused = [d for d in done if isinstance(d, Exception)]
    assert all(isinstance(d, Conflict) for d in refused)
    assert _day(world) == added(ROWS, "day")
    assert [r.last_commit for r in db.session.query(DatasetRow)] == [1]


def test_different_files_committed_at_once_never_lose_one_another(database: Flask, world: World) -> None:
    world.bring(orders_csv(ROWS[:5]), "a.csv", "orders", ORDERS_MAPPING)
    parts = [world.check(orders_csv(ROWS[5 * n:5 * n + 5]), f"{n}.csv", "orders") for n in range(1, 5)]
    done = in_parallel(database, [lambda c=c: world.commit(c) for c in parts])
    kept = [n for n, d in enumerate(done, start=1) if not isinstance(d, Exception)]
    assert len(kept) == 1
    assert all(isinstance(d, Conflict) for d in done if isinstance(d, Exception))
    assert _day(world) == added([*ROWS[:5], *ROWS[5 * kept[0]:5 * kept[0] + 5]], "day")


def test_parallel_undos_count_each_once(database: Flask, world: World) -> None:
    done = [world.bring(orders_csv(ROWS[5 * n:5 * n + 5]), f"{n}.csv", "orders", ORDERS_MAPPING) for n in range(3)]
    found = in_parallel(database, [lambda d=d: reverting.undo(world.cast.finance, world.desk, d.id, now=world.now)
                                   for d in [*done[:2], done[0]]])
    assert sorted(isinstance(f, Conflict) for f in found) == [False, False, True]
    (row,) = db.session.query(DatasetRow).all()
    assert row.version == 5
    assert _day(world) == added(ROWS[10:15], "day")


def test_e26_a_commit_binds_to_the_preview_that_was_seen(lite: World) -> None:
    seen = lite.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    other = lite.dry_run(seen.upload, {**ORDERS_MAPPING, "mode": "append"})
    assert other.digest != seen.digest
    with pytest.raises(Conflict, match="preview"):
        lite.commit(seen)
    assert datasets.listing(lite.cast.admin, lite.desk, now=lite.now) == ()
    assert lite.commit(other).mode == "append"


def test_e26_a_preview_that_dies_half_way_changes_nothing_of_the_one_before(
    lite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = lite.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)

    def die(*_a: object, **_k: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, "_mark", die)
    with pytest.raises(KeyboardInterrupt):
        lite.dry_run(seen.upload, {**ORDERS_MAPPING, "columns": {"revenue": {"role": "ignore"}}})
    monkeypatch.undo()
    lite.commit(seen)
    assert _day(lite) == added(ROWS, "day")


def test_a_dry_run_that_ends_after_the_commit_does_not_open_the_upload_again(lite: World) -> None:
    seen = lite.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    with pytest.raises(Conflict, match="committed"):
        checking.dry_run(lite.cast.finance, lite.desk, seen.upload, mapping_from_json({"mode": "append", "key": []}),
                         now=lite.now, progress=_at(0.85, lambda: lite.commit(seen)))
    found = uploads.status(lite.cast.finance, lite.desk, seen.upload)
    assert (found.state, found.mode, found.commit) == ("committed", "upsert", 1)
    assert _day(lite) == added(ROWS, "day")


def _at(share: float, act):  # type: ignore[no-untyped-def]
    def tell(now: float, _step: str) -> None:
        if now == share:
            act()
    return tell


def test_a_dataset_that_moved_on_needs_a_new_preview_and_nothing_changes(lite: World) -> None:
    first = lite.bring(orders_csv(ROWS[:5]), "a.csv", "orders", ORDERS_MAPPING)
    late = lite.check(orders_csv(ROWS[5:10]), "b.csv", "orders")
    lite.bring(orders_csv(ROWS[10:15]), "c.csv", "orders")
    before, lines = _day(lite), len(auditing.listing(lite.cast.admin, limit=500))
    with pytest.raises(Conflict, match="changed since"):
        lite.commit(late)
    assert (_day(lite), len(auditing.listing(lite.cast.admin, limit=500))) == (before, lines)
    again = lite.dry_run(late.upload)
    reverting.undo(lite.cast.finance, lite.desk, first.id, now=lite.now)
    with pytest.raises(Conflict):
        lite.commit(again)
    lite.commit(lite.dry_run(late.upload))
    assert _day(lite) == added(ROWS[5:15], "day")


def test_a_dataset_deleted_after_the_preview_takes_the_upload_with_it(lite: World) -> None:
    lite.bring(orders_csv(ROWS[:5]), "a.csv", "orders", ORDERS_MAPPING)
    late = lite.check(orders_csv(ROWS[5:10]), "b.csv", "orders")
    datasets.delete(lite.cast.admin, lite.desk, "orders", now=lite.now)
    with pytest.raises(NotFound):
        lite.commit(late)
    assert datasets.listing(lite.cast.admin, lite.desk, now=lite.now) == ()


def test_without_key_and_mode_nothing_is_assumed(lite: World) -> None:
    rows = [("2026-01-01", "x", 1), ("2026-01-01", "x", 2), ("2026-01-02", "y", 3)]
    checked = lite.check(csv_bytes(("date", "kind", "visits"), rows), "v.csv", "visits")
    assert checked.mode is None
    assert "append" in checked.needs[0]
    assert checked.effect == {}
    with pytest.raises(Invalid, match="recognised"):
        lite.commit(checked)
    with pytest.raises(Invalid, match="recognised"):
        queueing.queue(lite.cast.finance, lite.desk, checked.upload, checked.digest, now=lite.now)
    with pytest.raises(Invalid, match="recognised"):
        importing.ingest(lite.cast.finance, lite.desk, checked.upload, now=lite.now)
    assert datasets.listing(lite.cast.admin, lite.desk, now=lite.now) == ()


def test_an_upsert_without_a_key_needs_a_decision(lite: World) -> None:
    checked = lite.check(orders_csv(ROWS), "a.csv", "orders", {"mode": "upsert", "key": []})
    assert "needs key columns" in checked.needs[0]


@pytest.mark.parametrize(("member", "said"), [
    ({"data_through": "soon"}, "data_through"), ({"data_through": "20260101"}, "data_through"),
    ({"joins": {"sku": "catalogue"}}, "dataset.column"), ({"joins": {"nope": "catalogue.sku_id"}}, "'nope'"),
    ({"key": ["nowhere"]}, "nowhere"),
    ({"slice": ["nope"], "mode": "replace-period", "key": []}, "slice column 'nope'"),
])
def test_declarations_no_row_could_follow_are_refused_with_a_sentence(
    lite: World, member: dict[str, object], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        lite.check(orders_csv(ROWS), "a.csv", "orders", {**ORDERS_MAPPING, **member})
    (found,) = uploads.listing(lite.cast.finance, lite.desk)
    assert found.state == "failed"
    assert said in (found.error or "")
    assert [n for n in _files(lite) if n.endswith(".parquet")] == []


def test_refused_rows_wait_with_their_address_and_the_others_are_committed(lite: World) -> None:
    cells = [list(r.cells()) for r in ROWS[:6]]
    cells[1][6], cells[4][1] = "n/a?", "2025-02-30"
    checked = lite.check(csv_bytes(("order_id", "date", "sku", "region", "qty", "price", "revenue"), cells), "x.csv",
                         "orders", ORDERS_MAPPING)
    assert (checked.rows, checked.accepted, checked.quarantined) == (6, 4, 2)
    assert {i["cell"] for i in checked.issues if i["severity"] == "error"} == {"G3", "B6"}
    done = lite.commit(checked)
    assert (done.rows, done.quarantined) == (4, 2)
    path, name = uploads.quarantine(lite.cast.finance, lite.desk, done.id)
    text = path.read_text()
    assert name == "x-refused.csv"
    assert [line.split(",")[:2] for line in text.splitlines()[1:]] == [["3", "G3"], ["6", "B6"]]
    assert _day(lite) == added([ROWS[0], ROWS[2], ROWS[3], ROWS[5]], "day")


def test_a_file_of_which_no_row_can_be_used_is_refused(lite: World) -> None:
    rows = [("2025-02-30", "A"), ("2025-02-31", "B")]
    data = csv_bytes(("date", "revenue"), rows)
    mapping = {"mode": "append", "key": [], "columns": {"date": {"role": "date", "format": "iso"},
                                                        "revenue": {"role": "measure"}}}
    checked = lite.check(data, "x.csv", "orders", mapping)
    assert checked.accepted == 0
    with pytest.raises(Invalid):
        lite.commit(checked)
    assert datasets.listing(lite.cast.admin, lite.desk, now=lite.now) == ()


def test_e7_an_answer_about_the_order_of_dates_is_remembered_for_the_next_file(lite: World) -> None:
    def file(days: list[str], revenue: int) -> bytes:
        return csv_bytes(("date", "revenue"), [(d, revenue) for d in days])

    upload = lite.receive(file(["03/04/2025", "04/04/2025"], 1), "a.csv", "weekly")
    found = checking.inspect(lite.cast.finance, lite.desk, upload, now=lite.now)
    assert [q.code for q in found.questions] == ["date-order"]
    answer = {"columns": {"date": {"format": "dmy"}}, "mode": "append", "key": []}
    lite.commit(lite.dry_run(upload, answer))
    second = lite.receive(file(["05/04/2025", "06/04/2025"], 2), "b.csv", "weekly")
    found = checking.inspect(lite.cast.finance, lite.desk, second, now=lite.now)
    assert (found.questions, found.first) == ((), date(2025, 4, 5))
    third = lite.bring(file(["07/04/2025", "08/04/2025"], 3), "c.csv", "weekly", {})
    assert third.first == date(2025, 4, 7)
    other = lite.receive(file(["04/25/2025", "04/26/2025"], 4), "d.csv", "weekly")
    assert checking.inspect(lite.cast.finance, lite.desk, other, now=lite.now).first == date(2025, 4, 25)


def test_a_preview_of_another_scope_cannot_be_committed_by_a_scoped_person(lite: World) -> None:
    emea = scoped(lite.cast.finance, "region=EMEA")
    first = [("2026-01-01", "EMEA", 1), ("2026-01-01", "APAC", 2)]
    plan = {"mode": "replace-period", "key": [], "grain": "month"}
    lite.bring(csv_bytes(("date", "region", "revenue"), first), "all.csv", "plan", plan)
    upload = lite.receive(csv_bytes(("date", "region", "revenue"), [("2026-01-01", "EMEA", 5)]), "e.csv", "plan",
                          by=emea)
    wide = lite.dry_run(upload, plan, by=lite.cast.admin)
    assert wide.effect["replaced"]["slices"] == {}
    with pytest.raises(Conflict, match="scope"):
        lite.commit(wide, by=emea)
    narrow = lite.dry_run(upload, plan, by=emea)
    assert narrow.digest != wide.digest
    lite.commit(narrow, by=emea)
    assert lite.values("revenue", by=("region",)) == {("2026-01", "EMEA"): 5, ("2026-01", "APAC"): 2}


def test_a_refused_upload_leaves_its_line_and_no_file(lite: World) -> None:
    checked = lite.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    assert len(_files(lite)) == 1
    checking.reject(lite.cast.finance, lite.desk, checked.upload, now=lite.now)
    assert (_files(lite), list(lite.desk.originals.iterdir())) == ([], [])
    assert uploads.status(lite.cast.finance, lite.desk, checked.upload).state == "rejected"
    with pytest.raises(Conflict):
        lite.commit(checked)
    with pytest.raises(Conflict):
        checking.reject(lite.cast.finance, lite.desk, checked.upload, now=lite.now)


def test_a_new_preview_takes_the_rows_of_the_old_one_away(lite: World) -> None:
    checked = lite.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    lite.dry_run(checked.upload, {"mode": "append", "key": []})
    assert len(_files(lite)) == 1


def test_a_commit_asked_for_twice_happens_once(lite: World) -> None:
    checked = lite.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    first, second = lite.commit(checked), lite.commit(checked)
    assert first == second
    assert db.session.query(Upload).filter(Upload.commit.is_not(None)).count() == 1


def test_a_failed_commit_job_says_why_on_the_upload(lite: World) -> None:
    lite.bring(orders_csv(ROWS[:5]), "a.csv", "orders", ORDERS_MAPPING)
    late = lite.check(orders_csv(ROWS[5:10]), "b.csv", "orders")
    queueing.queue(lite.cast.finance, lite.desk, late.upload, late.digest, now=lite.now)
    lite.bring(orders_csv(ROWS[10:15]), "c.csv", "orders")
    args = {"upload": late.upload, "digest": late.digest}
    with pytest.raises(Conflict):
        queueing.run_commit(lite.desk, args, lite.cast.finance.id, now=lite.now, progress=lambda *_: None)
    found = uploads.status(lite.cast.finance, lite.desk, late.upload)
    assert (found.state, "changed since" in (found.error or "")) == ("failed", True)


def test_a_job_taken_up_again_after_its_commit_never_touches_an_undone_upload(lite: World) -> None:
    checked = lite.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    args = {"upload": checked.upload, "digest": checked.digest}
    run = {"now": lite.now, "progress": lambda *_: None}
    queueing.run_commit(lite.desk, args, lite.cast.finance.id, **run)  # type: ignore[arg-type]
    reverting.undo(lite.cast.finance, lite.desk, checked.upload, now=lite.now)
    with pytest.raises(Conflict):
        queueing.run_commit(lite.desk, args, lite.cast.finance.id, **run)  # type: ignore[arg-type]
    assert uploads.status(lite.cast.finance, lite.desk, checked.upload).state == "undone"
    reverting.redo(lite.cast.finance, lite.desk, checked.upload, now=lite.now)
    assert _day(lite) == added(ROWS, "day")


def test_a_job_without_preview_that_was_killed_after_its_commit_is_done_when_taken_up(lite: World) -> None:
    upload = lite.receive(orders_csv(ROWS), "a.csv", "orders")
    args = {"upload": upload, "digest": None, "mapping": ORDERS_MAPPING}
    for _ in range(2):
        done = queueing.run_commit(lite.desk, args, lite.cast.finance.id, now=lite.now, progress=lambda *_: None)
        assert (done["upload"], done["rows"]) == (upload, len(ROWS))


def test_a_job_acts_with_the_rights_its_person_has_now(lite: World) -> None:
    checked = lite.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    args = {"upload": checked.upload, "digest": checked.digest}
    with pytest.raises(Forbidden):
        queueing.run_commit(lite.desk, args, lite.cast.executive.id, now=lite.now, progress=lambda *_: None)
    assert datasets.listing(lite.cast.admin, lite.desk, now=lite.now) == ()


def test_a_dataset_in_the_second_zone_of_the_day_uses_the_organisations_date(
    sqlite_database: Flask, cast: Cast, tmp_path: Path
) -> None:
    auckland = world_at(tmp_path / "far", cast, timezone="Pacific/Auckland")
    late = auckland.now.replace(hour=23)  # already the 17th there
    rows = [("2026-03-16", 1), ("2026-03-17", 2)]
    auckland.bring(csv_bytes(("date", "revenue"), rows), "a.csv", "weekly", {"mode": "append", "key": [],
                   "grain": "day"}, now=late)
    view = datasets.get(cast.admin, auckland.desk, "weekly", now=late)
    assert view.data_through == date(2026, 3, 17)


@pytest.fixture(autouse=True)
def _no_leftovers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did, every sealed file belongs to a committed upload and no unfinished file stays."""
    yield
    world: World | None = request.node.funcargs.get("lite") or request.node.funcargs.get("world")
    if world is None:
        return
    root = world.desk.ledger.root
    unfinished = [p.name for p in root.glob("*/.*") if not p.name.startswith(".staging-")]
    assert unfinished == []
