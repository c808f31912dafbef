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
from dashapp.services import checking, joining, reverting, uploads
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from tests.cast import Cast
from tests.services.stage import csv_bytes, define
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


NAMES = [("S1", "de", "Eins"), ("S1", "en", "One"), ("S2", "de", "Zwei")]
REFERENCE: dict[str, Any] = {"kind": "reference", "mode": "upsert"}
JOINED: dict[str, Any] = {**ORDERS_MAPPING, "joins": {"sku": "names.sku_id"}}


def _names(world: World, rows: list[tuple[str, ...]] = NAMES, key: tuple[str, ...] = ("sku_id", "lang"),
           **more: Any) -> Any:
    return world.bring(csv_bytes(("sku_id", "lang", "name"), rows), "n.csv", "names",
                       {**REFERENCE, "key": list(key), **more})


def test_a_join_to_a_part_of_a_key_is_refused_because_rows_would_count_twice(world: World) -> None:
    _names(world)
    with pytest.raises(Invalid) as caught:
        world.check(orders_csv(ROWS), "o.csv", "orders", JOINED)
    assert caught.value.message == (
        "The mapping cannot be used: the join of 'sku' would count rows more than once: a row of names is identified "
        "by sku_id and lang, not by sku_id alone.")
    assert [i.code for i in caught.value.issues] == ["mapping"]
    assert "orders" not in load_scene().datasets


@pytest.mark.parametrize(("target", "said"), [
    ("catalogue.category", "a row of catalogue is identified by sku_id, not by category alone"),
    ("catalogue.nothing", "a row of catalogue is identified by sku_id, not by nothing alone"),
    ("visits.sku", "nothing identifies a row of visits"),
    ("orders.order_id", "the join of 'sku' leads to orders itself"),
])
def test_a_join_leads_to_the_one_column_that_identifies_a_row(world: World, target: str, said: str) -> None:
    world.bring(csv_bytes(("date", "sku", "visits"), [("2026-01-01", "S1", 3), ("2026-01-02", "S1", 4)]), "v.csv",
                "visits", {"mode": "append"})
    with pytest.raises(Invalid, match=said):
        world.check(orders_csv(ROWS), "o.csv", "orders", {**ORDERS_MAPPING, "joins": {"sku": target}})


def test_a_list_of_which_some_files_came_without_the_key_is_not_joined_to(world: World) -> None:
    first = _names(world)
    _names(world, [("S1", "fr", "Un"), ("S2", "fr", "Deux")], ("sku_id",))
    with pytest.raises(Invalid, match="some files of names were brought with another key"):
        world.check(orders_csv(ROWS), "o.csv", "orders", JOINED)
    reverting.undo(world.cast.finance, world.desk, first.id, now=world.now)
    done = world.bring(orders_csv(ROWS), "o2.csv", "orders", JOINED)
    assert done.is_live
    assert world.total("revenue", where=("names.name=Un",)) == sum(r.revenue for r in ROWS if r.sku == "S1")


@pytest.mark.parametrize("change", [{"key": ["sku_id", "lang"]}, {"key": ["sku_id"], "mode": "append"},
                                    {"key": ["lang"]}], ids=str)
def test_what_others_are_joined_to_keeps_its_key(world: World, change: dict[str, Any]) -> None:
    _names(world, [("S1", "de", "Eins"), ("S2", "de", "Zwei")], ("sku_id",))
    world.bring(orders_csv(ROWS), "o.csv", "orders", JOINED)
    with pytest.raises(Invalid, match="orders is joined to it by sku: its rows must be identified by sku_id alone"):
        world.check(csv_bytes(("sku_id", "lang", "name"), NAMES), "m.csv", "names", {**REFERENCE, **change})
    world.bring(orders_csv(orders(3, prefix="M")), "o3.csv", "orders", {"joins": {"sku": None}})
    assert _names(world, NAMES, change["key"], mode=change.get("mode", "upsert")).is_live, "free once nobody is joined"


def test_a_list_that_comes_after_its_join_must_have_the_key_the_join_leads_to(world: World) -> None:
    world.bring(orders_csv(ROWS), "o.csv", "orders", JOINED)
    with pytest.raises(Invalid, match="must be identified by sku_id alone"):
        world.check(csv_bytes(("sku_id", "lang", "name"), NAMES), "n.csv", "names",
                    {**REFERENCE, "key": ["sku_id", "lang"]})
    _names(world, [("S1", "de", "Eins"), ("S2", "de", "Zwei")], ("sku_id",))
    assert world.total("revenue") == sum(r.revenue for r in ROWS)


def test_a_key_that_changed_between_preview_and_commit_refuses_the_commit(world: World) -> None:
    """The list was not there when the join was tried, and nobody was joined to the list when it came."""
    joined = world.check(orders_csv(ROWS), "o.csv", "orders", JOINED)
    _names(world)
    with pytest.raises(Invalid, match="would count rows more than once"):
        world.commit(joined)
    assert "orders" not in load_scene().datasets
    listed = world.check(csv_bytes(("code", "lang", "name"), NAMES), "c.csv", "codes",
                         {**REFERENCE, "key": ["code", "lang"]})
    world.bring(orders_csv(ROWS), "o2.csv", "orders", {**ORDERS_MAPPING, "joins": {"sku": "codes.code"}})
    with pytest.raises(Invalid, match="orders is joined to it by sku"):
        world.commit(listed)
    assert "codes" not in load_scene().datasets


def test_facts_with_a_single_key_can_be_joined_to_and_no_row_counts_twice(world: World) -> None:
    world.bring(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING)
    back = [(f"2026-02-{n + 1:02d}", ROWS[n].order_id, 1) for n in range(12)]
    world.bring(csv_bytes(("date", "order", "returns"), back), "r.csv", "returns",
                {"mode": "append", "joins": {"order": "orders.order_id"}})
    define(world.now, "returned", formula="sum(returns.returns)")
    found = world.values("returned", "year", by=("orders.region",))
    wanted: dict[tuple[str, str], int] = {}
    for row in ROWS[:12]:
        wanted["2026", row.region] = wanted.get(("2026", row.region), 0) + 1
    assert found == wanted
