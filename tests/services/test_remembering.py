"""What a dataset remembers of its last file: answers to open questions, joins and slices - and nothing else."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from dashapp.core.dataset import Dataset
from dashapp.core.mapping import ColumnMapping, Mapping, NumberStyle, mapping_from_json
from dashapp.services import remembering
from models import DatasetRow, db

GERMAN = NumberStyle(",", ".")
LAST: dict[str, Any] = {
    "encoding": "cp1252", "joins": {"sku": "catalogue.sku_id", "shop": ""},
    "columns": {"Date": {"format": "dmy", "role": "date"},
                "Revenue": {"number": {"decimal": ",", "thousands": "."}, "role": "measure"}},
}


@pytest.fixture(autouse=True)
def _last(sqlite_database: Flask) -> None:
    row = DatasetRow(key="sales", name="Sales", kind="facts", grain="day", marks="start", key_columns=[], joins={},
                     slice_columns=[], version=1, served_version=0, last_commit=1, columns=[], mapping=LAST,
                     created_at=datetime(2026, 1, 1, tzinfo=UTC))
    db.session.add(row)
    db.session.commit()


def test_what_was_answered_for_the_last_file_is_answered_likewise() -> None:
    found = remembering.answered(Mapping(), [("date-order", "Date"), ("number-style", "Revenue"), ("encoding", None)],
                                 "sales")
    assert found == Mapping(encoding="cp1252", columns={"Date": ColumnMapping(format="dmy"),
                                                        "Revenue": ColumnMapping(number=GERMAN)})


def test_only_what_is_asked_is_answered_and_only_in_its_own_kind() -> None:
    found = remembering.answered(Mapping(), [("date-order", "Date")], "sales")
    assert found == Mapping(columns={"Date": ColumnMapping(format="dmy")})
    for code, header in (("number-style", "Date"), ("date-order", "Revenue"), ("date-order", "Unknown"),
                         ("key-needed", "Date"), ("date-order", None)):
        assert remembering.answered(Mapping(), [(code, header)], "sales") is None, (code, header)


@pytest.mark.parametrize(("format", "answers"), [
    ("mdy", True), ("%m/%d/%Y", True), ("iso", False), ("excel-serial", False), (None, False)])
def test_e7_a_file_that_was_written_otherwise_answers_nothing(format: str | None, answers: bool) -> None:
    """Last month's dates had the year first; whether 03/04/2026 is in March or in April is asked all the same."""
    db.session.query(DatasetRow).update({DatasetRow.mapping: {"columns": {"Date": {"format": format, "role": "date"}}}})
    db.session.commit()
    found = remembering.answered(Mapping(), [("date-order", "Date")], "sales")
    assert found == (Mapping(columns={"Date": ColumnMapping(format=format)}) if answers else None)


def test_what_somebody_said_of_this_file_wins_over_the_last_one() -> None:
    said = Mapping(encoding="utf-8", columns={"Date": ColumnMapping(format="mdy"),
                                              "Revenue": ColumnMapping(number=NumberStyle(".", ","))})
    asked = [("date-order", "Date"), ("number-style", "Revenue"), ("encoding", None)]
    assert remembering.answered(said, asked, "sales") is None
    part = Mapping(columns={"Date": ColumnMapping(type="date")})
    assert remembering.answered(part, asked[:1], "sales") == Mapping(
        columns={"Date": ColumnMapping(type="date", format="dmy")})


def test_a_dataset_that_nobody_knows_answers_nothing() -> None:
    assert remembering.answered(Mapping(), [("date-order", "Date"), ("encoding", None)], "other") is None
    assert remembering.completed(Mapping(mode="append"), None) == Mapping(mode="append")


def test_joins_and_slices_of_the_dataset_are_taken_over_where_nothing_is_said() -> None:
    known = Dataset("sales", "Sales", slice_columns=("region",), joins=(("shop", "shops.code"),))
    found = remembering.completed(Mapping(), known)
    assert (found.slice, found.joins) == (("region",), {"sku": "catalogue.sku_id", "shop": "shops.code"})
    said = mapping_from_json({"slice": [], "joins": {"sku": None, "day": "days.day"}})
    found = remembering.completed(said, known)
    assert found.slice == ()
    assert found.joins == {"sku": "", "shop": "shops.code", "day": "days.day"}


@pytest.mark.parametrize(("given", "shown"), [(None, "append"), ({}, None), ({"mode": "upsert"}, "upsert")])
def test_a_mapping_that_is_given_wins_whole_over_the_one_last_shown(given: dict[str, Any] | None,
                                                                    shown: str | None) -> None:
    from dataclasses import replace

    from tests.ui.test_uploads import UPLOAD

    last = replace(UPLOAD, mapping={"mode": "append"})
    assert remembering.shown(last, None if given is None else mapping_from_json(given)).mode == shown
