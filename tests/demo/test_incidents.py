"""The incidents are in the data, where and as strong as `incidents.json` says, and nowhere else."""
from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from dashapp.demo.company import Company
from dashapp.demo.incidents import Incident, incidents
from dashapp.demo.season import holidays, promotion_on
from dashapp.demo.spec import Spec
from tests.demo.conftest import rows

SHORT = ("outage", "price_error", "bots")


def incident(company: Company, key: str) -> Incident:
    return next(i for i in company.incidents if i.key == key)


def effect(company: Company, key: str) -> dict:
    return next(e for e in company.effects if e["key"] == key)


@pytest.fixture(scope="module")
def category(company: Company) -> dict[str, str]:
    return {p["sku_id"]: p["category"] for p in rows(company, "catalogue")}


def segment(found: Incident, lines: list[dict], category: dict[str, str]) -> list[dict]:
    """The lines of the incident's days and segment, chosen without the generator's own code."""
    out = []
    for line in lines:
        line_in = {**line, "catalogue.category": category[line["sku"]]}
        if found.start <= line["date"] <= found.end and all(line_in[c] in v for c, v in found.segment):
            out.append(line)
    return out


def total(lines: list[dict], column: str) -> Decimal:
    return sum((Decimal(str(line[column])) for line in lines), Decimal(0))


def test_a_long_history_has_every_kind_and_an_earlier_outage_and_bots(company: Company) -> None:
    assert {i.key for i in company.incidents} == {
        "outage", "price_error", "bots", "margin_leak", "return_wave", "outage_first_year", "bots_first_year"}


def test_the_effects_add_up_to_the_whole_difference_to_the_cent(
        company: Company, orders: list[dict], calm_orders: list[dict]) -> None:
    for column in ("revenue", "discount"):
        change = total(orders, column) - total(calm_orders, column)
        assert change == sum(Decimal(str(e["change"][column])) for e in company.effects)
    assert len(orders) - len(calm_orders) == sum(e["change"]["lines"] for e in company.effects)
    assert total(orders, "returned") - total(calm_orders, "returned") == sum(
        e["change"]["returned"] for e in company.effects)


def test_lines_outside_every_incident_are_untouched(
        company: Company, orders: list[dict], calm_orders: list[dict], category: dict[str, str]) -> None:
    def key(line: dict) -> tuple[str, str]:
        return line["order_id"], line["sku"]

    hit = {key(x) for i in company.incidents for lines in (orders, calm_orders) for x in segment(i, lines, category)}
    outside, calm_outside = ([x for x in lines if key(x) not in hit] for lines in (orders, calm_orders))
    assert outside == calm_outside
    assert len(outside) > 20_000


@pytest.mark.parametrize("key", ["outage", "outage_first_year"])
def test_an_outage_takes_orders_of_its_region_online_only(
        company: Company, orders: list[dict], calm_orders: list[dict], category: dict[str, str], key: str) -> None:
    found = incident(company, key)
    left, usual = (segment(found, lines, category) for lines in (orders, calm_orders))
    assert len(left) < len(usual) * (1 - found.strength * 0.5)
    kept = {(x["order_id"], x["sku"]) for x in left}
    assert kept < {(x["order_id"], x["sku"]) for x in usual}
    assert effect(company, key)["change"]["lines"] == len(left) - len(usual)


def test_people_still_visited_while_the_shop_was_down(company: Company, calm: Company) -> None:
    found = incident(company, "outage")

    def visits_and_conversions(which: Company) -> tuple[float, float]:
        seen = [r for r in rows(which, "marketing") if found.covers(r["date"]) and r["region"] == "AMER"]
        return sum(r["visits"] for r in seen), sum(r["conversions"] for r in seen)

    down, usual = visits_and_conversions(company), visits_and_conversions(calm)
    assert down[0] == usual[0]
    assert down[1] < usual[1] * 0.6


def test_a_price_error_sells_seating_at_a_tenth(company: Company, orders: list[dict], category: dict[str, str]) -> None:
    listed = {p["sku_id"]: p["list_price"] for p in rows(company, "catalogue")}
    found = incident(company, "price_error")
    wrong = segment(found, orders, category)
    assert wrong
    assert all(abs(x["price"] - listed[x["sku"]] / 10) <= Decimal("0.005") for x in wrong)
    wrong_keys = {(x["order_id"], x["sku"]) for x in wrong}
    assert all(x["price"] == listed[x["sku"]] for x in orders if (x["order_id"], x["sku"]) not in wrong_keys)
    assert effect(company, "price_error")["change_ratio"]["units"] == 2
    assert effect(company, "price_error")["change_ratio"]["revenue"] == pytest.approx(-0.7, abs=0.01)


