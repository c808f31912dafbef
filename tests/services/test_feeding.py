"""Feeds from the statement to the figure: rows of PostgreSQL come in as pushed rows do, on time, once, and with words
where they do not."""
from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg
import pytest
from flask import current_app

from dashapp.core.actor import Actor
from dashapp.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.where import parse_wheres
from dashapp.facts.engines import Refused, Unreachable
from dashapp.jobs.process import workers
from dashapp.services import (
    auditing,
    closing,
    connecting,
    datasets,
    defining,
    feeding,
    fetching,
    importing,
    placing,
    reverting,
    uploads,
    working,
)
from dashapp.services.desk import Desk
from dashapp.services.feeding import FeedPlan
from models import FeedRow, db
from tests import postgres
from tests.cast import Cast
from tests.services.world import World

pytestmark = pytest.mark.postgres
_serial = count(1)
SQL = "SELECT order_id, day, region, amount FROM orders"
PLAN = FeedPlan("shop", SQL, "orders", "every 15 minutes", "upsert", ("order_id",))


@pytest.fixture(autouse=True)
def _hung_up(desk: Desk) -> Iterator[None]:
    yield
    desk.ledger.warehouses.close()


@pytest.fixture
def url(postgres_server: str) -> Iterator[str]:
    """A warehouse with ten orders."""
    name = f"feeds_{next(_serial)}"
    postgres.run(postgres_server, f"CREATE DATABASE {name}")
    found = postgres_server.format(name=name).replace("+psycopg", "")
    ask(found, "CREATE TABLE orders (order_id text, day date, region text, amount numeric(12, 2))",
        "INSERT INTO orders SELECT lpad(n::text, 5, '0'), DATE '2026-03-01' + n, CASE n % 2 WHEN 0 THEN 'EMEA' "
        "ELSE 'APAC' END, n * 1.25 FROM generate_series(1, 10) AS n")
    yield found
    postgres.run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def world(desk: Desk, cast: Cast, url: str, now: Any) -> World:
    connecting.add(cast.admin, desk, "shop", url, now=now)
    return World(desk, cast)


