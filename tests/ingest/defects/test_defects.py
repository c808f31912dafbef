"""No planted defect passes unsaid: its row is refused or kept with a word about it, and no other row is touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.ingest.model import Conversion
from tests.ingest.conftest import Room
from tests.ingest.defects.kinds import DEFECTS, Defect
from tests.ingest.defects.writers import HEADER, ROWS, WRITERS, Table, Writer, good

MAPPING: dict[str, Any] = {"key": ["order_id"], "mode": "upsert"}
CASES = [(d, w, (3 + 5 * i + 7 * j) % (ROWS - 5)) for i, d in enumerate(DEFECTS) for j, w in enumerate(WRITERS)]


@dataclass
class Told:
    """What was said of a file, and what came in: order -> values. stored None: the whole file was refused."""

    issues: tuple[Issue, ...]
    stored: dict[str, tuple[Any, ...]] | None


def read(room: Room, writer: Writer, rows: Table) -> Told:
    path = room.folder / f"planted.{writer.ending}"
    writer.write(path, HEADER, rows)
    room.today = date(2026, 3, 1)
    try:
        done, table = room.convert(path, MAPPING)
    except Invalid as error:
        return Told((*error.issues, Issue("file", error.message)), None)
    return Told(done.issues, {r["order_id"]: _values(r) for r in table.to_pylist()})


def converted(room: Room, path: Path, mapping: dict[str, Any]) -> tuple[Conversion, Any] | Invalid:
    """The conversion and its rows, or the refusal."""
    try:
        return room.convert(path, mapping)
    except Invalid as error:
        return error


def _values(row: dict[str, Any]) -> tuple[Any, ...]:
    qty = row["qty"] if row["qty"] is None or isinstance(row["qty"], str) else Decimal(str(row["qty"]))
    return row["date"], row["region"], qty, row["price"], row["revenue"]


def expected(rows: Table) -> dict[str, tuple[Any, ...]]:
    return {str(r[0]): (r[1], r[2], Decimal(str(r[3])), r[4], r[5]) for r in rows}


def is_named(told: Told, defect: Defect, writer: Writer, line: int) -> bool:
    """Does something that was said lead to the place: its cell, its row, or the column it spoils?"""
    letter = writer.letter(defect.column) if defect.column is not None else ""
    places = {f"row {line}", f"{letter}{line}" if letter else "", f"Row {line}"} - {""}
    column = HEADER[defect.column] if defect.column is not None else None
    return any(
        i.row == line
        or (i.cell or "").endswith(str(line))
        or any(p in i.message for p in places)
        or (column is not None and i.row is None and (i.column == column or repr(column) in i.message))
        for i in told.issues
    )


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.name)
def test_the_good_table_comes_in_whole_and_without_a_word_against_it(room: Room, writer: Writer) -> None:
    rows = [good(n) for n in range(ROWS)]
    told = read(room, writer, rows)
    assert told.stored == expected(rows)
    assert [i for i in told.issues if i.severity == "error"] == []


@pytest.mark.parametrize(("defect", "writer", "at"), CASES, ids=lambda v: getattr(v, "name", str(v)))
def test_no_planted_defect_is_silent(room: Room, defect: Defect, writer: Writer, at: int) -> None:
    rows = [good(n) for n in range(ROWS)]
    touched = str(rows[at][0])
    defect.plant(rows, at)
    told = read(room, writer, rows)
    line = writer.first + at
    later = range(writer.first + ROWS, writer.first + ROWS + 5)  # rows that were added at the end
    said = is_named(told, defect, writer, line) or any(is_named(told, defect, writer, n) for n in later)
    assert said, (defect.name, [i.message for i in told.issues])
    if told.stored is None:
        return
    spoilt = {str(good(n)[0]) for n in range(at, ROWS)} if defect.spoils else {touched}
    others = expected([r for n in range(ROWS) if str((r := good(n))[0]) not in spoilt])
    assert {k: v for k, v in told.stored.items() if k in others} == others, "a good row was changed or lost"
    added = {str(r[0]) for r in rows if r[0] is not None}
    assert set(told.stored) - set(others) <= (added if defect.is_kept else set()) | _own(told, touched, defect)


def _own(told: Told, touched: str, defect: Defect) -> set[str]:
    """A defective row may come in as it was written, if nothing in it is wrong by itself."""
    is_same = told.stored is not None and told.stored.get(touched) == expected([good(int(touched[1:]))])[touched]
    return {touched} if is_same and defect.kind in ("duplicate", "overlap") else set()


def test_there_are_more_than_two_hundred_of_them() -> None:
    assert len(CASES) >= 200
    assert {d.kind for d in DEFECTS} >= {"date", "shift", "error", "sign", "unit", "duplicate", "overlap"}


ENCODINGS = [("cp1252", "München"), ("utf-16-le", "München"), ("mac-roman", "Zürich"), ("latin-1", "Genève")]


@pytest.mark.parametrize(("encoding", "city"), ENCODINGS)
def test_no_text_in_an_unnamed_encoding_is_guessed_in_silence(room: Room, encoding: str, city: str) -> None:
    text = "order_id;date;city;revenue\n" + "".join(f"K{n};2025-01-{n + 1:02d};{city};{n}\n" for n in range(20))
    path = room.file("e.csv", text, encoding)
    told = converted(room, path, MAPPING)
    if isinstance(told, Invalid):
        asked = "encoding" in {i.code for i in told.issues}
        assert asked or any(word in told.message for word in ("binary", "zero byte", "bytes"))
    else:
        assert set(told[1].column("city").to_pylist()) == {city}, told[0].issues


WIDE = [
    ["Region", "Jan 2025", "Feb 2025", "Mar 2025", "Apr 2025"],
    ["North", "1.5", "2.5", "3.5", "4.5"],
    ["South", "5.5", "6.5", "7.5", "8.5"],
    ["East", "9.5", "10.5", "11.5", "12.5"],
]
SPOILT = ("many", "1O0", "#DIV/0!", "12 %", "5k", "USD 5", "inf", "2025-01-01", "--1")


@pytest.mark.parametrize("text", SPOILT)
@pytest.mark.parametrize(("row", "column"), [(1, 1), (2, 3), (3, 4)])
@pytest.mark.parametrize("layout", ["wide", "statement"])
def test_no_spoilt_cell_of_a_turned_table_is_silent(room: Room, text: str, row: int, column: int, layout: str) -> None:
    rows = [list(r) for r in WIDE]
    rows[row][column] = text
    path = room.file("w.csv", "\n".join(",".join(r) for r in rows) + "\n")
    cell = f"{'ABCDE'[column]}{row + 1}"
    told = converted(room, path, {"layout": layout})
    if isinstance(told, Invalid):
        assert any(cell in i.message or i.column for i in told.issues)
        return
    done, table = told
    assert any(i.cell == cell or cell in i.message for i in done.issues), [i.message for i in done.issues]
    if layout == "wide":
        kept = {(r["region"], r["date"].month): Decimal(str(r["value"])) for r in table.to_pylist()}
        good_ones = {
            (r[0], c): Decimal(r[c]) for r in WIDE[1:] for c in range(1, 5) if (r[0], c) != (WIDE[row][0], column)
        }
        assert {k: v for k, v in kept.items() if k in good_ones} == good_ones
