"""Error values and formulas without a value are errors of their cell; the row waits outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile import xlsx
from tests.ingest.conftest import Room, codes, issue


def book(tmp_path: Path, *rows: str) -> Path:
    head = xlsx.row(1, xlsx.text("B1", "Date"), xlsx.text("C1", "Note"), xlsx.text("D1", "Revenue"))
    return xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(xlsx.sheet_xml(head + "".join(rows))))


def line(n: int, *, note: str | None = None, revenue: str | None = None) -> str:
    return xlsx.row(
        n,
        xlsx.text(f"B{n}", f"2025-01-{n:02d}"),
        note or xlsx.text(f"C{n}", "fine"),
        revenue or xlsx.number(f"D{n}", n),
    )


def error(ref: str, text: str) -> str:
    return f'<c r="{ref}" t="e"><v>{text}</v></c>'


@pytest.mark.parametrize("text", ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
def test_e2_an_error_value_is_refused_with_its_own_address_and_text(room: Room, tmp_path: Path, text: str) -> None:
    done, table = room.convert(book(tmp_path, line(2), line(3, revenue=error("D3", text)), line(4)), {"key": []})
    found = issue(done, "cell-error")
    assert (found.cell, found.row, found.column, found.value) == ("D3", 3, "Revenue", text)
    assert found.message == f"D3: the cell holds {text} instead of a value."
    assert (table.column("_row").to_pylist(), done.quarantined) == ([2, 4], 1)


def test_e2_an_error_in_a_text_column_is_an_error_too(room: Room, tmp_path: Path) -> None:
    done, table = room.convert(book(tmp_path, line(2), line(3, note=error("C3", "#N/A")), line(4)), {"key": []})
    assert (issue(done, "cell-error").cell, table.num_rows) == ("C3", 2)


def test_e2_two_errors_of_one_row_are_two_issues_and_one_row(room: Room, tmp_path: Path) -> None:
    rows = line(2), line(3, note=error("C3", "#N/A"), revenue=error("D3", "#REF!")), line(4)
    done, _ = room.convert(book(tmp_path, *rows), {"key": []})
    assert [(i.cell, i.message) for i in done.issues if i.code == "cell-error"] == [
        ("C3", "C3: the cell holds #N/A instead of a value."),
        ("D3", "D3: the cell holds #REF! instead of a value."),
    ]
    assert (done.quarantined, done.rows, done.counts["cell-error"]) == (1, 3, 2)
    assert (room.folder / "refused.csv").read_text().splitlines()[1].startswith("3,C3 D3,")


def test_e2_an_error_in_the_date_is_not_called_a_missing_date_as_well(room: Room, tmp_path: Path) -> None:
    bad = xlsx.row(3, error("B3", "#VALUE!"), xlsx.text("C3", "x"), xlsx.number("D3", 1))
    done, _ = room.convert(book(tmp_path, line(2), bad, line(4)), {"key": []})
    assert codes(done) == {"cell-error"}


def test_e2_a_row_of_nothing_but_errors_is_not_an_empty_row(room: Room, tmp_path: Path) -> None:
    bad = xlsx.row(3, error("B3", "#N/A"), error("C3", "#N/A"), error("D3", "#N/A"))
    done, table = room.convert(book(tmp_path, line(2), bad, line(4)), {"key": []})
    assert (table.num_rows, done.quarantined, done.counts["cell-error"]) == (2, 1, 3)


def test_e2_errors_of_an_ignored_column_refuse_nothing(room: Room, tmp_path: Path) -> None:
    path = book(tmp_path, line(2), line(3, note=error("C3", "#N/A")), line(4))
    done, table = room.convert(path, {"key": [], "columns": {"Note": {"role": "ignore"}}})
    assert (table.num_rows, "cell-error" in codes(done)) == (3, False)


def test_e2_na_written_as_text_is_missing_not_an_error(room: Room, tmp_path: Path) -> None:
    done, table = room.convert(book(tmp_path, line(2), line(3, revenue=xlsx.text("D3", "#N/A"))), {"key": []})
    assert (table.num_rows, "cell-error" in codes(done), done.counts["value-missing"]) == (2, False, 1)


@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ('<c r="D3"><f>1+1</f></c>', True),
        ('<c r="D3"><f>1+1</f><v></v></c>', True),
        ('<c r="D3"><f>1+1</f><v/></c>', True),
        ('<c r="D3"><f t="shared" si="0"/></c>', True),
        ('<c r="D3"><f ca="1">NOW()</f> </c>', True),
        ('<c r="D3"><f>1+1</f><v>2</v></c>', False),
        ('<c r="D3" t="str"><f>""</f><v></v></c>', False),
        ('<c r="D3"/>', False),
    ],
)
def test_e1_a_formula_is_refused_only_where_it_was_never_calculated(
    room: Room, tmp_path: Path, cell: str, refused: bool
) -> None:
    done, _ = room.convert(book(tmp_path, line(2), line(3, revenue=cell), line(4)), {"key": []})
    assert [i.cell for i in done.issues if i.code == "cell-error"] == (["D3"] if refused else [])
    if refused:
        assert issue(done, "cell-error").value == "a formula that was never calculated"
