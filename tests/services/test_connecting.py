"""Connections and the datasets read through them, from the URL to the card; PostgreSQL is the warehouse."""
from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import psycopg
import pytest

from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from dashapp.core.filters import Filters
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.where import parse_wheres
from dashapp.facts.engines import ENGINES, Refused, Unreachable
from dashapp.facts.engines import _pool as pool
from dashapp.services import (
    asking,
    auditing,
    bridging,
    choosing,
    connecting,
    datasets,
    defining,
    evidencing,
    exploring,
    joining,
    overviewing,
    placing,
    receiving,
)
from dashapp.services.scene import load_scene
from dashapp.services.sealing import seal, unseal
from models import AuditLine, ConnectionRow, db
from tests import postgres
from tests.services.world import ORDERS_MAPPING, World, orders, orders_csv

pytestmark = pytest.mark.postgres
_serial = count(1)
MARCH = DateRange(date(2026, 1, 1), date(2026, 3, 15))


@pytest.fixture(autouse=True)
def _hung_up(desk) -> Iterator[None]:
    yield
    desk.ledger.warehouses.close()


@pytest.fixture
def url(postgres_server) -> Iterator[str]:
    """A warehouse with ninety days of orders for two regions, a table of products and a view."""
    name = f"shop_{next(_serial)}"
    postgres.run(postgres_server, f"CREATE DATABASE {name}")
    found = postgres_server.format(name=name).replace("+psycopg", "")
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (id int, ordered_at timestamptz, region text, customer_id int, "
                           "sku text, amount numeric(12, 2), weight double precision)")
        connection.execute("INSERT INTO orders SELECT n, TIMESTAMPTZ '2025-12-16 12:00Z' + n % 90 * INTERVAL '1 day', "
                           "CASE WHEN n % 3 = 0 THEN 'EMEA' WHEN n % 3 = 1 THEN 'APAC' END, n % 11, 's' || n % 2, "
                           "n * 0.25, n / 8.0 FROM generate_series(0, 899) AS n")
        connection.execute("CREATE TABLE products (sku text, category text)")
        connection.execute("INSERT INTO products VALUES ('s0', 'Tea'), ('s1', 'Cake')")
        connection.execute("CREATE VIEW emea AS SELECT * FROM orders WHERE region = 'EMEA'")
    yield found
    postgres.run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def shop(cast, desk, now, url) -> str:
    """A connection and its orders as a dataset, looked at, with a KPI."""
    connecting.add(cast.admin, desk, "shop", url, now=now)
    placing.connect(cast.analyst, desk, "shop", "public.orders", "sales", now=now)
    placing.refresh(desk, "sales", now=now)
    defining.save(cast.analyst, desk, Kpi("turnover", "Turnover", "sum(sales.amount)"), now=now)
    return url


def ask(cast, desk, now, *keys, actor=None, **more):
    question = Question(keys or ("turnover",), Grain.MONTH, MARCH, **more)
    return asking.ask(actor or cast.admin, desk, question, now=now)


def test_a_table_is_asked_where_it_stands_and_gives_its_exact_sum(cast, desk, now, shop):
    (series,) = ask(cast, desk, now)
    with psycopg.connect(shop) as connection:
        want = connection.execute("SELECT sum(amount) FROM orders WHERE ordered_at >= '2026-01-01Z'").fetchone()[0]
    assert series.total.value == want
    assert [p.complete for p in series.points] == [True, True, False]
    assert series.data_through == date(2026, 3, 15)


def test_the_guess_knows_dates_people_ids_and_money(cast, desk, now, shop):
    found = {c.key: (c.role.value, c.type) for c in placing.offer(cast.analyst, desk, "shop", "public.orders").columns}
    assert found == {"id": ("id", "text"), "ordered_at": ("date", "date"), "region": ("dimension", "text"),
                     "customer_id": ("entity", "text"), "sku": ("id", "text"), "amount": ("measure", "money"),
                     "weight": ("measure", "number")}
    assert placing.tables(cast.analyst, desk, "shop") == ("public.emea", "public.orders", "public.products")


def test_what_a_warehouse_holds_is_not_told_to_people_with_a_data_scope(cast, desk, now, shop) -> None:
    scoped = replace(cast.analyst, scope=parse_wheres(["region = EMEA"]))
    for ask in (lambda: placing.tables(scoped, desk, "shop"),
                lambda: placing.offer(scoped, desk, "shop", "public.orders"),
                lambda: placing.connect(scoped, desk, "shop", "public.orders", "seen", now=now)):
        with pytest.raises(Forbidden, match="outside your data scope"):
            ask()
    assert "seen" not in load_scene().datasets


