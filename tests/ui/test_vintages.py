"""The list of vintages in words, one of them in full, and two side by side."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from dashapp.core.closing import Late
from dashapp.core.contrast import Contrast, Pair
from dashapp.core.upload import effect_words, issue_counts
from dashapp.core.words import Words
from dashapp.ui.vintages import contrast_panel, vintage_panel, vintage_row
from tests.ui.test_uploads import NOW, UPLOAD
from tests.ui.tree import nodes, of_type, sent, text

WORDS = Words()
RESULT = {"effect": {"new": 1200, "changed": 3, "identical": 0, "superseded": 3, "vanishing": 2},
          "issues": [{"code": "a", "message": "no date", "severity": "error", "count": 4},
                     {"code": "b", "message": "odd", "severity": "warning"},
                     {"code": "c", "message": "total left out", "severity": "info"}]}
DONE = replace(UPLOAD, state="committed", rows=1203, quarantined=4, mode="upsert", first=date(2026, 1, 1), commit=7,
               last=date(2026, 1, 31), committed_at=NOW, is_live=True, result=RESULT, source_sha256="ab" * 32)


def test_an_upload_is_one_line_with_effect_issues_and_hash() -> None:
    row = vintage_row(DONE, WORDS)
    assert {k: row[k] for k in ("file", "state", "rows", "refused", "issues", "effect", "dates", "via", "hash")} == {
        "file": "orders.csv", "state": "committed", "rows": "1,203", "refused": "4",
        "issues": "4 errors, 1 warning, 1 note", "effect": "1,200 new, 3 changed, 2 gone",
        "dates": "Jan 1, 2026 to Jan 31, 2026", "via": "browser", "hash": "abababababababab"}
    fresh = vintage_row(UPLOAD, WORDS)
    assert (fresh["issues"], fresh["effect"], fresh["dates"]) == ("none", "", "")
    assert vintage_row(replace(UPLOAD, state="rejected", result={"rehearsed": True}), WORDS)["state"] == "checked"


def test_effect_and_issues_of_an_upload_that_was_never_checked_are_empty() -> None:
    assert (effect_words(UPLOAD), issue_counts(UPLOAD)) == ("", {})
    assert issue_counts(DONE) == {"error": 4, "warning": 1, "info": 1}


def test_one_upload_is_told_in_full_with_its_files_and_its_verb() -> None:
    late = Late("u", "orders", "orders.csv", "upload", NOW, "ann@example.org", date(2026, 1, 31), 2, 1,
                (("2026-01", 2, 1),), "late invoice")
    events = [(NOW, False, "bob@example.org", "wrong file"), (NOW, True, "eve@example.org", "")]
    shown = vintage_panel(DONE, events, [late], WORDS)
    for said in ("ab" * 32, "number 7", "Undone", "bob@example.org: wrong file", "Brought back", "eve@", "late invoice",
                 "2026-01", "1,200 new", "no date", "4 refused"):
        assert said in text(shown), said
    links = [a["href"] for a in (*of_type(shown, "A"), *of_type(shown, "Link"))]
    assert links == [f"/download/uploads/{'a' * 32}/original", f"/download/uploads/{'a' * 32}/quarantine",
                     f"/data/{'a' * 32}"]


def test_verbs_stand_where_they_can_be_done() -> None:
    for state, word in (("committed", "Undo"), ("undone", "Redo"), ("failed", None), ("inspected", None)):
        shown = vintage_panel(replace(DONE, state=state), (), (), WORDS)
        ids = [n["props"]["id"] for n in nodes(sent(shown)) if isinstance(n["props"].get("id"), dict)]
        assert ids == ([{"part": "vintage-toggle", "upload": "a" * 32}] if word else [])
        assert word is None or word in text(shown)
    assert of_type(vintage_panel(replace(UPLOAD, state="rejected"), (), (), WORDS), "A") == []


def test_two_uploads_are_told_with_totals_and_the_cells_that_differ() -> None:
    pairs = (Pair("changed", (("Order", "a<b"),), (("Revenue", "1.2500", "1.0000"), ("Note", "7.0000", None)), (2, 3)),
             Pair("second", (("Order", "c"),), (("Revenue", None, "5"),), (None, 4)))
    found = Contrast("u1", "u2", ("Order",), (10, 11), 9, 1, 0, 140,
                     (("Revenue", Decimal("10.10"), Decimal("15.00")), ("Units", None, 2.0)), ((), ("Note",)), pairs)
    told = text(contrast_panel(found, ("one.csv", "two.csv"), WORDS))
    for said in ("one.csv", "two.csv", "told apart by Order", "10 and 11", "+4.90", "Only the second has", "Note",
                 "a<b", "Revenue: 1.25 → 1.00; Note: 7.0000 → —", "2 and 3", "Only in the second", "and 139 more"):
        assert said in told, said
    counts = replace(found, sums=(("Units", 515.0, 433.0),), pairs=(
        Pair("second", (("Order", "c"),), (("Units", None, "9.0"), ("Version", None, "2.0")), (None, 4)),))
    told = text(contrast_panel(counts, ("one.csv", "two.csv"), WORDS))
    assert "−82 " in f"{told} "
    assert "82.00" not in told, "a count has no cents"
    assert "Units: 9; Version: 2.0" in told
    same = replace(found, key=(), changed=0, only_second=0, sums=(), pairs=(), columns=((), ()))
    told = text(contrast_panel(same, ("one.csv", "two.csv"), WORDS))
    assert "No row differs." in told
    assert "Without a key" in told
