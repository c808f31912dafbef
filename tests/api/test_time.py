"""Time over the API: same weekdays, a 53rd week, missing periods, and rows too coarse for the question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Stage, _close, assemble

START, END = date(2019, 11, 4), date(2021, 3, 7)
HOLE = range(20200601, 20200701)  # no rows in June 2020


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Stage]:
    """A row a day whose amount is the number of the day, without those of one month; and a monthly sheet."""
    stage = assemble(tmp_path_factory.mktemp("time"), sqlite_template)
    days = [START + timedelta(n) for n in range((END - START).days + 1)]
    visits = [{"id": f"v{d:%Y%m%d}", "date": d.isoformat(), "amount": d.toordinal()} for d in days
              if int(f"{d:%Y%m%d}") not in HOLE]
    costs = [{"date": f"2020-{m:02d}-01", "cost": m} for m in range(1, 13)]
    for key, rows, mapping in (("visits", visits, {"key": ["id"], "mode": "upsert"}),
                               ("costs", costs, {"grain": "month", "mode": "append"})):
        answer = stage.caller("finance")("POST", f"/datasets/{key}/rows", json={"rows": rows, "mapping": mapping})
        assert answer.status_code == 201, answer.get_data(as_text=True)
    for key, formula in (("amount", "sum(visits.amount)"), ("cost", "sum(costs.cost)")):
        body = {"key": key, "name": key, "formula": formula, "unit": "number"}
        assert stage.caller("analyst")("PUT", f"/kpis/{key}", json=body).status_code in (200, 201)
    yield stage
    _close(stage)


def series(stage: Stage, kpi: str, **query: Any) -> Any:
    answer = stage.regular("executive").get(f"/kpis/{kpi}/series", **query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_the_same_weekday_is_fifty_two_weeks_back(timed: Stage) -> None:
    body = series(timed, "amount", grain="day", compare="same_weekday", **{"from": "2021-03-01", "to": "2021-03-07"})
    assert {p["value"] - p["compare"]["value"] for p in body["points"]} == {364}
    assert body["totals"][0]["compare"]["change"] == 7 * 364
    assert body["points"][0]["compare"]["label"] == "2020-03-02"


def test_a_53rd_week_has_nothing_to_compare_with_and_the_range_says_so(timed: Stage) -> None:
    asked = {"from": "2020-12-21", "to": "2021-01-10"}
    body = series(timed, "amount", grain="week", compare="previous_year", **asked)
    assert [p["period"] for p in body["points"]] == ["2020-W52", "2020-W53", "2021-W01"]
    assert body["points"][1]["compare"]["value"] is None
    assert body["points"][1]["compare"]["reason"] == "A 53rd week has no year-ago value."
    assert "The whole range has 3 weeks and is compared with 2: one of the years has a 53rd week." in body["warnings"]


def test_a_period_without_rows_is_there_and_says_so(timed: Stage) -> None:
    body = series(timed, "amount", grain="month", **{"from": "2020-05-01", "to": "2020-07-31"})
    assert [p["period"] for p in body["points"]] == ["2020-05", "2020-06", "2020-07"]
    may, june, july = body["points"]
    assert (june["value"], may["value"] is None, july["value"] is None) == (None, False, False)
    assert june["reason"]


@pytest.mark.parametrize("grain", ["day", "week"])
def test_a_monthly_sheet_cannot_answer_for_shorter_periods_and_says_so(timed: Stage, grain: str) -> None:
    body = series(timed, "cost", grain=grain, **{"from": "2020-05-01", "to": "2020-05-20"})
    assert {p["value"] for p in (*body["points"], *body["totals"])} == {None}
    assert {p["reason"] for p in body["points"]} == {
        f"costs has one row per month; ask by month or coarser, not by {grain}."}
    assert [p["value"] for p in series(timed, "cost", grain="quarter", **{"from": "2020-01-01", "to": "2020-12-31"})[
        "points"]] == [6, 15, 24, 33]
