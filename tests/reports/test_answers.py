"""Series as tables, and the same figures in CSV, Excel and JSON."""

from __future__ import annotations

import csv as reader
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import fastexcel
import openpyxl

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.series import Compared, Point, Series, Total
from dashapp.reports import answers, csv, xlsx
from dashapp.reports.table import Figure, bare

MONTHS = Calendar().periods(DateRange(date(2026, 1, 1), date(2026, 3, 15)), Grain.MONTH)
NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)


def series(
    *,
    by: tuple[str, ...] = (),
    splits: tuple[str | None, ...] = (),
    unit: str = "currency",
    kpi: str = "revenue",
    compared: bool = False,
) -> Series:
    members = [((by[0], s),) for s in splits] if by else [()]
    points = []
    for n, split in enumerate(members):
        for i, period in enumerate(MONTHS):
            value = None if i == 1 and n == 1 else Decimal(f"{n + 1}{i}00.2500") if unit == "currency" else (i + 1) / 7
            compare = (
                Compared(
                    Decimal("1000.00"),
                    (value or 0) - Decimal(1000),
                    0.1,
                    "previous year",
                    part_until=date(2025, 3, 15) if i == 2 else None,
                )
                if compared
                else None
            )
            points.append(
                Point(period, split, value, i < 2, "nothing was uploaded" if value is None else None, compare)
            )
    return Series(
        kpi,
        kpi.title(),
        unit,
        2,
        "up",
        Grain.MONTH,
        date(2026, 1, 1),
        date(2026, 3, 31),  # type: ignore[arg-type]
        tuple(points),
        (Total((), Decimal("3300.75")),),
        by=by,
        vintages=("v1", "v2"),
        data_through=date(2026, 3, 15),
        warnings=("built from weeks",),
    )


def test_the_long_form_has_one_row_per_point_with_typed_values() -> None:
    table = answers.long([series()], currency="EUR")
    assert [c.heading for c in table.columns] == [
        "KPI",
        "Name",
        "Unit",
        "Period",
        "Start",
        "End",
        "Value (EUR)",
        "Complete",
        "Reason",
    ]
    assert list(table.rows)[2] == (
        "revenue",
        "Revenue",
        "EUR",
        "2026-03",
        date(2026, 3, 1),
        date(2026, 3, 31),
        Decimal("1200.2500"),
        False,
        None,
    )


def test_a_point_without_a_value_says_why() -> None:
    table = answers.long([series(by=("region",), splits=("EMEA", None))], currency="EUR")
    assert list(table.rows)[4][6:] == (None, None, True, "nothing was uploaded")


def test_the_comparison_travels_with_its_label_and_its_cut() -> None:
    row = list(answers.long([series(compared=True)], currency="EUR").rows)[2]
    assert row[-5:] == ("previous year (until 2025-03-15)", Decimal("1000.00"), Decimal("200.2500"), 0.1, None)


def test_kpis_of_different_units_keep_theirs_cell_by_cell() -> None:
    rows = list(answers.long([series(), series(unit="percent", kpi="margin")], currency="EUR").rows)
    assert rows[0][6] == Figure(Decimal("1000.2500"), "currency", 2)
    assert rows[3][6] == Figure(1 / 7, "percent", 2)


def test_the_wide_form_of_one_kpi_has_a_column_per_split() -> None:
    table = answers.wide([series(by=("region",), splits=("EMEA", None))], currency="EUR")
    assert [c.heading for c in table.columns] == ["Period", "Start", "End", "EMEA (EUR)", "(none) (EUR)", "Complete"]
    assert [row[3:] for row in table.rows] == [
        (Decimal("1000.2500"), Decimal("2000.2500"), True),
        (Decimal("1100.2500"), None, True),
        (Decimal("1200.2500"), Decimal("2200.2500"), False),
    ]


def test_the_wide_form_of_several_kpis_has_a_column_each_in_its_unit() -> None:
    table = answers.wide([series(), series(unit="percent", kpi="margin")], currency="EUR")
    assert [(c.heading, c.type) for c in table.columns[3:]] == [
        ("Revenue (EUR)", "money"), ("Revenue complete", "flag"), ("Margin", "percent"), ("Margin complete", "flag")]
    assert next(iter(table.rows))[3:] == (Decimal("1000.2500"), True, 1 / 7, True)


