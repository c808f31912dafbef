"""What a new dataset brings: its own figures first; one sheet's costs never meet another sheet's revenue unnoticed."""
from __future__ import annotations

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.period import Grain
from dashapp.query.adoption import brought


def _sheet(key: str, *measures: str, grain: Grain = Grain.MONTH) -> Dataset:
    columns = (Column("date", "Date", RoleOf.DATE, "date"),
               *(Column(m, m.title(), RoleOf.MEASURE, "money") for m in measures))
    return Dataset(key, key.title(), grain=grain, columns=columns)


WEEKLY = _sheet("weekly", "revenue", grain=Grain.WEEK)
KNOWN = brought("weekly", {"weekly": WEEKLY}, {})


def test_the_first_dataset_takes_the_plain_keys():
    assert {k: v.formula for k, v in KNOWN.items()} == {
        "revenue": "sum(weekly.revenue)", "revenue_growth": "growth(revenue)"}


def test_a_sheet_with_its_own_revenue_and_costs_is_computed_from_itself():
    finance = _sheet("finance", "revenue", "cogs")
    found = {k: v.formula for k, v in brought("finance", {"weekly": WEEKLY, "finance": finance}, KNOWN).items()}
    assert found["finance_revenue"] == "sum(finance.revenue)"
    assert found["gross_profit"] == "finance_revenue - cogs"
    assert found["profit_margin"] == "gross_profit / finance_revenue"
    assert "revenue" not in found


def test_a_sheet_of_costs_alone_completes_what_is_there():
    costs = _sheet("costs", "cogs")
    found = {k: v.formula for k, v in brought("costs", {"weekly": WEEKLY, "costs": costs}, KNOWN).items()}
    assert found == {"cogs": "sum(costs.cogs)", "gross_profit": "revenue - cogs",
                     "profit_margin": "gross_profit / revenue"}


def test_a_joint_figure_that_could_mean_two_revenues_is_left_to_people():
    finance, market = _sheet("finance", "revenue"), _sheet("market", "market_size")
    everything = {"weekly": WEEKLY, "market": market, "finance": finance}
    assert "market_share" not in brought("finance", everything, KNOWN)


def test_keys_of_the_demo_company_are_neither_changed_nor_mixed_with():
    found = brought("sales", {"sales": _sheet("sales", "revenue")}, KNOWN, replaceable=set(KNOWN))
    assert {k: v.formula for k, v in found.items()} == {
        "sales_revenue": "sum(sales.revenue)", "sales_revenue_growth": "growth(sales_revenue)"}
    assert found["sales_revenue"].name == "Revenue (Sales)"
