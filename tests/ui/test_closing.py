"""Closed periods on screens: what asks for a reason, and what is listed."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from dashapp.core.closing import Closed, ClosedRow, Closing, Late, Touched
from dashapp.core.words import Words
from dashapp.ui.closing import closed_list, closed_rows, decision_list, late_list, reason_field, touches
from dashapp.ui.imports import commit_actions, outcome
from tests.ui.test_uploads import NOW, UPLOAD
from tests.ui.tree import nodes, of_type, sent, text

WORDS, FEB = Words(), date(2026, 2, 28)
ROW = ClosedRow("comes", date(2026, 2, 3), "u", "Orders", 7, {"Order ID": "a<b", "Revenue": None})
TOUCHED = Touched(FEB, 60, 1, (("2026-02", 60, 1),), (ROW,))
RESULT = {"rows": 3, "accepted": 3, "quarantined": 0, "effect": {}, "issues": [], "closed": TOUCHED.to_json()}
CHECKED = replace(UPLOAD, state="inspected", digest="d", result=RESULT)


def test_rows_of_closed_periods_are_listed_with_their_place_and_the_rest_is_counted() -> None:
    shown = text(closed_rows(TOUCHED, WORDS))
    for said in ("60 rows come and 1 goes", "This needs a reason", "Comes", "Orders, row 7", "a<b", "and 60 more"):
        assert said in shown, said
    assert "needs a reason" not in text(closed_rows(TOUCHED, WORDS, asks=False))
    assert closed_rows(Touched(FEB), WORDS) is None


def test_the_reason_is_asked_for_where_closed_periods_change_and_nowhere_else() -> None:
    assert touches(RESULT)
    assert not touches({**RESULT, "closed": Touched(FEB).to_json()})
    assert not touches(None)
    for upload, hidden in ((CHECKED, False), (replace(CHECKED, result={**RESULT, "closed": None}), True)):
        fields = [n["props"] for n in nodes(sent(commit_actions(upload))) if n["props"].get("id") == "import-reason"]
        assert [f["maxLength"] for f in fields] == [500]
        boxes = [n["props"].get("hidden") for n in nodes(sent(commit_actions(upload))) if "hidden" in n["props"]]
        assert boxes == [False, hidden]
    assert "Reason" in text(reason_field("x", hidden=True))
    assert "needs a reason" in text(outcome(CHECKED, WORDS))
    assert "needs a reason" not in text(outcome(replace(CHECKED, state="committed", is_live=True), WORDS))


def test_datasets_say_until_when_they_are_closed_and_offer_to_open_them() -> None:
    shown = closed_list([Closed("orders", "Orders", FEB), Closed("sales", "Sales", None)], WORDS)
    assert "Feb 28, 2026" in text(shown)
    ids = [n["props"].get("id") for n in nodes(sent(shown))]
    assert [i for i in ids if isinstance(i, dict)] == [{"part": "closing-reopen", "dataset": "orders"}]
    assert "No datasets yet" in text(closed_list([], WORDS))


def test_decisions_and_late_changes_say_who_when_and_why() -> None:
    at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    decisions = [Closing(3, None, False, None, at, "ann@example.org", "all anew"),
                 Closing(2, "orders", False, FEB, at, "ann@example.org", "wrong rate"),
                 Closing(1, None, True, FEB, at, "bob@example.org", "")]
    told = text(decision_list(decisions, WORDS))
    for said in ("all days", "after Feb 28, 2026", "until Feb 28, 2026", "wrong rate", "all datasets", "bob@"):
        assert said in told, said
    late = Late("u" * 32, "orders", "late.csv", "undo", NOW, "ann@example.org", FEB, 2, 1, (("2026-02", 2, 1),), "4711")
    shown = late_list([late, replace(late, periods=(), file="list.csv")], WORDS)
    for said in ("late.csv", "undone", "2026-02", "4711", "a list"):
        assert said in text(shown), said
    assert [a["href"] for a in of_type(shown, "Link")] == [f"/data/{'u' * 32}"] * 2
    assert "Nothing was closed yet" in text(decision_list([], WORDS))
    assert "No late changes" in text(late_list([], WORDS))
