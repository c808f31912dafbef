"""Serving files: same answers as the vintages, exact partials, disposable, never read for another state."""
from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from dashapp.core.dataset import Column, RoleOf
from dashapp.core.rollup import (
    RollupSpec,
    day_table,
    expression,
    month_table,
    quoted,
    rollup_from_json,
    rollup_of,
)
from dashapp.facts.profile import Profile, profile_from_json
from dashapp.facts.serving import find_serving, read_serving
from tests.facts.ground import COLUMNS, Ground, checksum, order

PRODUCT = expression('CAST("revenue" AS DECIMAL(38,4)) * CAST("quantity" AS DECIMAL(18,4))', "DECIMAL(38,8)")
REGIONS = ["EMEA", "APAC", "N'A", None]


def some_orders(seed: int, count: int, first: date = date(2026, 1, 1)) -> list[dict[str, object]]:
    rng = random.Random(seed)
    return [order(f"o{rng.randrange(count)}", first + timedelta(rng.randrange(70)) if rng.random() < 0.98 else None,
                  rng.choice(REGIONS), None if rng.random() < 0.1 else f"{rng.randrange(-10**6, 10**6) / 100:.2f}",
                  None if rng.random() < 0.1 else rng.uniform(-5, 5), rng.choice(["c1", "c2", "c3", None]))
            for _ in range(count)]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    made.upload(some_orders(1, 400))
    made.upload(some_orders(2, 100))
    return made


def build(ground: Ground, **changes: object) -> RollupSpec:
    spec = replace(rollup_of(ground.dataset, [PRODUCT]), **changes)  # type: ignore[arg-type]
    return ground.ledger.build(ground.dataset, ground.vintages, spec).rollups


def test_a_serving_file_gives_the_answers_of_the_vintages(ground: Ground) -> None:
    plain, profile = checksum(ground.tables()), ground.tables().profile("orders")
    build(ground)
    served = ground.tables()
    assert set(served.rollups) == {"orders"}
    assert checksum(served) == plain
    assert served.profile("orders") == profile
    assert [(f.name, f.type) for f in served.fetch("SELECT * FROM orders").schema] == [
        (f.name, f.type) for f in Ground.tables(ground, ground.now).fetch("SELECT * FROM orders").schema]


