"""Handles: many threads, versions that go away, limits of time, memory and reach."""
from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from dashapp.core.errors import Invalid, Unavailable
from dashapp.core.rollup import rollup_of
from dashapp.facts import ledger as ledger_module
from dashapp.facts import source as source_module
from dashapp.facts.ledger import OPEN_HANDLES, Ledger
from dashapp.facts.tables import TableAt
from tests.facts.ground import Ground, checksum, order

DAY = date(2026, 3, 1)


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    made.upload([order(f"o{n}", DAY + timedelta(n % 9), "EMEA" if n % 2 else "APAC", f"{n}") for n in range(500)])
    return made


def build(ground: Ground) -> None:
    ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))


def test_one_handle_serves_eight_threads(ground: Ground) -> None:
    build(ground)
    handle = ground.tables()

    def ask(n: int) -> list[object]:
        return handle.fetch(f"SELECT {n} AS n, count(*) AS c, sum(revenue) AS s FROM orders", timeout=60).to_pylist()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(200)))
    assert [(a[0]["n"], a[0]["c"], a[0]["s"]) for a in answers] == [  # type: ignore[index]
        (n, 500, sum(range(500))) for n in range(200)]


def test_readers_see_old_or_new_while_versions_are_published_and_deleted(ground: Ground) -> None:
    build(ground)
    states, stop, reader = [TableAt(ground.dataset, ground.vintages)], threading.Event(), Ledger(ground.root)
    seen: set[int] = set()

    def read() -> None:
        while not stop.is_set():
            found = reader.tables([states[-1]]).fetch("SELECT count(*) AS n FROM orders").to_pylist()[0]["n"]
            seen.add(found)

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        for n in range(5):
            ground.upload([order(f"new{n}", DAY)])
            build(ground)
            states.append(TableAt(ground.dataset, ground.vintages))
        stop.set()
    for done in readers:
        done.result()
    assert seen <= set(range(500, 506))


def test_a_handle_is_kept_by_state_and_found_for_fewer_datasets(ground: Ground) -> None:
    other = replace(ground.dataset, key="catalogue")
    both = ground.ledger.tables([TableAt(ground.dataset, ground.vintages), TableAt(other, ())])
    assert ground.tables() is both
    assert ground.tables(ground.now) is both
    assert ground.tables(ground.now - timedelta(days=1)) is not both
    build(ground)
    assert ground.tables() is not both


def test_only_so_many_handles_stay_open(ground: Ground) -> None:
    first = ground.tables()
    for n in range(OPEN_HANDLES):
        ground.ledger.tables([TableAt(replace(ground.dataset, key=f"d{n}"), ())])
    assert ground.tables() is not first
    assert first.fetch("SELECT count(*) AS n FROM orders").to_pylist() == [{"n": 500}]


def test_a_dataset_is_shown_at_one_moment_only(ground: Ground) -> None:
    now = TableAt(ground.dataset, ground.vintages)
    with pytest.raises(ValueError, match="one moment"):
        ground.ledger.tables([now, TableAt(ground.dataset, ground.vintages, ground.now)])


def test_two_datasets_can_be_joined_at_the_same_moment(ground: Ground) -> None:
    build(ground)
    other = Ground(ground.root, replace(ground.dataset, key="catalogue"))
    other.upload([order("o1", DAY, "Toys")])
    moment = max(ground.now, other.now)
    for at in (None, moment):
        handle = ground.ledger.tables([TableAt(ground.dataset, ground.vintages, at),
                                       TableAt(other.dataset, other.vintages, at)])
        assert handle.fetch("SELECT o.revenue AS r, c.region AS c FROM orders AS o JOIN catalogue AS c "
                            "USING (order_id)").to_pylist() == [{"r": 1, "c": "Toys"}]


def test_a_question_that_takes_too_long_is_stopped_and_the_handle_lives_on(ground: Ground) -> None:
    handle = ground.tables()
    with pytest.raises(Unavailable, match="longer than"):
        handle.fetch("SELECT count(*) FROM range(10000000) AS a, range(10000000) AS b WHERE a.range + b.range = 7",
                     timeout=0.05)
    assert handle.fetch("SELECT 1 AS x", timeout=60).to_pylist() == [{"x": 1}]


