"""The mapping form: no control without words, open questions look open, and what stands there becomes the mapping."""
from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dashapp.core.change import Change
from dashapp.core.dataset import RoleOf
from dashapp.core.join import JoinMatch
from dashapp.core.mapping import FUTURES, Mapping, NumberStyle, mapping_from_json
from dashapp.ingest import model
from dashapp.ingest.model import Ask, Choice, ColumnGuess, Inspection
from dashapp.ui.mapping import ANSWERS, mapping_form, mapping_json
from dashapp.ui.mapping_columns import PARTS
from dashapp.ui.replacing import replaced_words
from tests.figures.cast import WORDS
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
    assert len(selects) == 10 + len(PARTS) * 3
    for select in selects:
        offered = [o["value"] for o in select["options"]]
        assert select["value"] in offered or (select["value"] == "" and select["placeholder"]), select["id"]
    assert by_id(mapping_form(FOUND), "map-key")["placeholder"]


def test_what_becomes_of_days_to_come_is_asked_and_shown_as_declared():
    shown = by_id(mapping_form(FOUND), "map-future")
    assert (shown["value"], {o["value"] for o in shown["options"]}) == ("told", set(FUTURES))
    plan = replace(FOUND, mapping=Mapping(future="allowed"))
    assert by_id(mapping_form(plan), "map-future")["value"] == "allowed"
    assert mapping_from_json(mapping_json({"future": "refused"}, [], [[]] * len(PARTS))).future == "refused"


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
              ["found", ",.", "found"], ["found", "1000", "found"], ["found", "revenue", "found"]]
    place = {"sheet": "", "header_row": 1, "kind": "facts", "key": [], "mode": ""}
    assert mapping_json(place, ["Date", "Amount", "Note"], values) == {
        "header_row": 1, "kind": "facts",
        "columns": {"Date": {"role": "date", "type": "date"},
                    "Amount": {"role": "measure", "type": "money", "number": {"decimal": ",", "thousands": "."},
                               "scale": 1000, "key": "revenue"},
                    "Note": {"role": "ignore", "type": "text"}}}


SKU = ColumnGuess("SKU", "D", "sku", RoleOf.DIMENSION, "text", values=("S1", "S2"), distinct=2)
REGION = ColumnGuess("Region", "E", "region", RoleOf.DIMENSION, "text", values=("EMEA", "APAC"), distinct=2)
LISTS = ("catalogue.sku_id", "regions.code")
HINTED = replace(FOUND, columns=(DATE, AMOUNT, SKU, REGION), questions=(),
                 suggestions=(JoinMatch("sku", "catalogue.sku_id", 2, 2),))


def _joins(form) -> dict[str, str]:
    return {s["id"]["column"]: s["value"] for s in _selects(form) if s["id"]["part"] == "map-join"}


def test_texts_can_be_joined_to_lists_and_what_the_values_suggest_stands_there():
    form = mapping_form(HINTED, LISTS)
    assert _joins(form) == {"sku": "catalogue.sku_id", "region": "alone"}
    assert "Suggested: 2 of 2 sample values found there" in text(form)
    options = next(s["options"] for s in _selects(form) if s["id"] == {"part": "map-join", "column": "region"})
    assert [o["label"] for o in options] == ["Not joined", *LISTS]
    assert by_id(form, "map-joined")["data"] == ["sku"]
    assert "Join to" not in text(mapping_form(replace(HINTED, suggestions=())))


def test_what_was_declined_stays_declined_and_what_was_joined_stays_joined():
    declined = replace(HINTED, mapping=Mapping(joins={"sku": "", "region": "gone.code"}))
    assert _joins(mapping_form(declined, LISTS)) == {"sku": "alone", "region": "gone.code"}


def test_joins_and_slices_of_the_form_become_the_mapping():
    values = [["ignore"], ["text"], ["found"], ["found"], ["found"], ["found"]]
    joins = {"sku": "alone", "region": "regions.code", "shop": "alone"}
    place = {"mode": "replace-period", "slice": ["region"]}
    told = mapping_json(place, ["x"], values, joins, ["sku"])
    assert (told["joins"], told["slice"]) == ({"sku": "", "region": "regions.code"}, ["region"])
    assert mapping_json({**place, "slice": None}, ["x"], values)["slice"] == [], "all of the period, said as such"
    assert "slice" not in mapping_json({**place, "mode": "upsert"}, ["x"], values, {"shop": "alone"})


MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(("span", "slices", "said"), [
    (MARCH, {}, "Replaces all rows of 1–31 Mar 2026, also those of which the file says nothing."),
    (MARCH, {"Region": ["EMEA", "APAC"]},
     "Replaces the rows of 1–31 Mar 2026 where Region is EMEA or APAC; all others stay."),
    (MARCH, {"Region": [""], "Channel": ["web"]},
     "Replaces the rows of 1–31 Mar 2026 where Region is (empty) and Channel is web; all others stay."),
    (None, {"Region": None}, "Replaces the rows of the periods of the file where Region is any value in the file "
                             "(the check names them); all others stay."),
])
def test_what_is_replaced_is_said_exactly(span, slices, said):
    assert replaced_words(span, slices, WORDS) == said


def test_many_values_are_named_up_to_twelve():
    said = replaced_words(MARCH, {"SKU": [f"S{n}" for n in range(15)]}, WORDS)
    assert "S11 or one of 3 more; all others stay." in said
    assert "S12" not in said


def test_every_question_that_reading_can_raise_has_a_control_that_is_named_beside_it():
    raised = {c for p in Path(model.__file__).parent.rglob("*.py")
              for c in re.findall(r'Ask\(\s*"([a-z-]+)"', p.read_text(encoding="utf-8"))}
    assert raised == set(ANSWERS) == {"encoding", "date-order", "number-style", "scale", "scale-changed", "table",
                                      "layout"}
    amount = replace(AMOUNT, number=None, question="?")
    whole = ("encoding", "table", "layout")
    asks = tuple(Ask(code, "Which?", None if code in whole else "Date") for code in sorted(raised))
    form = mapping_form(replace(FOUND, columns=(DATE, amount, NOTE), questions=asks, encodings=(
        Choice("cp1252", "Süd (Windows-1252)"), Choice("cp1251", "Sьd (Cyrillic)"))))
    said = text(form)
    assert all(f"under {word}" in said for word in ANSWERS.values())
    assert by_id(form, "map-encoding")["value"] == "cp1252"
    assert [o["label"] for o in by_id(form, "map-encoding")["options"]] == ["Süd (Windows-1252)", "Sьd (Cyrillic)"]
    named = [text({"props": one}) for kind in ("Label", "Th") for one in of_type(form, kind)]
    assert all(any(name.startswith(word) for name in named) for word in ANSWERS.values())


