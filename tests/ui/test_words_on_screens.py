"""Lists speak in words: one row is one row, units and origins are no keys of the program."""
from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashapp.core.definition import KpiView
from dashapp.core.kpi import Kpi
from dashapp.core.upload import UploadView
from dashapp.ui.definitions import definition_list
from dashapp.ui.imports import outcome, proposals
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
