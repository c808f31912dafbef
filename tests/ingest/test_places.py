"""Wherever a table stands and whatever is wrong in it: every refused cell is cited by the address Excel shows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlsxwriter.utility import xl_rowcol_to_cell

from tests.ingest.conftest import Room

quick = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
HEAD = ("Order", "Date", "Revenue", "Units")
ROLES = {
    "Order": {"role": "id"},
    "Date": {"role": "date", "format": "iso"},
    "Revenue": {"role": "measure", "type": "money"},
    "Units": {"role": "measure", "type": "number"},
}
bad_cells = st.sets(st.tuples(st.integers(0, 24), st.integers(0, 3)), max_size=12)


def cells(n: int, bad: set[tuple[int, int]]) -> list[str | float]:
    good: list[str | float] = [f"K{n}", f"2025-01-{n % 28 + 1:02d}", n + 0.25, n]
    wrong: list[str | float] = ["", "someday", "n.n.", "many"]
    return [wrong[c] if (n, c) in bad else good[c] for c in range(4)]


@quick
@given(bad_cells, st.integers(0, 40), st.integers(0, 60))
def test_e4_the_refused_cells_of_a_workbook_are_cited_by_their_own_addresses(
    tmp_path_factory: pytest.TempPathFactory, bad: set[tuple[int, int]], top: int, left: int
) -> None:
    folder = tmp_path_factory.mktemp("p")
    book = xlsxwriter.Workbook(str(folder / "a.xlsx"))
    page = book.add_worksheet()
    page.write_row(top, left, HEAD)
    for n in range(25):
        page.write_row(top + 1 + n, left, cells(n, bad))
    book.close()
    mapping = {"key": ["order"], "mode": "upsert", "header_row": top + 1, "columns": ROLES}
    done, table = Room(folder).convert(folder / "a.xlsx", mapping)
    wanted = {xl_rowcol_to_cell(top + 1 + r, left + c) for r, c in bad}
    assert {i.cell for i in done.issues if i.severity == "error"} == wanted
    assert table.column("_row").to_pylist() == [top + 2 + n for n in range(25) if n not in {r for r, _ in bad}]
    if bad:
        named = [set(r["cells"].split()) for r in csv.DictReader((folder / "refused.csv").read_text().splitlines())]
        assert set().union(*named) == wanted
        assert len(named) == len({r for r, _ in bad}) == done.quarantined


@quick
@given(bad_cells, st.lists(st.sampled_from(["", "note", '"two\nlines"', ",,,"]), max_size=5))
def test_e16_the_refused_cells_of_a_text_are_cited_by_row_however_many_lines_a_row_has(
    tmp_path_factory: pytest.TempPathFactory, bad: set[tuple[int, int]], above: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("p")
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([HEAD, *(cells(n, bad) for n in range(25))])
    text = "".join(f"{line}\n" for line in above) + out.getvalue()
    mapping = {"key": ["order"], "mode": "upsert", "header_row": len(above) + 1, "columns": ROLES, "delimiter": ","}
    room = Room(folder)
    done, table = room.convert(room.file("a.csv", text), mapping)
    wanted = {f"{'ABCD'[c]}{len(above) + 2 + r}" for r, c in bad}
    assert {i.cell for i in done.issues if i.severity == "error"} == wanted
    assert table.column("_row").to_pylist() == [len(above) + 2 + n for n in range(25) if n not in {r for r, _ in bad}]


groups = st.lists(
    st.tuples(st.sampled_from(["Web", "Shop", "Partner", "Fax"]), st.integers(2, 4)),
    min_size=1, max_size=4, unique_by=lambda group: group[0],
)  # fmt: skip


@quick
@given(groups, st.integers(0, 3), st.integers(0, 5), st.booleans())
def test_e3_every_column_under_a_merged_group_carries_its_name(
    tmp_path_factory: pytest.TempPathFactory, layout: list[tuple[str, int]], top: int, left: int, has_tail: bool
) -> None:
    path: Path = tmp_path_factory.mktemp("p") / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page, at = book.add_worksheet(), left + 1
    names = ["Net", "Tax", "Units", "Returns"]
    wanted, lower = ["Date"], ["Date"]
    for label, width in layout:
        page.merge_range(top, at, top, at + width - 1, label)
        wanted += [f"{label} / {name}" for name in names[:width]]
        lower += names[:width]
        at += width
    wanted, lower = ([*wanted, "Total"], [*lower, "Total"]) if has_tail else (wanted, lower)
    page.write_row(top + 1, left, lower)
    for n in range(1, 7):
        page.write_row(top + 1 + n, left, [f"2025-01-{n:02d}", *range(n, n + len(wanted) - 1)])
    book.close()
    found = Room(path.parent).inspect(path, {"key": []})
    assert [c.header for c in found.columns] == wanted
    assert (found.mapping.header_row, found.rows) == (top + 2, 6)
    assert [i for i in found.issues if i.severity == "error"] == []
