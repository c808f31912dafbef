"""Joins and slices are chosen, checked against what is there, kept for the next file and taken away again."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from dashapp.core.errors import Forbidden, Invalid
from dashapp.core.join import found_words, missing_words
from dashapp.core.words import Words
from dashapp.services import checking, joining, uploads
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, World, orders, orders_csv, scoped

ROWS = orders(60)
CATALOGUE = [(f"S{n}", "Tools" if n < 2 else "Toys") for n in range(5)]
HEADER = ("date", "region", "revenue")
MARCH = [(f"2026-03-{day:02d}", region, 10) for day in range(1, 32) for region in ("EMEA", "APAC", "AMER")]
REPLACE: dict[str, Any] = {"mode": "replace-period", "key": [], "grain": "month", "kind": "facts"}


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    found = World(desk, cast)
    found.bring(csv_bytes(("sku_id", "category"), CATALOGUE), "catalogue.csv", "catalogue")
    return found


def _look(world: World, data: bytes, name: str = "o.csv", dataset: str = "orders") -> Any:
    upload = world.receive(data, name, dataset)
    return checking.inspect(world.cast.finance, world.desk, upload, now=world.now)


def test_only_lists_with_one_text_key_can_be_joined_to(world: World) -> None:
    world.bring(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING)
    names = [("S1", "de", "Eins"), ("S1", "en", "One"), ("S2", "de", "Zwei")]
    world.bring(csv_bytes(("sku_id", "lang", "name"), names), "n.csv", "names",
                {"kind": "reference", "key": ["sku_id", "lang"], "mode": "upsert"})
    assert joining.targets(world.cast.finance, "orders") == ("catalogue.sku_id",)
    assert joining.targets(world.cast.finance, "catalogue") == (), "nothing is joined to itself"
    with pytest.raises(Forbidden):
        joining.targets(world.cast.executive, "orders")


def test_a_join_is_suggested_where_header_and_values_fit_and_nothing_is_joined_by_that(world: World) -> None:
    found = _look(world, orders_csv(ROWS))
    (hint,) = found.suggestions
    assert (hint.column, hint.target, hint.rows, hint.matched) == ("sku", "catalogue.sku_id", 5, 5)
    assert found.mapping.joins == {}
    checked = world.check(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING)
    assert [(h.column, h.target, h.rows, h.matched) for h in checked.suggestions] == [
        ("sku", "catalogue.sku_id", 60, 60)]
    world.commit(checked)
    assert (checked.joins, load_scene().datasets["orders"].joins) == ((), ())


@pytest.mark.parametrize(("known", "is_hinted"), [(8, True), (7, False)])
def test_four_fifths_of_the_values_are_enough(world: World, known: int, is_hinted: bool) -> None:
    world.bring(csv_bytes(("product_id", "kind"), [(f"P{n}", "x") for n in range(known)]), "p.csv", "products")
    rows = [(f"2026-01-{n + 1:02d}", f"P{n}", 1) for n in range(10)]
    found = _look(world, csv_bytes(("date", "product", "revenue"), rows), dataset="sales")
    assert [s.matched for s in found.suggestions] == ([known] if is_hinted else [])
    other = _look(world, csv_bytes(("date", "shelf", "revenue"), [(d, f"P{n}", 1) for n, (d, _, _) in enumerate(rows)]),
                  dataset="sales")
    assert other.suggestions == (), "values alone are no reason"


def test_the_check_tells_how_many_rows_find_their_row_and_which_keys_do_not(world: World) -> None:
    rows = [replace(r, sku=f"X{n}" if n < 12 else "" if n < 14 else r.sku) for n, r in enumerate(ROWS)]
    rows[20] = replace(rows[20], sku="X3")
    checked = world.check(orders_csv(rows), "o.csv", "orders", {**ORDERS_MAPPING, "joins": {"sku": "catalogue.sku_id"}})
    (match,) = checked.joins
    known = {sku for sku, _ in CATALOGUE}
    missing = [r.sku for r in rows if r.sku not in known]
    assert (match.rows, match.matched, match.distinct) == (60, 60 - len(missing), len(set(missing)))
    assert set(match.missing[:2]) == {"X3", ""}, "the most frequent first"
    assert len(match.missing) == 10
    assert found_words(match, Words()) == "75.0% of 60 rows find their row in catalogue."
    assert missing_words(match, Words()).endswith(" and 3 more.")
    assert checked.suggestions == ()


def test_a_share_is_never_rounded_up_to_all_nor_down_to_none(world: World) -> None:
    match = joining.JoinMatch("sku", "catalogue.sku_id", 10_000, 9_999, ("X",), 1)
    assert found_words(match, Words()).startswith("99.9% of 10,000 rows")
    assert found_words(replace(match, matched=1), Words()).startswith("0.1% of")
    assert found_words(replace(match, matched=10_000), Words()).startswith("100.0% of")
    assert found_words(replace(match, matched=0), Words()).startswith("0% of")
    assert "not there yet" in found_words(replace(match, is_there=False), Words())


def test_a_join_to_what_is_not_there_yet_is_told_and_to_another_type_refused(world: World) -> None:
    checked = world.check(orders_csv(ROWS), "o.csv", "orders", {**ORDERS_MAPPING, "joins": {"region": "regions.code"}})
    assert [j.is_there for j in checked.joins] == [False]
    with pytest.raises(Invalid, match="compares money with text"):
        world.check(orders_csv(ROWS[:9]), "o2.csv", "orders",
                    {**ORDERS_MAPPING, "joins": {"price": "catalogue.sku_id"}})


def test_a_join_is_kept_for_the_next_file_and_taken_away_by_saying_so(world: World) -> None:
    world.bring(orders_csv(ROWS), "o.csv", "orders", {**ORDERS_MAPPING, "joins": {"sku": "catalogue.sku_id"}})
    total = sum(r.revenue for r in ROWS if r.sku in ("S0", "S1"))
    assert world.total("revenue", where=("category=Tools",)) == total
    more = orders(4, prefix="N")
    found = _look(world, orders_csv(more))
    assert found.mapping.joins == {"sku": "catalogue.sku_id"}
    checked = world.check(orders_csv(more), "o2.csv", "orders")
    assert [j.target for j in checked.joins] == ["catalogue.sku_id"]
    world.commit(checked)
    last = world.bring(orders_csv(orders(3, prefix="M")), "o3.csv", "orders", {"joins": {"sku": None}})
    assert last.is_live
    assert load_scene().datasets["orders"].joins == ()
    again = _look(world, orders_csv(orders(2, prefix="L")))
    assert again.mapping.joins == {"sku": ""}, "what was declined is not proposed as chosen again"


def test_a_slice_keeps_the_other_regions_and_is_kept_for_the_next_file(world: World) -> None:
    world.bring(csv_bytes(HEADER, MARCH), "m.csv", "months", {**REPLACE, "slice": ["region"]})
    fix = csv_bytes(HEADER, [("2026-03-02", "EMEA", 5), ("2026-03-09", "APAC", 6)])
    looked = _look(world, fix, "fix.csv", "months")
    assert looked.mapping.slice == ("region",)
    regions = next(c for c in looked.columns if c.key == "region")
    assert (regions.values, regions.distinct) == (("EMEA", "APAC"), 2)
    checked = world.dry_run(_upload_of(world, fix))
    assert checked.effect["replaced"] == {"span": ["2026-03-01", "2026-03-31"], "slices": {"region": ["APAC", "EMEA"]}}
    assert (checked.effect["rows"], checked.effect["hidden"], checked.effect["vanishing"]) == (2, 62, 62)
    world.commit(checked)
    assert world.total("revenue") == 5 + 6 + 31 * 10
    every = world.check(csv_bytes(HEADER, [("2026-03-05", "AMER", 1)]), "all.csv", "months", {"slice": []})
    assert (every.effect["replaced"]["slices"], every.effect["hidden"]) == ({}, 33)
    world.commit(every)
    assert world.total("revenue") == 1
    assert load_scene().datasets["months"].slice_columns == ()


def _upload_of(world: World, data: bytes) -> str:
    return next(u.id for u in uploads.listing(world.cast.finance, world.desk) if u.state == "inspected"
                and (world.desk.originals / u.id).read_bytes() == data)


def test_a_scope_and_a_slice_confine_a_replacement_together(world: World) -> None:
    world.bring(csv_bytes(HEADER, MARCH), "m.csv", "months", {**REPLACE, "slice": ["region"]})
    emea = scoped(world.cast.finance, "region=EMEA")
    checked = world.check(csv_bytes(HEADER, [("2026-03-02", "EMEA", 5)]), "e.csv", "months", by=emea)
    assert checked.effect["replaced"]["slices"] == {"region": ["EMEA"]}
    assert checked.effect["hidden"] == sum(1 for d, r, _ in MARCH if r == "EMEA" and date.fromisoformat(d).month == 3)
