"""The pre-added tables: names and types of their columns, what they cover, and the way into a file and back."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.rollup import (
    Measure,
    RollupSpec,
    bitmap_table,
    day_table,
    expression,
    month_table,
    quoted,
    rollup_from_json,
    rollup_of,
)

MONEY, NUMBER = Measure("price", '"price"', "DECIMAL(18,4)"), Measure("qty", '"qty"', "DOUBLE")
SPEC = RollupSpec("date", ("region",), (MONEY, NUMBER), "customer")
ORDERS = Dataset("orders", "Orders", columns=(
    Column("date", "Date", RoleOf.DATE, "date"), Column("region", "Region", RoleOf.DIMENSION, "text"),
    Column("year", "Year", RoleOf.DIMENSION, "number"), Column("price", "Price", RoleOf.MEASURE, "money"),
    Column("qty", "Qty", RoleOf.MEASURE, "number"), Column("note", "Note", RoleOf.IGNORE, "money"),
    Column("customer", "Customer", RoleOf.ENTITY, "text"), Column("id", "Id", RoleOf.ID, "text"),
))


def test_tables_and_columns_are_named_so_that_no_key_collides() -> None:
    assert (day_table("orders"), month_table("orders")) == ("orders__day", "orders__month")
    assert bitmap_table("orders") == "orders__bitmap"
    assert (MONEY.sum, MONEY.count, MONEY.min, MONEY.max) == ("price__sum", "price__count", "price__min", "price__max")


@pytest.mark.parametrize(("type", "exact", "sum_type"), [
    ("DECIMAL(18,4)", True, "DECIMAL(38,4)"), ("DECIMAL(38,8)", True, "DECIMAL(38,8)"),
    ("DECIMAL(18, 2)", True, "DECIMAL(38,2)"), ("DOUBLE", False, "DOUBLE"), ("BIGINT", False, "DOUBLE"),
    ("DECIMAL", False, "DOUBLE"), ("XDECIMAL(18,4)", False, "DOUBLE"), ("DECIMAL(18,4)X", False, "DOUBLE"),
])
def test_sums_of_decimals_are_wide_decimals(type: str, exact: bool, sum_type: str) -> None:
    found = Measure("x", '"x"', type)
    assert (found.is_exact, found.sum_type) == (exact, sum_type)


def test_the_day_table_has_these_columns_in_this_order() -> None:
    assert list(SPEC.day_schema().items()) == [
        ("date", "DATE"), ("region", "VARCHAR"), ("_rows", "BIGINT"),
        ("price__sum", "DECIMAL(38,4)"), ("price__count", "BIGINT"), ("price__min", "DECIMAL(18,4)"),
        ("price__max", "DECIMAL(18,4)"),
        ("qty__sum", "DOUBLE"), ("qty__count", "BIGINT"), ("qty__min", "DOUBLE"), ("qty__max", "DOUBLE"),
    ]
    assert replace(SPEC, date=None).day_schema() == {}


def test_the_month_table_has_these_columns_in_this_order() -> None:
    assert list(SPEC.month_schema().items()) == [
        ("_month", "DATE"), ("customer", "VARCHAR"), ("_first", "DATE"), ("_last", "DATE"), ("_rows", "BIGINT")]
    assert replace(SPEC, entity=None).month_schema() == {}
    assert replace(SPEC, date=None).month_schema() == {}


def test_the_bitmap_table_has_these_columns_in_this_order() -> None:
    assert list(replace(SPEC, bitmap=("region",)).bitmap_schema().items()) == [
        ("_by", "INTEGER"), ("_month", "DATE"), ("region", "VARCHAR"), ("_part", "INTEGER"), ("_heads", "BIGINT"),
        ("_bits", "BIT")]
    assert SPEC.bitmap_schema() == {}


def test_rows_of_a_bitmap_are_found_by_the_dimensions_they_tell_apart() -> None:
    spec = replace(SPEC, bitmap=("region", "channel"))
    found = [spec.bitmap_by(c) for c in ([], ["region"], ["channel"], ["channel", "region", "region"])]
    assert found == [0, 1, 2, 3]
    assert spec.bitmap_by(["region", "date"]) is None, "sets are of months: they cannot tell days apart"
    assert SPEC.bitmap_by([]) is None
    assert replace(SPEC, bitmap=()).bitmap_by([]) == 0


@pytest.mark.parametrize(("columns", "covered"), [
    ((), True), (("date",), True), (("region",), True), (("region", "date"), True), (("channel",), False),
    (("region", "channel"), False), (("customer",), False),
])
def test_a_day_table_covers_its_dimensions_and_its_date(columns: tuple[str, ...], covered: bool) -> None:
    assert SPEC.covers(*columns) is covered
    assert replace(SPEC, date=None).covers(*columns) is False


def test_a_measure_is_found_by_its_very_text() -> None:
    product = expression('"qty" * "price"', "DECIMAL(38,8)")
    spec = replace(SPEC, measures=(*SPEC.measures, product))
    assert spec.measure('"qty" * "price"') is product
    assert spec.measure('"price" * "qty"') is None
    assert spec.column("price") is MONEY
    assert spec.column("pri") is None
    assert expression('"qty" * "price"', "DOUBLE").name == product.name
    assert expression('"price" * "qty"', "DOUBLE").name != product.name
    assert product.name.startswith("x_")
    assert len(product.name) == 14


def test_the_usual_spec_has_texts_as_dimensions_and_numbers_as_measures() -> None:
    more = expression('"qty" * "price"', "DECIMAL(38,8)")
    found = rollup_of(ORDERS, [more, more, Measure("qty", "other", "DOUBLE")])
    assert found == RollupSpec("date", ("region",), (
        Measure("year", '"year"', "DOUBLE"), Measure("price", '"price"', "DECIMAL(18,4)"),
        Measure("qty", '"qty"', "DOUBLE"), more), "customer")
    assert rollup_of(replace(ORDERS, columns=ORDERS.columns[1:])).date is None
    numbered = replace(ORDERS, columns=(*ORDERS.columns[:6], Column("no", "No", RoleOf.ENTITY, "number")))
    assert rollup_of(numbered).entity is None, "a number names nobody"


def test_expressions_are_sorted_by_name_whatever_order_they_come_in() -> None:
    several = [expression(f'"qty" + {n}', "DOUBLE") for n in range(5)]
    assert rollup_of(ORDERS, several) == rollup_of(ORDERS, several[::-1])


def test_other_dimensions_change_nothing_else() -> None:
    assert SPEC.with_dimensions(("a", "b")) == replace(SPEC, dimensions=("a", "b"))


names = st.text(max_size=10)
specs = st.builds(RollupSpec, st.none() | names, st.lists(names, max_size=3).map(tuple),
                  st.lists(st.builds(Measure, names, names, names), max_size=3).map(tuple), st.none() | names,
                  st.none() | st.lists(names, max_size=3).map(tuple))


@given(specs)
def test_a_spec_written_and_read_is_the_same(spec: RollupSpec) -> None:
    assert rollup_from_json(spec.to_json()) == spec


def test_a_spec_written_before_there_were_bitmaps_has_none() -> None:
    older = {k: v for k, v in SPEC.to_json().items() if k != "bitmap"}
    assert rollup_from_json(older) == SPEC


@given(st.text(max_size=20))
def test_a_quoted_name_is_one_identifier(name: str) -> None:
    found = quoted(name)
    assert found[0] == found[-1] == '"'
    assert found[1:-1].replace('""', "") == name.replace('"', "")
    assert found[1:-1].count('"') == 2 * name.count('"')