def test_each_of_several_kpis_says_itself_where_it_is_complete() -> None:
    """Their data end on different days: one word for all of them would be wrong for some."""
    late = series(unit="number", kpi="orders")
    late = replace(late, points=tuple(replace(p, complete=n < 1) for n, p in enumerate(late.points[:2])))
    table = answers.wide([series(), late], currency="EUR")
    flags = [i for i, c in enumerate(table.columns) if c.type == "flag"]
    assert [[row[i] for i in flags] for row in table.rows] == [[True, True], [True, False], [False, None]]
    book = io.BytesIO(xlsx.write(table))
    expected = [["yes", "yes"], ["yes", "no"], ["no", None]]
    sheet = openpyxl.load_workbook(book).worksheets[0]
    assert [[row[i].value for i in flags] for row in sheet.iter_rows(min_row=2)] == expected
    read = fastexcel.read_excel(book.getvalue()).load_sheet(0).to_arrow()
    assert [[read.column(i)[n].as_py() for i in flags] for n in range(3)] == expected


def test_several_kpis_with_splits_have_a_row_per_period_and_split() -> None:
    both = [series(by=("region",), splits=("EMEA", "APAC"), kpi=k) for k in ("revenue", "cost")]
    table = answers.wide(both, currency="EUR")
    told = ["Period", "Start", "End", "region", "Revenue", "Revenue complete", "Cost", "Cost complete"]
    assert [c.title for c in table.columns] == told
    assert len(table.rows) == 6


def test_totals_are_recomputed_figures_of_the_answer() -> None:
    table = answers.totals([series()], currency="EUR")
    assert list(table.rows) == [
        ("revenue", "Revenue", "EUR", date(2026, 1, 1), date(2026, 3, 31), Decimal("3300.75"), None)
    ]


def test_the_notes_say_what_was_asked_and_on_what() -> None:
    notes = answers.notes(
        [series()], ["region=EMEA"], [("Revenue", "sum(orders.revenue)")], asked_by="cfo@example.org", now=NOW
    )
    assert notes == (
        ("Figures", "Revenue"),
        ("Range", "2026-01-01 to 2026-03-31 by month"),
        ("Split by", "nothing"),
        ("Filters", "region=EMEA"),
        ("Compared with", "nothing"),
        ("As known at", "2026-03-16 09:00:00 UTC"),
        ("Data through", "2026-03-15"),
        ("Data versions (uploads)", "v1, v2"),
        ("Definition of Revenue", "sum(orders.revenue)"),
        ("Warning", "built from weeks"),
        ("Exported", "2026-03-16 09:00:00 UTC by cfo@example.org"),
    )


def test_the_notes_hold_words_and_no_keys() -> None:
    asked = replace(series(by=("catalogue.product_line",), splits=("A",), compared=True))
    points = tuple(replace(p, compare=replace(p.compare, kind="previous_year")) for p in asked.points if p.compare)
    found = dict(answers.notes([replace(asked, points=points)], asked_by="x", now=NOW))
    assert (found["Split by"], found["Compared with"]) == ("product line", "Previous year")


def test_a_question_about_the_past_is_noted_with_its_moment() -> None:
    then = replace(series(), as_of=datetime(2026, 2, 1, tzinfo=UTC))
    assert ("As known at", "2026-02-01 00:00:00 UTC") in answers.notes([then], asked_by="x", now=NOW)


def test_f7_the_figures_of_csv_excel_and_json_are_the_same() -> None:
    for unit in ("currency", "percent"):
        one = series(by=("region",), splits=("EMEA", None), unit=unit)
        said = [p["value"] for p in one.to_json()["points"]]
        table = answers.long([one], currency="EUR")
        at = [c.title for c in table.columns].index("Value")
        text = list(reader.reader(io.StringIO(csv.write(table, bom=False).decode())))
        assert [float(row[at]) if row[at] else None for row in text[1:]] == said
        sheet = openpyxl.load_workbook(io.BytesIO(xlsx.write(table))).worksheets[0]
        assert [row[at].value for row in sheet.iter_rows(min_row=2)] == said


def test_bare_takes_the_unit_off() -> None:
    assert (bare(Figure(1, "number", 0)), bare("x"), bare(None)) == (1, "x", None)


def test_what_is_not_compared_says_why_in_the_column_of_reasons() -> None:
    alone = Compared(None, None, None, "2025-03", "there are no rows before 2026", kind="previous_year")
    from_zero = Compared(0, 5, None, "2025-03", "the other side is zero", kind="previous_year")
    found = series()
    points = (replace(found.points[0], compare=alone), replace(found.points[1], compare=from_zero), *found.points[2:])
    told = replace(found, points=points, totals=(Total((), Decimal(5), None, alone),))
    said = [row[-1] for row in answers.long([told], currency="EUR").rows]
    assert said[:2] == ["Not compared: there are no rows before 2026", "No relative change: the other side is zero"]
    (total,) = answers.totals([told], currency="EUR").rows
    assert total[-1] == said[0]