def test_a_view_is_a_dataset_too_and_looks_new_each_time(cast, desk, now, shop):
    placing.connect(cast.analyst, desk, "shop", "public.emea", "europe", now=now)
    first, again = (placing.refresh(desk, "europe", now=now) for _ in range(2))
    assert (first["rows"], again["version"]) == (300, first["version"] + 1)


def test_the_moment_of_a_row_is_a_date_of_the_organisation(cast, desk, now, url):
    tokyo = replace(desk, organisation=replace(desk.organisation, timezone="Asia/Tokyo"))
    connecting.add(cast.admin, tokyo, "shop", url, now=now)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE orders")
        connection.execute("INSERT INTO orders VALUES (1, '2026-02-28 15:30Z', 'EMEA', 1, 's', 5, 1)")
    placing.connect(cast.analyst, tokyo, "shop", "public.orders", "sales", now=now)
    placing.refresh(tokyo, "sales", now=now)
    assert datasets.get(cast.admin, tokyo, "sales", now=now).last == date(2026, 3, 1)


def test_a_data_scope_is_compiled_in(cast, desk, now, shop):
    scoped = replace(cast.executive, scope=parse_wheres(["region=EMEA"]))
    (series,) = ask(cast, desk, now, actor=scoped)
    with psycopg.connect(shop) as connection:
        want = connection.execute("SELECT sum(amount) FROM orders WHERE ordered_at >= '2026-01-01Z' "
                                  "AND region = 'EMEA'").fetchone()[0]
    assert series.total.value == want
    assert choosing.members(scoped, desk, "region", now=now, kpi="turnover") == ("EMEA",)


def test_only_groups_travel_however_many_rows_there_are(cast, desk, now, shop):
    ground = asking.ground_of(desk, asking.load_scene(), Question(("turnover",), Grain.MONTH, MARCH), now=now)
    plan = asking.plan_of(desk, ground, Question(("turnover",), Grain.MONTH, MARCH, ("region",)))
    (scan,) = plan.scans
    columns = ground.line("shop").fetch(scan.sql, timeout=10)
    assert len(columns["n"]) == 9  # three months by three regions, of 743 rows
    with psycopg.connect(shop) as connection:
        explained = connection.execute(f"EXPLAIN (FORMAT JSON) {scan.sql}").fetchone()[0][0]["Plan"]
    assert explained["Node Type"] in ("Aggregate", "Group")


def test_rows_are_shown_only_when_somebody_asks_for_them(cast, desk, now, shop):
    found = exploring.rows(cast.executive, desk, "turnover", "2026-02", now=now, limit=7)
    assert (len(found.rows), found.rows[0].file, found.rows[0].row) == (7, "shop: public.orders", None)
    told = exploring.explain(cast.executive, desk, "turnover", "2026-02", now=now)
    assert told.rows == found.total == 280
    assert [(o.upload, o.rows) for o in told.origins] == [("", 280)]
    assert "AT TIME ZONE 'UTC'" in told.statements[0][1]


def test_new_rows_count_after_the_next_look_and_not_before(cast, desk, now, shop):
    (before,) = ask(cast, desk, now)
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("INSERT INTO orders VALUES (999, '2026-03-01', 'EMEA', 1, 's', 1000, 1)")
        connection.execute("SELECT pg_stat_force_next_flush()")
    assert ask(cast, desk, now)[0].total.value == before.total.value
    placing.refresh(desk, "sales", now=now)
    assert ask(cast, desk, now)[0].total.value == before.total.value + 1000


def test_what_is_due_is_looked_at_by_the_minute_of_its_connection(cast, desk, now, shop):
    assert placing.queue_due(desk, now=now + timedelta(minutes=14)) == 0
    assert placing.queue_due(desk, now=now + timedelta(minutes=15)) == 1


def test_the_past_is_refused_with_a_reason(cast, desk, now, shop):
    (series,) = ask(cast, desk, now, as_of=now - timedelta(days=1))
    assert series.total.value is None
    assert series.total.reason == "sales is read live from shop, which keeps no earlier states: ask for now."


def test_rows_of_different_places_are_not_joined(cast, desk, now, shop, url):
    connecting.add(cast.admin, desk, "other", url, now=now)
    for where, key in (("other", "elsewhere"), ("shop", "here")):
        placing.connect(cast.analyst, desk, where, "public.products", key, now=now, kind="reference", key=("sku",))
    placing.connect(cast.analyst, desk, "shop", "public.orders", "joined", now=now,
                    joins={"sku": "elsewhere.sku"})
    placing.connect(cast.analyst, desk, "shop", "public.orders", "fine", now=now, joins={"sku": "here.sku"})
    placing.refresh(desk, "joined", now=now), placing.refresh(desk, "fine", now=now)
    for key in ("joined", "fine"):
        formula = f'sum({key}.amount, {key}.{"elsewhere" if key == "joined" else "here"}.category == "Tea")'
        defining.save(cast.analyst, desk, Kpi(f"tea_{key}", key, formula), now=now)
    refused, fine = ask(cast, desk, now, "tea_joined", "tea_fine")
    assert refused.total.reason == ("joined is in the warehouse shop and elsewhere is in the warehouse other: "
                                    "rows of different places cannot be joined.")
    assert fine.total.value > 0


