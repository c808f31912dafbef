"""How definitions hang together: what a KPI reads, reaches and needs, and what it is called after a renaming."""
from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.core.period import Grain
from dashapp.query.graph import below, finest, needed, rename, sources
from dashapp.query.names import MAX_CHAIN, find_cycle, references
from dashapp.query.problems import FormulaError
from tests.query.shop import CATALOGUE, DATASETS, FINANCE, ORDERS, kpis

KPIS = kpis(
    revenue="sum(orders.revenue)", cogs="sum(finance.cogs)", margin="(revenue - cogs) / revenue",
    trend="growth(margin) + margin", tea='sum(orders.revenue, orders.catalogue.category == "Tea")',
    cost="avg(catalogue.cost)", number="3", broken="sum(", gone="sum(gone.x) + nothing",
    round="trip + 1", trip="round * 2",
)


@pytest.mark.parametrize(("formula", "found"), [
    ("sum(orders.revenue)", ("orders",)), ("sum(orders.revenue) / sum(finance.cogs)", ("finance", "orders")),
    ("count(orders)", ()), ("revenue", ()), ("3", ()), ("sum(", ()), ("sum(revenue)", ()),
    ("sum(orders.qty * orders.catalogue.cost)", ("orders",)),
    ('sum(orders.qty, finance.region == "A")', ("finance", "orders")), ("growth(sum(b.x) - sum(a.x))", ("a", "b")),
])
def test_a_formula_reads_these_datasets_itself(formula: str, found: tuple[str, ...]) -> None:
    assert sources(formula) == found


@pytest.mark.parametrize(("keys", "found"), [
    (["revenue"], ("revenue",)), (["margin"], ("margin", "cogs", "revenue")),
    (["trend"], ("trend", "margin", "cogs", "revenue")), (["cogs", "margin"], ("cogs", "margin", "revenue")),
    (["nothing"], ()), (["gone"], ("gone",)), (["round"], ("round", "trip")), ([], ()), (["broken"], ("broken",)),
    (["revenue", "revenue"], ("revenue",)),
])
def test_a_kpi_reaches_these_each_once(keys: list[str], found: tuple[str, ...]) -> None:
    assert below(keys, KPIS) == found


@pytest.mark.parametrize(("keys", "found"), [
    (["revenue"], ("catalogue", "orders")), (["cogs"], ("finance",)), (["trend"], ("catalogue", "finance", "orders")),
    (["cost"], ("catalogue",)), (["gone"], ()), (["number"], ()),
])
def test_an_answer_reads_what_is_reached_and_what_is_joined_to_it(keys: list[str], found: tuple[str, ...]) -> None:
    assert needed(keys, KPIS, DATASETS) == found


def test_a_join_to_nowhere_is_not_needed() -> None:
    assert needed(["revenue"], KPIS, {"orders": ORDERS}) == ("orders",)


@pytest.mark.parametrize(("key", "grain"), [
    ("revenue", Grain.DAY), ("cogs", Grain.MONTH), ("trend", Grain.MONTH), ("cost", Grain.DAY), ("number", Grain.DAY),
    ("gone", Grain.DAY),
])
def test_a_kpi_can_be_asked_as_finely_as_its_coarsest_rows(key: str, grain: Grain) -> None:
    assert finest(key, KPIS, DATASETS) is grain


def test_rows_of_a_reference_set_no_grain() -> None:
    yearly = {"catalogue": replace(CATALOGUE, grain=Grain.YEAR), "orders": ORDERS,
              "finance": replace(FINANCE, grain=Grain.QUARTER)}
    assert finest("cost", KPIS, yearly) is Grain.DAY
    assert finest("margin", KPIS, yearly) is Grain.QUARTER


@pytest.mark.parametrize(("formula", "renamed"), [
    ("revenue - cogs", "sales - cogs"), ("growth(revenue)", "growth(sales)"),
    ("sum(orders.revenue)", "sum(orders.revenue)"),
    ('sum(revenue, revenue == "revenue")', 'sum(revenue, revenue == "revenue")'),
    ("-(revenue + 1) / 2", "-(sales + 1) / 2"),
    ('rolling(revenue, 3, "month")', 'rolling(sales, 3, "month")'),
])
def test_references_get_their_new_keys_and_columns_keep_theirs(formula: str, renamed: str) -> None:
    assert rename(formula, {"revenue": "sales"}) == renamed
    assert rename(formula, {}) == formula


def test_a_formula_names_other_kpis_sorted_and_once() -> None:
    assert references("b + a * b - growth(c)") == ("a", "b", "c")
    assert references("sum(a) +") == ()


@pytest.mark.parametrize(("key", "above", "path"), [
    ("round", (), ("round", "trip", "round")), ("trip", (), ("trip", "round", "trip")), ("margin", (), None),
    ("margin", ("revenue",), ("revenue", "margin", "revenue")), ("nothing", (), None), ("broken", (), None),
    ("revenue", ("revenue",), ("revenue", "revenue")),
])
def test_a_path_back_is_told_whole(key: str, above: tuple[str, ...], path: tuple[str, ...] | None) -> None:
    assert find_cycle(key, KPIS, above) == path


def test_as_many_kpis_as_a_formula_may_reach_through_and_one_more() -> None:
    def chain(length: int):
        return kpis(k0="sum(orders.revenue)", **{f"k{n}": f"k{n - 1} + 1" for n in range(1, length)})
    assert find_cycle(f"k{MAX_CHAIN - 1}", chain(MAX_CHAIN), ()) is None
    with pytest.raises(FormulaError, match="more than 60 other KPIs"):
        find_cycle(f"k{MAX_CHAIN}", chain(MAX_CHAIN + 1), ())
