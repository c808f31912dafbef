"""Rows without a file, written as the file they stand for."""
from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dashapp.core.mapping import Mapping, NumberStyle
from dashapp.core.pushed import cell_text, lines, mapping_of_rows


@pytest.mark.parametrize(("value", "text"), [
    (None, ""), (True, "true"), (False, "false"), (12, "12"), (0.1, "0.1"), (1e22, "10000000000000000000000"),
    (1.5e-7, "0.00000015"), (-0.0, "-0.0"), (Decimal("1E+3"), "1000"), (Decimal("12.3400"), "12.3400"),
    (float("nan"), "NaN"), (Decimal("Infinity"), "Infinity"), ("00123", "00123"), (date(2026, 3, 1), "2026-03-01"),
    (datetime(2026, 3, 1, 12, 30), "2026-03-01 12:30:00"),
    (datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))), "2026-02-28 22:30:00+00:00"),
    (datetime(2026, 3, 1, 0, 30, 0, 5, tzinfo=UTC), "2026-03-01 00:30:00.000005+00:00"),
])
def test_values_are_written_as_a_person_would_type_them(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_lines_are_read_back_as_they_were() -> None:
    rows = [["a", "b;c"], ['say "x"', "two\nlines"], ["", "ü€"]]
    assert list(csv.reader(io.StringIO(lines(rows).decode(), newline=""))) == rows


def test_what_is_said_of_numbers_is_kept_and_what_is_known_of_the_file_is_added() -> None:
    said = mapping_of_rows(Mapping(sheet="x", number=NumberStyle(",", "."), mode="append"))
    assert (said.sheet, said.header_row, said.delimiter, said.encoding, said.mode) == (None, 1, ",", "utf-8", "append")
    assert said.number == NumberStyle(",", ".")
    assert mapping_of_rows(Mapping()).number == NumberStyle(".", "")
