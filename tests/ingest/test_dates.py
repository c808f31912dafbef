"""Dates: the order is a property of the column, decided by its unambiguous cells, asked where there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashapp.core.errors import Invalid
from dashapp.ingest.dates import Unreadable, orders_of, read_date
from tests.hostile import xlsx
from tests.ingest.conftest import Room

Sheet = Callable[..., Path]


def dated(room: Room, *texts: str, mapping: dict | None = None) -> list[date | None]:
    text = "Date;Revenue\n" + "".join(f"{t};{i}\n" for i, t in enumerate(texts))
    _, rows = room.csv(text, mapping)
    return [r["date"] for r in rows]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("03/04/2025", "13/04/2025"), date(2025, 4, 3)),
        (("03/04/2025", "04/13/2025"), date(2025, 3, 4)),
        (("04.03.2025", "31.03.2025"), date(2025, 3, 4)),
        (("4 mars 2025", "5 avril 2025"), date(2025, 3, 4)),
        (("4. März 2025", "5. Mai 2025"), date(2025, 3, 4)),
        (("March 4, 2025", "May 5, 2025"), date(2025, 3, 4)),
        (("4/3/25", "31/3/25"), date(2025, 3, 4)),
    ],
)
def test_e7_unambiguous_rows_decide_the_column(room: Room, texts: tuple[str, ...], expected: date) -> None:
    assert dated(room, *texts)[0] == expected


@pytest.mark.parametrize("texts", [("03/04/2025", "05/06/2025"), ("03.04.2025",), ("01-02-2025", "03-04-2025")])
def test_e7_without_an_unambiguous_row_the_user_is_asked(room: Room, texts: tuple[str, ...]) -> None:
    path = room.file("a.csv", "Date;Revenue\n" + "".join(f"{t};5\n" for t in texts))
    found = room.inspect(path)
    ask = found.questions[0]
    assert (ask.code, ask.column, [c.value for c in ask.choices]) == ("date-order", "Date", ["dmy", "mdy"])
    assert found.mapping.columns["Date"].format is None
    assert not found.is_ready
    with pytest.raises(Invalid) as caught:
        room.convert(path, found.mapping)
    assert caught.value.issues[0].code == "date-order"


@pytest.mark.parametrize(
    ("order", "expected"), [("dmy", date(2025, 4, 3)), ("mdy", date(2025, 3, 4)), ("%d/%m/%Y", date(2025, 4, 3))]
)
def test_e7_the_answer_is_kept_in_the_mapping(room: Room, order: str, expected: date) -> None:
    path = room.file("a.csv", "Date,Revenue\n03/04/2025,5\n")
    done, table = room.convert(path, {"columns": {"Date": {"format": order}}})
    assert table.column("date").to_pylist() == [expected]
    assert done.mapping.columns["Date"].format == order


def test_e8_iso_dates_under_a_day_first_profile_stay_iso(room: Room) -> None:
    got = dated(room, "2025-03-04", "04/03/2025", mapping={"columns": {"Date": {"format": "dmy"}}})
    assert got == [date(2025, 3, 4), date(2025, 3, 4)]


@pytest.mark.parametrize(
    "texts", [("13/04/2025", "04/13/2025"), ("2025-03-04", "13/04/2025"), ("2025-03-04", "03/04/2025")]
)
def test_e9_mixed_formats_are_an_error_that_lists_rows(room: Room, texts: tuple[str, str]) -> None:
    path = room.file("a.csv", "Date,Revenue\n" + "".join(f"{t},5\n" for t in texts))
    found = room.inspect(path)
    mixed = next(i for i in found.issues if i.code == "date-mixed")
    assert all(f"row {n}" in mixed.message for n in (2, 3))
    with pytest.raises(Invalid, match="more than one way"):
        room.convert(path)


def test_e9_real_dates_beside_texts_show_a_workbook_opened_in_the_wrong_country(room: Room, sheet: Sheet) -> None:
    found = room.inspect(sheet([["Date", "Revenue"], [date(2025, 4, 3), 1], ["13/04/2025", 2]]))
    assert "date-mixed" in {i.code for i in found.issues}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("2025-02-30", "no such day"),
        ("0001-01-01", "1900"),
        ("9999-12-31", "1900"),
        ("12:30", "without a date"),
        ("soon", "no date"),
    ],
)
def test_e10_impossible_dates_are_set_aside_with_their_reason(room: Room, text: str, word: str) -> None:
    done, rows = room.csv(f"Date,Revenue\n2025-01-01,1\n2025-01-02,1\n{text},2\n2025-01-03,1\n")
    assert (len(rows), done.quarantined) == (3, 1)
    bad = next(i for i in done.issues if i.code == "date-unreadable")
    assert (bad.cell, bad.value) == ("A4", text)
    assert word in bad.message


def test_e10_serial_numbers_in_a_date_column_are_read_as_excel_days(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n45720,1\n45721.5,2\n")
    assert [r["date"] for r in rows] == [date(2025, 3, 4), date(2025, 3, 5)]
    assert "date-serial" in {i.code for i in done.issues}


@pytest.mark.parametrize("serials", [False, True])
def test_e10_the_1904_date_system_is_honoured(room: Room, tmp_path: Path, serials: bool) -> None:
    _, table = room.convert(xlsx.date_1904(tmp_path / "a.xlsx", serials=serials))
    assert table.column("date").to_pylist()[0] == date(1904, 1, 1) + timedelta(44_260)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-04T23:30:00-05:00", date(2025, 3, 5)),
        ("2025-03-04T23:30:00Z", date(2025, 3, 5)),
        ("2025-03-04 12:00:00", date(2025, 3, 4)),
        ("2025-03-04 23:59", date(2025, 3, 4)),
        ("2025-03-04T00:30:00+0100", date(2025, 3, 4)),
    ],
)
def test_e10_a_timestamp_with_a_zone_is_converted_to_the_organisations_zone(
    room: Room, text: str, expected: date
) -> None:
    assert dated(room, text, "2025-03-06T12:00:00Z")[0] == expected


def test_e11_future_dates_are_told(room: Room) -> None:
    room.today = date(2025, 1, 2)
    done, rows = room.csv("Date,Revenue\n2025-01-01,1\n2025-01-03,1\n")
    assert len(rows) == 2
    issue = next(i for i in done.issues if i.code == "date-future")
    assert (issue.severity, issue.cell, issue.count) == ("warning", "A3", 1)


@pytest.mark.parametrize(
    ("header", "text", "expected"),
    [
        ("Month", "2025-03", date(2025, 3, 1)),
        ("Month", "Mar-25", date(2025, 3, 1)),
        ("Week", "2025-W10", date(2025, 3, 3)),
        ("Quarter", "Q2 2025", date(2025, 4, 1)),
        ("date", "20250304", date(2025, 3, 4)),
        ("month", "03/2025", date(2025, 3, 1)),
    ],
)
def test_periods_stand_for_their_first_day(room: Room, header: str, text: str, expected: date) -> None:
    _, rows = room.csv(f"{header},Revenue\n{text},1\n")
    assert next(iter(rows[0].values())) == expected


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("13/04/2025", {"dmy"}),
        ("04/13/2025", {"mdy"}),
        ("03/04/2025", {"dmy", "mdy"}),
        ("2025-03-04", {"iso"}),
        ("4 mars 2025", {"iso"}),
        ("32/13/2025", set()),
        ("hello", set()),
        ("", set()),
    ],
)
def test_every_text_knows_its_possible_orders(text: str, orders: set[str]) -> None:
    assert orders_of(text) == orders


def test_two_digit_years_turn_at_69() -> None:
    assert read_date("01.02.68", "dmy") == date(2068, 2, 1)
    assert read_date("01.02.69", "dmy") == date(1969, 2, 1)


@pytest.mark.parametrize(
    "text", ["2025-13-01", "99/99/9999", "25:00", "2025-03-04 25:00", "١٢/٣", "9" * 300, "0/0/0", "-1/2/2025"]
)
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    for order in ("iso", "dmy", "mdy", "ymd", "excel-serial", "%d.%m.%Y"):
        assert isinstance(read_date(text, order), Unreadable)


def test_a_second_date_column_is_kept_but_does_not_date_the_rows(room: Room) -> None:
    found = room.inspect(
        room.file("a.csv", "Ship Date,Order Date,Revenue\n2025-01-05,2025-01-03,1\n2025-01-06,2025-01-04,2\n")
    )
    assert [(c.key, c.role.value, c.type) for c in found.columns][:2] == [
        ("ship_date", "id", "date"),
        ("order_date", "date", "date"),
    ]


def test_times_of_many_orders_are_cut_off(room: Room) -> None:
    text = "InvoiceDate,Revenue\n" + "".join(
        f"{1 + i % 12}/{13 + i % 5}/2010 {i % 24}:{i % 60:02d},1\n" for i in range(500)
    )
    done, rows = room.csv(text, {"mode": "append", "key": []})
    assert (len(rows), done.quarantined) == (500, 0)
    assert rows[1]["invoice_date"] == date(2010, 2, 14)


def test_a_declared_pattern_may_name_the_time(room: Room) -> None:
    mapping = {"columns": {"Date": {"format": "%m/%d/%Y %H:%M"}}}
    _, rows = room.csv("Date,Revenue\n03/04/2025 08:26,1\n", mapping)
    assert rows[0]["date"] == date(2025, 3, 4)


def test_an_impossible_time_of_day_is_set_aside(room: Room) -> None:
    done, _ = room.csv("Date,Revenue\n13/04/2025 25:61,1\n14/04/2025 10:00,1\n15/04/2025 11:00,1\n")
    assert "no such time" in next(i.message for i in done.issues if i.code == "date-unreadable")


def test_bare_numbers_above_a_totals_row_are_still_dates(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n" + "".join(f"{45720 + i},1\n" for i in range(10)) + "Total,10\n")
    assert (len(rows), rows[0]["date"]) == (10, date(2025, 3, 4))
    assert "excluded-total" in {i.code for i in done.issues}


def test_a_day_that_no_order_has_is_said_to_be_none_beside_iso_dates(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n2026-01-30,5\n31.02.2026,6\n2026-02-01,7\n")
    assert [r["revenue"] for r in rows] == [Decimal(5), Decimal(7)]
    told = next(i for i in done.issues if i.code == "date-unreadable")
    assert (told.row, "there is no such day in the calendar" in told.message) == (3, True)
    doubt = "day and month cannot be told apart in the order of this column"
    assert read_date("29.02.2024", "iso") == Unreadable(doubt), "this one is a day, read day first"
