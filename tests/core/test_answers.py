"""What people once answered outlives files that needed no answer."""
from __future__ import annotations

import pytest

from dashapp.core.mapping import mapping_from_json
from dashapp.core.profile import with_answers

ANSWERED = mapping_from_json({"columns": {
    "Date": {"role": "date", "format": "dmy"}, "Sent": {"role": "date", "format": "mdy"},
    "Revenue": {"role": "measure", "number": {"decimal": ",", "thousands": "."}}}})


def test_e7_a_file_that_needed_no_word_makes_nobody_forget_the_last_one() -> None:
    plain = mapping_from_json({"columns": {
        "Date": {"role": "date", "format": "iso"}, "Sent": {"role": "date"}, "Revenue": {"role": "measure"},
        "Colour": {"role": "dimension"}}})
    kept = with_answers(plain, ANSWERED)
    assert [kept.columns[h].format for h in ("Date", "Sent")] == ["dmy", "mdy"]
    assert kept.columns["Revenue"].number == ANSWERED.columns["Revenue"].number
    assert kept.columns["Colour"] == plain.columns["Colour"]


@pytest.mark.parametrize("form", ["mdy", "ymd", "%d/%m/%Y", "excel-serial"])
def test_a_new_word_wins_over_the_old_one(form: str) -> None:
    said = mapping_from_json({"columns": {
        "Date": {"format": form}, "Revenue": {"number": {"decimal": ".", "thousands": ","}}}})
    assert with_answers(said, ANSWERED) == said


def test_a_first_file_is_kept_as_it_is() -> None:
    assert with_answers(ANSWERED, mapping_from_json({})) == ANSWERED
