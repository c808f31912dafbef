"""Every way a country writes a day, read under the order of its column and no other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.period import FIRST_DAY, LAST_DAY
from dashapp.ingest.dateformat import decide
from dashapp.ingest.dates import Unreadable, orders_of, read_date
from tests.ingest.conftest import Room, codes, issue

days = st.dates(FIRST_DAY, LAST_DAY)
SPELLINGS = {
    "dmy": ("{d:02d}/{m:02d}/{y}", "{d}.{m}.{y}", "{d:02d}-{m:02d}-{y}", "{d} {m} {y}"),
    "mdy": ("{m:02d}/{d:02d}/{y}", "{m}/{d}/{y}", "{m:02d}-{d:02d}-{y}"),
    "iso": ("{y}-{m:02d}-{d:02d}", "{y}/{m}/{d}", "{y}.{m:02d}.{d:02d}", "{y}-{m}-{d}T23:59:59"),
}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "en short": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "de short": "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "fr short": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "es short": "ene feb mar abr may jun jul ago sep oct nov dic",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "it short": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}


@given(days, st.sampled_from([(o, s) for o, spelled in SPELLINGS.items() for s in spelled]))
def test_e7_a_day_comes_back_under_its_order(day: date, how: tuple[str, str]) -> None:
    order, pattern = how
    text = pattern.format(y=day.year, m=day.month, d=day.day)
    assert read_date(text, order) == day
    assert order in orders_of(text)


@given(days, st.sampled_from(["dmy", "mdy", "ymd", "excel-serial", "%d/%m/%Y"]))
def test_e8_a_year_in_front_means_the_same_under_every_order(day: date, order: str) -> None:
    assert read_date(day.isoformat(), order) == day
    assert read_date(f"{day.isoformat()} 08:15:00", order) == day


@pytest.mark.parametrize("language", MONTHS)
@pytest.mark.parametrize(
    "pattern", ["4 {} 2025", "4. {} 2025", "04-{}-2025", "4 {} 25", "4 de {} de 2025", "{} 4, 2025"]
)
def test_e7_a_month_in_letters_needs_no_order(language: str, pattern: str) -> None:
    for number, name in enumerate(MONTHS[language].split(), 1):
        for spelled in (name, name.upper(), name.capitalize()):
            text = pattern.format(spelled)
            assert read_date(text, "mdy") == read_date(text, "dmy") == date(2025, number, 4), text
            assert orders_of(text) == {"iso"}, text


@pytest.mark.parametrize("language", MONTHS)
@pytest.mark.parametrize("pattern", ["{} 2025", "{}-25", "{} '25", "2025 {}"])
def test_a_month_alone_stands_for_its_first_day(language: str, pattern: str) -> None:
    for number, name in enumerate(MONTHS[language].split(), 1):
        assert read_date(pattern.format(name), "iso") == date(2025, number, 1), name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1st March 2025", date(2025, 3, 1)),
        ("2nd of March 2025", date(2025, 3, 2)),
        ("3rd Mar 2025", date(2025, 3, 3)),
        ("1er mars 2025", date(2025, 3, 1)),
        ("Tue, 4 Mar 2025", date(2025, 3, 4)),
        ("Dienstag, 4. März 2025", date(2025, 3, 4)),
        ("Tuesday, March 4th, 2025", date(2025, 3, 4)),
        ("Tue 4 Mar 2025 10:00 AM", date(2025, 3, 4)),
        ("4-MAR-25", date(2025, 3, 4)),
        ("20250304", date(2025, 3, 4)),
        ("２０２５-０３-０４", date(2025, 3, 4)),
        ("2025-03", date(2025, 3, 1)),
        ("3/2025", date(2025, 3, 1)),
        ("2025-W01", date(2024, 12, 30)),
        ("2026W53", date(2026, 12, 28)),
        ("Q4 2025", date(2025, 10, 1)),
        ("2025/Q1", date(2025, 1, 1)),
    ],
)
def test_other_spellings_people_use(text: str, expected: date) -> None:
    assert read_date(text, "iso") == expected


@pytest.mark.parametrize(
    ("text", "order", "word"),
    [
        ("2025-02-29", "iso", "no such day"),
        ("31.04.2025", "dmy", "no such day"),
        ("13/13/2025", "dmy", "no such day"),
        ("2025-W53", "iso", "no such day"),
        ("2025-W00", "iso", "no such day"),
        ("31 avril 2025", "iso", "no such day"),
        ("1899-12-31", "iso", "time of day"),
        ("1899-12-29", "iso", "1900-2199"),
        ("2200-01-01", "iso", "1900-2199"),
        ("0", "excel-serial", "time of day"),
        ("0.5", "excel-serial", "time of day"),
        ("1", "excel-serial", "time of day"),
        ("9999999", "excel-serial", "1900-2199"),
        ("150000", "excel-serial", "1900-2199"),
        ("0001-01-01 +2300", "%Y-%m-%d %z", "1900-2199"),
        ("03/04/2025", "iso", "cannot be told apart"),
        ("03/04/2025", "excel-serial", "cannot be told apart"),
        ("10:30", "iso", "without a date"),
        ("10:30 pm", "dmy", "without a date"),
        ("2025-03-04 24:01x", "iso", "no date"),
        ("2025-03-04 10:75", "iso", "no such time"),
        ("2025-03-04 10:00:75", "iso", "no such time"),
        ("2025-03-04 25:00", "iso", "no such time"),
        ("4 brumaire 2025", "iso", "no date"),
        ("Q5 2025", "iso", "no date"),
        ("45720", "iso", "no date"),
    ],
)
def test_e10_what_is_no_day_says_why(text: str, order: str, word: str) -> None:
    found = read_date(text, order)
    assert isinstance(found, Unreadable)
    assert word in found.reason


@given(st.integers(61, 107_000), st.booleans(), st.sampled_from(["", ".0", ".25", ".999"]))
def test_e10_excel_counts_days_from_1900_or_from_1904(days: int, is_1904: bool, clock: str) -> None:
    expected = (date(1904, 1, 1) if is_1904 else date(1899, 12, 30)) + timedelta(days)
    assert read_date(f"{days}{clock}", "excel-serial", is_1904=is_1904) == expected


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),
    st.integers(-12 * 4, 14 * 4),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]),
)
def test_e10_a_moment_with_its_zone_falls_on_the_organisations_day(moment: datetime, quarters: int, zone: str) -> None:
    there = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    expected = there.astimezone(ZoneInfo(zone)).date()
    assert read_date(there.isoformat(), "iso", zone) == expected
    assert read_date(there.isoformat().replace("T", " "), "dmy", zone) == expected
    assert read_date(there.strftime("%d/%m/%Y %H:%M:%S%z"), "dmy", zone) == expected
    in_utc = there.astimezone(UTC)
    for suffix in ("Z", " UTC", "+00:00", "+0000", "+00"):
        assert read_date(f"{in_utc:%Y-%m-%dT%H:%M:%S}{suffix}", "iso", zone) == expected


@pytest.mark.parametrize(
    ("text", "hour_of_day", "expected"),
    [
        ("04/03/2025 12:30 AM +00:00", "UTC", date(2025, 3, 4)),
        ("04/03/2025 11:30 PM +00:00", "Europe/Berlin", date(2025, 3, 5)),
        ("04/03/2025 12:30 PM +00:00", "Pacific/Auckland", date(2025, 3, 5)),
        ("04/03/2025 12:30 a.m. +00:00", "America/New_York", date(2025, 3, 3)),
        ("2025-03-04T24:00:00Z", "UTC", date(2025, 3, 5)),
    ],
)
def test_e10_halves_of_the_day_count(text: str, hour_of_day: str, expected: date) -> None:
    assert read_date(text, "dmy", hour_of_day) == expected


@given(st.lists(days, min_size=1, max_size=12), st.sampled_from(["dmy", "mdy"]))
def test_e7_a_column_is_never_decided_against_what_wrote_it(column: list[date], order: str) -> None:
    pattern = SPELLINGS[order][0]
    decision = decide("d", [(pattern.format(y=d.year, m=d.month, d=d.day), i, 1) for i, d in enumerate(column)])
    if any(d.day > 12 for d in column):
        assert (decision.format, decision.ask) == (order, None)
    else:
        assert decision.format is None
        assert decision.ask is not None
    assert decision.mixed == ()


def test_e7_the_question_shows_a_cell_that_the_two_orders_read_apart() -> None:
    ask = decide("Day", [("05/05/2025", 0, 1), ("03/04/2025", 1, 1)]).ask
    assert ask is not None
    assert [(c.value, c.label) for c in ask.choices] == [
        ("dmy", "day first: 03/04/2025 is 3 April 2025"),
        ("mdy", "month first: 03/04/2025 is 4 March 2025"),
    ]


def test_e9_a_mixed_column_lists_five_rows_of_each_kind_in_their_order() -> None:
    day_first = [(f"{d}/04/2025", d, 1) for d in range(25, 13, -1)]
    month_first = [("04/13/2025", 40, 1), ("03/04/2025", 50, 1)]
    mixed = decide("d", [*day_first, *month_first]).mixed
    assert [(row, word) for row, _, word in mixed] == [
        *((r, "day first") for r in range(14, 19)),
        (40, "month first"),
        (50, "either order"),
    ]


def test_e9_iso_beside_letters_is_not_mixed() -> None:
    assert decide("d", [("2025-03-04", 0, 1), ("4 mars 2025", 1, 1), ("hello", 2, 1)]).format == "iso"


def test_e7_two_columns_decide_each_for_itself(room: Room) -> None:
    done, rows = room.csv("Date;Shipped;Revenue\n13/04/2025;04/15/2025;5\n03/04/2025;04/05/2025;6\n")
    assert [(r["date"], r["shipped"]) for r in rows] == [
        (date(2025, 4, 13), date(2025, 4, 15)),
        (date(2025, 4, 3), date(2025, 4, 5)),
    ]
    assert [done.mapping.columns[c].format for c in ("Date", "Shipped")] == ["dmy", "mdy"]


def test_e10_an_impossible_clock_behind_an_iso_date_is_set_aside(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n2025-01-01 10:00:00,1\n2025-01-02 29:00:00,2\n2025-01-03 00:00:00,3\n")
    assert [r["date"].day for r in rows] == [1, 3]
    assert "no such time" in issue(done, "date-unreadable").message


@pytest.mark.parametrize("cell", ["9999999", "150000"])
def test_e10_one_day_number_out_of_all_time_is_set_aside_alone(room: Room, cell: str) -> None:
    done, rows = room.csv(f"Date,Revenue\n45720,1\n{cell},2\n", {"columns": {"Date": {"format": "excel-serial"}}})
    assert ([r["date"] for r in rows], done.quarantined) == ([date(2025, 3, 4)], 1)
    assert issue(done, "date-unreadable").cell == "A3"


def test_years_in_a_column_called_year_are_labels_and_days_in_one_called_days_are_a_measure(room: Room) -> None:
    found = room.inspect(room.file("a.csv", "Date,Year,Days\n2025-01-01,2025,45720\n2025-01-02,2025,45721\n"))
    assert [c.role.value for c in found.columns] == ["date", "dimension", "measure"]
    assert "date-serial" not in codes(found)
