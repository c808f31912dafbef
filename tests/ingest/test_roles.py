"""What a column is for: by the words of five languages, by its cells, by what is declared and by what is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.ingest import words
from dashapp.ingest.guess import Field, guess_fields, numeric_date, sample
from tests.ingest.conftest import Room, grid

AMOUNTS, COUNTS, NAMES = ("1234.50", "7.25", "99.00"), ("3", "12", "7"), ("North", "South", "North")
CODES, DAYS = ("A-17", "B-22", "C-31"), ("2025-01-01", "2025-01-02", "2025-01-03")


def guessed(header: str, cells: tuple[str | None, ...], **mapping: ColumnMapping) -> Field:
    found = grid([header], *([c] for c in cells))
    return guess_fields(found, [(0, header)], 1, len(cells) + 1, Mapping(columns=mapping), None)[0]


@pytest.mark.parametrize(
    ("header", "cells", "role", "kind"),
    [
        # English
        ("Revenue", AMOUNTS, "measure", "money"),
        ("Unit Price", AMOUNTS, "measure", "money"),
        ("Operating Expenses", AMOUNTS, "measure", "money"),
        ("Cash Flow", AMOUNTS, "measure", "money"),
        ("New Customers", COUNTS, "measure", "number"),
        ("Orders", COUNTS, "measure", "number"),
        ("Quantity", COUNTS, "measure", "number"),
        ("Sales Count", COUNTS, "measure", "number"),
        ("Tax Rate", AMOUNTS, "measure", "number"),
        ("CustomerID", ("17850", "13047", "17850"), "entity", "text"),
        ("Client", CODES, "entity", "text"),
        ("user_email", ("a@x.org", "b@x.org", "c@x.org"), "entity", "text"),
        ("InvoiceNo", ("536365", "536366", "C536367"), "id", "text"),
        ("SKU", CODES, "id", "text"),
        ("Order", ("1001", "1002", "1003"), "id", "text"),
        ("Region", NAMES, "dimension", "text"),
        ("Store", COUNTS, "dimension", "text"),
        ("ZIP", ("10115", "80331", "20095"), "dimension", "text"),
        ("Currency", ("EUR", "USD", "eur"), "currency", "text"),
        ("Posted", DAYS, "date", "date"),
        ("Week of", DAYS, "date", "date"),
        # German
        ("Umsatz", AMOUNTS, "measure", "money"),
        ("Einzelpreis", AMOUNTS, "measure", "money"),
        ("Kosten", AMOUNTS, "measure", "money"),
        ("Menge", COUNTS, "measure", "number"),
        ("Neue Kunden", COUNTS, "measure", "number"),
        ("Kundennr", ("4711", "4712", "4713"), "entity", "text"),
        ("Kunde", CODES, "entity", "text"),
        ("Artikelnummer", CODES, "dimension", "text"),
        ("Artikel", CODES, "id", "text"),
        ("Rechnung", ("9001", "9002", "9003"), "id", "text"),
        ("Datum", DAYS, "date", "date"),
        ("Monat", ("202501", "202502", "202503"), "date", "date"),
        ("Währung", ("EUR", "CHF", "EUR"), "currency", "text"),
        ("Filiale", NAMES, "dimension", "text"),
        # French, Spanish, Italian
        ("Montant", AMOUNTS, "measure", "money"),
        ("Chiffre d'affaires", AMOUNTS, "measure", "money"),
        ("Dépenses", AMOUNTS, "measure", "money"),
        ("Devise", ("EUR", "EUR", "EUR"), "currency", "text"),
        ("Commande", ("12", "13", "14"), "id", "text"),
        ("Mois", ("202501", "202502", "202503"), "date", "date"),
        ("Ventas", AMOUNTS, "measure", "money"),
        ("Precio", AMOUNTS, "measure", "money"),
        ("Fecha", DAYS, "date", "date"),
        ("Cliente", CODES, "entity", "text"),
        ("Ricavi", AMOUNTS, "measure", "money"),
        ("Costo", AMOUNTS, "measure", "money"),
        # by their cells alone
        ("x1", DAYS, "date", "date"),
        ("x2", AMOUNTS, "measure", "number"),
        ("x3", ("€5", "€6", "€7"), "measure", "money"),
        ("x4", ("5 %", "6 %", "7 %"), "measure", "number"),
        ("Revenue share", ("5 %", "6 %", "7 %"), "measure", "number"),
        ("x5", ("00123", "00124", "00125"), "id", "text"),
        ("x6", ("12345678901234567890", "12345678901234567891"), "id", "text"),
        ("x7", NAMES, "dimension", "text"),
        ("x8", ("yes", "5", "no"), "dimension", "text"),
    ],
)
def test_a_column_gets_the_role_a_person_would_give_it(
    header: str, cells: tuple[str, ...], role: str, kind: str
) -> None:
    found = guessed(header, cells)
    assert (found.role.value, found.type) == (role, kind)
    assert 0 < found.confidence <= 1


@pytest.mark.parametrize(
    ("header", "role", "kind"),
    [
        ("Customer ID", "entity", "text"),
        ("SKU", "id", "text"),
        ("Revenue", "measure", "money"),
        ("x", "dimension", "text"),
    ],
)
def test_a_column_without_a_cell_is_guessed_by_its_name_and_doubted(header: str, role: str, kind: str) -> None:
    found = guessed(header, (None, "", "n/a"))
    assert (found.role.value, found.type) == (role, kind)
    assert found.confidence <= 0.6


@pytest.mark.parametrize(
    ("header", "readable", "others", "role"),
    [
        ("x", 8, 2, "measure"),
        ("x", 7, 3, "dimension"),
        ("Revenue", 5, 5, "measure"),
        ("Revenue", 4, 6, "dimension"),
        ("value", 5, 5, "measure"),
        ("Store", 8, 2, "dimension"),
    ],
)
def test_how_many_cells_must_be_numbers_depends_on_the_name(header: str, readable: int, others: int, role: str) -> None:
    cells = tuple([f"{n}5" for n in range(1, readable + 1)] + ["word"] * others)
    assert guessed(header, cells).role.value == role


@pytest.mark.parametrize(
    ("header", "dates", "others", "role"),
    [("x", 8, 2, "date"), ("x", 7, 3, "dimension"), ("Datum", 5, 5, "date"), ("Datum", 4, 6, "dimension")],
)
def test_how_many_cells_must_be_dates_depends_on_the_name(header: str, dates: int, others: int, role: str) -> None:
    cells = tuple([f"2025-01-{n:02d}" for n in range(1, dates + 1)] + ["soon"] * others)
    assert guessed(header, cells).role.value == role


def test_addresses_of_machines_and_versions_are_no_numbers(room: Room) -> None:
    """`10.0.0.1` is made of digits and points, but no reader takes it for an amount."""
    lines = "".join(f"2025-01-{n:02d},10.0.0.{n},1.{n}.0,{n}\n" for n in range(1, 13))
    done, rows = room.csv("Date,IP,Version,Visits\n" + lines, {"key": []})
    assert [c.role.value for c in done.columns] == ["date", "dimension", "dimension", "measure"]
    assert (rows[2]["ip"], rows[2]["version"], done.quarantined) == ("10.0.0.3", "1.3.0", 0)


def test_a_column_with_a_declared_date_format_is_a_date_column(room: Room) -> None:
    text = "Serial,Revenue\n45720,5\nsoon,6\n"
    done, rows = room.csv(text, {"columns": {"Serial": {"format": "excel-serial"}}})
    assert (str(rows[0]["serial"]), len(rows), done.mapping.kind) == ("2025-03-04", 1, "facts")


def test_a_hundred_distinct_texts_are_an_identifier_fewer_are_not() -> None:
    assert guessed("x", tuple(f"word {n} of many" for n in range(100))).role is RoleOf.ID
    assert guessed("x", tuple(f"word {n} of many" for n in range(99))).role is RoleOf.DIMENSION
    assert guessed("x", tuple(f"word {n % 90} of many" for n in range(100))).role is RoleOf.DIMENSION


@pytest.mark.parametrize(
    ("key", "texts", "expected"),
    [
        ("date", ("20250131", "20250228"), "%Y%m%d"),
        ("month", ("202501", "202512"), "%Y%m"),
        ("month", ("202513", "202501"), None),
        ("date", ("45720", "45721.5"), "excel-serial"),
        ("date", ("20000", "80000"), "excel-serial"),
        ("date", ("19999", "45720"), None),
        ("date", ("45720", "80001"), None),
        ("days", ("45720", "45721"), None),
        ("date_number", ("45720", "45721"), None),
        ("date", ("45720", "word"), "excel-serial"),
        ("date", ("1,5", "45720"), None),
        ("date", ("21250131", "20250131"), None),
        ("date", (), None),
    ],
)
def test_e10_bare_numbers_are_dates_only_where_they_all_can_be(
    key: str, texts: tuple[str, ...], expected: str | None
) -> None:
    assert numeric_date(key, texts) == expected


def test_what_is_declared_wins_over_the_guess_and_is_certain() -> None:
    found = guessed("Store", ("1", "2"), Store=ColumnMapping(RoleOf.MEASURE))
    assert (found.role, found.type, found.confidence) == (RoleOf.MEASURE, "number", 1.0)
    found = guessed("Revenue", AMOUNTS, Revenue=ColumnMapping(RoleOf.DIMENSION))
    assert (found.role, found.type) == (RoleOf.DIMENSION, "text")
    found = guessed("Revenue", AMOUNTS, Revenue=ColumnMapping(type="number", key="net"))
    assert (found.role, found.type, found.key, found.confidence) == (RoleOf.MEASURE, "number", "net", 1.0)
    assert guessed("x", NAMES, x=ColumnMapping(RoleOf.DATE)).type == "date"
    assert guessed("x", NAMES, x=ColumnMapping(RoleOf.IGNORE)).role is RoleOf.IGNORE
    assert guessed("Shipped", DAYS, Shipped=ColumnMapping(RoleOf.ID)).type == "date"


def test_a_known_column_stays_what_it_is_whatever_the_file_or_the_mapping_says() -> None:
    known = Dataset("d", "D", columns=(Column("store", "Store", RoleOf.DIMENSION, "text"),))
    found = grid(["Store", "New"], ["1", "2"], ["3", "4"])
    mapping = Mapping(columns={"Store": ColumnMapping(RoleOf.MEASURE, "number")})
    store, new = guess_fields(found, [(0, "Store"), (1, "New")], 1, 3, mapping, known)
    assert (store.role, store.type, store.known) == (RoleOf.DIMENSION, "text", known.columns[0])
    assert (new.role, new.known) == (RoleOf.MEASURE, None)
    ignored = Mapping(columns={"Store": ColumnMapping(RoleOf.IGNORE)})
    assert guess_fields(found, [(0, "Store")], 1, 3, ignored, known)[0].role is RoleOf.IGNORE


@pytest.mark.parametrize(
    ("headers", "mapping", "chosen"),
    [
        (("Ship Date", "Order Date"), {}, "Order Date"),
        (("Created", "Date"), {}, "Date"),
        (("x", "Posted"), {}, "Posted"),
        (("x", "y"), {}, "x"),
        (("Ship Date", "Order Date"), {"Ship Date": ColumnMapping(RoleOf.DATE)}, "Ship Date"),
    ],
)
def test_only_one_column_dates_the_rows(
    headers: tuple[str, str], mapping: dict[str, ColumnMapping], chosen: str
) -> None:
    found = grid(list(headers), *([d, d] for d in DAYS))
    fields = guess_fields(found, list(enumerate(headers)), 1, 4, Mapping(columns=mapping), None)
    assert {f.header: (f.role.value, f.type) for f in fields} == {
        h: ("date" if h == chosen else "id", "date") for h in headers
    }


@given(st.integers(0, 3_000), st.integers(1, 100))
def test_a_sample_is_of_data_rows_only_and_never_larger_than_it_may(rows: int, columns: int) -> None:
    found = grid(["header"], *([str(n)] for n in range(rows)), ["below"])
    texts = sample(found, 1, rows + 1, 0, columns)
    assert set(texts) <= {str(n) for n in range(rows)}
    head = 300 if columns <= 60 else 100
    assert texts[: min(head, rows)] == [str(n) for n in range(min(head, rows))]
    assert len(texts) == min(rows, len(texts))
    assert len(texts) <= 2 * head
    if rows > 3 * head:
        assert len(texts) > 1.5 * head, "the rest is looked at, too"


def test_what_only_the_tail_of_a_large_file_says_is_heard(room: Room) -> None:
    lines = ["2025-01-01,17"] * 1_000 + ["2025-01-01,A17"] * 3_000
    found = room.inspect(room.file("a.csv", "Date,Place\n" + "\n".join(lines)))
    assert found.columns[1].role is RoleOf.DIMENSION


@pytest.mark.parametrize(
    ("header", "column", "key"),
    [
        ("UnitPrice", 0, "unit_price"),
        ("Sub-Category", 0, "sub_category"),
        ("Umsatz %", 0, "umsatz_pct"),
        ("2025 Budget", 0, "c_2025_budget"),
        ("日期", 0, "column_a"),
        ("日期", 27, "column_ab"),
        ("Amount [C]", 2, "amount"),
        ("Amount [C]", 3, "amount_c"),
        ("[C]", 2, "column_c"),
        ("Period", 0, "period_column"),
        ("x" * 100, 0, "x" * 60),
        ("a" * 59 + " b", 0, "a" * 59),
    ],
)
def test_e6_a_header_gives_one_key(header: str, column: int, key: str) -> None:
    assert words.key_of(header, column) == key


TOTALS = (
    *("Total", "TOTAL", "Totals:", "Grand Total", "Sub-Total", "Subtotal", "Total 2025", "Net total", "EMEA Total"),
    *("Gesamt", "Gesamtsumme"[:6], "Summe", "Summe:", "Zwischensumme", "Insgesamt", "Summe Januar"),
    *("Total général", "Sous-total", "Totale", "Report total"),
)


@pytest.mark.parametrize("text", TOTALS)
def test_e3_the_word_for_a_total_is_known(text: str) -> None:
    assert words.TOTAL.search(text)
    assert words.TOTAL.search(f"  {text}")


@pytest.mark.parametrize(
    "text", ["Totally", "Customer", "Subtotalled", "Summer", "Gesamtschule", "Totalenergies", "Assume"]
)
def test_e3_words_that_only_begin_like_a_total_are_none(text: str) -> None:
    assert not words.TOTAL.search(text)