@pytest.mark.parametrize(("mark", "word"),
                         [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"), (":", ":")])
def test_how_a_text_file_is_read_goes_into_the_mapping(mark, word):
    form = mapping_form(replace(FOUND, mapping=Mapping(encoding="cp850", delimiter=mark)))
    assert (by_id(form, "map-encoding")["value"], by_id(form, "map-delimiter")["value"]) == ("cp850", word)
    said = mapping_json({"encoding": "cp850", "delimiter": word}, [], [[]] * len(PARTS))
    assert mapping_from_json(said) == Mapping(encoding="cp850", delimiter=mark)


@pytest.mark.parametrize(("samples", "shown"), [
    (("2026-03-31", "2026-04-30 00:00:00"), "Year first (2026-03-31)"), (("1 janvier 2025",), "Month in words"),
    (("2025-Q1", "2025-W07", "Mar 2025"), "Months, weeks, quarters"),
    (("Jan 5, 2025", "2025-Q1"), "Month in words / Months, weeks, quarters"),
    (("5 May 2025", "2025-05-06"), "Year first (2026-03-31)")])
def test_the_date_format_shown_is_the_one_of_the_samples(samples, shown):
    date_ = replace(DATE, format="iso", samples=samples, question=None)
    form = mapping_form(replace(FOUND, columns=(date_, AMOUNT, NOTE), questions=()))
    options = next(s["options"] for s in _selects(form) if s["id"] == {"part": "map-format", "column": 0})
    assert next(o["label"] for o in options if o["value"] == _value(form, "map-format")) == shown
    assert "00:00:00" not in text(form), "a day of a workbook is shown as a day"


def test_what_changed_since_the_last_file_is_told_in_words():
    changes = (Change("renamed", "Umsatz", "Revenue"), Change("new", "Tax"), Change("scaled", "Cost", "1", "1,000"))
    said = text(mapping_form(replace(FOUND, changes=changes)))
    assert "Since the last file" in said
    assert "'Umsatz' may be what was called 'Revenue'. Choose under Stored as" in said
    assert "'Tax' is new." in said
    assert "'Cost' was multiplied by '1', now by '1,000'." in said
    assert "Since the last file" not in text(mapping_form(FOUND))


def test_a_new_column_can_be_stored_as_one_that_the_file_lacks():
    new = replace(AMOUNT, header="Umsatz", key="umsatz", is_new=True)
    form = mapping_form(replace(FOUND, columns=(DATE, new, NOTE), absent=(Choice("revenue", "Revenue"),)))
    choice = next(s for s in _selects(form) if s["id"] == {"part": "map-stored", "column": 1})
    assert [o["value"] for o in choice["options"]] == ["found", "revenue"]
    assert choice["value"] == "found"
    chosen = replace(FOUND, columns=(DATE, replace(new, key="revenue"), NOTE))
    assert _value(mapping_form(chosen), "map-stored", 1) == "revenue"


def test_what_a_column_is_multiplied_by_stands_beside_its_numbers():
    for scale, shown in ((None, "found"), (1.0, "1"), (1000.0, "1000"), (0.01, "0.01"), (100000.0, "100000")):
        form = mapping_form(replace(FOUND, columns=(DATE, replace(AMOUNT, scale=scale), NOTE)))
        assert _value(form, "map-scale", 1) == shown
    asked = replace(FOUND, questions=(Ask("scale", "Thousand?", "Amount", (Choice("1000", "yes"), Choice("1", "no"))),))
    assert _value(mapping_form(asked), "map-scale", 1) == ""


def test_the_tables_of_a_sheet_are_offered_and_none_is_preselected_while_open():
    two = (Choice("A1:B8", "A1:B8: Date, Revenue (6 rows)"), Choice("D1:F5", "D1:F5: Day, Cost (4 rows)"))
    form = mapping_form(replace(FOUND, tables=two, questions=(Ask("table", "Which one?", None, two),)))
    assert by_id(form, "map-table")["value"] == ""
    assert [o["value"] for o in by_id(form, "map-table")["options"]] == ["A1:B8", "D1:F5"]
    chosen = mapping_form(replace(FOUND, tables=two, mapping=Mapping(table="D1:F5", layout="wide", profile="North")))
    assert (by_id(chosen, "map-table")["value"], by_id(chosen, "map-layout")["value"]) == ("D1:F5", "wide")
    assert by_id(chosen, "map-profile")["value"] == "North"


def test_the_table_is_shown_as_it_will_be_read():
    seen = (("", "Region", "Date", "Value"), ("C5", "North", "2025-01-01", "10.0"))
    said = text(mapping_form(replace(FOUND, recognised=seen)))
    assert "As it will be read" in said
    assert "C5" in said
    assert "2025-01-01" in said


def test_e22_the_currency_of_all_amounts_is_asked_where_no_column_says_it():
    form = mapping_form(FOUND)
    select = by_id(form, "map-currency")
    assert (select["value"], {"USD", "EUR"} <= {o["value"] for o in select["options"]}) == ("unsaid", True)
    assert by_id(mapping_form(replace(FOUND, mapping=Mapping(currency="XYZ"))), "map-currency")["value"] == "XYZ"
    blank = [None] * len(PARTS)
    assert mapping_json({"currency": "unsaid"}, [], [[] for _ in blank]) == {"columns": {}}
    assert mapping_from_json(mapping_json({"currency": "USD"}, [], [[] for _ in blank])).currency == "USD"


@pytest.mark.parametrize(("columns", "is_hidden"), [
    ((DATE, AMOUNT), False), ((DATE,), True),
    ((DATE, AMOUNT, ColumnGuess("Code", "D", "code", RoleOf.CURRENCY, "text")), True),
])
def test_e22_a_file_with_codes_or_without_amounts_is_not_asked_for_its_currency(columns, is_hidden):
    form = mapping_form(replace(FOUND, columns=columns))
    around = [d for d in of_type(form, "Div") if d.get("className") == "ll-whole" and "map-currency" in str(d)]
    assert [bool(d.get("hidden")) for d in around] == [is_hidden]
