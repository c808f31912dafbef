"""The mapping people write as JSON: read strictly, every problem named, and written back to an equal value."""
from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.dataset import RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.mapping import FORMATS, ColumnMapping, Mapping, NumberStyle, mapping_from_json
from dashapp.core.period import Grain

texts = st.text(max_size=8)
marks = st.sampled_from([(".", ""), (".", ","), (".", " "), (".", "'"), (",", "."), (",", ""), (",", "\u202f")])
styles = st.none() | marks.map(lambda m: NumberStyle(*m))
written = st.none() | st.text(min_size=1, max_size=8)
formats = st.none() | st.sampled_from([*FORMATS, "%d/%m/%Y", "%m/%d/%y %H:%M"])
columns = st.builds(ColumnMapping, st.none() | st.sampled_from(RoleOf),
                    st.sampled_from([None, "date", "money", "number", "text"]), formats, styles, written)
mappings = st.builds(
    Mapping, sheet=st.none() | texts, header_row=st.none() | st.integers(1, 1_048_576),
    kind=st.sampled_from([None, "facts", "reference", "snapshot"]), grain=st.none() | st.sampled_from(Grain),
    marks=st.sampled_from([None, "start", "end"]), key=st.none() | st.lists(texts, max_size=2).map(tuple),
    mode=st.sampled_from([None, "upsert", "append", "replace-period"]),
    slice=st.none() | st.lists(texts, max_size=2).map(tuple), joins=st.dictionaries(texts, texts, max_size=2),
    columns=st.dictionaries(texts, columns, max_size=3), number=styles, encoding=st.none() | texts,
    delimiter=st.none() | texts, data_through=st.none() | texts, currency=st.sampled_from([None, "USD", "CHF"]),
)


@given(mappings)
def test_a_mapping_written_and_read_is_the_same(mapping: Mapping) -> None:
    assert mapping_from_json(json.loads(json.dumps(mapping.to_json()))) == mapping


def test_nothing_said_is_an_empty_mapping() -> None:
    assert mapping_from_json({}) == Mapping()
    assert Mapping().to_json() == {}
    nothing = dict.fromkeys(("sheet", "header_row", "kind", "grain", "marks", "key", "mode", "slice", "joins",
                             "columns", "number", "encoding", "delimiter", "data_through"))
    assert mapping_from_json(nothing) == Mapping()


def test_a_whole_mapping_is_read_as_the_contract_writes_it() -> None:
    said = {
        "sheet": "Sales", "header_row": 3, "kind": "facts", "grain": "week", "marks": "end", "key": ["id"],
        "mode": "replace-period", "slice": ["region"], "joins": {"sku": "catalogue.sku_id"},
        "columns": {"Datum": {"type": "date", "format": "dmy", "key": "date", "role": "date"},
                    "Preis": {"role": "measure", "number": {"decimal": ",", "thousands": "."}}},
        "number": {"decimal": ",", "thousands": ""}, "encoding": "cp1252", "delimiter": ";",
        "data_through": "2026-03-31",
    }
    found = mapping_from_json(said)
    assert found == Mapping(
        "Sales", 3, "facts", Grain.WEEK, "end", ("id",), "replace-period", ("region",), {"sku": "catalogue.sku_id"},
        {"Datum": ColumnMapping(RoleOf.DATE, "date", "dmy", None, "date"),
         "Preis": ColumnMapping(RoleOf.MEASURE, number=NumberStyle(",", "."))},
        NumberStyle(",", ""), "cp1252", ";", "2026-03-31")
    assert found.to_json() == said


def test_no_slice_and_an_empty_slice_are_two_things_and_so_are_keys() -> None:
    assert mapping_from_json({"slice": [], "key": []}) == Mapping(slice=(), key=())
    assert Mapping(slice=(), key=()).to_json() == {"slice": [], "key": []}
    assert mapping_from_json({"joins": {"sku": None}}).joins == {"sku": ""}


