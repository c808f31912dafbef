"""The starter catalogue binds to what is there, and says what is missing."""

from __future__ import annotations

import pytest

from dashapp.core.kpi import CATEGORIES, DIRECTIONS, UNITS, Kpi
from dashapp.core.period import Grain
from dashapp.query.catalog import STARTERS, Proposal, Starter, propose
from dashapp.query.formula import parse
from dashapp.query.names import bind
from tests.query.shop import Dataset, columns

WEEKLY = Dataset(
    "weekly",
    "Weekly",
    grain=Grain.WEEK,
    columns=columns(
        date="date date",
        revenue="measure money",
        orders="measure number",
        new_customers="measure number",
        returning_customers="measure number",
    ),
)
ORDERS = Dataset(
    "orders",
    "Orders",
    columns=columns(
        date="date date", order_id="id text", customer_id="entity text", qty="measure number", price="measure money"
    ),
)
FINANCE = Dataset(
    "finance",
    "Finance",
    grain=Grain.MONTH,
    columns=columns(
        date="date date",
        revenue="measure money",
        cogs="measure money",
        operating_expenses="measure money",
        marketing_spend="measure money",
        cash_flow="measure money",
    ),
)
CONTRACT = [
    "revenue",
    "orders",
    "units",
    "revenue_growth",
    "average_order_value",
    "cogs",
    "gross_profit",
    "profit_margin",
    "operating_cash_flow",
    "current_ratio",
    "roi",
    "marketing_spend",
    "marketing_roi",
    "new_customers",
    "returning_customers",
    "retention",
    "churn",
    "repeat_rate",
    "cac",
    "clv",
    "arpu",
    "mrr",
    "conversion_rate",
    "satisfaction",
    "nps",
    "market_share",
    "market_growth",
    "employee_productivity",
    "operational_efficiency",
    "defect_rate",
    "innovation_index",
    "competitive_index",
    "brand_recognition_index",
]


def proposed(*datasets: Dataset, **more: object) -> dict[str, Proposal]:
    return {p.starter.key: p for p in propose({d.key: d for d in datasets}, **more)}  # type: ignore[arg-type]


def test_every_kpi_of_the_contract_is_in_the_catalogue() -> None:
    assert {s.key for s in STARTERS} == set(CONTRACT)


@pytest.mark.parametrize("starter", STARTERS, ids=lambda s: s.key)
def test_every_starter_is_complete(starter: Starter) -> None:
    assert starter.unit in UNITS
    assert starter.direction in DIRECTIONS
    assert starter.category in CATEGORIES
    assert starter.description.endswith(".")
    assert 0 < starter.weight < 1
    assert all(parse(f) for f in starter.formulas)


def test_a_weekly_sheet_gives_its_kpis() -> None:
    found = proposed(WEEKLY)
    formulas = {k: p.kpi.formula for k, p in found.items() if p.kpi}
    assert formulas == {
        "revenue": "sum(weekly.revenue)",
        "orders": "sum(weekly.orders)",
        "revenue_growth": "growth(revenue)",
        "average_order_value": "revenue / orders",
        "new_customers": "sum(weekly.new_customers)",
        "returning_customers": "sum(weekly.returning_customers)",
        "churn": "1 - retention",
        "retention": "sum(weekly.returning_customers) / "
        "previous(sum(weekly.new_customers) + sum(weekly.returning_customers))",
        "repeat_rate": "returning_customers / (new_customers + returning_customers)",
        "arpu": "revenue / (new_customers + returning_customers)",
    }
    assert found["cogs"].reason == "needs: cogs"
    assert found["roi"].reason == "needs: cogs, operating_expenses"


def test_orders_give_entity_kpis_and_row_expressions() -> None:
    formulas = {k: p.kpi.formula for k, p in proposed(ORDERS).items() if p.kpi}
    assert formulas["revenue"] == "sum(orders.qty * orders.price)"
    assert formulas["orders"] == "distinct(orders.order_id)"
    assert formulas["new_customers"] == "new(orders.customer_id)"
    assert formulas["retention"] == "1 - lost(orders.customer_id) / previous(distinct(orders.customer_id))"


def test_of_several_datasets_the_finest_is_taken() -> None:
    found = proposed(WEEKLY, FINANCE, ORDERS)
    assert found["revenue"].kpi
    assert found["revenue"].kpi.formula == "sum(weekly.revenue)"
    assert found["gross_profit"].kpi
    assert found["gross_profit"].kpi.formula == "revenue - cogs"
    assert found["clv"].kpi is not None


def test_a_column_marked_as_the_customer_stands_for_customer_id() -> None:
    buyers = Dataset("buys", "Buys", columns=columns(date="date date", buyer="entity text", revenue="measure money"))
    assert proposed(buyers)["new_customers"].kpi == STARTERS["new_customers"].kpi("new(buys.buyer)")


def test_an_index_is_only_ever_an_uploaded_reading() -> None:
    readings = Dataset(
        "readings", "Readings", columns=columns(date="date date", kpi="dimension text", value="measure number")
    )
    assert proposed(readings)["innovation_index"].reason == "needs: innovation_index"
    found = proposed(readings, readings={"readings": ["Innovation Index", "Other"]})
    assert found["innovation_index"].kpi
    assert found["innovation_index"].kpi.formula == 'avg(readings.value, readings.kpi == "Innovation Index")'


def test_what_is_defined_already_is_kept() -> None:
    own = Kpi("revenue", "Own", "sum(weekly.orders)")
    found = proposed(WEEKLY, known={"revenue": own})
    assert "revenue" not in found
    assert found["revenue_growth"].kpi


def test_every_proposal_can_be_saved() -> None:
    datasets = {d.key: d for d in (WEEKLY, FINANCE, ORDERS)}
    made = {p.kpi.key: p.kpi for p in propose(datasets) if p.kpi}
    for kpi in made.values():
        assert bind(kpi.formula, datasets, made, key=kpi.key).formula == kpi.formula
