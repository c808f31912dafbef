"""Lists speak in words: one row is one row, units and origins are no keys of the program."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashapp.core.definition import KpiView
from dashapp.core.kpi import Kpi
from dashapp.core.upload import UploadView
from dashapp.ui.definitions import definition_list, proposal_list
from dashapp.ui.imports import outcome, proposals, without_demo
from tests.figures.cast import WORDS
from tests.ui.tree import text

AT = datetime(2026, 3, 16, tzinfo=UTC)


def _upload(rows: int) -> UploadView:
    return UploadView("a" * 32, "sales", "committed", "s.csv", "", 10, AT, "f@example.org", "web", rows, 0, "append",
                      None, None, 1, AT, True, None, {}, None, None, None)


@pytest.mark.parametrize(("rows", "said"), [(1, "1 row is in sales."), (2, "2 rows are in sales."),
                                            (4711, "4,711 rows are in sales.")])
def test_a_commit_counts_its_rows_as_people_do(rows, said):
    assert said in text(outcome(_upload(rows), WORDS))


def test_a_definition_says_what_it_stands_on_and_its_unit_in_words():
    own = KpiView(Kpi("revenue", "Revenue", "sum(orders.revenue)", "currency"), datasets=("orders",))
    derived = KpiView(Kpi("margin", "Margin", "profit / revenue", "percent"))
    said = text(definition_list([own, derived]))
    assert "money" in said
    assert "currency" not in said
    assert "on orders" in said
    assert "from other KPIs" in said


def test_one_more_needs_and_two_more_need():
    ready = KpiView(Kpi("revenue", "Revenue", "sum(orders.revenue)"))
    lacking = [KpiView(Kpi(k, k, "1"), needs=("mrr",)) for k in ("a", "b")]
    assert "1 more needs other columns" in text(proposals([ready, lacking[0]]))
    assert "2 more need other columns" in text(proposals([ready, *lacking]))


def test_a_proposal_with_two_readings_is_not_ticked_and_says_so():
    sure = KpiView(Kpi("revenue", "Revenue", "sum(shop.revenue)"))
    open_ = KpiView(Kpi("gross_profit", "Gross profit", "revenue - cogs"), doubt="revenue could also be web_revenue")
    shown = proposals([sure, open_])
    assert "Not ticked: revenue could also be web_revenue." in text(shown.children[1].options[1]["label"])
    assert shown.children[1].value == ["revenue"]
    assert [o["value"] for o in shown.children[1].options] == ["revenue", "gross_profit"]
    assert "Before you add it: revenue could also be web_revenue." in text(proposal_list([open_], may_adopt=True))


def test_the_demo_company_goes_with_a_commit_only_when_somebody_ticks_it_and_the_result_says_so() -> None:
    box = without_demo().children
    assert (box.id, box.value) == ("import-undemo", [])
    kept, gone = _upload(3), replace(_upload(3), result={"removed": ["catalogue", "orders"]})
    assert "removed with this commit: its datasets catalogue, orders and its KPIs" in text(outcome(gone, WORDS))
    assert "demo company" not in text(outcome(kept, WORDS))
