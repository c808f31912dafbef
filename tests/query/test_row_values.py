"""Values of single rows in the engine against Decimal: money to the last digit, missing cells, filters by type."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.rollup import rollup_of
from dashapp.core.where import parse_where
from dashapp.query.columns import find_dimension
from dashapp.query.formula import parse
from dashapp.query.measures import measure_of, measures, rows_of
from dashapp.query.names import bind
from dashapp.query.source import covers, stored
from dashapp.query.split import By
from dashapp.query.tree import Agg
from tests.query.shop import CATALOGUE_ROWS, DATASETS, ORDERS, connect, kpis

ROWS = rows_of(ORDERS, DATASETS)
ORDER = {"date": date(2026, 3, 4), "sku": "s1", "region": "EMEA", "channel": "web", "customer_id": "a", "qty": 2.5,
         "price": Decimal("10.10"), "revenue": Decimal("-3.3333")}


@cache
def bound(text: str) -> Agg:
    found = bind(text, DATASETS, {}).tree
    assert isinstance(found, Agg)
    return found


def evaluated(connection: Any, expression: Any) -> list[Any]:
    return [v for (v,) in connection.cursor().sql(str(ibis.to_sql(expression, dialect="duckdb"))).fetchall()]


@cache
def expressed(text: str) -> Any:
    """The row expression of an aggregate for each row."""
    agg = bound(f"sum({text})")
    assert agg.arg is not None
    table = ROWS.joined(ROWS.fields_of(agg.arg)).order_by("_row")
    return table.select(value=ROWS.value(table, agg.arg))


def value(text: str, *rows: dict[str, Any]) -> list[Any]:
    return values(rows, text)[0]


def values(rows: Sequence[dict[str, Any]], *texts: str) -> list[list[Any]]:
    connection = connect({"orders": list(rows), "catalogue": CATALOGUE_ROWS})
    return [evaluated(connection, expressed(text)) for text in texts]


# money -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "want"), [
    ("price", Decimal("10.1")), ("price * revenue", Decimal("-33.66633")), ("price + revenue", Decimal("6.7667")),
    ("price - revenue", Decimal("13.4333")), ("-price", Decimal("-10.1")), ("price * 0.19", Decimal("1.919")),
    ("price * 0.123456", Decimal("1.2469056")), ("price * qty", Decimal("25.25")), ("qty * price", Decimal("25.25")),
    ("price * price * price", Decimal("1030.301")), ("(price + 1) * (revenue - 1)", Decimal("-48.09963")),
    ("price + 2.5 * qty", Decimal("16.35")), ("-(price * -2)", Decimal("20.2")),
    ("price * catalogue.cost", Decimal("12.625")),
    ("revenue * 3", Decimal("-9.9999")), ("price * 1e3", Decimal("10100")),
])
def test_an_expression_with_money_is_exact(text: str, want: Decimal) -> None:
    [found] = value(text, ORDER)
    assert isinstance(found, Decimal)
    assert found == want


@pytest.mark.parametrize(("text", "want"), [
    ("qty", 2.5), ("qty * 2", 5.0), ("qty + 0.1", 2.6), ("price / qty", 4.04), ("qty / (qty - 2.5)", None),
    ("price / (qty - 2.5)", None),
    ("-qty", -2.5), ("qty - 1 / 2", 2.0), ("2 * 3", 6.0),
])
def test_an_expression_without_money_or_with_a_quotient_is_a_double(text: str, want: float | None) -> None:
    [found] = value(text + ("" if "qty" in text or "price" in text else " + 0 * qty"), ORDER)
    assert found == pytest.approx(want)
    assert found is None or isinstance(found, float)


@pytest.mark.parametrize("text", ["price", "price * revenue", "price + 1", "-price", "price / qty", "qty * price",
                                  "qty + 1"])
def test_a_missing_cell_makes_the_value_missing(text: str) -> None:
    assert value(text, {**ORDER, "price": None, "qty": None}) == [None]


cents = st.integers(-(10**11), 10**11).map(lambda n: Decimal(n) / 10_000)


@settings(max_examples=4)
@given(st.lists(st.tuples(cents, cents), min_size=30, max_size=60))
def test_products_and_sums_of_money_are_those_of_decimal(pairs: list[tuple[Decimal, Decimal]]) -> None:
    rows = [{**ORDER, "price": a, "revenue": b} for a, b in pairs]
    product, total, difference = values(rows, "price * revenue", "price + revenue", "price - revenue")
    assert [Fraction(v) for v in product] == [Fraction(a) * Fraction(b) for a, b in pairs]
    assert total == [a + b for a, b in pairs]
    assert difference == [a - b for a, b in pairs]


@settings(max_examples=4)
@given(st.lists(st.tuples(cents, st.integers(-(10**6), 10**6).map(lambda n: n / 16)), min_size=30, max_size=60))
def test_money_by_numbers_has_eight_places_rounded_half_up(pairs: list[tuple[Decimal, float]]) -> None:
    rows = [{**ORDER, "price": a, "qty": q} for a, q in pairs]
    want = [(a * Decimal(q)).quantize(Decimal("1e-8"), rounding=ROUND_HALF_UP) for a, q in pairs]
    assert values(rows, "price * qty", "qty * price") == [want, want]


# filters ---------------------------------------------------------------------------------------------------------
TABLE = [
    {**ORDER, "region": "EMEA", "qty": 1.0, "price": Decimal("2.50"), "date": date(2026, 3, 1)},
    {**ORDER, "region": "APAC", "qty": 2.5, "price": Decimal("0"), "date": date(2026, 3, 2)},
    {**ORDER, "region": None, "qty": None, "price": None, "date": date(2026, 3, 3), "sku": None},
    {**ORDER, "region": "", "qty": 0.0, "price": Decimal("-1"), "date": date(2026, 3, 4), "sku": "s2"},
]


@pytest.fixture(scope="module")
def table() -> Any:
    return connect({"orders": TABLE, "catalogue": CATALOGUE_ROWS})


@pytest.mark.parametrize(("where", "days"), [
    ("region=EMEA", [1]), ("region=EMEA|APAC", [1, 2]), ("region=", [3, 4]), ("region=|EMEA", [1, 3, 4]),
    ("region!=EMEA", [2, 3, 4]),
    ("region!=", [1, 2]), ("region!=|APAC", [1]), ("region~=A", [1, 2]), ("region~=a", []), ("region~=", [1, 2, 4]),
    ("region=emea", []), ("qty=1", [1]), ("qty=1.0|2.5", [1, 2]), ("qty!=1", [2, 3, 4]), ("qty=", [3]),
    ("qty!=", [1, 2, 4]),
    ("qty=nothing", []), ("qty!=nothing", [1, 2, 3, 4]), ("qty=nothing|0", [4]), ("price=2.5", [1]), ("price=0", [2]),
    ("price=-1.00", [4]), ("price!=0|2.50", [3, 4]), ("date=2026-03-02", [2]), ("date!=2026-03-02", [1, 3, 4]),
    ("date=2026-03-02|soon", [2]), ("date=soon", []), ("catalogue.category=Tea", [1, 2]), ("category=Cake", [4]),
    ("catalogue.category!=Tea", [3, 4]), ("catalogue.category=", [3]), ("sku=s1|s2", [1, 2, 4]), ("qty~=.5", [2]),
])
def test_a_filter_keeps_these_rows(table: Any, where: str, days: list[int]) -> None:
    condition = parse_where(where)
    field = find_dimension(ORDERS, condition.column, DATASETS)
    assert field
    rows = ROWS.joined({field}).order_by("date")
    found = evaluated(table, rows.filter(ROWS.where(rows, [condition])).select("date"))
    assert [d.day for d in found] == days


@pytest.mark.parametrize(("condition", "days"), [
    ('orders.region == "EMEA"', [1]), ('orders.region != "EMEA"', [2, 3, 4]), ('orders.region == ""', [3, 4]),
    ('orders.region in ["EMEA", ""]', [1, 3, 4]), ('orders.region not in ["EMEA", ""]', [2]), ("qty > 1", [2]),
    ("qty >= 1", [1, 2]),
    ("qty < 1", [4]), ("qty <= 1", [1, 4]), ("qty == 2.5", [2]), ("qty != 2.5", [1, 3, 4]), ("qty in [0, 1]", [1, 4]),
    ("qty not in [0, 1]", [2, 3]), ("price > 0", [1]), ("price <= 0", [2, 4]), ('contains(orders.region, "PA")', [2]),
    ('orders.date >= "2026-03-03"', [3, 4]), ('orders.date < "2026-03-02"', [1]), ('orders.date == "2026-03-02"', [2]),
    ('qty > 0 and price > 0', [1]), ('qty > 2 or price < 0', [2, 4]),
    ('(qty > 2 or price > 0) and orders.region != "EMEA"', [2]),
    ('orders.catalogue.category == "Cake"', [4]), ("orders.catalogue.cost >= 2.5", [4]), ("3 > qty", [1, 2, 4]),
])
def test_a_condition_of_a_formula_counts_these_rows(table: Any, condition: str, days: list[int]) -> None:
    agg = bound(f"count({condition})")
    rows = ROWS.joined(ROWS.fields_of(agg.cond)).order_by("date")
    found = evaluated(table, rows.filter(ROWS.condition(rows, agg.cond)).select("date"))
    assert [d.day for d in found] == days


# what is pre-added -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "type"), [
    ("qty", "DOUBLE"), ("price", "DECIMAL(18,4)"), ("qty * 2", "DOUBLE"), ("price * 2", "DECIMAL(38,8)"),
    ("price / 2", "DOUBLE"),
    ("-price", "DECIMAL(38,8)"), ("price + qty", "DECIMAL(38,8)"),
])
def test_a_row_expression_is_pre_added_in_its_type(text: str, type: str) -> None:
    agg = bound(f"sum({text})")
    assert agg.arg is not None
    found = measure_of(ROWS, agg.arg)
    assert found.type == type
    assert '"orders"' not in found.sql
    [told] = connect({"orders": [ORDER]}).sql(f"SELECT CAST({found.sql} AS {found.type}) FROM orders").fetchall()
    assert told[0] == pytest.approx(value(text, ORDER)[0])


def test_expressions_of_own_columns_are_proposed_and_no_others() -> None:
    known = kpis(a="sum(orders.qty * orders.price)", b="sum(orders.qty * orders.price) / count(orders)",
                 c="sum(orders.qty)", d="sum(orders.qty * orders.catalogue.cost)", e="max(orders.qty - 1)",
                 broken="sum(", other="sum(nope.x)")
    found = measures(known.values(), DATASETS)
    assert list(found) == ["orders"]
    assert len(found["orders"]) == 2
    assert sorted(m.type for m in found["orders"]) == ["DECIMAL(38,8)", "DOUBLE"]
    assert [m.name for m in found["orders"]] == sorted(m.name for m in found["orders"])


@pytest.mark.parametrize(("text", "where", "by", "covered"), [
    ("sum(orders.qty)", [], [], True), ("count(orders)", [], [], True),
    ("sum(orders.qty * orders.price)", [], [], True),
    ("sum(orders.qty + orders.price)", [], [], False), ("sum(orders.catalogue.cost)", [], [], False),
    ("count(orders.region)", [], [], False), ("sum(orders.qty)", ["region=A"], [], True),
    ("sum(orders.qty)", ["channel=A"], [], False),
    ("sum(orders.qty)", [], ["region"], True), ("sum(orders.qty)", [], ["channel"], False),
    ("sum(orders.qty)", ["category=Tea"], [], True), ('sum(orders.qty, orders.region == "A")', [], [], True),
    ('sum(orders.qty, orders.channel == "A")', [], [], False), ('count(orders.date >= "2026-01-01")', [], [], True),
    ("sum(orders.qty, orders.price > 1)", [], [], False),
])
def test_a_day_rollup_answers_what_it_has_the_columns_for(text: str, where, by, covered: bool) -> None:
    agg = bound(text)
    spec = rollup_of(ORDERS, measures(kpis(a="sum(orders.qty * orders.price)").values(), DATASETS)["orders"])
    source = stored(ORDERS, DATASETS, tuple(map(parse_where, where)), ())
    fields = By(tuple(f for name in by if (f := find_dimension(ORDERS, name, DATASETS))))
    small = spec.with_dimensions(("region", "sku"))
    assert covers(small, source, fields, agg) is covered
    assert covers(None, source, fields, agg) is False
    assert covers(replace(small, date=None), source, fields, agg) is False


def test_the_formula_reader_and_the_engine_agree_on_what_is_money() -> None:
    for text, money in (("price", True), ("qty", False), ("price / price", False), ("price * qty", True),
    ("-price", True),
                        ("1 + price", True), ("1", False), ("qty + 1", False), ("catalogue.cost", True)):
        agg = bound(f"sum({text} + 0 * qty)") if text == "1" else bound(f"sum({text})")
        assert agg.arg is not None
        assert ROWS.is_money(agg.arg) is money, text
    assert ROWS.is_money(parse("1")) is False
