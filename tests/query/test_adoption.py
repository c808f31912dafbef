"""What a new dataset brings: its own figures first; one sheet's costs never meet another sheet's revenue unnoticed."""
from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.demo.shapes import DATASETS as DEMO
from dashapp.query.adoption import Brought, brought
from dashapp.query.catalog import STARTERS
from dashapp.query.graph import below, sources
from dashapp.query.names import bind, references


def _sheet(key: str, *measures: str, grain: Grain = Grain.MONTH) -> Dataset:
    columns = (Column("date", "Date", RoleOf.DATE, "date"),
               *(Column(m, m.title(), RoleOf.MEASURE, "money") for m in measures))
    return Dataset(key, key.title(), grain=grain, columns=columns)


WEEKLY = _sheet("weekly", "revenue", grain=Grain.WEEK)


def _sure(found: dict[str, Brought]) -> dict[str, Kpi]:
    return {k: b.kpi for k, b in found.items() if not b.doubt}


def _formulas(found: dict[str, Brought]) -> dict[str, str]:
    return {k: kpi.formula for k, kpi in _sure(found).items()}


KNOWN = _sure(brought("weekly", {"weekly": WEEKLY}, {}))


def test_the_first_dataset_takes_the_plain_keys():
    assert {k: v.formula for k, v in KNOWN.items()} == {
        "revenue": "sum(weekly.revenue)", "revenue_growth": "growth(revenue)"}


def test_a_sheet_with_its_own_revenue_and_costs_is_computed_from_itself():
    finance = _sheet("finance", "revenue", "cogs")
    found = _formulas(brought("finance", {"weekly": WEEKLY, "finance": finance}, KNOWN))
    assert found["finance_revenue"] == "sum(finance.revenue)"
    assert found["gross_profit"] == "finance_revenue - cogs"
    assert found["profit_margin"] == "gross_profit / finance_revenue"
    assert "revenue" not in found


def test_the_figures_of_one_dataset_all_bear_its_name_or_none_does_and_free_keys_stay_plain():
    twin, weekly = _sheet("twin", "revenue"), _sheet("weekly", "revenue", "orders", "new_customers")
    there = _sure(brought("twin", {"twin": twin}, {}))
    found = _sure(brought("weekly", {"twin": twin, "weekly": weekly}, there))
    assert {k: (v.name, v.formula) for k, v in found.items()} == {
        "weekly_revenue": ("Revenue (Weekly)", "sum(weekly.revenue)"),
        "weekly_revenue_growth": ("Revenue growth (Weekly)", "growth(weekly_revenue)"),
        "orders": ("Orders (Weekly)", "sum(weekly.orders)"),
        "average_order_value": ("Average order value (Weekly)", "weekly_revenue / orders"),
        "new_customers": ("New customers (Weekly)", "sum(weekly.new_customers)")}
    alone = _sure(brought("weekly", {"weekly": weekly}, {}))
    assert {v.name for v in alone.values()} == {v.name.removesuffix(" (Weekly)") for v in found.values()}
    assert brought("weekly", {"twin": twin, "weekly": weekly}, {**there, **found}) == {}, "nothing twice"


def test_a_sheet_of_costs_alone_completes_what_is_there():
    costs = _sheet("costs", "cogs")
    found = _formulas(brought("costs", {"weekly": WEEKLY, "costs": costs}, KNOWN))
    assert found == {"cogs": "sum(costs.cogs)", "gross_profit": "revenue - cogs",
                     "profit_margin": "gross_profit / revenue"}


def test_a_joint_figure_that_could_mean_two_revenues_is_offered_with_what_it_means_and_not_taken():
    finance, market = _sheet("finance", "revenue"), _sheet("market", "market_size")
    found = brought("finance", {"weekly": WEEKLY, "market": market, "finance": finance}, KNOWN)
    assert found["market_share"] == Brought(found["market_share"].kpi, "finance_revenue could also be revenue")
    assert found["market_share"].kpi.formula == "finance_revenue / sum(market.market_size)"
    both = {**KNOWN, **_sure(found)}
    found = brought("market", {"weekly": WEEKLY, "finance": finance, "market": market}, both)
    assert found["market_share"].doubt == "revenue could also be finance_revenue"
    assert _formulas(found) == {"market_growth": "growth(sum(market.market_size))"}


def test_a_column_of_two_other_sheets_is_a_doubt_too():
    sheets = {k: _sheet(k, "market_size") for k in ("inland", "abroad")}
    found = brought("weekly", {**sheets, "weekly": WEEKLY}, {})
    assert found["market_share"].doubt == "the same columns are in inland"
    assert found["market_share"].kpi.formula == "revenue / sum(abroad.market_size)"


