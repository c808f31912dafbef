"""What a KPI is offered to be split and filtered by: every choice is one, and what is no choice is not offered."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.core.question import Question
from dashapp.services import asking, choosing, datasets, defining
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, SPAN, World, opened, orders, orders_csv, scoped

ROWS = orders(200)
CATALOGUE = [(f"S{n}", "Tools" if n < 2 else "Toys") for n in range(5)]
SPEND = [("2026-01-05", "EMEA", "web", 10), ("2026-02-06", "APAC", "mail", 20)]
READINGS = [("2026-01-31", "brand", 55), ("2026-01-31", "nps", 30), ("2026-02-28", "brand", 57)]
FORMULAS = {
    "both": "revenue / sum(spend.cost)", "web": 'sum(spend.cost, channel == "web")',
    "brand": 'avg(readings.value, kpi == "brand")', "several": 'avg(readings.value, kpi in ["brand", "nps"])',
    "tools": 'sum(orders.revenue, orders.catalogue.category == "Tools" and qty > 1)', "nested": "web / web",
    "half": 'web + sum(spend.cost, region == "EMEA")',
    "either": 'sum(spend.cost, channel == "web" or channel == "mail")',
    "constant": "1 + 1",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Orders joined to a catalogue, spending, readings, and KPIs over one or several of them. Tests only read it."""
    with opened(tmp_path_factory.mktemp("choosing"), sqlite_template) as found:
        found.bring(csv_bytes(("sku_id", "category"), CATALOGUE), "c.csv", "catalogue")
        found.bring(orders_csv(ROWS), "o.csv", "orders", {**ORDERS_MAPPING, "joins": {"sku": "catalogue.sku_id"}})
        found.bring(csv_bytes(("date", "region", "channel", "cost"), SPEND), "s.csv", "spend", {"mode": "append"})
        found.bring(csv_bytes(("date", "kpi", "value"), READINGS), "r.csv", "readings",
                    {"key": ["date", "kpi"], "columns": {"kpi": {"role": "dimension"}, "value": {"role": "measure"}}})
        for key, formula in FORMULAS.items():
            defining.save(found.cast.analyst, found.desk, Kpi(key, key, formula), now=found.now)
        yield found


@pytest.mark.parametrize(("kpi", "names"), [
    ("revenue", {"region", "catalogue.category", "sku"}), ("both", {"region"}), ("web", {"region"}),
    ("brand", set()), ("several", {"kpi"}), ("tools", {"region", "sku"}), ("nested", {"region"}),
    ("half", {"region", "channel"}), ("either", {"region", "channel"}), ("constant", set()), ("nothing", set()),
])
def test_a_kpi_is_offered_what_all_of_its_data_have_and_its_conditions_leave_open(
        world: World, kpi: str, names: set[str]) -> None:
    found = set(choosing.dimensions(world.cast.executive, world.desk, kpi))
    assert found - {"sku"} == names - {"sku"}


@pytest.mark.parametrize("kpi", ["revenue", "both", "web", "several", "tools", "half", "either"])
def test_every_choice_is_one_that_the_kpi_can_be_split_by(world: World, kpi: str) -> None:
    for name in choosing.dimensions(world.cast.executive, world.desk, kpi):
        question = Question((kpi,), Grain.YEAR, SPAN, by=(name,))
        (series,) = asking.ask(world.cast.executive, world.desk, question, now=world.now)
        assert [t for t in series.totals if t.split and t.value is not None], name


def test_joined_names_and_words_are_those_of_the_screen(world: World) -> None:
    found = choosing.dimensions(world.cast.executive, world.desk, "revenue")
    assert found["catalogue.category"] == "Category (Catalogue)"
    assert found["region"] == "Region"
    assert set(choosing.dimensions(world.cast.executive, world.desk)) >= {"region", "channel", "kpi"}


