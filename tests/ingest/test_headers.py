"""Where the header is, how many rows it has, and what its columns are called."""

from __future__ import annotations

import pytest

from dashapp.core.errors import Invalid
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.ingest.header import Header, clean, find_header, first_row
from dashapp.ingest.names import match_mapping, name_columns, vet_header, vet_keys
from tests.ingest.conftest import Room, codes, grid, issue

HEAD = ["Date", "Region", "Revenue"]
BODY = [[f"2025-01-{n:02d}", "EMEA", f"{n}.5"] for n in range(1, 8)]


def at(*rows: list[str | None], declared: int | None = None, **more: object) -> tuple[int, int, tuple[str | None, ...]]:
    found = find_header(grid(*rows, **more), declared)  # type: ignore[arg-type]
    return found.row, found.top, found.names


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ([], 0),
        ([["Sales report"]], 1),
        ([["Sales report"], []], 2),
        ([["ACME GmbH", None, "Confidential"], ["Period:", "2025-01"], []], 3),
        ([[], [], []], 3),
        ([["printed 2025-02-01"], ["by", "Jane"]], 2),
        (
            [["A very long sentence that explains at length what the figures below do and do not hold, in one cell"]],
            1,
        ),
        ([["Currency", "EUR"], ["Unit", "1"], [], ["Table 1"]], 4),
    ],
)
def test_e3_titles_and_notes_above_are_no_header(above: list[list[str | None]], row: int) -> None:
    assert at(*above, HEAD, *BODY) == (row, row, tuple(HEAD))


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_header_above_few_rows_is_the_first_row(count: int) -> None:
    assert at(HEAD, *BODY[:count])[0] == 0


def test_a_table_of_texts_only_has_its_header_on_top() -> None:
    assert at(["sku_id", "name"], ["S1", "Lamp"], ["S2", "Table"], ["S3", "Chair"])[0] == 0


def test_a_header_beyond_the_first_sixty_rows_must_be_declared() -> None:
    notes: list[list[str | None]] = [[f"note {n}"] for n in range(70)]
    rows = [*notes, HEAD, *BODY]
    assert at(*rows, declared=71) == (70, 70, tuple(HEAD))
    assert find_header(grid(*rows), None).row != 70


def test_leading_blank_rows_are_skipped_however_many() -> None:
    found = grid(*[[None, None]] * 2_500, ["Date", "Revenue"], ["2025-01-01", "5"])
    assert first_row(found) == 2_500
    assert find_header(found, None).row == 2_500
    assert first_row(grid([None], [" "])) is None


def test_e3_two_rows_belong_together_when_the_upper_one_labels_groups() -> None:
    rows = [["Date", "Web", None, "Store", None], [None, "Net", "Tax", "Net", "Tax"]]
    body = [[f"2025-01-0{n}", "1", "2", "3", "4"] for n in range(1, 5)]
    assert at(*rows, *body) == (1, 0, ("Date", "Web / Net", "Web / Tax", "Store / Net", "Store / Tax"))


def test_e3_a_merged_group_spreads_over_its_own_columns_only() -> None:
    rows = [[None, "Web", None, None], ["Date", "Net", "Tax", "Units"]]
    body = [[f"2025-01-0{n}", "1", "2", "3"] for n in range(1, 5)]
    assert at(*rows, *body, merges=((0, 1, 0, 2),)) == (1, 0, ("Date", "Web / Net", "Web / Tax", "Units"))


def test_e3_a_title_merged_over_everything_labels_nothing() -> None:
    body = [[f"2025-01-0{n}", "1", "2"] for n in range(1, 5)]
    assert at(["Report", None, None], ["Date", "Net", "Tax"], *body, merges=((0, 0, 0, 2),))[2] == (
        "Date",
        "Net",
        "Tax",
    )


