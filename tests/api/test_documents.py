"""What is written about the API works: the examples of docs/api.md, and those of the specification."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from dashapp.core.bounds import MAX_PERIODS
from dashapp.query.answer import MAX_POINTS
from dashapp.services.metering import CALLS
from tests.api.conftest import Caller, Stage
from tests.api.test_uploads import send

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.S)


def spec_of(stage: Stage) -> dict[str, Any]:
    spec: dict[str, Any] = stage.app.extensions["ledgerline.openapi"]
    return spec


def commands() -> list[list[str]]:
    """The words of every curl of the document."""
    lines = "".join(body for kind, body in BLOCKS if kind == "sh").replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("curl ")]


def run(caller: Caller, words: list[str]) -> Any:
    """What curl would ask, asked in this process."""
    options = {words[i]: words[i + 1] for i, word in enumerate(words) if word in ("-X", "-d")}
    url = urlsplit(words[-1])
    assert "Authorization: Bearer $TOKEN" in words
    more = {"data": options["-d"], "content_type": "application/json"} if "-d" in options else {}
    return caller(options.get("-X", "GET"), url.path.removeprefix("/api/v1"), query_string=url.query, **more)


def rows_of_the_document() -> dict[str, Any]:
    (body,) = [json.loads(body) for kind, body in BLOCKS if kind == "json"]
    found: dict[str, Any] = body
    return found


def test_the_examples_of_the_document_run_one_after_the_other(stage: Stage) -> None:
    analyst = stage.caller("analyst")
    answer = analyst("POST", "/datasets/orders/rows", json=rows_of_the_document())
    assert (answer.status_code, answer.get_json()["rows"]) == (201, 1)
    assert len(commands()) >= 2
    for words in commands():
        answer = run(analyst, words)
        assert answer.status_code == 200, (words, answer.get_data(as_text=True))
    asked = {"from": "2026-03-01", "to": "2026-03-31", "by": "region"}
    (point,) = analyst.get("/kpis/revenue/series", **asked).get_json()["points"]
    assert (point["value"], point["split"]) == (120.5, {"region": "EMEA"})
    assert analyst.get("/kpis/revenue").get_json()["owner"] == "ann@example.org"


def test_the_document_names_only_calls_that_there_are(told: Stage) -> None:
    paths = spec_of(told)["paths"]
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)", TEXT)
    assert len(named) >= 7
    for verb, path in named:
        for kind in ("csv", "xlsx") if "csv|xlsx" in path else ("",):
            full = path.replace("csv|xlsx", "{kind}") if kind else path
            full = full if full.startswith("/api/v1") else f"/api/v1{full}"
            assert full == "/api/v1/openapi.json" or verb.lower() in paths[full], (verb, path)


def test_the_document_says_the_limits_that_hold() -> None:
    for said in (f"{CALLS} calls a minute", f"at most {MAX_PERIODS:,} periods", f"{MAX_POINTS:,} figures",
                 "at most 50,000", "at most 1,000"):
        assert said in TEXT.replace("(", ""), said


def test_every_parameter_and_every_member_that_is_sent_is_described(told: Stage) -> None:
    for path, item in spec_of(told)["paths"].items():
        for verb, call in item.items():
            for parameter in call.get("parameters", ()):
                assert len(parameter.get("description") or "") > 3, (verb, path, parameter["name"])
                if parameter.get("required") and parameter["in"] == "query":
                    assert parameter.get("example"), (verb, path, parameter["name"])


def test_every_call_says_what_it_answers(told: Stage) -> None:
    spec = spec_of(told)
    for path, item in spec["paths"].items():
        for verb, call in item.items():
            for status, answer in call["responses"].items():
                if status < "300" and status != "204":
                    (content,) = answer["content"].values() if len(answer["content"]) == 1 else [{"schema": {"x": 1}}]
                    assert content["schema"] not in ({}, {"type": "object"}), (verb, path, status)
                if status >= "400":
                    problem = answer["content"]["application/problem+json"]["schema"]
                    assert problem["$ref"].endswith("/Problem"), (verb, path, status)


@pytest.mark.parametrize("name", ["KpiIn", "KpiPatch", "RowsIn"])
def test_bodies_have_examples_that_fit_their_schema(told: Stage, name: str) -> None:
    spec = spec_of(told)
    wanted = {"$ref": f"#/components/schemas/{name}", "components": spec["components"]}
    examples = spec["components"]["schemas"][name]["examples"]
    assert examples
    for example in examples:
        Draft202012Validator(wanted).validate(example)


def test_the_examples_of_the_specification_work(stage: Stage) -> None:
    analyst, schemas = stage.caller("analyst"), spec_of(stage)["components"]["schemas"]
    assert analyst("POST", "/datasets/orders/rows", json=schemas["RowsIn"]["examples"][0]).status_code == 201
    assert analyst("PUT", "/kpis/net_revenue", json=schemas["KpiIn"]["examples"][0]).status_code == 201
    assert analyst("PATCH", "/kpis/net_revenue", json=schemas["KpiPatch"]["examples"][0]).status_code == 200
    for path, item in spec_of(stage)["paths"].items():
        for verb, call in item.items():
            given = {p["name"]: p["example"] for p in call.get("parameters", ())
                     if p["in"] == "query" and "example" in p}
            if verb == "get" and given:
                concrete = path.removeprefix("/api/v1").replace("{key}", "net_revenue").replace("{kind}", "csv")
                answer = analyst("GET", concrete, query_string=given)
                assert answer.status_code == 200, (path, given, answer.get_data(as_text=True)[:300])


def test_a_dry_run_has_the_shape_that_is_said(stage: Stage) -> None:
    spec = spec_of(stage)
    for scopes in (("read", "ingest"), ("ingest",)):
        answer = send(stage.caller("finance", scopes), path="/datasets/orders/uploads?dry_run=true", mode="append")
        wanted = {"$ref": "#/components/schemas/DryRunOut", "components": spec["components"]}
        Draft202012Validator(wanted).validate(answer.get_json())
        assert set(answer.get_json()) == set(spec["components"]["schemas"]["DryRunOut"]["properties"])


def test_an_upload_has_exactly_the_members_that_are_said(stage: Stage) -> None:
    pushed = stage.caller("finance")("POST", "/datasets/orders/rows", json=rows_of_the_document()).get_json()
    said = set(spec_of(stage)["components"]["schemas"]["UploadOut"]["properties"])
    assert set(pushed) | {"progress", "step"} == said
    assert set(stage.caller("finance")("GET", f"/uploads/{pushed['id']}").get_json()) == said
    assert pushed["kpis_defined"]["revenue"] == "sum(orders.revenue)"