def test_the_values_of_a_choice_are_those_of_the_rows_within_the_scope(world: World) -> None:
    def members(column: str, *where: str, kpi: str | None = None) -> tuple[str, ...]:
        return choosing.members(scoped(world.cast.executive, *where), world.desk, column, now=world.now, kpi=kpi)

    assert members("region") == tuple(sorted({r.region for r in ROWS} - {""}))
    assert members("region", kpi="web") == ("APAC", "EMEA")
    assert members("region", "region=APAC") == ("APAC",)
    assert members("catalogue.category", kpi="revenue") == ("Tools", "Toys")
    assert members("kpi", kpi="brand") == (), "nothing to choose"
    assert members("channel", kpi="revenue") == ()
    assert members("region", kpi="nothing") == members("region")


def test_a_kpi_that_lacks_data_is_offered_nothing(world: World, tmp_path: Path, sqlite_template: Path) -> None:
    with opened(tmp_path / "own", sqlite_template) as own:
        own.bring(orders_csv(ROWS[:9]), "o.csv", "orders", ORDERS_MAPPING)
        own.bring(csv_bytes(("date", "region", "cost"), [(d, r, c) for d, r, _, c in SPEND]), "s.csv", "spend",
                  {"mode": "append"})
        defining.save(own.cast.analyst, own.desk, Kpi("both", "Both", FORMULAS["both"]), now=own.now)
        assert set(choosing.dimensions(own.cast.executive, own.desk, "both")) == {"region"}
        datasets.delete(own.cast.admin, own.desk, "spend", now=own.now)
        assert choosing.dimensions(own.cast.executive, own.desk, "both") == {}
        assert "region" in choosing.dimensions(own.cast.executive, own.desk, "revenue")


def test_a_label_is_that_of_the_kpis_own_data_and_begins_with_a_capital(
        tmp_path: Path, sqlite_template: Path) -> None:
    with opened(tmp_path, sqlite_template) as found:
        found.bring(csv_bytes(("date", "region", "order_channel", "revenue"), [("2026-01-05", "EMEA", "web", 10)]),
                    "a.csv", "orders", {"mode": "append"})
        found.bring(csv_bytes(("date", "Région", "cost"), [("2026-01-05", "EMEA", 10)]), "b.csv", "ventes",
                    {"mode": "append"})
        for key, formula in (("income", "sum(orders.revenue)"), ("cost", "sum(ventes.cost)")):
            defining.save(found.cast.analyst, found.desk, Kpi(key, key, formula), now=found.now)
        asked = ("income", "cost", None)
        own, theirs, every = (choosing.dimensions(found.cast.executive, found.desk, k) for k in asked)
        assert own == {"region": "Region", "order_channel": "Order channel"}
        assert theirs == {"region": "Région"}
        assert every == {"region": "Region", "order_channel": "Order channel"}


def test_the_values_of_a_column_are_known_without_a_kpi_over_it(world: World) -> None:
    def values(dataset: str, column: str, *where: str) -> tuple[str, ...]:
        return choosing.values(scoped(world.cast.analyst, *where), world.desk, dataset, column, now=world.now)

    assert values("orders", "region") == tuple(sorted({r.region for r in ROWS} - {""}))
    assert values("orders", "region", "region=APAC|EMEA") == ("APAC", "EMEA")
    assert values("orders", "catalogue.category") == ("Tools", "Toys")
    assert values("catalogue", "category") == ("Tools", "Toys"), "a list has no dates"
    assert values("catalogue", "category", "region=APAC") == (), "a list that the scope does not reach"
    assert values("readings", "kpi") == ("brand", "nps")
    assert values("orders", "revenue") == values("orders", "nothing") == values("nowhere", "region") == ()
    assert values("spend", "channel", "region=EMEA") == ("web",)


def test_of_many_values_the_most_frequent_are_given(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MAX_MEMBERS", 1)
    counted = Counter(r.region for r in ROWS if r.region)
    assert choosing.values(world.cast.analyst, world.desk, "orders", "region", now=world.now) == (
        counted.most_common(1)[0][0],)
