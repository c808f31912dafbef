"""More than two hundred defects, planted one by one in good tables: every one is named with its place, none gets in,
and none takes a good row with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.hostile import xlsx
from tests.ingest.conftest import Room

ROWS = 60
FIRST = date(2024, 11, 13)
COLUMNS = ("order_id", "date", "region", "qty", "price", "revenue")


@dataclass(frozen=True)
class Writing:
    """How a country writes a table, and what would be wrong there."""

    name: str
    separator: str
    day: str
    mark: str
    wrong_day: str
    wrong_number: str


WRITINGS = (
    Writing("iso", ",", "{y}-{m:02d}-{d:02d}", ".", "2025-13-01", "1.5.2"),
    Writing("en-US", ",", "{m:02d}/{d:02d}/{y}", ".", "13/25/2024", "1.234.5"),
    Writing("de-DE", ";", "{d:02d}.{m:02d}.{y}", ",", "31.11.2024", "1.5"),
    Writing("fr-FR", "\t", "{d:02d}/{m:02d}/{y}", ",", "30/02/2025", "1.5"),
)


def defects(writing: Writing) -> list[tuple[str, int, str]]:
    """(what is wrong, column it shows in or -1 for the row, the text put there)."""
    return [
        ("date-unreadable", 1, writing.wrong_day),
        ("date-unreadable", 1, "soon"),
        ("date-unreadable", 1, "12:30"),
        ("date-unreadable", 1, "1789-07-14"),
        ("date-unreadable", 1, "45720"),
        ("date-missing", 1, ""),
        ("date-missing", 1, "n/a"),
        ("number-unreadable", 3, "many"),
        ("number-unreadable", 3, "inf"),
        ("number-unreadable", 3, "1_000"),
        ("number-unreadable", 4, "0x1F"),
        ("number-unreadable", 4, "--5"),
        ("number-unreadable", 4, "5 5"),
        ("number-unreadable", 5, writing.wrong_number),
        ("number-unreadable", 5, "=SUM(F2:F9)"),
        ("number-unreadable", 5, "1e400"),
        ("number-unreadable", 5, "999999999999999"),
        ("number-unreadable", 5, "#VALUE!"),
        ("key-missing", 0, ""),
        ("ragged-row", -1, "fewer"),
        ("ragged-row", -1, "more"),
    ]


def good(n: int) -> tuple[str, date, str, int, Decimal, Decimal]:
    price = Decimal(n * 7 + 3) / 4
    return f"K{n:03d}", FIRST + timedelta(n), ("EMEA", "NA", "0042")[n % 3], n, price, n * price


def written(n: int, writing: Writing) -> list[str]:
    key, day, region, qty, price, revenue = good(n)
    numbers = [str(qty), str(price).replace(".", writing.mark), str(revenue).replace(".", writing.mark)]
    return [key, writing.day.format(y=day.year, m=day.month, d=day.day), region, *numbers]


def mapping(writing: Writing) -> dict:
    order = {"en-US": "mdy", "de-DE": "dmy", "fr-FR": "dmy"}.get(writing.name, "iso")
    roles = dict.fromkeys(("qty", "price", "revenue"), "measure") | {"region": "dimension", "order_id": "id"}
    columns: dict[str, dict] = {c: {"role": r} for c, r in roles.items()}
    columns["date"] = {"role": "date", "format": order}
    thousands = "," if writing.mark == "." else "."
    return {
        "key": ["order_id"],
        "mode": "upsert",
        "header_row": 1,
        "columns": columns,
        "number": {"decimal": writing.mark, "thousands": thousands},
    }


def stored(table) -> dict[int, tuple]:  # type: ignore[no-untyped-def]
    return {
        r["_row"]: (r["order_id"], r["date"], r["region"], int(r["qty"]), Decimal(r["price"]), Decimal(r["revenue"]))
        for r in table.to_pylist()
    }


@pytest.mark.parametrize("shift", [0, 23])
@pytest.mark.parametrize("writing", WRITINGS, ids=lambda w: w.name)
def test_no_defect_of_a_text_file_gets_in_unnamed(room: Room, writing: Writing, shift: int) -> None:
    planted: dict[int, tuple[str, int]] = {}
    lines = [list(COLUMNS), *(written(n, writing) for n in range(ROWS))]
    for at, (code, column, text) in enumerate(defects(writing)):
        row = 2 + (at * 2 + shift) % ROWS
        cells = lines[row - 1]
        if column >= 0:
            cells[column] = text
        else:
            lines[row - 1] = cells[:-1] if text == "fewer" else [*cells, "1"]
        planted[row] = (code, column)
    assert len(planted) == 21
    path = room.file("p.csv", "\n".join(writing.separator.join(cells) for cells in lines) + "\n")
    done, table = room.convert(path, mapping(writing))
    named = {(i.row, i.code, i.cell) for i in done.issues if i.severity == "error"}
    for row, (code, column) in planted.items():
        assert (row, code, f"{'ABCDEF'[column]}{row}" if column >= 0 else None) in named
    assert done.quarantined == len(planted)
    assert stored(table) == {n + 2: good(n) for n in range(ROWS) if n + 2 not in planted}


CELLS = {
    "cell-error": [(c, f'<c r="{{ref}}" t="e"><v>{e}</v></c>') for c in range(6) for e in ("#DIV/0!", "#N/A", "#REF!")]
    + [(c, f'<c r="{{ref}}">{f}</c>') for c in range(6) for f in ("<f>1+1</f>", "<f>A1</f><v></v>")],
    "number-unreadable": [
        (c, f'<c r="{{ref}}" t="str"><v>{t}</v></c>') for c in (3, 4, 5) for t in ("n.n.", "1_0", "5%%")
    ],
    "date-unreadable": [(1, f'<c r="{{ref}}" t="str"><v>{t}</v></c>') for t in ("2025-02-30", "soon", "99.99.2025")],
    "date-missing": [(1, ""), (1, '<c r="{ref}" t="str"><v>-</v></c>')],
    "key-missing": [(0, ""), (0, '<c r="{ref}" t="str"><v> </v></c>')],
}


def sheet_row(row: int, n: int, defect: tuple[int, str] | None) -> str:
    key, day, region, qty, price, revenue = good(n)
    refs = [f"{letter}{row}" for letter in "CDEFGH"]
    cells = [xlsx.text(refs[0], key), xlsx.text(refs[1], day.isoformat()), xlsx.text(refs[2], region)]
    cells += [xlsx.number(refs[3], qty), xlsx.number(refs[4], price), xlsx.number(refs[5], revenue)]
    if defect is not None:
        cells[defect[0]] = defect[1].replace("{ref}", refs[defect[0]])
    return xlsx.row(row, *cells)


def test_no_defect_of_a_workbook_gets_in_unnamed(room: Room, tmp_path: Path) -> None:
    """The table stands at C5, so that every address tells whether it was counted from the sheet's corner."""
    plan = [(code, *defect) for code, all_of in CELLS.items() for defect in all_of]
    count = 2 * len(plan) + 10
    rows = xlsx.row(5, *(xlsx.text(f"{letter}5", name) for letter, name in zip("CDEFGH", COLUMNS, strict=True)))
    planted = {6 + 2 * n: (code, column, xml) for n, (code, column, xml) in enumerate(plan)}
    for n in range(count):
        found = planted.get(6 + n)
        rows += sheet_row(6 + n, n, found[1:] if found else None)
    path = xlsx.pack(tmp_path / "p.xlsx", xlsx.parts(xlsx.sheet_xml(rows)))
    done, table = room.convert(path, mapping(WRITINGS[0]) | {"header_row": 5})
    named = {(i.row, i.code, i.cell) for i in done.issues if i.severity == "error"}
    for row, (code, column, xml) in planted.items():
        assert (row, code, f"{'CDEFGH'[column]}{row}") in named, xml
    assert stored(table) == {6 + n: good(n) for n in range(count) if 6 + n not in planted}
    assert done.quarantined == len(planted)
