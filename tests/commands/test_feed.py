"""Feeds at the terminal: added, listed, run by a worker, paused and removed."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import postgres

pytestmark = pytest.mark.postgres


@pytest.fixture
def shop(postgres_server: str, installed: Path, tmp_path: Path, say) -> Iterator[Path]:
    """A connection to a warehouse with two orders; the file of the statement."""
    postgres.run(postgres_server, "CREATE DATABASE cli_feeds")
    url = postgres_server.format(name="cli_feeds").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders AS SELECT n AS order_id, DATE '2026-03-01' + n AS day, "
                           "n * 2.5 AS amount FROM generate_series(1, 2) AS n")
    (tmp_path / "url").write_text(url)
    (tmp_path / "orders.sql").write_text("SELECT order_id, day, amount FROM orders;\n")
    assert say("connection", "add", "shop", "--url-file", str(tmp_path / "url")).code == 0
    yield tmp_path / "orders.sql"
    postgres.run(postgres_server, "DROP DATABASE cli_feeds WITH (FORCE)")


def add(say, sql: Path, verb: str = "add", schedule: str = "daily at 6:30", *more: str):
    return say("feed", verb, "shop_orders", "--connection", "shop", "--dataset", "orders", "--sql-file", str(sql),
               "--schedule", schedule, "--mode", "upsert", "--key", "order_id", *more)


def test_a_feed_is_added_listed_changed_paused_run_and_removed(shop: Path, say) -> None:
    assert add(say, shop).out == "The feed shop_orders brings rows of shop into orders daily at 06:30.\n"
    assert add(say, shop).code == 1, "it is there already"
    assert "waiting" in say("feed", "list").out
    assert add(say, shop, "change", "every 2 hours").out.endswith("into orders every 2 hours.\n")
    assert say("feed", "pause", "shop_orders").out == "The feed shop_orders is paused.\n"
    assert "paused" in say("feed", "list").out
    assert say("feed", "run", "shop_orders").out == "The feed shop_orders runs now.\n"
    (found,) = json.loads(say("feed", "list", "--json").out)
    assert {k: found[k] for k in ("sql", "mode", "key_columns", "state", "schedule")} == {
        "sql": "SELECT order_id, day, amount FROM orders", "mode": "upsert", "key_columns": ["order_id"],
        "state": "running", "schedule": "every 2 hours"}
    assert say("feed", "resume", "shop_orders").code == 0
    assert say("connection", "remove", "shop").code == 1
    assert say("feed", "remove", "shop_orders").out == "The feed shop_orders is removed.\n"
    assert say("feed", "list").out.strip() == ""


@pytest.mark.parametrize(("sql", "told"), [("DROP TABLE orders", "is a SELECT"), ("SELECT 1; SELECT 2", "several")])
def test_a_statement_that_does_more_than_read_is_wrong_use(shop: Path, say, sql: str, told: str) -> None:
    shop.write_text(sql)
    found = add(say, shop)
    assert (found.code, told in found.err) == (2, True)
    found = add(say, shop, "add", "now and then")
    assert found.code == 2
