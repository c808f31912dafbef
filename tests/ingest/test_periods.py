"""Headers that name periods, by themselves or with the year in another row."""

from __future__ import annotations

from datetime import date

import pytest

from dashapp.ingest.dates import read_date
from dashapp.ingest.periods import Part, part_of, span_of, year_of


@pytest.mark.parametrize(
    ("text", "length", "start"),
    [
        ("Jan 2025", "month", (2025, 1, 1)),
        ("Jan-25", "month", (2025, 1, 1)),
        ("März 2025", "month", (2025, 3, 1)),
        ("2025-07", "month", (2025, 7, 1)),
        ("07/2025", "month", (2025, 7, 1)),
        ("2025-01-01 00:00:00", "day", (2025, 1, 1)),
        ("31.12.2024", "day", (2024, 12, 31)),
        ("Q1 2025", "quarter", (2025, 1, 1)),
        ("3Q25", "quarter", (2025, 7, 1)),
        ("2025Q4", "quarter", (2025, 10, 1)),
        ("KW 12 2025", "week", (2025, 3, 17)),
        ("2025-W01", "week", (2024, 12, 30)),
        ("2025", "year", (2025, 1, 1)),
        ("2025*", "year", (2025, 1, 1)),
    ],
)
def test_a_header_that_names_a_period(text: str, length: str, start: tuple[int, int, int]) -> None:
    found = span_of(text)
    assert found is not None
    assert (found.length, found.start) == (length, date(*start))
    assert read_date(found.text, "iso" if length != "day" or "-" in text else "dmy") == date(*start)


def test_a_day_that_could_be_swapped_has_no_first_day_until_somebody_says() -> None:
    found = span_of("01/02/2025")
    assert found is not None
    assert (found.length, found.text, found.start) == ("day", "01/02/2025", None)


@pytest.mark.parametrize(
    "text",
    [
        "Revenue",
        "Total 2025 (incl. tax)",
        "FY2025",
        "Q5 2025",
        "2025-13",
        "",
        None,
        "99/2025",
        "KW 60 2025",
        "1850",
        "12",
        "Jan Miller",
        "H1 2025",
    ],
)
def test_what_names_no_period(text: str | None) -> None:
    assert span_of(text) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Jan", Part("month", 1)),
        ("Dez.", Part("month", 12)),
        ("août", Part("month", 8)),
        ("Q3", Part("quarter", 3)),
        ("1. Quartal", Part("quarter", 1)),
        ("Region", None),
        ("2025", None),
        ("", None),
    ],
)
def test_a_month_or_quarter_without_its_year(text: str, part: Part | None) -> None:
    assert part_of(text) == part


@pytest.mark.parametrize("number", range(1, 13))
def test_a_part_of_a_year_is_that_period(number: int) -> None:
    span = Part("month", number).of(2024)
    assert (span.start, read_date(span.text, "iso")) == (date(2024, number, 1),) * 2
    if number <= 4:
        quarter = Part("quarter", number).of(2024)
        assert quarter.start == read_date(quarter.text, "iso") == date(2024, 3 * number - 2, 1)


def test_only_years_alone_are_years() -> None:
    assert [year_of(t) for t in ("2025", "1999", "2025.0", "2025 total", "3025", None)] == [
        2025,
        1999,
        2025,
        None,
        None,
        None,
    ]
