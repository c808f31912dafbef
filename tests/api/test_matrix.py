"""Who may call what: every operation of the specification, for every role and every scope of a token."""

from __future__ import annotations

import pytest

from tests.api.conftest import Stage

ORDER = ("executive", "finance", "analyst", "admin")
# operation -> (lowest role, scope of the token). An operation that is missing here fails the test below.
MATRIX = {
    "list_datasets": ("executive", "read"),
    "get_dataset": ("executive", "read"),
    "delete_dataset": ("admin", "ingest"),
    "get_quality": ("finance", "read"),
    "list_checks": ("finance", "read"),
    "list_connections": ("analyst", "read"),
    "get_connection": ("analyst", "read"),
    "list_tables": ("analyst", "read"),
    "connect_dataset": ("analyst", "ingest"),
    "post_upload": ("finance", "ingest"),
    "post_rows": ("finance", "ingest"),
    "list_uploads": ("finance", "read"),
    "get_upload": ("finance", "read"),
    "get_quarantine": ("finance", "read"),
    "delete_upload": ("finance", "ingest"),
    "list_profiles": ("finance", "read"),
    "put_profile": ("finance", "ingest"),
    "delete_profile": ("finance", "ingest"),
    "compare_uploads": ("finance", "read"),
    "list_deliveries": ("finance", "read"),
    "list_feeds": ("finance", "read"),
    "get_feed": ("finance", "read"),
    "run_feed": ("finance", "ingest"),
    "add_feed": ("admin", "ingest"),
    "change_feed": ("admin", "ingest"),
    "remove_feed": ("admin", "ingest"),
    "pause_feed": ("admin", "ingest"),
    "resume_feed": ("admin", "ingest"),
    "redo_upload": ("finance", "ingest"),
    "foresee_upload": ("finance", "read"),
    "get_original": ("finance", "read"),
    "get_closing": ("executive", "read"),
    "close_period": ("finance", "ingest"),
    "reopen_period": ("finance", "ingest"),
    "list_late": ("finance", "read"),
    "list_kpis": ("executive", "read"),
    "get_kpi": ("executive", "read"),
    "put_kpi": ("analyst", "ingest"),
    "patch_kpi": ("analyst", "ingest"),
    "delete_kpi": ("analyst", "ingest"),
    "check_formula": ("analyst", "read"),
    "draft_effects": ("analyst", "read"),
    "list_versions": ("executive", "read"),
    "restore_version": ("analyst", "ingest"),
    "get_series": ("executive", "read"),
    "list_series": ("executive", "read"),
    "get_overview": ("executive", "read"),
    "explain_kpi": ("executive", "read"),
    "bridge_kpi": ("executive", "read"),
    "take_evidence": ("finance", "export"),
    "list_rows": ("executive", "read"),
    "export_kpis": ("executive", "export"),
    "export_rows": ("finance", "export"),
}
QUERY = {
    "list_series": "?kpis=nothing",
    "export_kpis": "?kpis=nothing",
    "explain_kpi": "?period=2026-03",
    "bridge_kpi": "?period=2026-03&before=2026-03-01",
    "take_evidence": "?period=2026-03",
    "list_rows": "?period=2026-03",
    "export_rows": "?kpi=nothing&period=2026-03",
}
# Followed by who brought it, without `read` as well: for others the upload is not there.
FOLLOWED = {"get_upload", "get_quarantine", "get_original"}
ALLOWED = {200, 204, 404, 409, 415, 422}


def operations(stage: Stage) -> dict[str, tuple[str, str]]:
    """operationId -> (method, path with nothing in its places)."""
    spec = stage.app.extensions["ledgerline.openapi"]
    return {
        call["operationId"]: (
            verb.upper(),
            path.removeprefix("/api/v1").replace("{key}", "nothing").replace("{id}", "0" * 32).replace("{kind}", "csv")
            .replace("{version}", "1"),
        )
        for path, item in spec["paths"].items()
        for verb, call in item.items()
    }


def test_every_operation_is_in_the_matrix(told: Stage) -> None:
    assert set(operations(told)) == set(MATRIX)


@pytest.mark.parametrize("operation", sorted(MATRIX))
def test_b1_roles_below_are_refused_and_the_others_are_not(told: Stage, operation: str) -> None:
    (method, path), (lowest, _) = operations(told)[operation], MATRIX[operation]
    for name in ORDER:
        status = told.regular(name)(method, path + QUERY.get(operation, "")).status_code
        if ORDER.index(name) < ORDER.index(lowest):
            assert status == 403, name
        else:
            assert status in ALLOWED, (name, status)


@pytest.mark.parametrize("operation", sorted(MATRIX))
def test_b1_a_token_needs_the_scope_of_the_call(told: Stage, operation: str) -> None:
    (method, path), (_, scope) = operations(told)[operation], MATRIX[operation]
    others = tuple(s for s in ("read", "ingest", "export") if s != scope)
    status = told.regular("admin", others)(method, path + QUERY.get(operation, "")).status_code
    assert status == (404 if operation in FOLLOWED else 403)
    for alone in others:
        status = told.regular("admin", (alone,))(method, path + QUERY.get(operation, "")).status_code
        assert status == (404 if operation in FOLLOWED and alone == "ingest" else 403), alone


def test_a2_nobody_reaches_any_operation_without_a_token(told: Stage) -> None:
    browser = told.app.test_client()
    for method, path in operations(told).values():
        assert browser.open(f"/api/v1{path}", method=method).status_code == 401, path
    for path in ("/api/v1/openapi.json", "/api/v1/docs", "/api/v1/nothing", "/api"):
        assert browser.get(path).status_code == 401, path