@pytest.mark.parametrize(("label", "is_group"), [("x" * 40, True), ("x" * 41, False), ("2025", False)])
def test_e3_a_sentence_or_a_number_above_is_no_group(label: str, is_group: bool) -> None:
    rows = [[None, label, None, "Shop", None], ["Date", "Net", "Tax", "Net", "Tax"]]
    body = [[f"2025-01-0{n}", "1", "2", "3", "4"] for n in range(1, 5)]
    names = at(*rows, *body, merges=((0, 1, 0, 2), (0, 3, 0, 4)))[2]
    grouped = ("Date", f"{label} / Net", f"{label} / Tax", "Shop / Net", "Shop / Tax")
    assert names == (grouped if is_group else tuple(rows[1]))


def test_e3_a_group_that_repeats_its_column_is_said_once() -> None:
    rows = [["Date", "Revenue", None, "Cost", None], ["Date", "Web", "Shop", "Web", "Shop"]]
    body = [[f"2025-01-0{n}", "1", "2", "3", "4"] for n in range(1, 5)]
    assert at(*rows, *body)[2] == ("Date", "Revenue / Web", "Revenue / Shop", "Cost / Web", "Cost / Shop")


@pytest.mark.parametrize("declared", [1, 2, 3])
def test_a_declared_row_is_taken_as_it_stands(declared: int) -> None:
    rows: list[list[str | None]] = [["a1", "b1"], ["1", "2"], ["a3", "b3"], ["5", "6"]]
    found = find_header(grid(*rows), declared)
    assert (found.row, found.names, found.confidence) == (declared - 1, tuple(rows[declared - 1]), 1.0)


def test_a_declared_row_may_be_the_last_one_but_not_beyond() -> None:
    found = grid(["a"], ["b"], ["c"])
    assert find_header(found, 3).row == 2
    with pytest.raises(Invalid, match="Row 4 was named as the header, but the sheet ends at row 3"):
        find_header(found, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        (" \t\n", None),
        ("\u200b\ufeff", None),
        ("Net\nsales", "Net sales"),
        ("  Net   sales ", "Net sales"),
        ("Re\u200bve\u2060nue\ufeff", "Revenue"),
        ("Net\u00a0sales", "Net sales"),
    ],
)
def test_e6_a_header_is_cleaned_of_what_nobody_sees(text: str | None, expected: str | None) -> None:
    assert clean(text) == expected


def test_e6_names_carry_their_letter_where_they_stand_twice_or_not_at_all() -> None:
    found = grid(["Date", "Net", "Net", None, None], ["2025-01-01", "1", "2", "x", None], first_column=2)
    named, issues = name_columns(found, Header(0, 0, ("Date", "Net", "Net", None, None), 1.0))
    assert named == [(0, "Date"), (1, "Net [D]"), (2, "Net [E]"), (3, "[F]")]
    assert [(i.code, i.cell, i.column, i.severity) for i in issues] == [("header-empty", "F1", "[F]", "error")]


def test_e6_only_values_below_the_header_count_for_an_empty_name() -> None:
    found = grid([None, "note"], ["Date", None], ["2025-01-01", " "])
    assert name_columns(found, Header(1, 1, ("Date", None), 1.0)) == ([(0, "Date")], [])


def test_e16_fields_of_a_ragged_line_beyond_the_header_are_no_nameless_column(room: Room) -> None:
    found = room.inspect(room.file("a.csv", "Date,Revenue\n2025-01-01,5\n2025-01-02,6,7\n2025-01-03,8\n"))
    assert [c.header for c in found.columns] == ["Date", "Revenue"]
    assert "header-empty" not in codes(found)


def test_e5_a_mapping_finds_its_columns_by_case_blanks_and_signs() -> None:
    named = [(0, "Invoice Date"), (1, "Unit-Price"), (2, "Qty")]
    wanted = {
        "invoice date": ColumnMapping(key="a"),
        "unit price": ColumnMapping(key="b"),
        " Qty ": ColumnMapping(key="c"),
    }
    mapping, issues = match_mapping(Mapping(columns=wanted), named, "S")
    assert {h: c.key for h, c in mapping.columns.items()} == {"Invoice Date": "a", "Unit-Price": "b", "Qty": "c"}
    assert issues == []


