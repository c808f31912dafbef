"""What the API answers: series, derivations, rows and uploads as JSON, member by member."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.derivation import Derivation, Origin, SourceRow, SourceRows, Term
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.core.series import Compared, Point, Series, Total, plain
from dashapp.core.upload import UploadView

MARCH, FEBRUARY = Calendar().parse("2026-03"), Calendar().parse("2026-02")
AT = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
POINT = Point(MARCH, (("region", "EMEA"), ("channel", None)), Decimal("12.50"), True)
TOLD = {"period": "2026-03", "start": "2026-03-01", "end": "2026-03-31", "split": {"region": "EMEA", "channel": None},
        "value": 12.5, "complete": True}
COMPARED = Compared(Decimal(10), Decimal("2.5"), 0.25, "2026-02", between=(FEBRUARY, FEBRUARY), kind="previous")
SERIES = Series("revenue", "Revenue", "currency", 2, "up", Grain.MONTH, MARCH.start, MARCH.end, (POINT,),
                (Total((), 12), Total((("region", "EMEA"),), None, "No rows in this period.")))


@pytest.mark.parametrize(("value", "told"), [(Decimal("1.10"), 1.1), (3, 3), (2.5, 2.5), (None, None), (0, 0)])
def test_decimals_become_floats_and_everything_else_stays(value: object, told: object) -> None:
    found = plain(value)  # type: ignore[arg-type]
    assert found == told
    assert type(found) is type(told)


def test_values_of_a_split_are_texts_whatever_the_column_holds() -> None:
    odd = (("shipped", date(2026, 3, 4)), ("year", 2026), ("seen", AT), ("region", None))
    found = replace(SERIES, points=(replace(POINT, split=odd),), totals=(Total(odd, 1),)).to_json()  # type: ignore[arg-type]
    told = {"shipped": "2026-03-04", "year": "2026", "seen": "2026-03-16T09:30:00+00:00", "region": None}
    assert [found["points"][0]["split"], found["totals"][0]["split"]] == [told, told]


def test_a_series_is_told_member_by_member() -> None:
    found = SERIES.to_json()
    assert found == {
        "kpi": "revenue", "name": "Revenue", "unit": "currency", "grain": "month", "from": "2026-03-01",
        "to": "2026-03-31", "as_of": None, "by": [], "points": [TOLD],
        "totals": [{"split": {}, "value": 12},
                   {"split": {"region": "EMEA"}, "value": None, "reason": "No rows in this period."}],
        "vintages": [], "data_through": None, "warnings": [],
    }
    assert json.loads(json.dumps(found)) == found
    full = replace(SERIES, as_of=AT, by=("region",), vintages=("v1",), data_through=date(2026, 3, 15),
                   warnings=("w",)).to_json()
    assert full["as_of"] == "2026-03-16T09:30:00+00:00"
    assert (full["by"], full["vintages"], full["data_through"], full["warnings"]) == (
        ["region"], ["v1"], "2026-03-15", ["w"])


@pytest.mark.parametrize(("point", "more"), [
    (replace(POINT, value=None, reason="Why."), {"value": None, "reason": "Why."}),
    (replace(POINT, reason="not told beside a value"), {}),
    (replace(POINT, complete=False), {"complete": False}),
    (replace(POINT, complete=False, partial="Data begin on 5 Mar 2026."),
     {"complete": False, "partial": "Data begin on 5 Mar 2026."}),
    (replace(POINT, compare=COMPARED),
     {"compare": {"label": "2026-02", "value": 10.0, "change": 2.5, "change_ratio": 0.25}}),
    (replace(POINT, compare=replace(COMPARED, value=None, change=None, change_ratio=None, reason="Why.")),
     {"compare": {"label": "2026-02", "value": None, "change": None, "change_ratio": None, "reason": "Why."}}),
    (replace(POINT, compare=replace(COMPARED, part_until=date(2026, 2, 10))),
     {"compare": {"label": "2026-02", "value": 10.0, "change": 2.5, "change_ratio": 0.25, "part_until": "2026-02-10"}}),
])
def test_a_point_tells_a_reason_a_part_and_a_comparison_where_there_are(point: Point, more: dict[str, object]) -> None:
    assert replace(SERIES, points=(point,)).to_json()["points"] == [{**TOLD, **more}]


def test_a_total_tells_its_comparison() -> None:
    found = replace(SERIES, totals=(Total((), 1, None, COMPARED),)).to_json()["totals"]
    assert found == [{"split": {}, "value": 1, "compare": {"label": "2026-02", "value": 10.0, "change": 2.5,
                                                           "change_ratio": 0.25}}]


def test_the_total_of_a_series_is_the_one_without_a_split() -> None:
    assert SERIES.total == SERIES.totals[0]
    assert replace(SERIES, totals=SERIES.totals[::-1]).total == SERIES.totals[0]
    assert replace(SERIES, totals=SERIES.totals[1:]).total is None
    assert replace(SERIES, version=7) == SERIES


@pytest.mark.parametrize(("complete", "partial", "state"), [
    (True, None, ""), (False, None, "unfinished"),
    (False, "Data begin on 5 Mar 2026.", "not whole: data begin on 5 Mar 2026"),
])
def test_a_period_says_what_is_to_be_said_beside_its_figure(complete: bool, partial: str | None, state: str) -> None:
    assert replace(POINT, complete=complete, partial=partial).state == state


# derivations -----------------------------------------------------------------------------------------------------
TERM = Term("previous(sum(orders.revenue))", Decimal("7.25"), None, date(2026, 2, 1), date(2026, 2, 28))
DERIVED = Derivation(
    Kpi("share", "Share", "a / b", "percent", version=4), MARCH, (("region", None),), replace(POINT, value=0.5),
    "sum(x) / sum(y)", (TERM, Term("count(orders)", None, "No rows.")), (("orders:rows", "SELECT 1"),),
    (Origin("u1", "orders", "orders.xlsx", AT, 3),), 3, AT, ("b",),
)


def test_a_derivation_is_told_member_by_member() -> None:
    found = DERIVED.to_json()
    assert found == {
        "kpi": "share", "name": "Share", "unit": "percent", "formula": "a / b", "definition_version": 4,
        "expanded": "sum(x) / sum(y)", "period": "2026-03", "start": "2026-03-01", "end": "2026-03-31",
        "split": {"region": None}, "value": 0.5, "reason": None, "complete": True, "partial": None,
        "terms": [
            {"formula": "previous(sum(orders.revenue))", "value": 7.25, "reason": None, "start": "2026-02-01",
             "end": "2026-02-28"},
            {"formula": "count(orders)", "value": None, "reason": "No rows.", "start": None, "end": None},
        ],
        "left": ["b"], "sql": [{"scan": "orders:rows", "sql": "SELECT 1"}],
        "vintages": [{"upload": "u1", "dataset": "orders", "file": "orders.xlsx", "rows": 3,
                      "committed_at": "2026-03-16T09:30:00+00:00"}],
        "rows": 3, "as_of": "2026-03-16T09:30:00+00:00",
    }
    assert json.loads(json.dumps(found)) == found
    assert replace(DERIVED, as_of=None).to_json()["as_of"] is None


def test_source_rows_are_told_with_their_place_and_cells() -> None:
    rows = SourceRows("orders", ("date", "revenue", "region"), (
        SourceRow("u1", "orders.xlsx", "Sheet1", 7, (date(2026, 3, 4), Decimal("1.50"), None), "Sheet1!B7",
                  {"date": "A7", "revenue": "B7"}),
        SourceRow("u2", "more.csv", None, 2, (AT, 2.0, "EMEA"), "row 2"),
    ), 12, ("orders", "finance"))
    assert rows.to_json() == {"dataset": "orders", "datasets": ["orders", "finance"], "total": 12, "rows": [
        {"upload": "u1", "file": "orders.xlsx", "sheet": "Sheet1", "row": 7, "place": "Sheet1!B7",
         "addresses": {"date": "A7", "revenue": "B7"},
         "cells": {"date": "2026-03-04", "revenue": 1.5, "region": None}},
        {"upload": "u2", "file": "more.csv", "sheet": None, "row": 2, "place": "row 2", "addresses": {},
         "cells": {"date": "2026-03-16T09:30:00+00:00", "revenue": 2.0, "region": "EMEA"}},
    ]}
    with pytest.raises(ValueError, match="zip"):
        replace(rows, columns=("date",)).to_json()


# uploads ---------------------------------------------------------------------------------------------------------
UPLOAD = UploadView("u1", "orders", "committed", "o.xlsx", "ab" * 32, 100, AT, "a@example.org", "web", 9, 1, "append",
                    date(2026, 1, 1), date(2026, 1, 31), 2, AT, True, None, {}, None,
                    {"issues": [{"code": "x"}], "effect": {"revenue": 1}, "kpis": {"revenue": "sum(x)"}}, "cd")


def test_an_upload_is_told_with_what_came_of_it() -> None:
    assert UPLOAD.to_json() == {
        "id": "u1", "dataset": "orders", "status": "committed", "file": "o.xlsx", "sha256": "ab" * 32, "bytes": 100,
        "received_at": "2026-03-16T09:30:00+00:00", "by": "a@example.org", "rows": 9, "quarantined": 1,
        "mode": "append", "first": "2026-01-01", "last": "2026-01-31", "committed_at": "2026-03-16T09:30:00+00:00",
        "live": True, "error": None, "issues": [{"code": "x"}], "effect": {"revenue": 1}, "digest": "cd",
        "kpis_defined": {"revenue": "sum(x)"},
    }


def test_an_upload_of_which_nothing_came_yet_says_so() -> None:
    found = replace(UPLOAD, state="staged", first=None, last=None, committed_at=None, is_live=False, result=None,
                    error="Broken.").to_json()
    changed = {k: v for k, v in found.items() if v != UPLOAD.to_json()[k]}
    assert changed == {"status": "staged", "first": None, "last": None, "committed_at": None, "live": False,
                       "issues": [], "effect": None, "kpis_defined": {}, "error": "Broken."}
