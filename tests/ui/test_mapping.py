"""The mapping form: no control without words, open questions look open, and what stands there becomes the mapping."""
from __future__ import annotations

from dataclasses import replace

from dashapp.core.dataset import RoleOf
from dashapp.core.mapping import Mapping, NumberStyle
from dashapp.ingest.model import Ask, ColumnGuess, Inspection
from dashapp.ui.mapping import PARTS, mapping_form, mapping_json
from tests.ui.tree import by_id, of_type, text

DATE = ColumnGuess("Date", "A", "date", RoleOf.DATE, "date", confidence=0.5, samples=("01/02/2026",),
                   question="Day or month first?")
AMOUNT = ColumnGuess("Amount", "B", "amount", RoleOf.MEASURE, "money", number=NumberStyle(",", "."))
NOTE = ColumnGuess("Note", "C", "note", RoleOf.IGNORE, "text")
FOUND = Inspection("csv", (), Mapping(), (DATE, AMOUNT, NOTE), (("1", "Date", "Amount", "Note"),), (),
                   (Ask("date-order", "Day or month first?", "Date"),), 3)


def _selects(form) -> list[dict]:
    return [s for s in of_type(form, "Select") if isinstance(s["id"], dict)]


def _value(form, part: str, column: int = 0) -> str:
    return next(s["value"] for s in _selects(form) if s["id"] == {"part": part, "column": column})


def test_no_select_is_blank():
    selects = of_type(mapping_form(FOUND), "Select")
    assert len(selects) == 4 + len(PARTS) * 3
    for select in selects:
        offered = [o["value"] for o in select["options"]]
        assert select["value"] in offered or (select["value"] == "" and select["placeholder"]), select["id"]
    assert by_id(mapping_form(FOUND), "map-key")["placeholder"]


def test_an_open_question_looks_open_and_an_answered_one_answered():
    form = mapping_form(FOUND)
    assert _value(form, "map-format") == ""
    assert {s["placeholder"] for s in _selects(form)} == {"Please choose"}
    assert _value(form, "map-format", 1) == "found"
    answered = replace(FOUND, columns=(replace(DATE, format="dmy"), AMOUNT, NOTE), questions=())
    assert _value(mapping_form(answered), "map-format") == "dmy"
    amount = replace(AMOUNT, number=None, question="1.234 or 1234?")
    styled = replace(FOUND, columns=(DATE, amount, NOTE), questions=(Ask("number-style", "1.234 or 1234?", "Amount"),))
    assert (_value(mapping_form(styled), "map-number", 1), _value(mapping_form(styled), "map-number")) == ("", "found")


def test_every_control_of_a_column_is_named_after_it_and_after_its_heading():
    form = mapping_form(FOUND)
    said = [text({"props": label}) for label in of_type(form, "Label")]
    assert {"Role of Note", "Type of Note", "Date format of Note", "Number style of Note"} <= set(said)
    labels = [cell["data-label"] for cell in of_type(form, "Td") if "data-label" in cell]
    assert labels[:6] == ["Sample values", "Is a", "Type", "Dates are", "Numbers are", "Sure"]


def test_what_was_left_open_or_as_found_is_not_in_the_mapping():
    values = [["date", "measure", "ignore"], ["date", "money", "text"], ["", "found", "found"],
              ["found", ",.", "found"]]
    place = {"sheet": "", "header_row": 1, "kind": "facts", "key": [], "mode": ""}
    assert mapping_json(place, ["Date", "Amount", "Note"], values) == {
        "header_row": 1, "kind": "facts",
        "columns": {"Date": {"role": "date", "type": "date"},
                    "Amount": {"role": "measure", "type": "money", "number": {"decimal": ",", "thousands": "."}},
                    "Note": {"role": "ignore", "type": "text"}}}