def test_a_question_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    handle = Ledger(tmp_path, memory_limit="50MB", threads=1).tables([])
    with pytest.raises(Unavailable, match="memory"):
        handle.fetch("SELECT count(*) FROM (SELECT DISTINCT i || 'x' FROM range(20000000) AS t(i))")


@pytest.mark.parametrize("served", [True, False])
def test_the_engine_reaches_nothing_but_its_own_files(ground: Ground, tmp_path: Path, served: bool,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "SMALL", 0)
    if served:
        build(ground)
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    handle = ground.tables()
    assert handle.fetch("SELECT count(*) AS n FROM orders").to_pylist() == [{"n": 500}]
    for sql in (f"SELECT * FROM read_csv('{secret}')", f"ATTACH '{tmp_path}/x.duckdb' AS x", "SET threads = 8",
                f"COPY (SELECT 1) TO '{tmp_path}/out.csv'", "INSTALL httpfs", "SET enable_external_access = true"):
        with pytest.raises(duckdb.Error):
            handle.fetch(sql)


@pytest.mark.parametrize("small", [0, 10**6])
@pytest.mark.parametrize("served", [True, False])
def test_rows_can_be_followed_to_their_source(ground: Ground, monkeypatch: pytest.MonkeyPatch, small: int,
                                              served: bool) -> None:
    monkeypatch.setattr(source_module, "SMALL", small)
    ground.upload([order("o7", DAY, "NA", "7.5")])
    if served:
        build(ground)
    handle = ground.tables()
    assert handle.rows("orders", "\"order_id\" IN ('o7', 'o8')").to_pylist() == [
        {**order("o7", DAY, "NA", "7.5"), "_vintage": "u2", "_sheet": "Sheet1", "_row": 2},
        {**order("o8", DAY + timedelta(8), "APAC", "8"), "_vintage": "u1", "_sheet": "Sheet1", "_row": 10}]
    page = handle.rows("orders", limit=3, offset=498).to_pylist()
    assert len(page) == 2
    everything = handle.rows("orders").to_pylist()
    assert [r["day"] for r in everything] == sorted(r["day"] for r in everything)
    assert page == everything[498:]
    assert handle.vintages("orders") == ("u1", "u2")


def test_large_pasts_are_read_in_place_with_equal_answers(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.upload([order("o7", DAY, "NA", "7.5")])
    copied = checksum(ground.tables())
    monkeypatch.setattr(source_module, "SMALL", 0)
    assert checksum(Ground(ground.root, ground.dataset, ground.vintages).tables()) == copied
    profile = Ground(ground.root, ground.dataset, ground.vintages).ledger.profile(ground.dataset, ground.vintages)
    assert profile == ground.ledger.profile(ground.dataset, ground.vintages)


def test_a_profile_is_read_from_the_serving_file_and_kept_by_state(ground: Ground) -> None:
    moment = ground.now
    plain = ground.ledger.profile(ground.dataset, ground.vintages)
    build(ground)
    other = Ledger(ground.root)
    found = other.profile(ground.dataset, ground.vintages)
    assert found == plain
    assert other.profile(ground.dataset, ground.vintages, moment) is found
    ground.upload([order("late", DAY + timedelta(30))])
    assert other.profile(ground.dataset, ground.vintages).last == DAY + timedelta(30)
    assert other.profile(ground.dataset, ground.vintages, moment) is found


def test_a_profile_survives_a_damaged_serving_file(ground: Ground) -> None:
    plain = ground.ledger.profile(ground.dataset, ground.vintages)
    build(ground)
    for path in (ground.root / "orders").glob("*.duckdb"):
        path.write_bytes(b"junk")
    assert Ledger(ground.root).profile(ground.dataset, ground.vintages) == plain


def test_only_so_many_profiles_are_kept(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "KEPT_PROFILES", 1)
    first = ground.ledger.profile(ground.dataset, ground.vintages)
    ground.ledger.profile(ground.dataset, ())
    again = ground.ledger.profile(ground.dataset, ground.vintages)
    assert again == first


def test_a_number_beyond_38_digits_is_said_as_such_and_the_handle_goes_on(tmp_path):
    tables = Ledger(tmp_path).tables([])
    with pytest.raises(Invalid, match="38 digits"):
        tables.fetch("SELECT CAST(repeat('9', 38) AS DECIMAL(38,0)) * 10::DECIMAL(38,0)")
    assert tables.fetch("SELECT 1 AS one").column("one").to_pylist() == [1]
