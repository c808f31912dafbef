"""Questions that nobody can answer: unknown columns and ranges out of this world are refused, never blank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Caller, Stage

Call = Callable[..., Caller]
FIGURES = ("/kpis/sales/series", "/series", "/overview", "/export/kpis.csv", "/export/kpis.xlsx")
BEHIND = ("/kpis/sales/explain", "/kpis/sales/rows", "/export/rows.csv")
COSTS = [{"date": "2026-03-01", "channel": "web", "spend": 10.0}, {"date": "2026-03-02", "channel": "mail", "spend": 1}]


def query_of(path: str, **more: Any) -> dict[str, Any]:
    needed = {"/series": {"kpis": "sales,per_unit"}, "/export/kpis.csv": {"kpis": "sales"},
              "/export/kpis.xlsx": {"kpis": "sales"}, "/export/rows.csv": {"kpi": "sales"}}
    return {**needed.get(path, {}), **({"period": "2026-03"} if path in BEHIND else {}), **more}


@pytest.mark.parametrize("path", FIGURES)
@pytest.mark.parametrize(("asked", "what"), [({"by": "regoin"}, "split by"), ({"where": "regoin=EMEA"}, "filter by"),
                                             ({"by": "region,regoin"}, "split by")])
def test_a_column_that_no_row_has_is_refused_with_a_suggestion(caller: Call, path: str, asked, what: str) -> None:
    answer = caller("executive").get(path, **query_of(path, **asked))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    problem = answer.get_json()
    assert problem["detail"] == f"orders has no column 'regoin' to {what} - did you mean 'region'?"
    assert [(i["code"], i["column"]) for i in problem["issues"]] == [("column-unknown", "regoin")]


@pytest.mark.parametrize("path", BEHIND)
@pytest.mark.parametrize("asked", [{"where": "regoin=EMEA"}, {"split": "regoin=EMEA"}])
def test_a_derivation_filtered_by_nothing_there_is_refused(caller: Call, path: str, asked: dict[str, str]) -> None:
    answer = caller("finance").get(path, **query_of(path, **asked))
    assert (answer.status_code, "did you mean 'region'?" in answer.get_json()["detail"]) == (422, True)


def test_every_unknown_column_is_told_and_those_there_are_named(caller: Call) -> None:
    answer = caller("executive").get("/kpis/sales/series", by="zebra", where=["quagga=1", "region=EMEA"])
    assert [i["message"] for i in answer.get_json()["issues"]] == [
        f"orders has no column {name!r} to {what}; it has region." for name, what in
        (("zebra", "split by"), ("quagga", "filter by"))]


def test_a_scoped_person_is_told_the_same_about_columns(caller: Call) -> None:
    answers = [caller(who).get("/kpis/sales/series", by="zebra") for who in ("scoped", "executive")]
    assert answers[0].get_json()["issues"] == answers[1].get_json()["issues"]


def test_an_unknown_kpi_is_not_there_whatever_it_is_split_by(caller: Call) -> None:
    assert caller("executive").get("/kpis/nothing/series", by="zebra").status_code == 404


def test_where_only_some_kpis_lack_the_column_theirs_say_so(stage: Stage) -> None:
    finance, analyst = stage.caller("finance"), stage.caller("analyst")
    for key, rows in {"costs": COSTS, "orders": [{"date": "2026-03-01", "region": "EMEA", "revenue": 5.5}]}.items():
        assert finance("POST", f"/datasets/{key}/rows", json={"rows": rows, "mode": "append"}).status_code == 201
    for key, formula in {"cost": "sum(costs.spend)", "sold": "sum(orders.revenue)", "both": "sold / cost"}.items():
        assert analyst("PUT", f"/kpis/{key}", json={"name": key, "formula": formula}).status_code in (200, 201)
    asked = {"by": "region", "from": "2026-03-01", "to": "2026-03-31"}
    sold, cost, both = analyst.get("/series", kpis="sold,cost,both", **asked).get_json()
    assert ([p["split"] for p in sold["points"]], sold["warnings"]) == ([{"region": "EMEA"}], [])
    said = "costs has no column 'region' to split by; it has channel."
    assert said in cost["warnings"]
    assert said in both["warnings"]
    assert cost["points"] == []
    assert {p["value"] for p in both["points"]} == {None}
    assert cost["totals"][0]["reason"]
    assert analyst.get("/series", kpis="cost,both", **asked).status_code == 422
    assert analyst.get("/overview", where="region=EMEA").status_code == 200
    assert analyst.get("/overview", where="nowhere=EMEA").status_code == 422


@pytest.mark.parametrize("path", FIGURES)
@pytest.mark.parametrize(("asked", "said"), [
    ({"from": "9999-12-31", "to": "9999-12-31"}, "Dates lie between 1900-01-01 and 2199-12-31."),
    ({"from": "0001-01-01", "to": "0001-01-01", "compare": "previous_year"}, "Dates lie between"),
    ({"to": "0001-01-01"}, "Dates lie between"),
    ({"from": "2026-02-01", "to": "2026-01-01"}, "The range ends (2026-01-01) before it starts (2026-02-01)."),
    ({"from": "1990-01-01", "to": "2026-01-01", "grain": "day"}, "more than 4,000 periods"),
    ({"from": "1900-01-01", "to": "2199-12-31", "grain": "week"}, "more than 4,000 periods"),
    ({"from": "2026-01-01", "range": "L7D"}, "Give either range or from and to."),
    ({"as_of": "9999-12-31"}, "A moment lies between"),
    ({"as_of": "0001-01-01T00:00+14:00"}, "A moment lies between"),
    ({"as_of": "1900-01-01"}, "Dates lie between"),
    ({"as_of": "2026-03-18"}, "The moment 2026-03-18 has not come yet. Leave as_of out for what is known now."),
    ({"as_of": "2026-12-31T12:00Z"}, "has not come yet"),
])
def test_a_range_out_of_this_world_is_a_sentence_and_never_a_fault(caller: Call, path: str, asked, said: str) -> None:
    answer = caller("executive").get(path, **query_of(path, **asked))
    assert (answer.status_code, said in answer.get_json()["detail"]) == (422, True), answer.get_json()


@pytest.mark.parametrize("asked", [
    {"from": "1900-01-01", "to": "2199-12-31", "grain": "year", "compare": "previous"},
    {"from": "2199-12-01", "to": "2199-12-31", "compare": "previous_year"},
    {"from": "1900-01-01", "to": "1900-01-01", "grain": "day", "compare": "same_weekday"},
    {"from": "2016-01-01", "to": "2026-03-16", "grain": "day"},
])
def test_the_edges_of_this_world_can_be_asked_about(caller: Call, asked: dict[str, str]) -> None:
    answer = caller("executive").get("/series", kpis="sales,per_unit", **asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    assert all(p["value"] is not None or p["reason"] for s in answer.get_json() for p in s["points"])


@pytest.mark.parametrize("path", BEHIND)
@pytest.mark.parametrize("period", ["9999", "9999-12", "9999-W52", "9999-Q4", "FY9999-Q4", "0001", "0001-W01", "0000",
                                    "2200-01-01", "1899"])
def test_a_period_at_the_end_of_time_is_a_sentence(caller: Call, path: str, period: str) -> None:
    answer = caller("finance").get(path, **query_of(path, period=period))
    assert (answer.status_code, answer.get_json()["detail"].endswith(".")) == (422, True)


@pytest.mark.parametrize("path", BEHIND)
def test_what_will_be_known_is_not_told_of_a_figure_either(caller: Call, path: str) -> None:
    answer = caller("finance").get(path, **query_of(path, period="2026-02", as_of="2026-04-01"))
    assert (answer.status_code, "has not come yet" in answer.get_json()["detail"]) == (422, True)


def test_the_date_of_today_is_now_and_not_the_end_of_the_day(caller: Call) -> None:
    now = caller("executive").get("/kpis/sales/series", **{"from": "2026-01-01", "to": "2026-02-28"}).get_json()
    today = caller("executive").get("/kpis/sales/series", **{"from": "2026-01-01", "to": "2026-02-28"},
                                    as_of="2026-03-16").get_json()
    assert today["as_of"].startswith("2026-03-16T")
    assert today["points"] == now["points"]
