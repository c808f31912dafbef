"""Headers in other languages serve the starter KPIs; the formula keeps the column's own name."""
from __future__ import annotations

import pytest

from dashapp.core.dataset import Column, Dataset, RoleOf, snake_case
from dashapp.core.period import Grain
from dashapp.query.adoption import brought
from dashapp.query.catalog import STARTERS, propose
from dashapp.query.catalog._synonyms import SYNONYMS, translated
from dashapp.query.formula import parse
from dashapp.query.tree import Col, walk


def _sheet(key: str, *headers: str) -> Dataset:
    columns = (Column("datum", "Datum", RoleOf.DATE, "date"),
               *(Column(snake_case(h), h, RoleOf.MEASURE, "number") for h in headers))
    return Dataset(key, key.title(), grain=Grain.MONTH, columns=columns)


GERMAN = _sheet("german", "Umsatz", "Bestellungen", "Neue Kunden", "Kosten")


def test_a_german_sheet_brings_its_figures_under_its_own_column_names() -> None:
    assert {k: b.kpi.formula for k, b in brought("german", {"german": GERMAN}, {}).items()} == {
        "revenue": "sum(german.umsatz)", "orders": "sum(german.bestellungen)",
        "average_order_value": "revenue / orders",
        "revenue_growth": "growth(revenue)", "new_customers": "sum(german.neue_kunden)"}


@pytest.mark.parametrize(("header", "formula"), [
    ("Umsatzerlöse", "sum(s.umsatzerlose)"), ("Umsatzerloese", "sum(s.umsatzerloese)"),
    ("Chiffre d'affaires", "sum(s.chiffre_d_affaires)"), ("Ventas", "sum(s.ventas)")])
def test_umlauts_may_be_spelled_out_and_other_languages_are_known(header: str, formula: str) -> None:
    assert translated("sum(revenue)", _sheet("s", header)) == formula


def test_a_product_is_translated_word_by_word() -> None:
    found = translated("sum(quantity * unit_price)", _sheet("s", "Menge", "Einzelpreis"))
    assert found == "sum(s.menge * s.einzelpreis)"


def test_the_word_itself_wins_and_two_translations_are_left_to_people() -> None:
    assert translated("sum(revenue)", _sheet("s", "Revenue", "Umsatz")) is None
    assert translated("sum(revenue)", _sheet("s", "Umsatz", "Erlöse")) is None
    assert translated("sum(revenue)", _sheet("s", "Kosten")) is None


def test_a_german_sheet_of_costs_completes_another_sheets_revenue_with_its_own_costs() -> None:
    weekly, costs = _sheet("weekly", "revenue", "operating_expenses"), _sheet("costs", "Wareneinsatz", "Betriebskosten")
    kpis = {k: b.kpi for k, b in brought("weekly", {"weekly": weekly}, {}).items()}
    found = brought("costs", {"weekly": weekly, "costs": costs}, kpis)
    assert found["gross_profit"].kpi.formula == "revenue - cogs"
    assert found["roi"].kpi.formula == (
        "(gross_profit - sum(costs.betriebskosten)) / sum(costs.betriebskosten)")
    assert propose({"costs": costs})[0].kpi is None


def test_every_translated_word_is_one_that_a_starter_asks_for_and_has_one_meaning() -> None:
    asked = {n.path[0] for s in STARTERS for f in s.formulas for n in walk(parse(f)) if isinstance(n, Col)}
    assert set(SYNONYMS) <= asked
    words = [w for keys in SYNONYMS.values() for w in keys.split()]
    assert len(words) == len(set(words))
