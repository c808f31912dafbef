"""The list of uploads and the outcome of one: words, links and verbs of every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashapp.core.upload import UploadView
from dashapp.core.words import Words
from dashapp.ui.imports import outcome, upload_list
from tests.ui.tree import nodes, of_type, sent, text

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
UPLOAD = UploadView(
    "a" * 32, "orders", "received", "orders.csv", "0" * 64, 100, NOW, "ann@example.org", "web", 0, 0, None, None, None,
    None, None, False, None, {}, None, None, None)
WORDS = Words()


def verbs_of(upload: UploadView) -> list[str]:
    ids = [n["props"].get("id") for n in nodes(sent(upload_list([upload], WORDS)))]
    return [i["part"] for i in ids if isinstance(i, dict)]


@pytest.mark.parametrize(("state", "result", "word"), [
    ("received", None, "received"), ("inspected", None, "to be decided"), ("queued", None, "waiting"),
    ("committing", None, "committing"), ("committed", None, "committed"), ("undone", None, "undone"),
    ("failed", None, "failed"), ("rejected", None, "rejected"), ("rejected", {"rehearsed": False}, "rejected"),
    ("rejected", {"rehearsed": True}, "checked"), ("committed", {"rehearsed": True}, "committed"),
])
def test_every_state_has_its_word_and_a_dry_run_of_which_nothing_was_kept_was_checked(
        state: str, result: dict[str, Any] | None, word: str) -> None:
    told = text(upload_list([replace(UPLOAD, state=state, result=result)], WORDS))
    words = {"received", "to be decided", "waiting", "committing", "committed", "undone", "failed", "rejected",
             "checked"}
    assert {w for w in words if f" {w}" in f" {told}"} == {word}


@pytest.mark.parametrize(("state", "verbs"), [
    ("committed", ["upload-undo"]), ("undone", ["upload-redo"]), ("inspected", []), ("rejected", []), ("failed", []),
])
def test_verbs_are_offered_where_they_can_be_done(state: str, verbs: list[str]) -> None:
    assert verbs_of(replace(UPLOAD, state=state)) == verbs


def test_files_are_offered_while_they_are_kept() -> None:
    def links(**more: Any) -> list[str]:
        return [a["href"] for a in of_type(upload_list([replace(UPLOAD, **more)], WORDS), "A")]

    kept = f"/download/uploads/{'a' * 32}"
    assert links(state="committed") == [f"{kept}/original"]
    assert links(state="committed", quarantined=2) == [f"{kept}/original", f"{kept}/quarantine"]
    assert links(state="rejected") == []
    assert [p["href"] for p in of_type(upload_list([UPLOAD], WORDS), "Link")] == [f"/data/{'a' * 32}"]
    assert "No uploads yet" in text(upload_list([], WORDS))


def test_a_sheet_that_is_here_already_leads_to_the_upload_that_brought_it() -> None:
    said = "The sheet Jan of these very bytes is already in orders."
    known = {"former": "b" * 32, "sheets": ["Jan"]}
    told = outcome(replace(UPLOAD, state="inspected", error=said, result=known), WORDS)
    assert said in text(told)
    assert [(p["href"], p["children"]) for p in of_type(told, "Link")] == [(f"/data/{'b' * 32}", "To that upload")]
    assert [p["role"] for p in of_type(told, "Div") if p.get("role")] == ["alert"]


def test_what_failed_says_why_and_what_only_arrived_says_nothing_yet() -> None:
    assert text(outcome(replace(UPLOAD, state="failed", error="Nothing can be read."), WORDS)) == "Nothing can be read."
    for state in ("received", "queued", "committing", "rejected"):
        assert outcome(replace(UPLOAD, state=state), WORDS) is None
    assert "This upload is undone." in text(outcome(replace(UPLOAD, state="undone"), WORDS))