@pytest.mark.parametrize("key", ["bots", "bots_first_year"])
def test_bots_are_customers_nobody_saw_before_or_after(
        company: Company, orders: list[dict], calm_orders: list[dict], category: dict[str, str], key: str) -> None:
    found = incident(company, key)
    known = {x["customer_id"] for x in calm_orders}
    bots = [x for x in segment(found, orders, category) if x["customer_id"] not in known]
    names = {x["customer_id"] for x in bots}
    assert all(found.covers(x["date"]) for x in orders if x["customer_id"] in names)
    per_day = {(found.start + timedelta(n)) for n in range((found.end - found.start).days + 1)}
    usual = len({x["order_id"] for x in calm_orders if x["date"] in per_day})
    assert len({x["order_id"] for x in bots}) > usual * 0.35
    assert effect(company, key)["change"]["orders"] == len({x["order_id"] for x in bots})


def test_the_margin_leak_grows_slowly_until_the_last_day(
        company: Company, orders: list[dict], calm_orders: list[dict], category: dict[str, str]) -> None:
    found = incident(company, "margin_leak")
    assert found.end == company.spec.end
    usual = {(x["order_id"], x["sku"]): x for x in calm_orders}
    extra = defaultdict(list)
    for x in segment(found, orders, category):
        before = usual[x["order_id"], x["sku"]]
        if before["price"] == x["price"]:
            gross = x["price"] * int(x["qty"])
            extra[(x["date"] - found.start).days // 30].append(float((x["discount"] - before["discount"]) / gross))
    means = [sum(v) / len(v) for _, v in sorted(extra.items())]
    assert len(means) >= 5
    assert means == sorted(means)
    assert means[0] < 0.03
    assert means[-1] == pytest.approx(found.strength, abs=0.02)


def test_returned_lamps_come_back_weeks_later(
        company: Company, orders: list[dict], calm_orders: list[dict], category: dict[str, str]) -> None:
    found = incident(company, "return_wave")
    wave, usual = (segment(found, lines, category) for lines in (orders, calm_orders))
    assert len(wave) == len(usual)
    assert total(wave, "returned") > total(usual, "returned") * 3
    usual_revenue = [x["revenue"] for x in usual if x["channel"] != "marketplace"]
    assert [x["revenue"] for x in wave if x["channel"] != "marketplace"] == usual_revenue


def test_customers_and_the_line_notice(company: Company, calm: Company) -> None:
    found, outage = incident(company, "return_wave"), incident(company, "outage")

    def mean(which: Company, start: date, end: date, region: str) -> float:
        seen = [r["satisfaction"] for r in rows(which, "survey")
                if start - timedelta(6) <= r["date"] <= end and r["region"] == region]
        return sum(seen) / len(seen)

    for i in (found, outage):
        assert mean(company, i.start, i.end, "AMER") < mean(calm, i.start, i.end, "AMER") - 0.05

    def defects(which: Company) -> float:
        seen = [r for r in rows(which, "operations") if abs((r["date"] - found.start).days) < 10]
        return sum(r["defects"] for r in seen) / sum(r["units_produced"] for r in seen)

    assert defects(company) > defects(calm) * 1.5


@pytest.mark.parametrize("days", [61, 90, 200, 365, 730, 1500])
@pytest.mark.parametrize("seed", [0, 1, 7, 42])
def test_incidents_lie_inside_any_history_and_short_ones_apart(days: int, seed: int) -> None:
    spec = Spec(seed, days, 1000, date(2026, 3, 18))
    found = incidents(spec)
    assert len(found) == (7 if days >= 700 else 5)
    for i in found:
        assert spec.start <= i.start <= i.end <= spec.end
    short = sorted((i.start, i.end) for i in found if i.cause in SHORT)
    assert all(before[1] < after[0] for before, after in pairwise(short))


def test_short_incidents_avoid_sales_holidays_and_weekends(company: Company) -> None:
    for i in company.incidents:
        if i.cause in SHORT:
            for n in range((i.end - i.start).days + 1):
                day = i.start + timedelta(n)
                assert day.weekday() < 5
                assert day not in holidays(day.year)
                assert promotion_on(day) is None


def test_a_calm_company_has_no_incidents(calm: Company) -> None:
    assert calm.incidents == calm.effects == ()
