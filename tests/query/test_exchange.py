"""E22: amounts in several currencies in questions: converted at the row's date, or no value with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.place import Place
from dashapp.core.question import Question, Top
from dashapp.core.rollup import RollupSpec, rollup_of
from dashapp.core.where import parse_wheres
from dashapp.query.compile import plan
from dashapp.query.evidence import evidence
from dashapp.query.explain import explain, rows_plan
from dashapp.query.graph import needed
from dashapp.query.measures import measures
from tests.query.bureau import DATASETS, FX, FX_TO, KPIS, OWN, SALES, ask
from tests.query.shop import TODAY, columns, connect, kpis, results, states

MARCH = DateRange(date(2025, 3, 1), date(2025, 3, 31))


def sale(day: int, currency: str | None, revenue: str | None, **more: Any) -> dict[str, Any]:
    return {"date": date(2025, 3, day), "currency": currency, "revenue": revenue and Decimal(revenue), "qty": 1.0,
            "region": "EMEA", "channel": "web", "customer": "a", **more}


def rate(day: int, currency: str, value: float, **more: Any) -> dict[str, Any]:
    return {"date": date(2025, 3, day), "currency": currency, "rate": value, **more}


def month(kpi: str, sales: list[Any], fx: list[Any], **more: Any) -> Any:
    """The point of March of one KPI."""
    by = more.pop("by", ())
    where = parse_wheres(more.pop("where", ()))
    question = Question((kpi,), Grain.MONTH, MARCH, by, where, scope=parse_wheres(more.pop("scope", ())))
    found = ask(question, {"sales": sales, "fx": fx}, **more)[0].points
    return found if by else found[0]


def test_e22_every_row_is_converted_at_the_rate_of_its_own_day_and_nothing_is_rounded() -> None:
    sales = [sale(3, "USD", "100.0001"), sale(4, "USD", "100"), sale(4, "EUR", "1")]
    point = month("total", sales, [rate(3, "USD", 0.123456789012), rate(4, "USD", 0.5)])
    assert point.value == Decimal("100.0001") * Decimal("0.123456789012") + 51
    assert (point.reason, point.value.as_tuple().exponent) == (None, -16)


@pytest.mark.parametrize(("day", "is_there"), [(3, True), (10, True), (11, False), (2, False)])
def test_e22_a_rate_holds_on_its_day_and_seven_days_more_and_never_before(day: int, is_there: bool) -> None:
    point = month("total", [sale(day, "USD", "10")], [rate(3, "USD", 0.5)])
    assert (point.value, point.reason is None) == ((Decimal(5), True) if is_there else (None, False))


def test_e22_a_newer_rate_ends_the_one_before_it() -> None:
    sales = [sale(4, "USD", "10"), sale(5, "USD", "10"), sale(6, "USD", "10")]
    assert month("total", sales, [rate(3, "USD", 0.5), rate(5, "USD", 2.0)]).value == 5 + 20 + 20


def test_e22_a_missing_rate_is_no_value_and_says_which_currency_lacks_one_and_since_when() -> None:
    sales = [sale(3, "EUR", "10"), sale(20, "GBP", "1"), sale(19, "GBP", "1"), sale(21, "USD", "1")]
    point = month("total", sales, [rate(3, "GBP", 1.2), rate(20, "USD", 0.9)])
    assert point.value is None
    assert point.reason == "There is no rate for GBP on 19 Mar 2025, nor in the 7 days before, in fx."


def test_e22_without_a_list_of_rates_the_reason_says_so_and_own_amounts_still_count() -> None:
    alone = {"sales": SALES}
    point = month("total", [sale(3, "USD", "10")], [], datasets=alone)
    assert point.reason == "Amounts in USD on 3 Mar 2025 cannot be converted: there is no dataset fx with rates."
    assert month("total", [sale(3, "EUR", "10"), sale(4, None, "2")], [], datasets=alone).value == 12


def test_e22_a_missing_rate_takes_only_the_segments_and_the_figures_that_rest_on_it() -> None:
    sales = [sale(3, "EUR", "10"), sale(20, "GBP", "7", region="APAC")]
    found = {p.split[0][1]: p for p in month("total", sales, [], by=("region",))}
    assert (found["EMEA"].value, found["APAC"].value) == (10, None)
    assert "GBP on 20 Mar 2025" in (found["APAC"].reason or "")
    assert month("rows", sales, []).value == 2
    assert month("units", sales, []).value == 2
    assert month("people", sales, []).value == 1
    assert month("web", [*sales[:1], {**sales[1], "channel": "shop"}], []).value == 10, "the other channel is not asked"
    assert month("total", sales, [], where=("region=EMEA",)).value == 10
    assert month("total", sales, [], scope=("region=EMEA",)).value == 10


def test_e22_an_empty_amount_needs_no_rate() -> None:
    assert month("total", [sale(3, "EUR", "10"), sale(20, "GBP", None)], []).value == 10


def test_e22_conditions_compare_what_an_amount_is_worth() -> None:
    sales = [sale(3, "USD", "11"), sale(3, "EUR", "11"), sale(3, "EUR", "9")]
    fx = [rate(3, "USD", 0.5)]
    assert month("dear", sales, fx).value == 1
    point = month("dear", [*sales, sale(3, "GBP", "1")], fx)
    assert (point.value, "GBP" in (point.reason or "")) == (None, True), "nobody knows whether it is above ten"
    assert month("dear_web", [*sales, sale(3, "GBP", "1", channel="shop", price=Decimal(9))], fx).reason is None


def test_e22_two_rates_of_one_day_are_none() -> None:
    fx = [rate(2, "USD", 0.4), rate(3, "USD", 0.5), rate(3, "usd ", 0.6)]
    assert month("total", [sale(2, "USD", "10")], fx).value == 4
    assert "USD on 3 Mar 2025" in month("total", [sale(3, "USD", "10")], fx).reason
    assert month("total", [sale(3, "USD", "10")], [*fx[:2], rate(3, "usd", 0.5)]).value == 5, "said twice alike is one"


def test_e22_rates_into_other_currencies_are_left_aside() -> None:
    datasets = {"sales": SALES, "fx": FX_TO}
    fx = [rate(3, "USD", 0.9, to="CHF"), rate(3, "USD", 0.5, to="eur")]
    assert month("total", [sale(3, "USD", "10")], fx, datasets=datasets).value == 5
    assert month("total", [sale(3, "USD", "10")], fx, datasets=datasets, currency="CHF").value == 9
    assert month("total", [sale(3, "EUR", "10")], fx, datasets=datasets, currency="CHF").value is None


@pytest.mark.parametrize("value", [0.0, -1.0, None, 1e9])
def test_e22_what_is_no_rate_converts_nothing(value: float | None) -> None:
    assert month("total", [sale(3, "USD", "10")], [rate(3, "USD", value)]).value is None  # type: ignore[arg-type]


def test_e22_products_of_amounts_have_eight_decimals_and_every_aggregate_converts() -> None:
    fx = [rate(3, "USD", 0.333333333333)]
    sales = [sale(3, "USD", "10", price=Decimal("10"), qty=3.0), sale(4, "EUR", "4", price=Decimal("2"), qty=1.0)]
    third = Decimal(10) * Decimal("0.333333333333")
    assert month("gross", sales, fx).value == round(third, 8) * 3 + 2
    assert month("mean", sales, fx).value == (third + 2) / 2
    assert (month("low", sales, fx).value, month("high", sales, fx).value) == (third, third)
    assert month("opening", sales, fx).value == third
    assert month("closing", sales, fx).value == 4
    assert abs(month("middle", sales, fx).value - (third + 4) / 2) < Decimal("1e-7")


def test_e22_the_largest_segments_are_those_that_are_worth_most() -> None:
    sales = [sale(3, "JPY", "1000", region="APAC"), sale(3, "EUR", "50"), sale(3, "EUR", "20", region="LATAM"),
             sale(3, "JPY", "1000", region="EMEA")]
    question = Question(("total",), Grain.MONTH, MARCH, ("region",), top=Top(1, True))
    found = ask(question, {"sales": sales, "fx": [rate(3, "JPY", 0.006)]})[0]
    assert [(p.split, p.others, p.value) for p in found.points] == [
        ((("region", "EMEA"),), None, Decimal(56)), ((), 2, Decimal(26))]


def test_e22_years_and_rolling_windows_look_for_rates_where_they_look_for_rows() -> None:
    definitions = {**KPIS, **kpis(week="rolling(total, 7)", before="previous(total)")}
    sales = [sale(3, "USD", "10"), sale(9, "EUR", "1"), sale(20, "EUR", "2"), sale(27, "EUR", "4")]
    question = Question(("week", "total"), Grain.DAY, DateRange(date(2025, 3, 9), date(2025, 3, 27)))
    week, total = ask(question, {"sales": sales, "fx": []}, definitions=definitions)
    said = {p.period.start.day: (p.value, p.reason) for p in week.points}
    assert said[9][0] is None
    assert "USD on 3 Mar 2025" in said[9][1]
    assert (said[20], said[27]) == ((2, None), (4, None)) or said[27][0] == 4
    assert total.points[0].value == 1


def test_e22_rows_cannot_be_split_or_filtered_by_amounts_in_several_currencies() -> None:
    point = month("rows", [sale(3, "USD", "10")], [], where=("revenue=10",))
    assert (point.value, "several currencies" in point.reason) == (None, True)
    assert [p.value for p in month("rows", [sale(3, "USD", "10")], [], by=("currency",))] == [1]


def test_e22_the_rollup_answers_what_it_holds_by_currency() -> None:
    spec = rollup_of(SALES, measures(KPIS.values(), DATASETS).get("sales", ()))
    assert "currency" in spec.dimensions
    assert not [m for m in spec.measures if m.name.startswith("x_")], "products are not added up before they convert"
    question = Question(("total", "gross", "middle"), Grain.MONTH, MARCH, ("region",))

    def scans(spec: RollupSpec) -> dict[str, tuple[str, ...]]:
        tables = {"sales": [sale(3, "USD", "1")], "fx": []}
        made = plan(question, KPIS, DATASETS, Calendar(), states(tables, DATASETS), {"sales": spec}, TODAY,
                    currency=OWN)
        return {s.name: s.tables for s in made.scans}

    found = scans(spec.with_dimensions(("region", "currency")))
    assert found["sales:day"] == ("fx", "sales__day")
    assert found["sales:day rates"] == ("fx", "sales__day")
    assert set(found) == {"sales:day", "sales:rows", "sales:median", "sales:day rates", "sales:rates"}
    assert "sales:day" not in {n for n, t in scans(spec.with_dimensions(("region",))).items() if "fx" in t}


def test_e22_data_without_a_column_of_codes_read_no_rates() -> None:
    plain = replace(SALES, columns=tuple(c for c in SALES.columns if c.key != "currency"))
    question = Question(("total", "dear", "middle"), Grain.MONTH, MARCH)
    state = states({"sales": [sale(3, None, "1")]}, {"sales": plain, "fx": FX})
    made, without = (plan(question, KPIS, d, Calendar(), state, {}, TODAY, currency=OWN)
                     for d in ({"sales": plain, "fx": FX}, {"sales": plain}))
    assert [s.sql for s in made.scans] == [s.sql for s in without.scans]
    assert not any("fx" in s.tables for s in made.scans)
    assert needed(["total"], KPIS, {"sales": plain, "fx": FX}) == ("sales",)
    assert needed(["total"], KPIS, DATASETS) == ("fx", "sales")


def test_e22_a_list_of_rates_without_its_key_is_none() -> None:
    for odd in (replace(FX, key_columns=("date",)), replace(FX, kind="snapshot"),
                replace(FX, columns=columns(date="date date", currency="currency text", rate="dimension text"))):
        assert needed(["total"], KPIS, {"sales": SALES, "fx": odd}) == ("sales",)


def test_e22_amounts_of_a_warehouse_are_refused_and_its_counts_are_not() -> None:
    there = replace(SALES, place=Place("shop", "postgres", ("public", "sales"),
                                       tuple((c.key, c.key, "text") for c in SALES.columns), "UTC"))
    question = Question(("total", "rows", "dear"), Grain.MONTH, MARCH)
    state = states({"sales": [sale(3, None, "1")]}, {"sales": there})
    made = plan(question, KPIS, {"sales": there, "fx": FX}, Calendar(), state, {}, TODAY, currency=OWN)
    from dashapp.query.answer import answer

    total, rows, dear = answer(made, {s.name: {c: [] for c in s.expression.columns} for s in made.scans})
    assert "are not converted" in (total.points[0].reason or "")
    assert "are not converted" in (dear.points[0].reason or "")
    assert "are not converted" not in (rows.points[0].reason or "")


def test_e22_the_rows_behind_a_figure_show_amount_code_rate_and_worth() -> None:
    sales = [sale(3, "USD", "10"), sale(4, "EUR", "1"), sale(20, "GBP", "5")]
    tables = {"sales": sales, "fx": [rate(3, "USD", 0.5)]}
    question = Question(("total",), Grain.MONTH, MARCH)
    made = plan(question, KPIS, DATASETS, Calendar(), states(tables, DATASETS), {}, TODAY, currency=OWN)
    (rows,) = rows_plan(made, "total")
    assert rows.columns[-5:] == ("fx__rate", "revenue__EUR", "_vintage", "_sheet", "_row")
    assert rows.used == ("currency", "revenue")
    found = connect(tables, DATASETS).sql(rows.sql).fetchall()
    names = rows.columns
    picked = [tuple(r[names.index(n)] for n in ("currency", "revenue", "fx__rate", "revenue__EUR")) for r in found]
    assert picked == [("GBP", 5, None, None), ("EUR", 1, 1, 1), ("USD", 10, Decimal("0.5"), 5)]
    assert any("fx" in sql for _, _, sql in explain(made).statements)


def test_e22_evidence_fetches_the_rate_of_each_row() -> None:
    tables = {"sales": [sale(3, "USD", "10"), sale(4, "EUR", "1")], "fx": [rate(3, "USD", 0.5)]}
    question = Question(("total",), Grain.MONTH, MARCH)
    made = plan(question, KPIS, DATASETS, Calendar(), states(tables, DATASETS), {}, TODAY, currency=OWN)
    connection = connect(tables, DATASETS)
    found = evidence(made, results(made, connection), "total", limit=10)
    (sheet,) = found.sheets
    assert (sheet.amounts, sheet.columns[-1], found.value) == (("revenue",), "fx__rate", 6)
    rows = connection.sql(sheet.sql).to_arrow_table().to_pylist()
    assert [(r["revenue"], r["fx__rate"], r["__v0"]) for r in rows] == [(10, Decimal("0.5"), 5), (1, 1, 1)]
