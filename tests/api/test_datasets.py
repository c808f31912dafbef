"""Deleting a dataset over the API."""

from __future__ import annotations

from tests.api.conftest import Stage, bring


def test_a_deleted_dataset_is_gone_with_its_uploads_and_a_second_call_finds_nothing(stage: Stage) -> None:
    admin = stage.caller("admin")
    bring(stage)
    assert [d["key"] for d in admin.get("/datasets").get_json()] == ["orders"]
    assert admin("DELETE", "/datasets/orders").status_code == 204
    assert admin.get("/datasets").get_json() == []
    assert admin.get("/uploads").get_json() == []
    assert admin("DELETE", "/datasets/orders").status_code == 404
