"""The list of feeds, the trouble of those that do not work, and the form of one."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from dashapp.core.feed import FeedView, schedule_of
from dashapp.core.words import Words
from dashapp.ui.feeds import feed_form, feed_list, feed_troubles, sample_table
from tests.ui.tree import nodes, of_type, sent, text

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
WORDS = Words()
FEED = FeedView("shop_orders", "shop", "orders", "SELECT 1 AS a", schedule_of("daily at 06:30"), "upsert",
                ("order_id",), {}, True, NOW, "admin@example.org", NOW, NOW, NOW, "a" * 32, "10 rows: 10 new.", "", 0)
BAD = replace(FEED, key="bad", trouble="The warehouse shop did not answer within 120 s.", failures=3)


def verbs(shown) -> list[str]:
    return [n["props"]["id"]["part"] for n in nodes(sent(shown)) if isinstance(n["props"].get("id"), dict)]


def test_a_feed_tells_what_it_does_what_it_did_and_when_it_runs() -> None:
    shown = feed_list([FEED], WORDS, is_admin=False)
    for said in ("shop_orders", "Works", "10 rows: 10 new.", "orders", "upsert by order_id", "shop", "daily at 06:30",
                 "SELECT 1 AS a", "Mar 16, 2026"):
        assert said in text(shown), said
    assert verbs(shown) == ["feed-run"]


def test_verbs_of_admins_follow_the_state() -> None:
    assert verbs(feed_list([FEED], WORDS, is_admin=True)) == ["feed-run", "feed-edit", "feed-pause", "feed-remove"]
    paused = replace(FEED, enabled=False, next_at=None)
    assert verbs(feed_list([paused], WORDS, is_admin=True)) == ["feed-run", "feed-edit", "feed-resume", "feed-remove"]
    running = feed_list([replace(FEED, is_running=True)], WORDS, is_admin=False)
    assert of_type(running, "Button")[0]["disabled"] is True


def test_every_state_has_a_word_of_its_own() -> None:
    states = [FEED, BAD, replace(FEED, enabled=False), replace(FEED, worked_at=None), replace(FEED, is_running=True)]
    assert [f.state for f in states] == ["works", "trouble", "paused", "waiting", "running"]
    words = [next(w for w in ("Works", "Trouble", "Paused", "First run to come", "Running")
                  if w in text(feed_list([f], WORDS, is_admin=False))) for f in states]
    assert len(set(words)) == 5


def test_trouble_is_told_with_how_often_and_since_when() -> None:
    shown = text(feed_list([BAD], WORDS, is_admin=False))
    assert "did not answer within 120 s. 3 times in a row." in shown
    told = feed_troubles([BAD], WORDS)
    assert "1 feed does not work:" in text(told)
    assert "bad into orders: The warehouse shop did not answer" in text(told)
    assert "It worked last on Mar 16, 2026" in text(told)
    assert "It never worked yet." in text(feed_troubles([replace(BAD, worked_at=None)], WORDS))
    assert feed_troubles([], WORDS) is None


def test_without_feeds_the_page_says_what_one_is() -> None:
    assert "No feeds yet" in text(feed_list([], WORDS, is_admin=True))


def test_the_form_is_filled_with_the_feed_and_its_name_stays() -> None:
    fresh, filled = feed_form(["shop"]), feed_form(["shop"], FEED)
    assert "Add a feed" in text(fresh)
    assert "Change shop_orders" in text(filled)
    values = {n["props"]["id"]: n["props"].get("value") for n in nodes(sent(filled))
              if isinstance(n["props"].get("id"), str) and n["props"]["id"].startswith("feed-")}
    assert {k: values[k] for k in ("feed-key", "feed-connection", "feed-sql", "feed-dataset", "feed-mode",
                                   "feed-columns", "feed-schedule")} == {
        "feed-key": "shop_orders", "feed-connection": "shop", "feed-sql": "SELECT 1 AS a", "feed-dataset": "orders",
        "feed-mode": "upsert", "feed-columns": "order_id", "feed-schedule": "daily at 06:30"}
    (key,) = [n["props"] for n in nodes(sent(filled)) if n["props"].get("id") == "feed-key"]
    assert key["disabled"] is True


def test_a_sample_is_a_table_of_its_first_rows() -> None:
    shown = sample_table(("a", "b"), [("1", "x"), ("2", "y")])
    assert "The first 2 rows:" in text(shown)
    assert "gives no rows" in text(sample_table(("a",), []))