def test_a_deleted_or_damaged_serving_file_changes_no_answer(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    build(ground)
    before = checksum(ground.tables())
    again = Ground(ground.root, ground.dataset, ground.vintages)
    path = find_serving(ground.root, ground.dataset, ground.vintages)
    assert path is not None
    path.write_bytes(b"not a database")
    assert checksum(again.tables()) == before
    assert "cannot be read" in caplog.text
    path.unlink()
    assert checksum(Ground(ground.root, ground.dataset, ground.vintages).tables()) == before
    assert checksum(ground.tables()) == before  # a handle that was open before still has what it opened


def test_rows_are_sorted_by_date_and_builds_repeat_exactly(ground: Ground) -> None:
    build(ground)
    first = ground.tables().fetch("SELECT * FROM orders").to_pylist()
    days = [r["day"] for r in first if r["day"]]
    assert days == sorted(days)
    path = find_serving(ground.root, ground.dataset, ground.vintages)
    assert path is not None
    path.unlink()
    build(ground)
    again = Ground(ground.root, ground.dataset, ground.vintages)
    assert again.tables().fetch("SELECT * FROM orders").to_pylist() == first


def test_partials_by_day_equal_plain_python(ground: Ground) -> None:
    spec = build(ground)
    tables = ground.tables()
    rows = tables.fetch("SELECT * FROM orders").to_pylist()
    day = tables.fetch("SELECT * FROM orders__day").to_pylist()
    assert spec.dimensions == ("region",)
    assert list(day[0]) == list(spec.day_schema())
    assert len(day) == len({(r["day"], r["region"]) for r in rows})
    for group in day:
        mine = [r for r in rows if (r["day"], r["region"]) == (group["day"], group["region"])]
        money = [r["revenue"] for r in mine if r["revenue"] is not None]
        units = [r["quantity"] for r in mine if r["quantity"] is not None]
        assert group["_rows"] == len(mine)
        assert group["revenue__sum"] == (sum(money) if money else None)
        assert (group["revenue__count"], group["quantity__count"]) == (len(money), len(units))
        assert group["revenue__min"] == min(money, default=None)
        assert group["quantity__max"] == max(units, default=None)
        if units:
            assert group["quantity__sum"] == pytest.approx(float(sum(map(Fraction, units))), rel=1e-15, abs=1e-15)


def test_partials_of_a_row_expression_are_exact(ground: Ground) -> None:
    spec = build(ground)
    found = spec.measure(PRODUCT.sql)
    assert found == PRODUCT
    tables = ground.tables()
    total = tables.fetch(f"SELECT sum({quoted(PRODUCT.sum)}) AS s FROM orders__day").to_pylist()[0]["s"]
    rows = tables.fetch('SELECT revenue, CAST(quantity AS DECIMAL(18,4)) AS q FROM orders').to_pylist()
    assert total == sum((r["revenue"] * r["q"] for r in rows if None not in r.values()), Decimal(0))


def test_months_of_entities_equal_plain_python(ground: Ground) -> None:
    spec = build(ground)
    rows = ground.tables().fetch("SELECT day, customer FROM orders").to_pylist()
    month = ground.tables().fetch("SELECT * FROM orders__month").to_pylist()
    assert list(month[0]) == list(spec.month_schema())
    days: dict[tuple[date, str], list[date]] = {}
    for r in rows:
        if r["day"] and r["customer"]:
            days.setdefault((r["day"].replace(day=1), r["customer"]), []).append(r["day"])
    assert {(m["_month"], m["customer"]): (m["_first"], m["_last"], m["_rows"]) for m in month} == {
        k: (min(v), max(v), len(v)) for k, v in days.items()}


def test_texts_of_few_values_compare_like_text(ground: Ground) -> None:
    build(ground)
    fetch = ground.tables().fetch
    assert fetch("SELECT * FROM orders WHERE region = 'nowhere' OR region IN ('a', 'b')").num_rows == 0
    total, there = (fetch(f"SELECT * FROM orders WHERE {w}").num_rows for w in ("true", "region IS NOT NULL"))
    assert fetch("SELECT * FROM orders WHERE region <> 'nowhere'").num_rows == there < total
    assert fetch("SELECT DISTINCT coalesce(region, '?') || '!' AS r FROM orders ORDER BY r").to_pylist() == [
        {"r": "?!"}, {"r": "APAC!"}, {"r": "EMEA!"}, {"r": "N'A!"}]
    assert fetch("SELECT min(region) AS a, max(region) AS z FROM orders WHERE region < 'MMM'").to_pylist() == [
        {"a": "APAC", "z": "EMEA"}]
    assert fetch("SELECT count(*) AS n FROM orders WHERE region = customer OR contains(region, '~')").to_pylist() == [
        {"n": 0}]
    assert str(fetch("SELECT region FROM orders").schema.field("region").type) == "string"


def test_a_file_of_another_state_is_never_read(ground: Ground) -> None:
    build(ground)
    other = Ground(ground.root, replace(ground.dataset, columns=COLUMNS[:3]), ground.vintages)
    assert not other.tables().rollups
    ground.upload(some_orders(3, 10))
    assert not ground.tables().rollups
    stranger = replace(ground.vintages[0], sha256="other")
    assert find_serving(ground.root, ground.dataset, (stranger, *ground.vintages[1:2])) is None


def test_the_last_two_files_are_kept_and_an_undo_finds_the_former(ground: Ground) -> None:
    build(ground)
    for seed in (5, 6):
        made = ground.upload(some_orders(seed, 10))
        build(ground)
    assert len(list((ground.root / "orders").glob("*.duckdb"))) == 2
    ground.switch(made.id, live=False)
    assert set(ground.tables().rollups) == {"orders"}


def test_a_new_wish_makes_a_new_file_and_the_same_wish_none(ground: Ground) -> None:
    build(ground)
    first = find_serving(ground.root, ground.dataset, ground.vintages)
    build(ground)
    assert find_serving(ground.root, ground.dataset, ground.vintages) == first
    assert ground.tables().rollups["orders"].measure(PRODUCT.sql)
    build(ground, measures=())
    assert find_serving(ground.root, ground.dataset, ground.vintages) != first
    assert ground.tables().rollups["orders"].measures == ()


@pytest.mark.parametrize("rows", [None, [], [order("a", None, None)]])
def test_empty_datasets_are_served_as_empty_tables(tmp_path: Path, rows: list[dict[str, object]] | None) -> None:
    ground = Ground(tmp_path)
    if rows is not None:
        ground.upload(rows)
        ground.upload([order("x", date(2026, 1, 1), "EMEA")])
        ground.switch("u2", live=False)
    spec = build(ground)
    tables = ground.tables()
    expected = Profile(rows=len(rows or ()), cardinality={"order_id": len(rows or ()), "region": 0, "customer": 0})
    assert tables.profile("orders") == expected
    assert tables.fetch("SELECT * FROM orders").num_rows == len(rows or ())
    assert tables.fetch("SELECT * FROM orders__day").column_names == list(spec.day_schema())
    assert tables.fetch("SELECT * FROM orders__month").num_rows == 0


def test_a_dataset_without_dates_has_no_rollups(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    columns = tuple(c for c in COLUMNS if c.role is not RoleOf.DATE)
    ground.dataset = replace(ground.dataset, kind="reference", columns=columns)
    ground.upload([order("b", None, "EMEA"), order("a", None, "APAC")], columns=columns)
    spec = build(ground)
    assert (spec.date, spec.day_schema(), spec.month_schema()) == (None, {}, {})
    assert [r["order_id"] for r in ground.tables().rows("orders").to_pylist()] == ["b", "a"]
    with pytest.raises(duckdb.CatalogException):
        ground.tables().fetch("SELECT * FROM orders__day")


def test_dimensions_of_many_values_are_left_out_of_the_day_table(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.dataset = replace(ground.dataset, columns=tuple(
        replace(c, role=RoleOf.DIMENSION) if c.key == "order_id" else c for c in COLUMNS))
    ground.upload([order(f"o{n}", date(2026, 1, 1), "EMEA") for n in range(300)])
    spec = build(ground)
    assert spec.dimensions == ("region",)
    assert spec.covers("day", "region")
    assert not spec.covers("order_id")


def test_columns_of_many_values_stay_text(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload([order(f"o{n:05}", date(2026, 1, 1)) for n in range(12_000)])
    build(ground)
    with duckdb.connect(str(find_serving(ground.root, ground.dataset, ground.vintages)), read_only=True) as connection:
        types = dict(connection.execute("SELECT column_name, column_type FROM (DESCRIBE rows)").fetchall())
    assert types["order_id"] == "VARCHAR"
    assert types["_sheet"].startswith("ENUM")
    assert ground.tables().profile("orders").cardinality["order_id"] == 12_000


def test_a_text_column_no_file_has_is_served_as_missing(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload([order("a", date(2026, 1, 1))])
    ground.dataset = replace(ground.dataset, columns=(*COLUMNS, Column("channel", "C", RoleOf.DIMENSION, "text")))
    assert build(ground).dimensions == ("region", "channel")
    assert ground.tables().fetch("SELECT channel FROM orders").to_pylist() == [{"channel": None}]


def test_what_a_file_says_about_itself_can_be_read_back(ground: Ground) -> None:
    build(ground)
    path = find_serving(ground.root, ground.dataset, ground.vintages)
    assert path is not None
    serving = read_serving(path)
    assert (serving.dataset, serving.version, serving.vintages) == ("orders", ground.dataset.version, ("u1", "u2"))
    assert rollup_from_json(serving.rollups.to_json()) == serving.rollups
    assert profile_from_json(serving.profile.to_json()) == serving.profile
    days = {r["day"] for r in ground.tables().rows("orders").to_pylist() if r["day"]}
    assert serving.profile.dates == len(days) == sum(serving.profile.weekdays.values())
    assert serving.profile.weekdays == {w: n for w in range(7) if (n := sum(d.weekday() == w for d in days))}
    assert (serving.profile.first, serving.profile.last) == (min(days), max(days))


def test_the_names_that_facts_and_query_share() -> None:
    assert (day_table("orders"), month_table("orders")) == ("orders__day", "orders__month")
    assert quoted('a"b') == '"a""b"'
    assert expression("a + b", "DOUBLE") == expression("a + b", "DOUBLE") != expression("a - b", "DOUBLE")
    assert (PRODUCT.sum_type, PRODUCT.is_exact) == ("DECIMAL(38,8)", True)
    plain = rollup_of(Ground(Path()).dataset).column("quantity")
    assert plain is not None
    assert (plain.sum_type, plain.is_exact, plain.min) == ("DOUBLE", False, "quantity__min")


def exact_sums(folder: Path, count: int) -> None:
    """Money and triple products of `count` rows, served and from the vintage, against Python's Decimal."""
    rng = random.Random(21)
    ground = Ground(folder)
    money = [Decimal(rng.randrange(1, 10**6)).scaleb(-4) for _ in range(count)]
    money[:3] = [Decimal("0.1"), Decimal("0.2"), Decimal("99999999999999.01")]
    units = [Decimal(rng.randrange(1, 100)) for _ in range(count)]
    triple = expression('CAST("revenue" AS DECIMAL(38,4)) * CAST("quantity" AS DECIMAL(18,2)) '
                        '* CAST("quantity" AS DECIMAL(18,2))', "DECIMAL(38,8)")
    start = date(2025, 1, 1)
    parquet.write_table(pa.table({
        "order_id": pa.array([None] * count, pa.string()),
        "day": pa.array([start + timedelta(n % 365) for n in range(count)], pa.date32()),
        "revenue": pa.array(money, pa.decimal128(18, 4)), "quantity": pa.array(map(float, units), pa.float64()),
        "_row": pa.array(range(2, count + 2), pa.int32())}), ground.ledger.staging("orders", "u1"))
    name, digest, rows = ground.ledger.seal("orders", "u1")
    ground.upload([], "append", key=())
    ground.vintages = (replace(ground.vintages[0], id="u1", filename=name, sha256=digest, rows=rows),)
    ask = f"SELECT sum(revenue) AS m, sum({triple.sql}) AS t, fsum(quantity) AS q FROM orders"
    expected = {"m": sum(money), "t": sum(m * u * u for m, u in zip(money, units, strict=True)), "q": float(sum(units))}
    assert ground.tables().fetch(ask).to_pylist() == [expected]
    ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset, [triple]))
    assert ground.tables().fetch(ask).to_pylist() == [expected]
    rolled = f"SELECT sum(revenue__sum) AS m, sum({triple.sum}) AS t, fsum(quantity__sum) AS q FROM orders__day"
    assert ground.tables().fetch(rolled).to_pylist() == [expected]


def test_e21_money_adds_up_exactly(tmp_path: Path) -> None:
    exact_sums(tmp_path, 50_000)


@pytest.mark.long
def test_e21_money_adds_up_exactly_over_a_million_rows(tmp_path: Path) -> None:
    exact_sums(tmp_path, 1_000_000)


def test_e21_compensated_sums_keep_what_plain_doubles_lose(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload([order(str(n), date(2026, 1, 1), None, None, q) for n, q in enumerate([1e15, 0.01] + [0.01] * 99)])
    build(ground)
    assert ground.tables().fetch("SELECT quantity__sum AS s FROM orders__day").to_pylist() == [{"s": 1e15 + 1}]


def test_an_expression_that_overflows_or_lost_its_column_is_left_out_and_the_rest_is_served(
        ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    narrow = expression('CAST("quantity" * 1e6 AS DECIMAL(5,0))', "DECIMAL(5,0)")
    orphan = expression('"gone" * 2', "DOUBLE")
    ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset, [narrow, orphan, PRODUCT]))
    spec = ground.tables().rollups["orders"]
    assert [m.sql for m in spec.measures] == ['"revenue"', '"quantity"', PRODUCT.sql]
    assert ground.tables().fetch("SELECT * FROM orders__day").column_names == list(spec.day_schema())
    assert "left out" in caplog.text