def test_e5_an_exact_name_wins_over_a_similar_one() -> None:
    named = [(0, "net sales"), (1, "Net Sales")]
    mapping, _ = match_mapping(Mapping(columns={"Net Sales": ColumnMapping(key="x")}), named, None)
    assert list(mapping.columns) == ["Net Sales"]


def test_e5_a_column_the_file_lacks_is_an_error_with_the_nearest_name() -> None:
    _, issues = match_mapping(
        Mapping(columns={"Revenu": ColumnMapping(), "Zzz": ColumnMapping()}), [(0, "Revenue")], "S"
    )
    assert [(i.code, i.column, i.help, i.sheet) for i in issues] == [
        ("mapping-column", "Revenu", "Did you mean 'Revenue'?", "S"),
        ("mapping-column", "Zzz", None, "S"),
    ]


def test_e6_two_headers_of_one_key_name_both_columns_and_the_second_cell() -> None:
    found = grid(["Net Sales", "x", "Net-Sales"], ["1", "2", "3"], first_column=1)
    header = Header(0, 0, ("Net Sales", "x", "Net-Sales"), 1.0)
    named = [(0, "Net Sales"), (1, "x"), (2, "Net-Sales")]
    (clash,) = vet_keys(named, Mapping(), found, header)
    assert (clash.cell, clash.column) == ("D1", "Net-Sales")
    assert "B ('Net Sales') and D ('Net-Sales')" in clash.message
    for settled in ({"role": "ignore"}, {"key": "other"}):
        from dashapp.core.mapping import mapping_from_json

        assert vet_keys(named, mapping_from_json({"columns": {"Net-Sales": settled}}), found, header) == []


def test_e6_a_declared_key_that_is_taken_is_a_clash_too() -> None:
    found = grid(["a", "b"], ["1", "2"])
    mapping = Mapping(columns={"b": ColumnMapping(key="a")})
    assert [i.code for i in vet_keys([(0, "a"), (1, "b")], mapping, found, Header(0, 0, ("a", "b"), 1.0))] == [
        "header-duplicate"
    ]


@pytest.mark.parametrize(
    ("names", "is_declared", "expected"),
    [
        (("2025-01-01", "5"), False, ["header-none"]),
        (("2025-01-01", "5"), True, []),
        (("Region", "5"), False, []),
        (("Region", "2025-01", "2025-02", "2025-03"), False, ["header-periods"]),
        (("Region", "2025-01", "2025-02"), False, []),
        (("Region", "Jan 25", "Feb 25", "Mar 25"), True, ["header-periods"]),
    ],
)
def test_e3_values_in_place_of_names_and_periods_side_by_side_are_told(
    names: tuple[str, ...], is_declared: bool, expected: list[str]
) -> None:
    found = grid(list(names), ["1"] * len(names), first_column=1)
    issues = vet_header(found, Header(0, 0, names, 0.5), is_declared=is_declared)
    assert [i.code for i in issues] == expected
    if expected == ["header-none"]:
        assert (issues[0].cell, issues[0].row) == ("B1", None)


def test_e3_a_header_repeated_by_a_page_break_is_left_out(room: Room) -> None:
    rows = "".join(f"2025-01-{n:02d},EMEA,{n}.5\n" for n in range(1, 5))
    done, table = room.convert(
        room.file("a.csv", f"Date,Region,Revenue\n{rows}Date,Region,Revenue\n{rows}"), {"key": []}
    )
    assert table.column("_row").to_pylist() == [2, 3, 4, 5, 7, 8, 9, 10]
    assert (issue(done, "excluded-header").row, done.quarantined) == (6, 0)
