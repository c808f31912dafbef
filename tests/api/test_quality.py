"""Quality and checks over the API: numbers with counts, refused to who sees a part of the rows."""
from __future__ import annotations

from dashapp.services import quality
from tests.api.conftest import Stage
from tests.api.test_uploads import CSV, send, work


def test_the_quality_of_a_dataset_is_told_with_its_counts(stage: Stage) -> None:
    caller = stage.caller("finance", ("read", "ingest"))
    assert send(caller, CSV, mode="append").status_code == 202
    assert work(stage) >= 1
    answer = caller.get("/datasets/orders/quality").get_json()
    latest = answer["latest"]
    assert (latest["dataset"], latest["version"]) == ("orders", 1)
    assert latest["validity"] == 2 / 3
    assert (latest["counts"]["arrived"], latest["counts"]["refused"], latest["uniqueness"]) == (3, 1, 1.0)
    assert answer["history"] == [latest]
    assert set(answer["definitions"]) == set(answer["trends"])


def test_before_the_first_measurement_there_is_none(stage: Stage) -> None:
    caller = stage.caller("finance", ("read", "ingest"))
    assert caller.get("/datasets/nothing/quality").status_code == 404


def test_quality_is_for_finance_and_for_tokens_that_read(stage: Stage) -> None:
    for role, scopes, status in (("executive", ("read",), 403), ("finance", ("ingest",), 403)):
        assert stage.caller(role, scopes).get("/datasets/orders/quality").status_code == status
        assert stage.caller(role, scopes).get("/checks").status_code == status


def test_the_checks_are_listed(stage: Stage) -> None:
    found = stage.caller("finance", ("read",)).get("/checks").get_json()
    assert {c["name"] for c in found} == {c.name for c in quality.checks(stage.cast.finance)}
    assert {c["severity"] for c in found} == {"error", "warning", "info"}
