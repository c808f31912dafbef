"""A sender's next file is read as the last one was, where the file leaves that open; and what changed is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.mapping import mapping_from_json
from dashapp.core.profile import Profile, fingerprint, likeness
from dashapp.ingest.model import Conversion, Inspection
from tests.ingest.conftest import Room, codes, profile_of

Sheet = Callable[..., Path]
AMBIGUOUS = "Day;Amount\n03/04/2025;1.234\n05/06/2025;2.345\n"
KEY: dict[str, Any] = {"key": ["day"], "mode": "upsert"}


def said(found: Inspection | Conversion) -> list[str]:
    return [c.words for c in found.changes]


def german(room: Room) -> Profile:
    done, _ = room.convert(
        room.file("last.csv", AMBIGUOUS),
        {**KEY, "columns": {"Day": {"format": "dmy"}, "Amount": {"number": {"decimal": ",", "thousands": "."}}}},
    )
    return profile_of("Berlin", done)


def american(room: Room) -> Profile:
    done, _ = room.convert(
        room.file("us.csv", AMBIGUOUS.replace("Amount", "Revenue")),
        {**KEY, "columns": {"Day": {"format": "mdy"}, "Revenue": {"number": {"decimal": ".", "thousands": ","}}}},
    )
    return profile_of("Boston", done)


def test_each_sender_answers_its_own_questions(room: Room) -> None:
    room.profiles = (german(room), american(room))
    _, berlin = room.csv(AMBIGUOUS, KEY)
    assert [(r["day"], float(r["amount"])) for r in berlin] == [(date(2025, 4, 3), 1234), (date(2025, 6, 5), 2345)]
    done, boston = room.csv(AMBIGUOUS.replace("Amount", "Revenue"), KEY)
    assert [(r["day"], float(r["revenue"])) for r in boston] == [(date(2025, 3, 4), 1.234), (date(2025, 5, 6), 2.345)]
    assert done.mapping.profile == "Boston"


def test_e7_a_sender_who_wrote_the_year_first_is_asked_when_the_next_file_is_ambiguous(room: Room) -> None:
    iso, _ = room.convert(room.file("last.csv", "Day;Amount\n2025-03-04;1,5\n"), KEY)
    room.profiles = (profile_of("Berlin", iso),)
    found = room.inspect(room.file("t.csv", "Day;Amount\n03/04/2025;1,5\n05/06/2025;2,5\n"), KEY)
    assert [(q.code, q.column) for q in found.questions] == [("date-order", "Day")]
    with pytest.raises(Invalid, match="day first or month first"):
        room.csv("Day;Amount\n03/04/2025;1,5\n05/06/2025;2,5\n", KEY)


def test_a_file_that_decides_by_itself_is_read_as_it_says_and_that_is_told(room: Room) -> None:
    room.profiles = (german(room),)
    done, rows = room.csv("Day;Amount\n03/13/2025;1,234.50\n05/06/2025;2,345.25\n", KEY)
    assert [(r["day"], float(r["amount"])) for r in rows] == [(date(2025, 3, 13), 1234.5), (date(2025, 5, 6), 2345.25)]
    assert "'Day' was written as 'day first' and is now written as 'month first'" in said(done)
    assert "'Amount' was written as 'decimal ,' and is now written as 'decimal .'" in said(done)


def test_a_named_sender_wins_over_the_columns_and_an_unknown_name_has_no_habits(room: Room) -> None:
    other = replace(
        german(room),
        name="Zwilling",
        mapping=mapping_from_json(
            {
                "columns": {
                    "Day": {"role": "date", "format": "mdy"},
                    "Amount": {"role": "measure", "number": {"decimal": ".", "thousands": ","}},
                }
            }
        ),
    )
    room.profiles = (german(room), other)
    _, rows = room.csv(AMBIGUOUS, {**KEY, "profile": "Zwilling"})
    assert rows[0]["day"] == date(2025, 3, 4)
    with pytest.raises(Invalid, match="day first or month first"):
        room.csv(AMBIGUOUS, {**KEY, "profile": "Newcomer"})


def test_ignored_columns_and_other_keys_are_kept(room: Room) -> None:
    text = "Day,Umsatz,Internal\n2025-01-01,5,9\n2025-01-02,6,9\n"
    done, _ = room.convert(
        room.file("a.csv", text), {**KEY, "columns": {"Umsatz": {"key": "revenue"}, "Internal": {"role": "ignore"}}}
    )
    room.profiles = (profile_of("A", done),)
    again, table = room.convert(room.file("b.csv", text.replace("2025-01", "2025-02")), KEY)
    assert table.column_names[:2] == ["day", "revenue"]
    assert said(again) == []


def test_what_came_went_or_was_renamed_since_the_last_file(room: Room) -> None:
    done, _ = room.convert(
        room.file("a.csv", "Day,Revenue,Cost,Team\n2025-01-01,5,4,EMEA\n2025-01-02,6,4,APAC\n"), KEY
    )
    room.profiles = (profile_of("A", done),)
    known = Dataset("a", "A", key_columns=("day",), mode="upsert", columns=done.columns)
    path = room.file("b.csv", "Day,Revenues,Team,Tax\n2025-02-01,5,4,1\n2025-02-02,6,4,1\n")
    found = room.inspect(path, KEY, known)
    assert sorted(said(found)) == [
        "'Cost' is missing",
        "'Revenues' may be what was called 'Revenue'",
        "'Tax' is new",
        "'Team' was read as 'texts' and now holds 'numbers'",
    ]
    assert [c.value for c in found.absent] == ["revenue", "cost"]
    assert {"column-missing", "column-new"} <= codes(found)
    chosen, table = room.convert(path, {**KEY, "columns": {"Revenues": {"key": "revenue"}}}, known)
    assert [float(v) for v in table.column("revenue").to_pylist()] == [5, 6]
    assert not any("Revenue" in c for c in said(chosen))


def test_without_a_sender_the_dataset_tells_what_changed(room: Room) -> None:
    known = Dataset(
        "a",
        "A",
        key_columns=("day",),
        mode="upsert",
        columns=(Column("day", "Day", RoleOf.DATE, "date"), Column("revenue", "Revenue", RoleOf.MEASURE, "money")),
    )
    found = room.inspect(room.file("b.csv", "Day,Revenue,Tax\n2025-02-01,5,1\n2025-02-02,6,2\n"), KEY, known)
    assert said(found) == ["'Tax' is new"]
    assert said(room.inspect(room.file("b.csv", "Day,Revenue\n2025-02-01,5\n"))) == []


@pytest.mark.parametrize(
    ("first", "second", "scales"),
    [("EUR thousand", "EUR million", (1e6, 1e3)), ("EUR thousand", "EUR", (1, 1e3)), ("EUR", "EUR thousand", (1e3, 1))],
)
def test_another_unit_than_in_the_last_file_is_a_question(
    room: Room, first: str, second: str, scales: tuple[float, float]
) -> None:
    text = "Amounts in {}\nDay,Revenue\n2025-01-01,5\n2025-01-02,6\n"
    done, _ = room.convert(room.file("a.csv", text.format(first)), KEY)
    room.profiles = (profile_of("A", done),)
    again, _ = room.convert(room.file("b.csv", text.format(first)), KEY)
    assert said(again) == []
    other = room.file("c.csv", text.format(second))
    found = room.inspect(other, KEY)
    assert [(q.code, q.column, tuple(float(c.value) for c in q.choices)) for q in found.questions] == [
        ("scale-changed", "Revenue", scales)
    ]
    with pytest.raises(Invalid, match="Which is right"):
        room.convert(other, KEY)
    done, table = room.convert(other, {**KEY, "columns": {"Revenue": {"scale": scales[1]}}})
    assert float(table.column("revenue").to_pylist()[0]) == 5 * scales[1]


def test_the_sheet_that_was_chosen_once_is_taken_again(room: Room, tmp_path: Path) -> None:
    import xlsxwriter

    def book(name: str, factor: int) -> Path:
        made = xlsxwriter.Workbook(str(tmp_path / name))
        for title, head, rows in (("All", ["Day", "Sku", "Units"], 50), ("Notes", ["Day", "Revenue"], 5)):
            page = made.add_worksheet(title)
            page.write_row(0, 0, head)
            for n in range(rows):
                page.write_row(
                    n + 1, 0, [f"2025-{factor:02d}-{n % 28 + 1:02d}", *range(n * factor, n * factor + len(head) - 1)]
                )
        made.close()
        return tmp_path / name

    first = book("one.xlsx", 1)
    assert room.inspect(first).mapping.sheet == "All"
    done, _ = room.convert(first, {**KEY, "sheet": "Notes"})
    room.profiles = (profile_of("A", done),)
    assert room.inspect(book("two.xlsx", 2)).mapping.sheet == "Notes"


def test_the_layout_that_was_chosen_once_is_taken_again(room: Room, sheet: Sheet) -> None:
    head = [None, *(date(2025, m, 1) for m in (1, 2, 3))]
    unsure = [["Revenue", 1, 2, 3], ["Zeta", 4, 5, 6]]
    path = sheet([head, *unsure])
    assert [q.code for q in room.inspect(path).questions] == ["layout"]
    done, _ = room.convert(path, {"layout": "statement"})
    room.profiles = (profile_of("A", done),)
    found = room.inspect(sheet([head, *[[r[0], *(v * 2 for v in r[1:])] for r in unsure]], name="next.xlsx"))
    assert (found.questions, found.mapping.layout, found.mapping.profile) == ((), "statement", "A")


def test_the_header_row_that_was_chosen_once_is_taken_again(room: Room) -> None:
    text = "Date,Region\nfoo,bar\nDay,Revenue\n2025-01-01,5\n2025-01-02,6\n"
    done, _ = room.convert(room.file("a.csv", text), {**KEY, "header_row": 3})
    room.profiles = (profile_of("A", done),)
    again, table = room.convert(room.file("b.csv", text.replace("2025-01", "2025-02")), KEY)
    assert (again.mapping.header_row, table.num_rows) == (3, 2)


def test_fingerprints_look_at_names_only() -> None:
    assert fingerprint(["Order ID", "Date"]) == fingerprint(["date", "order_id"]) != fingerprint(["date"])
    assert likeness(["a", "b"], ["B", "c"]) == pytest.approx(1 / 3)
    assert likeness([], []) == 0.0
