"""Names resolve once, to one column of one dataset, or are refused with what was probably meant."""

from __future__ import annotations

import pytest

from dashapp.query.formula import FormulaError
from dashapp.query.names import bind
from tests.query.shop import DATASETS, Dataset, columns, kpis

OTHER = DATASETS | {
    "shop": Dataset("shop", "Shop", columns=columns(date="date date", revenue="measure money", orders="measure number"))
}
KPIS = kpis(revenue="sum(orders.revenue)", a="b + 1", b="c * 2", c="revenue")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("sum(revenue)", "sum(orders.revenue)"),
        ('sum(qty * price, channel == "web")', 'sum(orders.qty * orders.price, orders.channel == "web")'),
        ('sum(revenue, catalogue.category == "Tea")', 'sum(orders.revenue, orders.catalogue.category == "Tea")'),
        ("avg(catalogue.cost)", "avg(catalogue.cost)"),
        ("sum(orders.catalogue.cost)", "sum(orders.catalogue.cost)"),
        ("count(orders) / sum(cogs)", "count(orders) / sum(finance.cogs)"),
        ("sum(revenue) / count()", "sum(orders.revenue) / count(orders)"),
        ('count(channel == "web")', 'count(orders, orders.channel == "web")'),
        ("revenue - sum(cogs)", "revenue - sum(finance.cogs)"),
    ],
)
def test_names_are_written_out_in_full(text: str, bound: str) -> None:
    found = bind(text, DATASETS, KPIS)
    assert found.formula == bound
    assert bind(bound, DATASETS, KPIS).tree == found.tree


def test_a_second_dataset_never_changes_a_bound_formula() -> None:
    bound = bind("sum(revenue)", DATASETS, {}).formula
    assert bind(bound, OTHER, {}).formula == bound
    with pytest.raises(FormulaError, match=r"write orders\.revenue or shop\.revenue"):
        bind("sum(revenue)", OTHER, {})
    assert bind("sum(revenue)", OTHER, {}, prefer_finest=True).formula == "sum(orders.revenue)"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("sum(revnue)", "unknown-column", "did you mean 'revenue'"),
        ("sum(orders.revnue)", "unknown-column", "did you mean 'orders.revenue'"),
        ("revnue", "unknown-kpi", "did you mean 'revenue'"),
        ("cogs", "column-outside", "sum(cogs)"),
        ("sum(region, qty > 1)", "needs-number", "text"),
        ("sum(revenue, channel == 1)", "condition-type", 'channel == "1"'),
        ('sum(revenue, qty == "1")', "condition-type", "numbers"),
        ('sum(revenue, channel > "a")', "condition-type", "no order"),
        ('sum(revenue, date >= "soon")', "condition-type", "date"),
        ("sum(qty * cogs)", "mixed-datasets", "several datasets"),
        ("count()", "count-dataset", "count("),
        ("last(cost)", "needs-date", "no date"),
        ("rolling(growth(revenue), 28)", "time-nested", "growth(rolling(...))"),
        ("a + 1", "kpi-cycle", "c -> a -> b -> c"),
    ],
)
def test_what_cannot_be_bound_says_why(text: str, code: str, words: str) -> None:
    with pytest.raises(FormulaError) as refused:
        bind(text, DATASETS, KPIS, key="c")
    assert refused.value.issues[0].code == code
    assert words in refused.value.message


def test_all_unknown_names_are_reported_together() -> None:
    with pytest.raises(FormulaError) as refused:
        bind("sum(revnue) / sum(cogz)", DATASETS, {})
    assert [(i.code, i.position) for i in refused.value.issues] == [("unknown-column", 4), ("unknown-column", 18)]


def test_a_kpi_may_not_refer_to_itself() -> None:
    with pytest.raises(FormulaError, match="revenue -> revenue"):
        bind("revenue + 1", DATASETS, KPIS, key="revenue")


def test_what_a_formula_uses_is_listed() -> None:
    found = bind("revenue / sum(cogs) + c", DATASETS, KPIS)
    assert (found.datasets, found.kpis, found.needs) == (("finance",), ("c", "revenue"), ("finance.cogs",))
