"""The specification is valid, complete and true, and its page needs nothing from elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.api.conftest import Stage
from tests.api.test_matrix import MATRIX

ODD = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "null",
            "true",
            "NaN",
            "1e309",
            "2026-03",
            "2026-02-30",
            "2026-W53",
            "FY2026-Q4",
            "region=EMEA",
            "region=",
            "=",
            "'; drop table kpis; --",
            "../../etc/passwd",
            "%00",
            "\u202e",
            "🙂",
            "a,b",
            "sales",
            "orders",
            "9" * 400,
            "month",
            "day",
            "year",
            "2026-01-01",
            "9999-12-31",
            "0001-01-01",
            "2026-03-01T00:00:00+25:00",
        ]
    ),
)


def spec_of(stage: Stage) -> dict[str, Any]:
    body: dict[str, Any] = stage.regular("executive").get("/openapi.json").get_json()
    return body


def test_the_specification_is_valid_openapi(told: Stage) -> None:
    validate(spec_of(told))


def test_every_reference_leads_somewhere(told: Stage) -> None:
    spec = spec_of(told)
    names = set(re.findall(r"'#/components/schemas/([^']+)'", str(spec)))
    assert names <= set(spec["components"]["schemas"])
    assert {"KpiIn", "RowsIn", "SeriesOut", "Problem"} <= names


def test_every_route_of_the_api_is_in_the_specification(told: Stage) -> None:
    said = {
        (path.replace("{", "<").replace("}", ">"), verb.upper())
        for path, item in spec_of(told)["paths"].items()
        for verb in item
    }
    routes = {
        (re.sub(r"<[^:>]+:", "<", rule.rule), method)
        for rule in told.app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/api/v1/") and method not in ("HEAD", "OPTIONS")
    }
    assert routes - said == {("/api/v1/openapi.json", "GET"), ("/api/v1/docs", "GET")}
    assert said <= routes


def test_every_operation_is_described_and_names_its_refusals(told: Stage) -> None:
    for path, item in spec_of(told)["paths"].items():
        for verb, call in item.items():
            assert call["summary"], (verb, path)
            assert {"401", "403", "422", "429"} <= set(call["responses"]), (verb, path)
            assert call["security"] == [{"token": [MATRIX[call["operationId"]][1]]}]


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/kpis/sales", "KpiOut"),
        ("/datasets/orders", "DatasetOut"),
        ("/kpis/sales/series?compare=previous", "SeriesOut"),
        ("/kpis/per_unit/series?by=region&grain=week", "SeriesOut"),
        ("/kpis/per_unit/series?by=region,sku&top=2&subtotals=true", "SeriesOut"),
        ("/overview?compare=previous_year", "OverviewOut"),
        ("/kpis?limit=x", "Problem"),
        ("/kpis/none", "Problem"),
        ("/datasets", ["DatasetOut"]),
        ("/kpis", ["KpiOut"]),
        ("/uploads", ["UploadOut"]),
        ("/series?kpis=sales", ["SeriesOut"]),
    ],
)
def test_i1_answers_are_what_the_specification_says(told: Stage, path: str, schema: str | list[str]) -> None:
    answer = told.regular("finance").get(path).get_json()
    wanted: dict[str, Any] = {"$ref": f"#/components/schemas/{schema if isinstance(schema, str) else schema[0]}"}
    if isinstance(schema, list):
        assert answer
        wanted = {"type": "array", "items": wanted}
    Draft202012Validator({**wanted, "components": spec_of(told)["components"]}).validate(answer)


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_i1_whatever_is_sent_no_call_breaks(told: Stage, data: st.DataObject) -> None:
    spec = told.app.extensions["ledgerline.openapi"]
    calls = [
        (verb, path, call)
        for path, item in spec["paths"].items()
        for verb, call in item.items()
        if call["operationId"] not in ("post_upload", "post_rows")
    ]
    verb, path, call = data.draw(st.sampled_from(calls))
    query: dict[str, list[str]] = {}
    for given_ in call.get("parameters", ()):
        if given_["in"] == "path":
            value = data.draw(
                st.sampled_from(given_["schema"].get("enum") or ["sales", "orders", "0" * 32, "x\u00fc", "%00"])
            )
            path = path.replace("{" + given_["name"] + "}", value)
        elif given_["in"] == "query" and (given_.get("required") or data.draw(st.booleans())):
            choices = given_["schema"].get("enum")
            query[given_["name"]] = data.draw(
                st.lists(st.sampled_from(choices) if choices else ODD, min_size=1, max_size=3)
            )
    body = data.draw(
        st.dictionaries(
            st.sampled_from(["name", "formula", "unit", "weight", "x"]),
            st.one_of(st.none(), st.integers(), st.floats(), ODD),
            max_size=4,
        )
    )
    who = data.draw(st.sampled_from(["executive", "scoped"] if verb != "put" else ["executive", "analyst"]))
    more = {"json": body} if verb == "put" else {}
    answer = told.regular(who)(verb.upper(), path.removeprefix("/api/v1"), query_string=query, **more)
    assert answer.status_code < 500, (verb, path, query, answer.get_data(as_text=True)[:300])
    assert str(answer.status_code) in {*call["responses"], "405", "404"}, (verb, path, query)
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json"


def test_the_page_of_the_specification_needs_no_script_and_no_other_host(told: Stage) -> None:
    answer = told.regular("executive").get("/docs")
    page = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert not re.search(r"\son\w+=", page)
    for operation in MATRIX:
        assert f'id="{operation}"' in page
