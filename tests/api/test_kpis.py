"""The registry over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import KPIS, Caller, Stage, bring

CONTRACT = {
    "key": "double",
    "name": "Double sales",
    "formula": "2 * sales",
    "unit": "currency",
    "direction": "up",
    "decimals": 2,
    "category": "financial",
    "weight": 0.2,
    "min_value": None,
    "max_value": None,
    "anomaly_threshold": 2.0,
    "description": "Twice.",
}


def put(caller: Caller, key: str, **more: Any) -> Any:
    headers = more.pop("headers", {})
    return caller("PUT", f"/kpis/{key}", json={"name": key.title(), "formula": "1 + 1", **more}, headers=headers)


def test_a_definition_of_the_contract_goes_in_and_comes_out(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    assert put(analyst, "sales").status_code == 201
    answer = analyst("PUT", "/kpis/double", json=CONTRACT)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    body = stage.caller("executive").get("/kpis/double").get_json()
    assert {k: body[k] for k in CONTRACT} == CONTRACT
    assert (body["version"], body["needs"]) == (1, [])
    assert [k["key"] for k in analyst.get("/kpis").get_json()] == ["sales", "double"]


def test_bare_names_are_stored_with_their_dataset(told: Stage) -> None:
    body = told.regular("executive").get("/kpis/sales").get_json()
    assert body["formula"] == KPIS["sales"]["formula"] == "sum(orders.revenue)"
    assert body["datasets"] == ["orders"]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("sum(orders.revenu)", "revenue"),
        ("salse * 2", "sales"),
        ("sum(", ""),
        ("__import__('os')", ""),
        ("1 / 0 /", ""),
        ("x" * 2001, ""),
        ("(" * 500 + "1" + ")" * 500, ""),
        ("loop_a", ""),
    ],
)
def test_a_formula_that_cannot_be_used_is_refused_with_issues(told: Stage, formula: str, said: str) -> None:
    answer = told.regular("analyst")("PUT", "/kpis/loop_a", json={"name": "X", "formula": formula})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert answer.get_json()["issues"]
    assert told.regular("analyst").get("/kpis/loop_a").status_code == 404


def test_h5_if_match_refuses_to_overwrite_what_somebody_saved_in_between(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    first = put(analyst, "one").headers["ETag"]
    assert put(analyst, "one", formula="2", headers={"If-Match": first}).status_code == 200
    late = put(analyst, "one", formula="3", headers={"If-Match": first})
    assert late.status_code == 409
    assert analyst.get("/kpis/one").get_json()["formula"] == "2"
    assert put(analyst, "none", headers={"If-Match": first}).status_code == 404


def test_without_if_match_the_newest_version_is_replaced(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    assert [put(analyst, "one", formula=str(n)).get_json()["version"] for n in (1, 2, 3)] == [1, 2, 3]


def test_put_is_whole_and_never_takes_back_what_somebody_set(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    put(analyst, "sales")
    assert analyst("PUT", "/kpis/double", json=CONTRACT).status_code == 201
    short = {"name": "Double", "formula": "2 * sales", "unit": "currency"}
    answer = analyst("PUT", "/kpis/double", json=short)
    assert answer.status_code == 422
    assert [i["column"] for i in answer.get_json()["issues"]] == ["decimals", "category", "weight", "description"]
    assert "leaves out decimals, category, weight, description" in answer.get_json()["detail"]
    whole = analyst.get("/kpis/double").get_json()
    assert {k: whole[k] for k in CONTRACT} == CONTRACT
    said = {**short, "decimals": 0, "category": "other", "weight": 0, "description": ""}
    assert analyst("PUT", "/kpis/double", json=said).status_code == 200
    found = analyst.get("/kpis/double").get_json()
    assert {k: found[k] for k in said} == said
    assert found["version"] == 2


def test_put_of_a_new_definition_takes_the_defaults_of_the_schema(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    assert analyst("PUT", "/kpis/one", json={"name": "One", "formula": "1"}).status_code == 201
    found = analyst.get("/kpis/one").get_json()
    schema = analyst.get("/openapi.json").get_json()["components"]["schemas"]["KpiIn"]["properties"]
    for name, member in schema.items():
        if name not in ("key", "name", "formula"):
            assert found[name] == member["default"], name


def test_patch_changes_what_it_names_and_nothing_else(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    put(analyst, "sales")
    analyst("PUT", "/kpis/double", json={**CONTRACT, "min_value": 1.0, "max_value": 9.0, "owner": "Ann"})
    answer = analyst("PATCH", "/kpis/double", json={"decimals": 3, "min_value": None}, query_string={"why": "finer"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    found = analyst.get("/kpis/double").get_json()
    assert found == answer.get_json()
    expected = {**CONTRACT, "decimals": 3, "min_value": None, "max_value": 9.0, "owner": "Ann"}
    assert {k: found[k] for k in expected} == expected
    with stage.app.app_context():
        from dashapp.services import defining

        newest = defining.history(stage.cast.analyst, stage.app.extensions["ledgerline"], "double")[0]
    assert (newest.why, newest.kpi.decimals) == ("finer", 3)


def test_patch_binds_the_names_of_a_new_formula(stage: Stage) -> None:
    bring(stage)
    analyst = stage.caller("analyst")
    assert analyst("PATCH", "/kpis/sales", json={"formula": "sum(revenu)"}).status_code == 422
    answer = analyst("PATCH", "/kpis/sales", json={"formula": "sum(revenue)"})
    assert (answer.status_code, answer.get_json()["formula"]) == (200, "sum(orders.revenue)")


def test_b1_a_token_that_may_only_read_changes_no_definition_and_is_told_why(stage: Stage) -> None:
    analyst, reader = stage.caller("analyst"), stage.caller("analyst", ("read", "export"))
    put(analyst, "one")
    before = stage.caller("admin").get("/kpis").get_json()
    for method, body in (("PUT", {"name": "One", "formula": "2"}), ("PATCH", {"decimals": 2}), ("DELETE", None)):
        answer = reader(method, "/kpis/one", json=body)
        assert answer.status_code == 403, method
        assert "lacks the right 'ingest'" in answer.get_json()["detail"]
    assert stage.caller("admin").get("/kpis").get_json() == before


def test_b1_a_token_with_ingest_changes_definitions_without_reading_figures(stage: Stage) -> None:
    program = stage.caller("analyst", ("ingest",))
    created = put(program, "one")
    assert (created.status_code, created.headers["ETag"], created.get_json()["formula"]) == (201, '"1"', "1 + 1")
    changed = program("PATCH", "/kpis/one", json={"decimals": 3}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.get_json()["decimals"], changed.get_json()["version"]) == (200, 3, 2)
    assert program("PATCH", "/kpis/one", json={"decimals": 4}, headers={"If-Match": '"1"'}).status_code == 409
    assert program.get("/kpis/one").status_code == 403
    assert program("DELETE", "/kpis/one").status_code == 204


def test_b1_a_token_with_ingest_of_a_role_below_changes_no_definition(stage: Stage) -> None:
    answer = put(stage.caller("finance"), "one")
    assert (answer.status_code, "analyst" in answer.get_json()["detail"]) == (403, True)


@pytest.mark.parametrize("body", [
    {}, [], "x", {"colour": "red"}, {"version": 7}, {"name": None}, {"name": ""}, {"unit": "euro"}, {"weight": 2},
    {"formula": "sum("}, {"formula": "one * 2"}, {"key": "other"}, {"min_value": 2, "max_value": 1}, {"decimals": None},
], ids=str)
def test_a_patch_that_makes_no_sense_is_refused_and_changes_nothing(stage: Stage, body: Any) -> None:
    analyst = stage.caller("analyst")
    put(analyst, "one")
    before = analyst.get("/kpis/one").get_json()
    assert analyst("PATCH", "/kpis/one", json=body).status_code == 422
    assert analyst.get("/kpis/one").get_json() == before


def test_h5_patch_honours_if_match_and_knows_what_is_there(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    first = put(analyst, "one").headers["ETag"]
    assert analyst("PATCH", "/kpis/one", json={"decimals": 1}, headers={"If-Match": first}).status_code == 200
    assert analyst("PATCH", "/kpis/one", json={"decimals": 2}, headers={"If-Match": first}).status_code == 409
    assert analyst.get("/kpis/one").get_json()["decimals"] == 1
    assert analyst("PATCH", "/kpis/none", json={"decimals": 2}).status_code == 404
    assert analyst("PATCH", "/kpis/one", data=b"{}", content_type="text/plain").status_code == 415
    merged = analyst("PATCH", "/kpis/one", data=b'{"decimals": 4}', content_type="application/merge-patch+json")
    assert (merged.status_code, merged.get_json()["decimals"]) == (200, 4)


def test_a_deleted_kpi_is_gone_and_may_come_back(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    put(analyst, "one")
    put(analyst, "two", formula="one * 2")
    assert analyst("DELETE", "/kpis/one").status_code == 409
    assert analyst("DELETE", "/kpis/two").status_code == 204
    assert analyst("DELETE", "/kpis/one").status_code == 204
    assert analyst("DELETE", "/kpis/one").status_code == 404
    assert analyst.get("/kpis").get_json() == []
    assert put(analyst, "one").get_json()["version"] == 3


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x", "formula": ""},
        {"name": "x", "formula": "1", "unit": "euro"},
        {"name": "x", "formula": "1", "decimals": 7},
        {"name": "x", "formula": "1", "decimals": "two"},
        {"name": "x", "formula": "1", "weight": 2},
        {"name": "x", "formula": "1", "key": "other"},
        {"name": "x", "formula": "1", "min_value": 2, "max_value": 1},
        {"name": "x", "formula": 1},
        {"name": "x", "formula": "1", "anomaly_threshold": 0},
    ],
    ids=range(10),
)
def test_a_definition_that_makes_no_sense_is_refused(stage: Stage, body: dict[str, Any]) -> None:
    assert stage.caller("analyst")("PUT", "/kpis/one", json=body).status_code == 422


@pytest.mark.parametrize("key", ["One", "1one", "o-ne", "o__o", "x" * 64, "%00", "ü"])
def test_a_key_that_is_no_word_is_refused(stage: Stage, key: str) -> None:
    assert put(stage.caller("analyst"), key).status_code == 422


def test_pages_of_the_registry_are_counted(told: Stage) -> None:
    caller = told.regular("executive")
    everything = caller.get("/kpis")
    keys = [k["key"] for k in everything.get_json()]
    assert everything.headers["X-Total-Count"] == str(len(keys))
    page = caller.get("/kpis", limit=1, offset=1)
    assert [k["key"] for k in page.get_json()] == keys[1:2]
    assert page.headers["X-Total-Count"] == str(len(keys))
    assert caller.get("/kpis", offset=1000).get_json() == []
