"""The mapping as JSON: read strictly, written back without loss, and refused in words."""
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

words = st.text(min_size=1, max_size=12)
styles = st.sampled_from([NumberStyle(), NumberStyle(",", "."), NumberStyle(",", "\u202f"), NumberStyle(".", "")])
columns = st.builds(
    ColumnMapping, st.none() | st.sampled_from(RoleOf), st.sampled_from([None, "date", "money", "number", "text"]),
    st.none() | st.sampled_from([*FORMATS, "%d/%m/%Y", "%m/%d/%y %H:%M"]), st.none() | styles, st.none() | words)
keys = st.none() | st.lists(words, max_size=3).map(tuple)
mappings = st.builds(
    Mapping, sheet=st.none() | words, header_row=st.none() | st.integers(1, 1_048_576),
    kind=st.sampled_from([None, "facts", "reference", "snapshot"]), grain=st.none() | st.sampled_from(Grain),
    marks=st.sampled_from([None, "start", "end"]), key=keys, slice=keys,
    mode=st.sampled_from([None, "upsert", "append", "replace-period"]),
    joins=st.dictionaries(words, words | st.just(""), max_size=2), columns=st.dictionaries(words, columns, max_size=4),
    number=st.none() | styles, encoding=st.none() | words, delimiter=st.none() | st.sampled_from([",", "\t"]),
    data_through=st.none() | words)


@given(mappings)
def test_a_mapping_comes_back_from_its_json_as_it_was(mapping: Mapping) -> None:
    assert mapping_from_json(json.loads(json.dumps(mapping.to_json()))) == mapping


def test_the_json_of_the_contract_is_understood() -> None:
    found = mapping_from_json({
        "sheet": "Orders", "header_row": 1, "kind": "facts", "grain": "event", "key": ["order_id", "sku"],
        "mode": "upsert", "joins": {"sku": "catalogue.sku_id"},
        "columns": {"InvoiceDate": {"role": "date", "format": "%m/%d/%Y %H:%M"}, "Notes": {"role": "ignore"},
                    "Price": {"number": {"decimal": ",", "thousands": "."}}}})
    assert found.key == ("order_id", "sku")
    assert found.grain is Grain.EVENT
    assert found.columns["InvoiceDate"] == ColumnMapping(RoleOf.DATE, format="%m/%d/%Y %H:%M")
    assert found.columns["Notes"].role is RoleOf.IGNORE
    assert found.columns["Price"].number == NumberStyle(",", ".")
    assert found.joins == {"sku": "catalogue.sku_id"}


def test_no_key_and_an_empty_key_are_two_things() -> None:
    assert mapping_from_json({}).key is None
    assert mapping_from_json({"key": []}).key == ()
    assert mapping_from_json({"slice": []}).slice == ()
    assert mapping_from_json({"key": []}).to_json() == {"key": []}


@pytest.mark.parametrize(("data", "said"), [
    ([], "JSON object"), ("x", "JSON object"), (None, "JSON object"),
    ({"sheets": "x"}, "unknown member 'sheets'"), ({"sheet": 5}, "sheet must be a text"),
    ({"kind": "fact"}, "kind must be one of facts"), ({"mode": "replace"}, "mode must be one of upsert"),
    ({"marks": "middle"}, "marks must be one of start"), ({"grain": "fortnight"}, "grain must be one of"),
    ({"header_row": 0}, "header_row"), ({"header_row": 1_048_577}, "header_row"), ({"header_row": True}, "header_row"),
    ({"header_row": "1"}, "header_row"), ({"header_row": 1.5}, "header_row"),
    ({"key": "order_id"}, "key must be a list"), ({"key": [1]}, "key must be a list"),
    ({"slice": "region"}, "slice must be a list"), ({"joins": ["sku"]}, "joins must be an object"),
    ({"joins": {"sku": 5}}, "joins must lead"), ({"columns": ["Date"]}, "columns must be an object"),
    ({"columns": {"Date": "date"}}, "column 'Date' must hold only"),
    ({"columns": {"Date": {"rolle": "date"}}}, "column 'Date' must hold only"),
    ({"columns": {"Date": {"role": "when"}}}, "role must be one of"),
    ({"columns": {"Date": {"role": 1}}}, "must hold texts"), ({"columns": {"Date": {"type": "int"}}}, "must be date"),
    ({"number": {"decimal": "."}, "x": 1}, "unknown member 'x'"),
    ({"number": "."}, "number style"), ({"number": {"point": "."}}, "number style"),
    ({"number": {"decimal": ";"}}, "Decimal is a point or a comma"),
    ({"number": {"decimal": ".", "thousands": "_"}}, "Decimal is a point or a comma"),
    ({"number": {"decimal": ",", "thousands": ","}}, "must differ"),
    ({"number": {"decimal": ","}}, "must differ"),
])
def test_what_is_no_mapping_is_refused_with_the_member_that_is_wrong(data: Any, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        mapping_from_json(data)
    assert said in refused.value.message


def test_every_wrong_member_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        mapping_from_json({"sheet": 1, "kind": "x", "key": 2})
    assert len(refused.value.issues) == 3


@pytest.mark.parametrize("text", ["%Y-%m-%d", "%d.%m.%y", "%m/%d/%Y %H:%M", "%d %b %Y", "%Y%m", "%G-W%V-%u",
                                  "%Y-%m-%dT%H:%M:%S%z", "100%% %Y-%m-%d", "%x", "%c", "", *FORMATS])
def test_e10_a_pattern_that_tells_the_day_may_be_declared(text: str) -> None:
    assert mapping_from_json({"columns": {"Date": {"format": text}}}).columns["Date"].format == text


@pytest.mark.parametrize("text", ["DD/MM/YYYY", "day first", "%H:%M", "%d.%m.", "%-d/%-m/%Y", "%Y-%Q", "%Y-%m-%", "%%Y",
                                  "%%Y-%m", "auto", "DMY", "%Y" * 50, "%Y\0"])
def test_e10_a_format_that_could_date_no_row_is_refused_instead_of_every_row(text: str) -> None:
    with pytest.raises(Invalid, match="format of column 'Date' must be one of iso, dmy"):
        mapping_from_json({"columns": {"Date": {"format": text}}})
