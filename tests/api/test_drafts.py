"""Definitions before they are saved, and their versions, over the API."""
from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from tests.api.conftest import Stage, orders
from tests.api.test_kpis import put


def test_a_formula_that_can_be_used_comes_back_with_full_names(told: Stage) -> None:
    answer = told.regular("analyst")("POST", "/kpis/check", json={"formula": "sum(revenue) / sales"})
    assert answer.status_code == 200
    assert answer.get_json() == {"usable": True, "formula": "sum(orders.revenue) / sales", "datasets": ["orders"],
                                 "kpis": ["sales"], "columns": ["orders.revenue"], "issues": []}


def test_a_flaw_comes_with_its_place_and_what_mends_it(told: Stage) -> None:
    found = told.regular("analyst")("POST", "/kpis/check", json={"formula": "1 + sum(revenu)"}).get_json()
    assert (found["usable"], found["formula"]) == (False, None)
    (issue,) = found["issues"]
    assert (issue["code"], issue["position"]) == ("unknown-column", 8)
    assert issue["mends"] == [{"start": 8, "end": 14, "insert": "revenue"}]


def test_a_cycle_is_found_before_it_is_saved(told: Stage) -> None:
    found = told.regular("analyst")("POST", "/kpis/check", json={"formula": "per_unit", "key": "sales"}).get_json()
    assert "sales -> per_unit -> sales" in found["issues"][0]["message"]
    refused = told.regular("analyst")("POST", "/kpis/sales/effects", json={"formula": "per_unit"})
    assert refused.status_code == 422
    assert "sales -> per_unit -> sales" in refused.get_json()["detail"]


@pytest.mark.parametrize("body", [{}, {"formula": 5}, {"formula": "1", "more": 1}, {"formula": "x" * 5000}, []])
def test_what_is_no_question_about_a_formula_is_refused(told: Stage, body: object) -> None:
    assert told.regular("analyst")("POST", "/kpis/check", json=body).status_code == 422


def test_the_effects_of_a_change_are_told_and_nothing_is_saved(told: Stage) -> None:
    analyst = told.regular("analyst")
    answer = analyst("POST", "/kpis/sales/effects", json={"formula": "sum(orders.revenue) * 2", "decimals": 0})
    assert answer.status_code == 200
    body = answer.get_json()
    assert {d["member"]: (d["before"], d["after"]) for d in body["differences"]} == {
        "formula": ("sum(orders.revenue)", "sum(orders.revenue) * 2"), "decimals": (2, 0)}
    kinds = {e["kind"]: e for e in body["effects"]}
    assert list(kinds) == ["figures", "statuses", "dependents"]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in orders():
        sums[f"{row[1]:%Y-%m}"] += row[5]
    assert {r["period"]: (r["before"], r["after"]) for r in kinds["figures"]["rows"]} == {
        m: (float(v), 2 * float(v)) for m, v in sums.items()}
    assert [r["path"] for r in kinds["dependents"]["rows"]] == [["per_unit", "sales"]]
    assert analyst.get("/kpis/sales").get_json()["formula"] == "sum(orders.revenue)"


def test_the_effects_of_a_new_definition_need_the_whole_of_it(told: Stage) -> None:
    analyst = told.regular("analyst")
    assert analyst("POST", "/kpis/fresh/effects", json={"formula": "sales"}).status_code == 422
    answer = analyst("POST", "/kpis/fresh/effects", json={"name": "Fresh", "formula": "sales"})
    assert answer.status_code == 200
    assert answer.get_json()["version"] == 0
    assert analyst.get("/kpis/fresh").status_code == 404


def test_h5_effects_of_what_somebody_else_has_changed_are_refused(told: Stage) -> None:
    stale = told.regular("analyst")("POST", "/kpis/sales/effects", json={"decimals": 1}, headers={"If-Match": '"9"'})
    assert stale.status_code == 409


def test_versions_are_listed_and_an_old_one_is_restored(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    put(analyst, "one", formula="1")
    put(analyst, "one", formula="2")
    found = stage.caller("executive").get("/kpis/one/versions")
    assert found.headers["X-Total-Count"] == "2"
    assert [(v["version"], v["current"], v["definition"]["formula"]) for v in found.get_json()] == [
        (2, True, "2"), (1, False, "1")]
    late = analyst("POST", "/kpis/one/versions/1/restore", headers={"If-Match": '"1"'})
    assert late.status_code == 409
    done = analyst("POST", "/kpis/one/versions/1/restore?why=it+was+right", headers={"If-Match": '"2"'})
    assert (done.status_code, done.headers["ETag"], done.get_json()["formula"]) == (200, '"3"', "1")
    newest = analyst.get("/kpis/one/versions").get_json()[0]
    assert newest["why"] == "Restores version 1: it was right"
    assert analyst("POST", "/kpis/one/versions/8/restore").status_code == 404
    assert analyst("POST", "/kpis/none/versions/1/restore").status_code == 404


def test_versions_are_described_in_the_specification(told: Stage) -> None:
    spec = told.regular("executive").get("/openapi.json").get_json()
    schemas = spec["components"]["schemas"]
    assert {"CheckOut", "FlawOut", "MendOut", "EffectsOut", "VersionOut", "FormulaIn"} <= set(schemas)
    assert "requestBody" in spec["paths"]["/api/v1/kpis/check"]["post"]