def test_a_sheet_with_none_of_the_columns_brings_nothing_of_another_sheets():
    shift = _sheet("shift", "umsatzlos")
    retail = _sheet("retail", "quantity", "unit_price", "cogs")
    assert brought("shift", {"shift": shift, "weekly": WEEKLY, "retail": retail}, {}) == {}
    assert brought("shift", {"shift": shift, "weekly": WEEKLY, "retail": retail}, KNOWN) == {}


def test_revenue_per_order_is_never_one_sheets_revenue_by_another_sheets_orders():
    everything = {"weekly": WEEKLY, "ov": _sheet("ov", "orders")}
    assert _formulas(brought("ov", everything, KNOWN)) == {"orders": "sum(ov.orders)"}


def test_what_is_built_on_a_definition_whose_data_are_gone_is_not_proposed():
    gone = {"revenue": Kpi("revenue", "Revenue", "sum(gone.revenue)"), "half": Kpi("half", "Half", "nothing / 2")}
    assert set(brought("costs", {"costs": _sheet("costs", "cogs")}, gone)) == {"cogs"}


def test_a_dataset_that_comes_again_under_its_key_has_its_figures_already():
    assert brought("weekly", {"weekly": WEEKLY}, KNOWN) == {}
    left = {"revenue": KNOWN["revenue"]}
    assert _formulas(brought("weekly", {"weekly": WEEKLY}, left)) == {"revenue_growth": "growth(revenue)"}


def test_the_demo_company_says_each_figure_once():
    kpis = _arrive(DEMO)
    assert kpis["marketing_spend"].formula == "sum(finance.marketing_spend)"
    assert not [k for k in kpis if k.startswith("marketing_") and k not in ("marketing_spend", "marketing_roi")]
    assert {"clv", "cac", "market_share", "marketing_roi", "profit_margin", "roi"} <= set(kpis)


OWN = (WEEKLY, _sheet("retail", "quantity", "unit_price", "orders", grain=Grain.DAY),
       _sheet("ov", "orders", "cogs", "marketing_spend"))
COMPANY = tuple(d for d in DEMO if d.key in ("orders", "finance", "marketing"))


def _arrive(sheets: tuple[Dataset, ...]) -> dict[str, Kpi]:
    """All that is adopted when the sheets come in this order; each arrival is checked."""
    here: dict[str, Dataset] = {}
    kpis: dict[str, Kpi] = {}
    for sheet in sheets:
        here[sheet.key] = sheet
        found = brought(sheet.key, here, kpis)
        _check(sheet, here, {**kpis, **{k: b.kpi for k, b in found.items()}}, found)
        kpis |= _sure(found)
    return kpis


def _check(sheet: Dataset, here: dict[str, Dataset], joint: dict[str, Kpi], found: dict[str, Brought]) -> None:
    for key, one in found.items():
        read = {s for k in below([key], joint) for s in sources(joint[k].formula)}
        assert sheet.key in read, (key, one.kpi.formula)
        assert {here[s].is_demo for s in read} == {sheet.is_demo}, (key, one.kpi.formula, sorted(read))
        if key not in STARTERS:
            assert read == {sheet.key}, (key, one.kpi.formula)
        assert one.doubt or not [r for r in references(one.kpi.formula) if r in found and found[r].doubt]
        assert bind(one.kpi.formula, here, joint, key=key).formula == one.kpi.formula


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda o: "".join(map(str, o)))
def test_in_whatever_order_sheets_come_every_figure_stands_on_its_own_sheet_and_side(order):
    parts = (*((d,) for d in OWN), COMPANY)
    kpis = _arrive(tuple(d for n in order for d in parts[n]))
    assert {k: v.formula for k, v in kpis.items() if k.endswith("orders") and "distinct" not in v.formula} in [
        {first: "sum(a.orders)".replace("a", names[0]), **{f"{n}_orders": f"sum({n}.orders)" for n in names[1:]}}
        for names in permutations(("retail", "ov")) for first in ("orders", f"{names[0]}_orders")]


def test_keys_of_the_demo_company_are_neither_changed_nor_mixed_with():
    demo = {"weekly": replace(WEEKLY, is_demo=True), "sales": _sheet("sales", "revenue")}
    found = _sure(brought("sales", demo, KNOWN))
    assert {k: v.formula for k, v in found.items()} == {
        "sales_revenue": "sum(sales.revenue)", "sales_revenue_growth": "growth(sales_revenue)"}
    assert found["sales_revenue"].name == "Revenue (Sales)"


def test_the_demo_company_loaded_later_never_draws_on_real_data():
    real = {"sales": _sheet("sales", "revenue", "market_size")}
    kpis = _sure(brought("sales", real, {}))
    demo = {d.key: d for d in COMPANY}
    found = _formulas(brought("orders", {**real, **demo}, kpis))
    assert found["orders_revenue"] == "sum(orders.revenue)"
    assert found["average_order_value"] == "orders_revenue / orders"
    assert not [f for f in found.values() if "sales" in f]