def ask(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def added(world: World, plan: FeedPlan = PLAN, key: str = "shop_orders") -> Any:
    return feeding.add(world.cast.admin, world.desk, key, plan, now=world.now)


def run(world: World, key: str = "shop_orders", **later: float) -> Any:
    """A minute later somebody presses `Run now`, and the workers do what is to be done."""
    world.now += timedelta(minutes=1)
    feeding.run(world.cast.finance, world.desk, key, now=world.now)
    work(world, **later)
    return feeding.get(world.cast.finance, key)


def work(world: World, **later: float) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    moment = world.now + timedelta(**later)
    both = workers(app, lambda: world.desk)
    for one in both:
        one._clock = lambda: moment
    while both[1].step() or both[0].step():
        db.session.remove()


def brought(world: World) -> list[Any]:
    return [u for u in uploads.listing(world.cast.finance, world.desk) if u.state == "committed"]


def revenue(world: World) -> Any:
    if "sold" not in [v.kpi.key for v in defining.listing(world.cast.analyst, world.desk)]:
        defining.save(world.cast.analyst, world.desk, Kpi("sold", "Sold", "sum(orders.amount)"), now=world.now)
    return world.total("sold")


def test_rows_of_a_statement_come_in_like_those_of_a_file_and_add_up(world: World) -> None:
    made = added(world)
    assert (made.state, made.next_at, str(made.schedule)) == ("waiting", world.now, "every 15 minutes")
    found = run(world)
    assert (found.state, found.trouble, found.failures) == ("works", "", 0)
    assert found.said == "10 rows: 10 new."
    assert found.next_at == world.now + timedelta(minutes=15)
    assert revenue(world) == sum((Decimal(n) * Decimal("1.25") for n in range(1, 11)), Decimal(0))
    (upload,) = brought(world)
    assert (upload.via, upload.user_email, upload.source_name, upload.id) == (
        "feed", "feed shop_orders", "shop_orders.csv", found.upload)
    assert {x.via for x in auditing.listing(world.cast.admin) if x.subject == upload.id} == {"feed"}
    columns = {c.key: (c.role.value, c.type) for c in datasets.get(world.cast.admin, world.desk, "orders",
                                                                     now=world.now).dataset.columns}
    assert columns == {"order_id": ("id", "text"), "day": ("date", "date"), "region": ("dimension", "text"),
                       "amount": ("measure", "money")}


def test_the_same_result_makes_no_vintage_in_whatever_order_its_rows_come(world: World, url: str) -> None:
    added(world)
    run(world)
    ask(url, "CREATE TABLE shuffled AS SELECT * FROM orders ORDER BY region, amount DESC", "DROP TABLE orders",
        "ALTER TABLE shuffled RENAME TO orders")
    assert run(world).said == "The same rows as before; nothing changed."
    assert len(brought(world)) == 1
    assert len(uploads.listing(world.cast.finance, world.desk)) == 1, "no upload at all"


def test_rows_that_change_nothing_that_is_known_make_no_vintage_either(world: World, url: str) -> None:
    added(world, replace(PLAN, sql=f"{SQL} WHERE day > DATE '2026-03-05'"))
    feeding.add(world.cast.admin, world.desk, "all", PLAN, now=world.now)
    run(world, "all")
    found = run(world)
    assert (found.said, found.state) == ("Every row is known already; nothing changed.", "works")
    assert len(brought(world)) == 1


def test_a_value_that_goes_back_to_what_it_was_is_a_change(world: World, url: str) -> None:
    added(world)
    run(world)
    first = revenue(world)
    for amount, total in (("100", first - Decimal("1.25") + 100), ("1.25", first)):
        ask(url, f"UPDATE orders SET amount = {amount} WHERE order_id = '00001'")
        assert run(world).said == "10 rows: 1 changed, 9 unchanged."
        assert revenue(world) == total
    assert len(brought(world)) == 3


def test_what_somebody_undid_stays_undone_until_the_rows_are_others(world: World, url: str) -> None:
    added(world)
    upload = run(world).upload
    reverting.undo(world.cast.finance, world.desk, upload, now=world.now)
    assert "same rows" in run(world).said
    assert revenue(world) is None
    ask(url, "INSERT INTO orders VALUES ('00011', '2026-03-11', 'EMEA', 5)")
    assert run(world).said == "11 rows: 11 new."


def test_no_rows_change_nothing_in_any_mode(world: World, url: str) -> None:
    added(world, replace(PLAN, mode="replace-period", key_columns=()))
    run(world)
    before = revenue(world)
    ask(url, "DELETE FROM orders")
    found = run(world)
    assert (found.said, found.trouble) == ("The statement gave no rows; nothing changed.", "")
    assert revenue(world) == before


def test_replaced_periods_lose_the_rows_that_are_gone_over_there(world: World, url: str) -> None:
    added(world, replace(PLAN, mode="replace-period", key_columns=(), mapping={"grain": "day"}))
    run(world)
    before = revenue(world)
    ask(url, "DELETE FROM orders WHERE order_id = '00005'")
    run(world)
    assert revenue(world) == before - Decimal("6.25")


def test_appended_rows_that_came_once_are_not_counted_twice(world: World, url: str) -> None:
    added(world, replace(PLAN, mode="append", key_columns=(), sql=f"{SQL} WHERE day = DATE '2026-03-02'"))
    run(world)
    feeding.change(world.cast.admin, world.desk, "shop_orders", replace(
        PLAN, mode="append", key_columns=(), sql=f"{SQL} WHERE day = DATE '2026-03-03'"), now=world.now)
    run(world)
    feeding.change(world.cast.admin, world.desk, "shop_orders", replace(
        PLAN, mode="append", key_columns=(), sql=f"{SQL} WHERE day = DATE '2026-03-02'"), now=world.now)
    found = run(world)
    assert "already in orders" in found.trouble
    assert revenue(world) == Decimal("3.75")


def test_texts_stay_texts_and_moments_become_dates_of_the_organisation(world: World, url: str) -> None:
    tokyo = World(replace(world.desk, organisation=replace(world.desk.organisation, timezone="Asia/Tokyo")), world.cast)
    ask(url, "CREATE TABLE zips (id int, at timestamptz, zip text, flag boolean, amount double precision, extra jsonb)",
        "INSERT INTO zips VALUES (1, '2026-02-28 15:30Z', '00501', true, 1e7, '{\"a\": 1}'), "
        "(2, '2026-02-28 14:59Z', '10115', NULL, 0.1, NULL)")
    added(tokyo, replace(PLAN, sql="SELECT * FROM zips", dataset="zips", key_columns=("id",)))
    assert run(tokyo).trouble == ""
    defining.save(tokyo.cast.analyst, tokyo.desk, Kpi("sold", "Sold", "sum(zips.amount)"), now=tokyo.now)
    days = tokyo.values("sold", "day", by=("zip",))
    assert days == {("2026-03-01", "00501"): 10**7, ("2026-02-28", "10115"): Decimal("0.1")}


def test_closed_periods_hold_for_feeds_and_the_upload_waits_for_a_reason(world: World, url: str) -> None:
    added(world)
    run(world)
    closing.close(world.cast.finance, world.desk, "2026-03-05", now=world.now)
    before = revenue(world)
    ask(url, "UPDATE orders SET amount = 9 WHERE order_id = '00002'")
    for _ in range(2):
        found = run(world)
        assert ("Give a reason" in found.trouble, found.state) == (True, "trouble")
        assert revenue(world) == before
    assert found.failures == 2
    waiting = [u for u in uploads.listing(world.cast.finance, world.desk) if u.state == "inspected"]
    assert [u.id for u in waiting] == [found.upload], "no second upload of the same rows beside the one that waits"
    importing.commit(world.cast.finance, world.desk, found.upload, waiting[0].digest or "", now=world.now,
                     reason="booked late")
    assert revenue(world) == before - Decimal("2.50") + 9
    assert run(world).state == "works"


def test_refused_rows_are_quarantined_as_in_a_file(world: World, url: str) -> None:
    ask(url, "ALTER TABLE orders ALTER day TYPE text USING day::text", "UPDATE orders SET day = 'soon' "
        "WHERE order_id = '00003'")
    added(world)
    found = run(world)
    assert (found.said, found.trouble) == ("9 rows: 9 new.", "")
    (upload,) = brought(world)
    assert upload.quarantined == 1
    assert b"soon" in uploads.quarantine(world.cast.finance, world.desk, upload.id)[0].read_bytes()


@pytest.mark.parametrize(("sql", "told"), [
    ("SELECT nothing FROM orders", 'column "nothing" does not exist'),
    ("SELECT 1 / (amount - amount) AS x, day FROM orders", "division by zero"),
    ("SELECT decode('00', 'hex') AS b, day FROM orders", "holds bytes"),
])
def test_what_the_warehouse_refuses_stands_where_people_look(world: World, sql: str, told: str) -> None:
    added(world, replace(PLAN, sql=sql))
    found = run(world)
    assert told in found.trouble
    assert (found.state, found.failures, found.worked_at) == ("trouble", 1, None)
    assert [f.key for f in feeding.troubles(world.cast.finance)] == ["shop_orders"]
    assert feeding.listing(world.cast.finance)[0].trouble == found.trouble
    (job,) = [j for j in working.listing(world.cast.admin) if j.kind == feeding.FETCH_JOB]
    assert (job.state, job.error) == ("failed", found.trouble)
    assert uploads.listing(world.cast.finance, world.desk) == ()


def test_a_feed_that_fails_waits_longer_each_time_and_is_well_again_at_once(world: World, url: str) -> None:
    added(world)
    ask(url, "ALTER TABLE orders RENAME TO gone")
    waits = []
    for _ in range(5):
        found = run(world)
        waits.append((found.next_at - world.now) / timedelta(minutes=1))
    assert waits == [15, 15, 20, 40, 80]
    ask(url, "ALTER TABLE gone RENAME TO orders")
    found = run(world)
    assert (found.failures, found.trouble, found.next_at - world.now) == (0, "", timedelta(minutes=15))


def test_limits_of_rows_bytes_and_time_hold_and_store_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    added(world)
    monkeypatch.setattr(fetching, "MOST_ROWS", 9)
    assert "more than 9 rows" in run(world).trouble
    monkeypatch.undo()
    small = World(replace(world.desk, max_upload=100), world.cast)
    assert "more than 0 MB" in run(small).trouble
    monkeypatch.setattr(fetching, "TIMEOUT", 0.5)
    slow = "SELECT count(*) AS n, max(a) AS d FROM generate_series(1, 100000000) AS a"
    feeding.change(world.cast.admin, world.desk, "shop_orders", replace(PLAN, sql=slow), now=world.now)
    assert run(world).trouble == "The warehouse shop did not answer within 0.5 s."
    assert uploads.listing(world.cast.finance, world.desk) == ()


def test_a_statement_that_writes_is_refused_by_the_product_and_by_the_transaction(world: World, url: str) -> None:
    with pytest.raises(Invalid, match="must not insert"):
        added(world, replace(PLAN, sql="WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d"))
    added(world)
    for sql, told in (("WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d", "must not insert"),
                      ("SELECT 1; DROP TABLE orders", "several")):
        db.session.query(FeedRow).update({"sql": sql})  # as if an older version had let it in
        db.session.commit()
        assert told in run(world).trouble
    ask(url, "CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'DELETE FROM orders; SELECT 1'")
    feeding.change(world.cast.admin, world.desk, "shop_orders", replace(PLAN, sql="SELECT sly() AS n"), now=world.now)
    assert "read-only" in run(world).trouble
    line = connecting.line(world.desk, "shop")
    with pytest.raises(Refused, match="multiple commands"):
        line.warehouse.read("SELECT 1; DROP TABLE orders", lambda _n, _r: None, timeout=5, most=9)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (10,)


def test_what_is_due_is_queued_once_and_a_slow_warehouse_holds_up_no_commit(world: World) -> None:
    added(world)
    assert feeding.queue_due(world.desk, now=world.now) == 1
    assert feeding.queue_due(world.desk, now=world.now) == 0, "its next time is written down"
    assert feeding.queue_due(world.desk, now=world.now + timedelta(minutes=15)) == 1
    assert [j.kind for j in working.listing(world.cast.admin)] == [feeding.FETCH_JOB], "one that waits is the answer"
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    worker, waiter = workers(app, lambda: world.desk)
    worker._clock = waiter._clock = lambda: world.now
    assert not worker.step(), "whoever commits leaves the asking to the other one"
    assert waiter.step()
    assert not waiter.step(), "and the other one leaves the committing"
    assert worker.step()


def test_a_run_waits_until_the_rows_of_the_last_one_are_in(world: World) -> None:
    added(world)
    args = {"feed": "shop_orders", "asked": True}
    assert fetching.fetch(world.desk, args, now=world.now, progress=lambda _s, _w: None)["upload"]
    again = fetching.fetch(world.desk, args, now=world.now, progress=lambda _s, _w: None)
    assert again == {"skipped": "the rows of the last run are still being brought in"}


def test_a_paused_feed_runs_only_when_somebody_asks_and_a_resumed_one_by_its_schedule(world: World) -> None:
    added(world)
    paused = feeding.pause(world.cast.admin, world.desk, "shop_orders", now=world.now)
    assert (paused.state, paused.next_at) == ("paused", None)
    assert feeding.queue_due(world.desk, now=world.now + timedelta(days=9)) == 0
    assert fetching.fetch(world.desk, {"feed": "shop_orders"}, now=world.now,
                          progress=lambda _s, _w: None) == {"skipped": "it is gone or paused"}
    assert run(world).said == "10 rows: 10 new."
    assert feeding.get(world.cast.finance, "shop_orders").next_at is None
    resumed = feeding.resume(world.cast.admin, world.desk, "shop_orders", now=world.now)
    assert resumed.next_at == world.now + timedelta(minutes=15)


def test_only_admins_make_feeds_finance_runs_them_and_nobody_with_a_scope_sees_them(world: World) -> None:
    added(world)
    for who in (world.cast.analyst, world.cast.finance):
        with pytest.raises(Forbidden):
            feeding.add(who, world.desk, "mine", PLAN, now=world.now)
        assert feeding.listing(who)
    scoped = [replace(a, scope=parse_wheres(["region=EMEA"])) for a in (world.cast.finance, world.cast.admin)]
    for actor in scoped:
        for verb in (feeding.listing, lambda a: feeding.get(a, "shop_orders"),
                     lambda a: feeding.run(a, world.desk, "shop_orders", now=world.now),
                     lambda a: feeding.add(a, world.desk, "x", PLAN, now=world.now)):
            with pytest.raises(Forbidden):
                verb(actor)
        assert feeding.troubles(actor) == ()


@pytest.mark.parametrize(("plan", "error", "told"), [
    (replace(PLAN, connection="nowhere"), NotFound, "no connection 'nowhere'"),
    (replace(PLAN, mode="replace"), Invalid, "The mode is one of"),
    (replace(PLAN, key_columns=()), Invalid, "needs the key"),
    (replace(PLAN, dataset="My Orders"), Invalid, "dataset key"),
    (replace(PLAN, schedule="sometimes"), Invalid, "every 15 minutes"),
    (replace(PLAN, mapping={"colour": "red"}), Invalid, "colour"),
    (replace(PLAN, dataset="placed"), Conflict, "read from a warehouse"),
])
def test_what_cannot_be_a_feed_is_refused_in_words_and_leaves_nothing(
        world: World, plan: FeedPlan, error: type[AppError], told: str) -> None:
    placing.connect(world.cast.analyst, world.desk, "shop", "public.orders", "placed", now=world.now)
    with pytest.raises(error, match=told):
        added(world, plan)
    assert feeding.listing(world.cast.admin) == ()
    added(world)
    with pytest.raises(error, match=told):
        feeding.change(world.cast.admin, world.desk, "shop_orders", plan, now=world.now)
    assert feeding.get(world.cast.admin, "shop_orders").dataset == "orders"
    with pytest.raises(Conflict, match="a feed 'shop_orders' already"):
        added(world)
    with pytest.raises(Invalid, match="name of a feed"):
        added(world, key="Shop Orders")


def test_a_connection_with_feeds_stays_and_a_dataset_that_goes_pauses_them(world: World) -> None:
    added(world)
    run(world)
    with pytest.raises(Conflict, match="The feed shop_orders read"):
        connecting.remove(world.cast.admin, world.desk, "shop", now=world.now)
    datasets.delete(world.cast.admin, world.desk, "orders", now=world.now)
    found = feeding.get(world.cast.admin, "shop_orders")
    assert (found.state, found.next_at) == ("paused", None)
    assert "deleted" in found.trouble
    feeding.remove(world.cast.admin, world.desk, "shop_orders", now=world.now)
    with pytest.raises(NotFound):
        feeding.get(world.cast.admin, "shop_orders")
    connecting.remove(world.cast.admin, world.desk, "shop", now=world.now)


def test_the_sample_shows_the_first_rows_and_stores_nothing(world: World) -> None:
    names, rows = feeding.sample(world.cast.admin, world.desk, "shop", f"{SQL} ORDER BY 1 -- all;")
    assert names == ("order_id", "day", "region", "amount")
    assert (len(rows), rows[0]) == (10, ("00001", date(2026, 3, 2), "APAC", Decimal("1.25")))
    with pytest.raises(Refused, match="does not exist"):
        feeding.sample(world.cast.admin, world.desk, "shop", "SELECT * FROM nothing")
    with pytest.raises(Forbidden):
        feeding.sample(world.cast.analyst, world.desk, "shop", SQL)


def test_a_warehouse_that_is_away_is_told_without_its_secret(
        world: World, caplog: pytest.LogCaptureFixture) -> None:
    connecting.add(world.cast.admin, world.desk, "dead", "postgresql://reader:hunter2@127.0.0.1:9/shop", now=world.now)
    with caplog.at_level(logging.DEBUG):
        added(world, replace(PLAN, connection="dead"))
        found = run(world)
    assert found.trouble == "The warehouse dead cannot be reached: nobody listens at that address."
    seen = [repr(found), str(found.to_json()), *(r.getMessage() for r in caplog.records),
            *(str(x) for x in auditing.listing(world.cast.admin, limit=500)),
            *(str(j) for j in working.listing(world.cast.admin))]
    assert not [text for text in seen if "hunter2" in text]
    with pytest.raises(Unreachable):  # and the questions of cards are not held back by it
        connecting.line(world.desk, "dead").fetch("SELECT 1", timeout=1)


def test_d16_what_feeds_bring_counts_against_the_quota_of_the_dataset(world: World, url: str) -> None:
    few = World(replace(world.desk, system_files=1), world.cast)
    added(few)
    run(few)
    ask(url, "UPDATE orders SET amount = 7")
    assert "quota" in run(few).trouble
    assert run(few, hours=25).trouble == ""


def test_every_change_of_a_feed_is_a_line_of_the_trail(world: World) -> None:
    added(world)
    feeding.change(world.cast.admin, world.desk, "shop_orders", replace(PLAN, schedule="daily at 06:30"), now=world.now)
    feeding.pause(world.cast.admin, world.desk, "shop_orders", now=world.now)
    feeding.resume(world.cast.admin, world.desk, "shop_orders", now=world.now)
    feeding.run(world.cast.finance, world.desk, "shop_orders", now=world.now)
    feeding.remove(world.cast.admin, world.desk, "shop_orders", now=world.now)
    lines = [x for x in auditing.listing(world.cast.admin) if x.subject == "shop_orders"][::-1]
    assert [x.action for x in lines] == ["feed.add", "feed.change", "feed.pause", "feed.resume", "feed.run",
                                         "feed.remove"]
    assert (lines[1].before["schedule"], lines[1].after["schedule"]) == ("every 15 minutes", "daily at 06:30")
    assert lines[0].after["sql"] == SQL


def test_the_actor_of_a_feed_is_no_person() -> None:
    feed = fetching._Feed("a", "shop", "postgres", "orders", SQL, fetching.Mapping())
    assert isinstance(feed.actor, Actor)
    assert (feed.actor.id, feed.actor.via, feed.actor.scope) == (None, "feed", ())
