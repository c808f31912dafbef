"""The form of corrections: proposals unticked, applied ones ticked, and what a browser may send."""
from __future__ import annotations

import pytest

from dashapp.core.correction import Correction
from dashapp.ui.corrections import cell_value, cells_of, correction_form, corrections_made
from tests.ui.tree import by_id, text

SLIP = Correction(11, 'Revenue "net"', "5675", "56.75")
OUT = Correction(12, "Revenue", "-1", None, "no such sale")


def test_proposals_are_offered_and_only_applied_ones_are_ticked() -> None:
    drawn = correction_form((SLIP, OUT), (OUT,))
    box = by_id(drawn, "import-correct")
    assert box["value"] == [cell_value(OUT)]
    assert [o["label"] for o in box["options"]] == ['Row 11, Revenue "net": 5675 becomes 56.75',
                                                    "Row 12, Revenue: -1 is left out"]
    assert "Nothing is changed unasked" in text(drawn)


def test_nothing_to_correct_shows_nothing() -> None:
    assert correction_form((), ()) is None
    assert corrections_made(()) is None


def test_a_committed_upload_lists_its_corrections_with_reasons() -> None:
    said = text(corrections_made((SLIP, OUT)))
    assert "(no such sale)" in said
    assert "Bring the file again without them" in said


def test_boxes_lead_back_to_their_cells() -> None:
    assert cells_of([cell_value(SLIP), cell_value(OUT)]) == [(11, 'Revenue "net"'), (12, "Revenue")]
    assert cells_of(None) == []


@pytest.mark.parametrize("sent", ["x", "[1]", '["a", "b"]', '[1, "a", 2]', "{}"])
def test_what_is_no_cell_is_left_out(sent: str) -> None:
    assert cells_of([sent]) == []