@pytest.mark.parametrize(("said", "told"), [
    ([], "A mapping is a JSON object."), ("text", "A mapping is a JSON object."), (None, "A mapping is a JSON object."),
    ({"sheets": 1}, "unknown member 'sheets'"), ({"sheet": 1}, "sheet must be a text"),
    ({"data_through": 2026}, "data_through must be a text"), ({"encoding": ["utf-8"]}, "encoding must be a text"),
    ({"kind": "fact"}, "kind must be one of facts, reference, snapshot"),
    ({"mode": "replace"}, "mode must be one of upsert, append, replace-period"),
    ({"marks": "middle"}, "marks must be one of start, end"),
    ({"header_row": 0}, "header_row must be a row number, counted from 1"),
    ({"header_row": 1_048_577}, "header_row must be"), ({"header_row": True}, "header_row must be"),
    ({"header_row": "1"}, "header_row must be"), ({"header_row": 1.0}, "header_row must be"),
    ({"key": "id"}, "key must be a list of texts"), ({"key": [1]}, "key must be a list of texts"),
    ({"slice": ["a", None]}, "slice must be a list of texts"),
    ({"joins": ["sku"]}, "joins must be an object"), ({"columns": []}, "columns must be an object"),
    ({"joins": {"sku": 1}}, "joins must lead from a column to a text such as catalogue.sku_id"),
    ({"grain": "decade"}, "grain must be one of event, day, week, month, quarter, year, not 'decade'."),
    ({"columns": {"A": "text"}}, "The mapping of column 'A' must hold only role, type, format, number, key, "
     "scale."),
    ({"columns": {"A": {"kind": "x"}}}, "The mapping of column 'A' must hold only"),
    ({"columns": {"A": {"format": 1}}}, "The mapping of column 'A' must hold texts."),
    ({"columns": {"A": {"key": []}}}, "The mapping of column 'A' must hold texts."),
    ({"columns": {"A": {"type": "integer"}}}, "The type of column 'A' must be date, money, number or text."),
    ({"columns": {"A": {"role": "king"}}}, "role must be one of date, measure"),
    ({"columns": {"A": {"number": {"decimal": ";"}}}}, "Decimal is a point or a comma"),
    ({"number": {"decimal": ".", "thousands": "."}}, "Decimal and thousands marks must differ."),
    ({"number": {"decimal": "."  , "thousands": "_"}}, "Decimal is a point or a comma"),
    ({"number": {"point": "."}}, "A number style holds only decimal and thousands."),
    ({"number": "."}, "A number style holds only decimal and thousands."),
    ({"number": {"decimal": ","}}, "Decimal and thousands marks must differ."),
])
def test_what_is_no_mapping_is_refused_with_the_member(said: Any, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        mapping_from_json(said)
    assert told in refused.value.message


def test_all_problems_come_together_and_as_issues() -> None:
    with pytest.raises(Invalid) as refused:
        mapping_from_json({"sheets": 1, "mode": "x", "header_row": -1, "key": 3})
    assert refused.value.message == (
        "The mapping cannot be used: unknown member 'sheets'; mode must be one of upsert, append, replace-period; "
        "header_row must be a row number, counted from 1; key must be a list of texts.")
    assert [(i.code, i.message) for i in refused.value.issues] == [
        ("mapping", "unknown member 'sheets'"), ("mapping", "mode must be one of upsert, append, replace-period"),
        ("mapping", "header_row must be a row number, counted from 1"), ("mapping", "key must be a list of texts")]


@pytest.mark.parametrize("row", [1, 2, 1_048_576])
def test_every_row_of_a_sheet_may_hold_the_headers(row: int) -> None:
    assert mapping_from_json({"header_row": row}).header_row == row


@pytest.mark.parametrize("thousands", ["", ",", " ", "'", "\u00a0", "\u202f"])
def test_these_marks_may_stand_between_thousands(thousands: str) -> None:
    assert mapping_from_json({"number": {"thousands": thousands}}).number == NumberStyle(".", thousands)


@pytest.mark.parametrize("text", ["%Y-%m-%d", "%d.%m.%y", "%m/%d/%Y %H:%M", "%d %b %Y", "%Y%m", "%G-W%V-%u",
                                  "%Y-%m-%dT%H:%M:%S%z", "100%% %Y-%m-%d", "%x", "%c", "", *FORMATS])
def test_e10_a_pattern_that_tells_the_day_may_be_declared(text: str) -> None:
    assert mapping_from_json({"columns": {"Date": {"format": text}}}).columns["Date"].format == text


@pytest.mark.parametrize("text", ["DD/MM/YYYY", "day first", "%H:%M", "%d.%m.", "%-d/%-m/%Y", "%Y-%Q", "%Y-%m-%", "%%Y",
                                  "%%Y-%m", "auto", "DMY", "%Y" * 50, "%Y\0"])
def test_e10_a_format_that_could_date_no_row_is_refused_instead_of_every_row(text: str) -> None:
    with pytest.raises(Invalid, match="format of column 'Date' must be one of iso, dmy"):
        mapping_from_json({"columns": {"Date": {"format": text}}})


def test_e22_the_currency_of_all_amounts_is_a_member_of_the_mapping():
    assert mapping_from_json({"currency": "USD"}).to_json() == {"currency": "USD"}
    assert mapping_from_json({}).currency is None
    for odd in ("usd", "EURO", "", 5, True):
        with pytest.raises(Invalid, match="currency must be a"):
            mapping_from_json({"currency": odd})
