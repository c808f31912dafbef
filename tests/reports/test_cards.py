"""Cards and source rows as tables."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl

from dashapp.core.calendar import Calendar
from dashapp.core.card import Card
from dashapp.core.dataset import Column, RoleOf
from dashapp.core.derivation import SourceRow, SourceRows
from dashapp.core.kpi import Kpi
from dashapp.core.series import Compared, Point, Total
from dashapp.reports import csv, xlsx
from dashapp.reports.cards import COLUMNS, cards_table
from dashapp.reports.sources import source_table
from dashapp.reports.table import Figure

CALENDAR = Calendar()
REVENUE = Kpi("revenue", "Revenue", "sum(orders.revenue)", "currency", "up", 2, "financial")
MARGIN = Kpi("margin", "Margin", "gross_profit / revenue", "percent", "up", 1, "financial")


def test_a_card_keeps_its_unit_comparison_target_and_status() -> None:
    card = Card(
        REVENUE,
        Decimal("1200.50"),
        compare=Compared(Decimal("1000.00"), Decimal("200.50"), 0.2005, "2025-02", kind="previous_year",
                         between=(CALENDAR.parse("2025-02"), CALENDAR.parse("2025-02"))),
        target=1300.0,
        target_period=CALENDAR.parse("2026-03"),
        target_actual=Decimal("400.00"),
        status="warning",
        status_period=CALENDAR.parse("2026-02"),
        data_through=date(2026, 3, 15),
        period=CALENDAR.parse("2026-02"),
        so_far=Point(CALENDAR.parse("2026-03"), (), Decimal("400.00"), False),
        total=Total((), Decimal("14000.00")),
    )
    table = cards_table([card], currency="EUR")
    (row,) = table.rows
    assert dict(zip([c.title for c in COLUMNS], row, strict=True)) == {
        "Category": "Financial",
        "KPI": "revenue",
        "Name": "Revenue",
        "Unit": "EUR",
        "Period": "2026-02",
        "Complete": True,
        "Value": Figure(Decimal("1200.50"), "currency", 2),
        "Compared with": "Previous year",
        "Compared period": "2025-02",
        "Compared value": Figure(Decimal("1000.00"), "currency", 2),
        "Change": Figure(Decimal("200.50"), "currency", 2),
        "Relative change": 0.2005,
        "Unfinished period": "2026-03",
        "So far": Figure(Decimal("400.00"), "currency", 2),
        "Whole range": Figure(Decimal("14000.00"), "currency", 2),
        "Status": "Warning",
        "Status of": "2026-02",
        "Target": Figure(1300.0, "currency", 2),
        "Target of": "2026-03",
        "Actual there": Figure(Decimal("400.00"), "currency", 2),
        "Data through": date(2026, 3, 15),
        "Reason": None,
        "Definition": "sum(orders.revenue)",
    }


def test_files_use_the_words_of_the_screens() -> None:
    from dashapp.ui.badge import STATUS
    from dashapp.ui.overview import HEADINGS

    at = {c.title: n for n, c in enumerate(COLUMNS)}
    for category, heading in HEADINGS.items():
        for status, (word, _) in STATUS.items():
            card = Card(replace(REVENUE, category=category), Decimal(1), status=status)  # type: ignore[arg-type]
            (row,) = cards_table([card], currency="CHF").rows
            told = (row[at["Category"]], row[at["Status"]], row[at["Unit"]])
            assert told == (heading, None if status == "none" else word, "CHF")


def test_a_card_without_a_value_says_why_and_stays_blank() -> None:
    table = cards_table([Card(MARGIN, None, "needs: cogs")], currency="EUR")
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.write(table)))["Overview"]
    values = dict(zip([c.value for c in sheet[1]], [c.value for c in sheet[2]], strict=True))
    assert (values["Value"], values["Status"], values["Reason"]) == (None, None, "needs: cogs")


def test_percent_cards_are_fractions_shown_as_percent() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.write(cards_table([Card(MARGIN, 0.1234)], currency="EUR"))))[
        "Overview"
    ]
    assert (sheet["G2"].value, sheet["G2"].number_format) == (0.1234, "0.0%")


def test_source_rows_say_file_sheet_and_row_and_keep_values_as_stored() -> None:
    rows = (
        SourceRow(
            "v1", "march.xlsx", "Orders", 2, (date(2026, 3, 1), "00123", Decimal("1234.5000"), 1.5, "A"), "Orders!E2"
        ),
        SourceRow("v2", "=x.csv", None, 7, (date(2026, 3, 2), "=1+1", None, None, None), "row 7"),
    )
    found = SourceRows("orders", ("day", "sku", "price", "qty", "catalogue.category"), rows, 2)
    columns = [
        Column("day", "Day", RoleOf.DATE, "date"),
        Column("sku", "SKU", RoleOf.ID, "text"),
        Column("price", "Price", RoleOf.MEASURE, "money"),
        Column("qty", "Qty", RoleOf.MEASURE, "number"),
        Column("later", "Later", RoleOf.MEASURE, "number"),
    ]
    table = source_table(found, columns, currency="EUR")
    assert csv.write(table, bom=False).decode().splitlines() == [
        "File,Sheet,Row,Cells,Day,SKU,Price (EUR),Qty,catalogue.category",
        "march.xlsx,Orders,2,Orders!E2,2026-03-01,00123,1234.50,1.5,A",
        "'=x.csv,,7,row 7,2026-03-02,'=1+1,,,",
    ]
    assert len(table.rows) == 2


def test_e22_rows_in_several_currencies_have_no_unit_and_their_rates_are_numbers() -> None:
    cells = (Decimal("10.0000"), "USD", Decimal("0.9"), Decimal("9.0"))
    row = SourceRow("v", "a.csv", None, 2, cells, "")
    found = SourceRows("sales", ("price", "code", "fx.rate", "price.EUR"), (row,), 1)
    columns = [Column("price", "Price", RoleOf.MEASURE, "money"), Column("code", "Code", RoleOf.CURRENCY, "text")]
    table = source_table(found, columns, currency=None)
    assert [c.heading for c in table.columns[4:]] == ["Price", "Code", "fx.rate", "price.EUR"]
    assert [c.type for c in table.columns[4:]] == ["money", "text", "number", "number"]
