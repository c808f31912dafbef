"""Which column a written name stands for: own ones, joined ones, with and without prefixes, and none."""
from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.query.columns import Field, find, find_dimension, known_paths
from tests.query.shop import CATALOGUE, ORDERS, columns

SHOPS = Dataset("shops", "Shops", kind="reference", key_columns=("id",),
                columns=columns(id="id text", city="dimension text", category="dimension text"))
HIDDEN = Column("secret", "Secret", RoleOf.IGNORE, "text")
SALES = replace(
    ORDERS, key="sales", columns=(*ORDERS.columns, HIDDEN),
    joins=(("sku", "catalogue.sku_id"), ("region", "shops.id"), ("channel", "absent.id"), ("nothing", "shops.id")))
ALL = {d.key: d for d in (SALES, replace(CATALOGUE, columns=(*CATALOGUE.columns, HIDDEN)), SHOPS)}
BY_SKU, BY_REGION = ("sku", "catalogue", "sku_id"), ("region", "shops", "id")


def own(key: str) -> Field:
    column = SALES.column(key)
    assert column
    return Field("sales", column)


def joined(join: tuple[str, str, str], key: str) -> Field:
    column = ALL[join[1]].column(key)
    assert column
    return Field("sales", column, join)


@pytest.mark.parametrize(("name", "found"), [
    ("revenue", own("revenue")), ("sales.revenue", own("revenue")), ("sku", own("sku")),
    ("catalogue.cost", joined(BY_SKU, "cost")), ("sales.catalogue.cost", joined(BY_SKU, "cost")),
    ("shops.city", joined(BY_REGION, "city")), ("catalogue.sku_id", joined(BY_SKU, "sku_id")),
    ("cost", None), ("nothing", None), ("sales", None), ("sales.nothing", None), ("catalogue.nothing", None),
    ("absent.id", None), ("secret", None), ("sales.secret", None), ("catalogue.secret", None), ("orders.revenue", None),
    ("sales.catalogue.cost.more", None), ("sales.sales.revenue", None), ("catalogue.sales.revenue", None), ("", None),
])
def test_a_name_stands_for_this_column(name: str, found: Field | None) -> None:
    assert find(SALES, tuple(name.split(".")), ALL) == found


@pytest.mark.parametrize(("name", "found"), [
    ("cost", joined(BY_SKU, "cost")), ("city", joined(BY_REGION, "city")), ("region", own("region")),
    ("catalogue.cost", joined(BY_SKU, "cost")), ("category", None), ("catalogue.category", joined(BY_SKU, "category")),
    ("shops.category", joined(BY_REGION, "category")), ("secret", None), ("nothing", None), ("shops.cost", None),
])
def test_a_filter_may_leave_the_dataset_out_where_only_one_is_meant(name: str, found: Field | None) -> None:
    assert find_dimension(SALES, name, ALL) == found


def test_two_ways_to_the_same_column_are_one() -> None:
    twice = replace(SALES, joins=(("sku", "catalogue.sku_id"), ("sku", "catalogue.sku_id")))
    assert find_dimension(twice, "cost", ALL) == joined(BY_SKU, "cost")


def test_a_join_to_a_key_that_is_gone_is_none() -> None:
    changed = ALL | {"catalogue": replace(CATALOGUE, columns=CATALOGUE.columns[1:])}
    assert find(SALES, ("catalogue", "cost"), changed) is None
    assert find(SALES, ("catalogue", "cost"), {"sales": SALES}) is None


def test_a_field_is_named_in_full_and_in_its_table() -> None:
    assert own("qty").path == ("sales", "qty")
    assert own("qty").name == "qty"
    assert joined(BY_SKU, "cost").path == ("sales", "catalogue", "cost")
    assert joined(BY_SKU, "cost").name == "catalogue__cost"


def test_the_names_that_can_be_written_are_all_found_and_nothing_hidden() -> None:
    known = known_paths(SALES, ALL)
    assert {"revenue", "catalogue.cost", "shops.city"} <= set(known)
    assert not [n for n in known if "secret" in n or "absent" in n]
    assert all(find(SALES, tuple(n.split(".")), ALL) for n in known)
    assert len(known) == len(set(known))
