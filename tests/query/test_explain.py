"""Where a figure comes from: the formula written out, the statements, and exactly the rows that were counted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.where import parse_wheres
from dashapp.query import explain as lineage
from dashapp.query.compile import plan
from dashapp.query.explain import MAX_ROWS, explain, rows_plan
from tests.query.shop import CATALOGUE_ROWS, DATASETS, TODAY, Calendar, connect, kpis, states

KPIS = kpis(
    revenue="sum(orders.revenue)",
    tea='sum(orders.revenue, orders.catalogue.category == "Tea")',
    share="tea / revenue",
    gone="lost(orders.customer_id)",
    people="distinct(orders.customer_id)",
    middle="median(orders.qty * orders.price)",
    margin="(revenue - sum(finance.cogs)) / revenue",
    broken="sum(orders.nope)",
    closing="last(orders.price)",
)
ROWS = [
    {"date": date(2025, m, d), "revenue": Decimal(d), "sku": sku, "region": region, "customer_id": "a"}
    for m in (1, 2, 3)
    for d, sku, region in ((3, "s1", "A"), (4, "s2", "A"), (5, "s1", None))
] + [{"date": date(2025, 1, 1), "revenue": Decimal(0), "sku": "s1", "region": "A", "customer_id": "a"}]
TABLES = {"orders": ROWS, "catalogue": CATALOGUE_ROWS}


def planned(*keys: str, **more: object):  # type: ignore[no-untyped-def]
    question = Question(keys, Grain.MONTH, DateRange(date(2025, 2, 1), date(2025, 3, 31)), **more)  # type: ignore[arg-type]
    return plan(question, KPIS, DATASETS, Calendar(), states(TABLES), {}, TODAY)


def test_a_derivation_writes_other_kpis_out() -> None:
    found = explain(planned("share"))
    assert found.formula == "tea / revenue"
    assert found.expanded == 'sum(orders.revenue, orders.catalogue.category == "Tea") / sum(orders.revenue)'
    assert [s[0] for s in found.statements] == ["orders:rows"]
    assert found.datasets == ("orders",)


def test_a_derivation_of_a_broken_kpi_says_why() -> None:
    assert explain(planned("broken")).problem == "Needs orders.nope, which is not here any more."
    assert "split by" in explain(planned("margin", by=("channel",))).problem


def test_the_rows_of_a_figure_are_those_it_was_computed_from() -> None:
    compiled, connection = planned("tea", by=("region",), where=parse_wheres(["region!=B"])), connect(TABLES)
    [rows] = rows_plan(compiled, "tea", compiled.periods[0], ("A",))
    found = connection.sql(rows.sql).to_arrow_table().to_pylist()
    assert [(r["date"], r["sku"], r["catalogue__category"], r["_sheet"], r["_row"]) for r in found] == [
        (date(2025, 2, 3), "s1", "Tea", "Sheet1", 5)
    ]
    assert connection.sql(rows.count_sql).fetchall() == [(1,)]
    [rows] = rows_plan(compiled, "tea", compiled.periods[0], (None,))
    assert [r["_row"] for r in connection.sql(rows.sql).to_arrow_table().to_pylist()] == [7]


def test_the_rows_of_a_total_are_all_of_them_newest_first_up_to_the_limit() -> None:
    compiled, connection = planned("revenue"), connect(TABLES)
    [rows] = rows_plan(compiled, "revenue", limit=2)
    assert [r["date"] for r in connection.sql(rows.sql).to_arrow_table().to_pylist()] == [
        date(2025, 3, 5),
        date(2025, 3, 4),
    ]
    assert connection.sql(rows.count_sql).fetchall() == [(6,)]


def test_who_is_lost_is_found_among_the_rows_of_the_period_before() -> None:
    compiled = planned("gone")
    [rows] = rows_plan(compiled, "gone", compiled.periods[0])
    assert {r["date"].month for r in connect(TABLES).sql(rows.sql).to_arrow_table().to_pylist()} == {1}


def test_statements_are_compiled_when_they_are_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A derivation needs the uploads behind its rows, a page needs the rows and their number: three in all."""
    compiled: list[str] = []
    real = lineage.statement
    monkeypatch.setattr(lineage, "statement", lambda *told: compiled.append(real(*told)) or compiled[-1])
    figure = planned("tea", by=("region",))
    [told] = rows_plan(figure, "tea", figure.periods[0])
    [page] = rows_plan(planned("tea", by=("region",)), "tea", figure.periods[0], limit=5)
    assert compiled == []
    assert page.chosen is told.chosen, "the figure is the same: so is the expression"
    assert {told.origins_sql, told.origins_sql, page.sql, page.count_sql, page.sql, page.count_sql} == set(compiled)
    assert len(compiled) == 3
    assert page.dataset == "orders"


@pytest.mark.parametrize(("limit", "most"), [(5, 5), (1, 1), (0, 1), (-3, 1), (MAX_ROWS, MAX_ROWS),
(MAX_ROWS + 1, MAX_ROWS)])
def test_a_page_has_a_row_at_least_and_no_more_than_an_export(limit: int, most: int) -> None:
    [rows] = rows_plan(planned("revenue"), "revenue", limit=limit)
    assert rows.sql.endswith(f"LIMIT {most}")


def test_the_uploads_behind_a_figure_are_counted() -> None:
    compiled, connection = planned("tea", by=("region",)), connect(TABLES)
    [rows] = rows_plan(compiled, "tea", compiled.periods[0])
    assert connection.sql(rows.origins_sql).to_arrow_table().to_pylist() == [{"_vintage": "v1", "rows": 2}]
    [rows] = rows_plan(compiled, "tea", compiled.periods[0], ("nowhere",))
    assert connection.sql(rows.origins_sql).fetchall() == []
    assert connection.sql(rows.count_sql).fetchall() == [(0,)]