def test_no_bridge_leads_to_a_past_that_nobody_kept(cast, desk, now, shop):
    with pytest.raises(Invalid, match="sales is read live from shop, which keeps no earlier states"):
        bridging.bridge(cast.executive, desk, "turnover", "2026-02", now - timedelta(days=1), now=now)
    assert bridging.no_past(cast.executive, "turnover")
    assert bridging.moved_since(cast.executive, desk, "turnover", "2026-02", now=now) is None
    assert bridging.moments(cast.executive, desk, "turnover", now=now) == ()


def test_rows_without_a_file_are_no_evidence(cast, desk, now, shop):
    with pytest.raises(Invalid, match="The rows of sales stay in the warehouse shop"):
        evidencing.workbook(cast.finance, desk, "turnover", "2026-02", now=now)


def test_rows_of_a_file_are_not_joined_to_a_list_over_there(cast, desk, now, shop):
    placing.connect(cast.analyst, desk, "shop", "public.products", "products", now=now, kind="reference", key=("sku",))
    world, data = World(desk, cast, now), orders_csv(orders(20))
    assert "products.sku" not in joining.targets(cast.finance, "orders")
    with pytest.raises(Invalid, match="leads to products, which is read in the warehouse shop"):
        world.check(data, "orders.csv", "orders", {**ORDERS_MAPPING, "joins": {"sku": "products.sku"}})
    assert world.check(data, "again.csv", "orders", ORDERS_MAPPING).suggestions == ()


def test_a_screen_waits_a_moment_and_finds_the_answer_when_it_asks_again(cast, desk, now, shop, monkeypatch):
    line = connecting.line(desk, "shop")
    gate, asked, fetch = threading.Event(), [], line.warehouse.fetch

    def slow(sql, **more):
        asked.append(sql)
        assert gate.wait(30)
        return fetch(sql, **more)

    monkeypatch.setattr(line.warehouse, "fetch", slow)
    for _ in range(2):
        view = overviewing.overview(cast.admin, desk.in_a_hurry(0), Filters(), now=now)
        card = next(c for c in view.cards if c.kpi.key == "turnover")
        assert (view.is_awaited, card.reason) == (True, "The warehouse shop is still being asked.")
    gate.set()
    view = overviewing.overview(cast.admin, desk.in_a_hurry(30), Filters(), now=now)
    assert not view.is_awaited
    assert next(c for c in view.cards if c.kpi.key == "turnover").value is not None
    assert len(asked) == len(set(asked)), "the answer to the first question was waited for, none was asked twice"


class Dead:
    """A warehouse that never answers, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def fetch(self, sql, *, timeout, most=0):
        self.asked += 1
        raise Unreachable(f"did not answer within {timeout:g} s.")


def test_a_dead_warehouse_says_so_on_its_own_cards_and_is_asked_once(cast, desk, now, shop, monkeypatch):
    World(desk, cast, now).bring(orders_csv(orders(200)), "orders.csv", "orders", ORDERS_MAPPING)
    dead = Dead()
    monkeypatch.setattr(connecting.line(desk, "shop"), "warehouse", dead)
    for key in "abc":
        defining.save(cast.analyst, desk, Kpi(key, key, "sum(sales.weight)"), now=now)
    cards = {c.kpi.key: c for c in overviewing.overview(cast.admin, desk, Filters(), now=now).cards}
    assert {cards[k].reason for k in ("turnover", *"abc")} == {"The warehouse shop did not answer within 10 s."}
    assert dead.asked == 1
    assert [k for k, c in cards.items() if c.value is not None], "cards of uploaded data show"


def test_a_warehouse_that_is_back_is_believed(cast, desk, now, shop, monkeypatch):
    line = connecting.line(desk, "shop")
    alive, clock = line.warehouse, [0.0]
    monkeypatch.setattr(line, "breaker", pool.Breaker(clock=lambda: clock[0]))
    monkeypatch.setattr(line, "warehouse", Dead())
    assert ask(cast, desk, now)[0].is_partial
    monkeypatch.setattr(line, "warehouse", alive)
    assert ask(cast, desk, now)[0].is_partial, "nobody asks for a while"
    clock[0] = 16
    assert ask(cast, desk, now)[0].total.value is not None, "and what was not answered was not kept"


def test_a_secret_is_nowhere_but_sealed_in_its_row(cast, desk, now, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "hunter2-correct-horse"
    url = f"postgresql://reader:{secret}@127.0.0.1:9/shop"
    connecting.add(cast.admin, desk, "shop", url, now=now)
    told = connecting.test(cast.admin, desk, "shop", now=now)
    connecting.rotate(cast.admin, desk, "shop", f"{url}?sslmode=require", now=now)
    with pytest.raises(Unreachable) as error:
        placing.tables(cast.analyst, desk, "shop")
    row = db.session.query(ConnectionRow).one()
    trail = [(x.before, x.after, x.subject) for x in db.session.query(AuditLine)]
    seen = repr((told, connecting.listing(cast.admin), trail, error.value.message, row.sealed, row.trouble))
    seen += caplog.text
    assert told.trouble == "cannot be reached: nobody listens at that address."
    assert secret not in seen
    assert unseal(desk.secret, "connection shop", row.sealed) == f"{url}?sslmode=require"
    assert auditing.verify_chain(cast.admin).is_whole


def test_another_secret_key_opens_nothing():
    sealed = seal(b"one key of an installation", "connection shop", "postgresql://x")
    for key, purpose in ((b"another key", "connection shop"), (b"one key of an installation", "connection other")):
        with pytest.raises(Conflict, match="another SECRET_KEY"):
            unseal(key, purpose, sealed)


@pytest.mark.parametrize("url", [
    "file:///etc/passwd", "http://169.254.169.254/latest", "sqlite:///x.db", "", "postgresql", "postgresql://host",
    "postgresql://u:p@h/db?service=x", "postgresql://u:p@h/db?passfile=/etc/shadow", "postgresql://h/d?sslkey=/k",
    "postgresql://[::1/x"])
def test_only_addresses_of_warehouses_are_taken(cast, desk, now, url):
    with pytest.raises(Invalid):
        connecting.add(cast.admin, desk, "shop", url, now=now)


def test_who_may_do_what(cast, desk, now):
    for actor in (cast.executive, cast.finance, cast.analyst):
        with pytest.raises(Forbidden):
            connecting.add(actor, desk, "shop", "postgresql://h/d", now=now)
    with pytest.raises(Forbidden):
        placing.connect(cast.finance, desk, "shop", "t", "d", now=now)
    with pytest.raises(NotFound):
        placing.connect(cast.analyst, desk, "shop", "t", "d", now=now)


def test_a_connection_in_use_stays_and_files_go_elsewhere(cast, desk, now, shop):
    from io import BytesIO

    with pytest.raises(Conflict, match="sales is read through shop"):
        connecting.remove(cast.admin, desk, "shop", now=now)
    with pytest.raises(Conflict, match="read from a warehouse"):
        receiving.receive(cast.finance, desk, BytesIO(b"a,b\n1,2\n"), "x.csv", "sales", now=now)
    datasets.delete(cast.admin, desk, "sales", now=now)
    connecting.remove(cast.admin, desk, "shop", now=now)
    assert connecting.listing(cast.admin) == ()


def test_nothing_can_be_written_through_a_connection(cast, desk, now, shop):
    line = connecting.line(desk, "shop")
    for sql in ("DELETE FROM orders RETURNING id", "CREATE TABLE x (a int)",
                "SELECT set_config('transaction_read_only', 'off', true); DELETE FROM orders"):
        with pytest.raises(Refused):
            line.fetch(sql, timeout=5)
    assert line.fetch("SELECT count(*) AS n FROM orders", timeout=5) == {"n": [900]}


def test_a_slow_statement_is_cancelled_over_there(cast, desk, now, shop):
    line = connecting.line(desk, "shop")
    with pytest.raises(Unreachable, match=r"The warehouse shop did not answer within 0\.3 s"):
        line.fetch("SELECT pg_sleep(600)", timeout=0.3)
    with psycopg.connect(shop) as connection:
        busy = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' "
                                  "AND state = 'active' AND pid <> pg_backend_pid()").fetchone()
    assert busy == (0,)


def test_an_answer_of_too_many_groups_is_refused(cast, desk, now, shop):
    with pytest.raises(Refused, match="more than 10 groups"):
        connecting.line(desk, "shop").fetch("SELECT id FROM orders", timeout=5, most=10)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.name)
def test_the_example_of_every_engine_is_a_url_it_takes(engine):
    engine.check(engine.example)
    assert engine.example.startswith(f"{engine.schemes[0]}://")


def test_money_beyond_four_decimals_is_compared_with_all_of_them(cast, desk, now, shop):
    defining.save(cast.analyst, desk, Kpi("big", "big", "count(sales, sales.amount > 0.2499)"), now=now)
    assert ask(cast, desk, now, "big")[0].total.value > 0
    assert isinstance(ask(cast, desk, now)[0].total.value, Decimal)
