"""Section E of the acceptance list by the way a person goes: the file arrives, a process of its own reads it, the dry
run tells, the commit stores, and a question answers with what the file said - no more and nothing else."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Invalid
from dashapp.core.kpi import Kpi
from dashapp.core.organisation import Organisation
from dashapp.services import checking, defining, keeping, uploads
from dashapp.services.checking import DryRun
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from tests.cast import Cast
from tests.conftest import SECRET
from tests.hostile import ods, xlsx
from tests.services.world import World
from tests.writing import workbook

IN_CHILD = True
APPEND: dict[str, Any] = {"mode": "append", "key": []}
SYSTEM = {"_vintage", "_sheet", "_row"}


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def stored(world: World, dataset: str = "sales") -> list[dict[str, Any]]:
    """The rows that count, as the ledger shows them, in the order of the file."""
    from dashapp.facts.tables import TableAt

    scene = load_scene()
    found = world.desk.ledger.tables([TableAt(scene.datasets[dataset], scene.vintages[dataset])]).rows(dataset)
    return [{k: v for k, v in r.items() if k not in SYSTEM}
            for r in sorted(found.to_pylist(), key=lambda r: (r["_sheet"] or "", r["_row"]))]


def bring(world: World, data: str | bytes | Path, mapping: dict[str, Any] | None = None, name: str = "sales.csv"
          ) -> tuple[DryRun, list[dict[str, Any]]]:
    """Received, tried and committed; what was told, and what is stored."""
    content = data.read_bytes() if isinstance(data, Path) else data.encode() if isinstance(data, str) else data
    name = data.name if isinstance(data, Path) else name
    checked = world.check(content, name, "sales", {**APPEND, **(mapping or {})})
    world.commit(checked)
    return checked, stored(world)


def refused(world: World, data: str | bytes, mapping: dict[str, Any] | None = None, name: str = "sales.csv") -> Invalid:
    """The refusal; nothing is stored, and the upload says why."""
    content = data.encode() if isinstance(data, str) else data
    upload = world.receive(content, name, "sales")
    with pytest.raises(Invalid) as caught:
        world.dry_run(upload, {**APPEND, **(mapping or {})})
    found = uploads.status(world.cast.finance, world.desk, upload)
    assert (found.state, found.error) == ("failed", caught.value.message)
    assert load_scene().datasets == {}
    assert not [p for p in world.desk.ledger.root.rglob("*") if p.is_file()]
    return caught.value


def asked(world: World, data: str | bytes, name: str = "sales.csv") -> tuple[str, list[tuple[str, str | None]]]:
    """The upload and the questions that its inspection asks, as (code, column)."""
    upload = world.receive(data.encode() if isinstance(data, str) else data, name, "sales")
    found = checking.inspect(world.cast.finance, world.desk, upload, now=world.now)
    return upload, [(q.code, q.column) for q in found.questions]


def told(checked: DryRun, code: str) -> dict[str, Any]:
    return next(i for i in checked.issues if i["code"] == code)


def quarantine(world: World, checked: DryRun) -> list[list[str]]:
    """Row, cell and reason of the refused rows, as they can be downloaded."""
    import csv

    path, _ = uploads.quarantine(world.cast.finance, world.desk, checked.upload)
    return [line[:3] for line in csv.reader(path.read_text("utf-8").splitlines())][1:]


def test_e1_e2_formulas_without_a_value_and_error_values_are_set_aside_by_address(world: World, tmp_path: Path) -> None:
    checked, rows = bring(world, xlsx.uncached(tmp_path / "a.xlsx"))
    assert [r["revenue"] for r in rows] == [2, 7]
    assert [q[:2] for q in quarantine(world, checked)] == [["2", "B2"], ["3", "B3"]]
    errors = xlsx.row(1, xlsx.text("A1", "Date"), xlsx.text("B1", "Revenue"))
    for n, text in enumerate(("#DIV/0!", "#N/A", "#REF!", ""), start=2):
        cell = f'<c r="B{n}" t="e"><v>{text}</v></c>' if text else xlsx.number(f"B{n}", 5)
        errors += xlsx.row(n, xlsx.text(f"A{n}", f"2025-02-0{n}"), cell)
    checked, rows = bring(world, xlsx.pack(tmp_path / "b.xlsx", xlsx.parts(xlsx.sheet_xml(errors))))
    assert [q[:2] for q in quarantine(world, checked)] == [["2", "B2"], ["3", "B3"], ["4", "B4"]]
    assert all(text in reason for text, (_, _, reason) in zip(("#DIV/0!", "#N/A", "#REF!"), quarantine(world, checked),
                                                              strict=True))
    assert sorted(r["revenue"] for r in rows) == [2, 5, 7]
    assert world.total("revenue") == 14


def test_e3_e4_a_sheet_made_for_people_comes_in_as_its_table_with_real_addresses(world: World, tmp_path: Path) -> None:
    days = [date(2025, 1, 5) + timedelta(n) for n in range(8)]
    body: list[list[Any]] = [["Sales by day"], ["printed on 3 March"], []]
    body += [[None], ["Date", "Revenue", "Units", "Revenue", "Units"]]
    body += [[d, 10.5 * n, n, 2 * n, n] for n, d in enumerate(days, 1)]
    body[9][1] = "n.n."  # the fifth row: D11 of the sheet, which begins at C2
    body += [["Total", 367.5, 36, 72, 36], ["* without returns"]]
    path = workbook(tmp_path / "report.xlsx", body, at="C2", merges=(("D5:E5", "Shop"), ("F5:G5", "Web")))
    checked, rows = bring(world, path)
    assert checked.mapping.header_row == 6
    assert [r["date"] for r in rows] == [d for d in days if d != days[4]]
    assert sum(r["shop_revenue"] for r in rows) == Decimal("10.5") * (36 - 5)
    assert sum(r["web_revenue"] for r in rows) == 2 * (36 - 5)
    assert [q[:2] for q in quarantine(world, checked)] == [["11", "D11"]]
    assert told(checked, "excluded-total")["row"] == 15
    assert told(checked, "excluded-note")["row"] == 16


def test_e5_two_hundred_columns_are_found_by_name_wherever_they_stand(world: World) -> None:
    names = [f"Measure {n}" for n in range(199)]
    first = ",".join(["Date", *names]) + "\n" + ",".join(["2025-01-05", *map(str, range(199))]) + "\n"
    bring(world, first)
    turned = list(reversed(names[1:]))
    second = ",".join(["Date", *turned, "Colour"]) + "\n"
    second += ",".join(["2025-01-06", *(n.removeprefix("Measure ") for n in turned), "red"]) + "\n"
    checked, rows = bring(world, second)
    assert checked.new_columns == ("colour",)
    assert {c["what"] for c in checked.changes} == {"renamed"}
    assert {k: v for k, v in rows[1].items() if k.startswith("measure_") and v is not None} == {
        f"measure_{n}": n for n in range(1, 199)}
    assert rows[1]["measure_0"] is None


def test_e5_a_thousand_and_one_columns_are_refused(world: World) -> None:
    many = ",".join(f"c{n}" for n in range(1001))
    assert "more than 1,000 columns" in refused(world, f"{many}\n{many}\n").message


@pytest.mark.parametrize("headers", ["Revenue,Revenue", "Revenue,revenue ", "Revenue,Rev\u200benue", "Net,\u00a0"])
def test_e6_headers_that_are_one_or_none_name_both_columns(world: World, headers: str) -> None:
    error = refused(world, f"Date,{headers}\n2025-01-05,1,2\n2025-01-06,3,4\n")
    said = " ".join([error.message, *(i.message for i in error.issues)])
    assert "C" in said
    assert "B" in said or "\u00a0" in headers


@pytest.mark.parametrize(("texts", "day"), [
    (("03/04/2025", "04/13/2025"), date(2025, 3, 4)), (("04.03.2025", "31.03.2025"), date(2025, 3, 4)),
    (("4 mars 2025", "5 avril 2025"), date(2025, 3, 4)), (("4. März 2025", "5. Mai 2025"), date(2025, 3, 4))])
def test_e7_a_column_that_decides_is_read_as_it_decides(world: World, texts: tuple[str, str], day: date) -> None:
    _, rows = bring(world, "Date;Revenue\n" + "".join(f"{t};5\n" for t in texts))
    assert rows[0]["date"] == day


def test_e7_e8_what_nobody_can_tell_is_asked_once_and_year_first_stays_what_it_is(world: World) -> None:
    upload, questions = asked(world, "Date,Revenue\n03/04/2025,5\n05/06/2025,6\n")
    assert questions == [("date-order", "Date")]
    with pytest.raises(Invalid):
        world.dry_run(upload, APPEND)
    world.commit(world.dry_run(upload, {**APPEND, "columns": {"Date": {"format": "dmy"}}}))
    _, rows = bring(world, "Date,Revenue\n2025-03-07,7\n2025-04-08,8\n", name="b.csv")
    _, rows = bring(world, "Date,Revenue\n09/03/2025,9\n", name="c.csv")
    assert sorted(r["date"] for r in rows) == [date(2025, 3, 7), date(2025, 3, 9), date(2025, 4, 3), date(2025, 4, 8),
                                               date(2025, 6, 5)]


def test_e9_two_ways_of_writing_in_one_column_list_their_rows(world: World) -> None:
    error = refused(world, "Date,Revenue\n13/04/2025,5\n04/14/2025,6\n2025-04-15,7\n")
    said = " ".join(i.message for i in error.issues)
    assert all(f"row {n}" in said for n in (2, 3))


def test_e10_days_that_never_were_are_set_aside_and_others_converted_as_declared(world: World, tmp_path: Path) -> None:
    bad = ("2025-02-30", "0001-01-01", "9999-12-31", "12:30")
    good = [f"2025-03-{n:02d}" for n in range(1, 9)]
    text = "Date,Revenue\n" + "".join(f"{d},1\n" for d in [*good, *bad, "2025-03-09T23:30:00-05:00"])
    checked, rows = bring(world, text)
    assert [q[1] for q in quarantine(world, checked)] == ["A10", "A11", "A12", "A13"]
    assert [r["date"].isoformat() for r in rows] == [*good, "2025-03-10"]
    _, rows = bring(world, xlsx.date_1904(tmp_path / "mac.xlsx"))
    assert date(1904, 1, 1) + timedelta(44_260) in {r["date"] for r in rows}


def test_e10_serial_numbers_are_the_days_that_excel_shows(world: World) -> None:
    checked, rows = bring(world, "Date,Revenue\n45720,1\n45721.5,2\n")
    assert [r["date"] for r in rows] == [date(2025, 3, 4), date(2025, 3, 5)]
    assert told(checked, "date-serial")


def test_e11_days_to_come_are_told_allowed_or_refused_as_the_dataset_says(world: World) -> None:
    ahead = f"Date,Revenue\n2026-03-15,1\n{world.now.date() + timedelta(1)},2\n"
    checked, rows = bring(world, ahead)
    assert (told(checked, "date-future")["cell"], len(rows)) == ("A3", 2)
    checked, rows = bring(world, ahead + "2026-03-14,3\n", {"future": "refused"}, "b.csv")
    assert (checked.quarantined, len(rows)) == (1, 4)
    checked, rows = bring(world, ahead + "2026-03-13,4\n", name="c.csv")
    assert (checked.quarantined, len(rows)) == (1, 6), "what the dataset was told holds for the next file"
    checked, rows = bring(world, ahead + "2026-03-12,5\n", {"future": "allowed"}, "d.csv")
    assert (len(rows), "date-future" in {i["code"] for i in checked.issues}) == (9, False)


AMOUNTS = {
    "de": (";", ("1.234,56", "1 234,56", "1\u00a0234,56", "1\u202f234,56", "-1.234,56", "5,50 €", "１２３,５"),
           ("1234.56", "1234.56", "1234.56", "1234.56", "-1234.56", "5.5", "123.5")),
    "us": (";", ("(1,234.00)", "€5.10", "1e5", "1,234,567.8", "0.5", "-7.25"),
           ("-1234", "5.1", "100000", "1234567.8", "0.5", "-7.25")),
}


@pytest.mark.parametrize("country", AMOUNTS)
def test_e12_amounts_are_read_as_their_column_writes_them(world: World, country: str) -> None:
    mark, texts, wanted = AMOUNTS[country]
    lines = "".join(f"2025-01-{n:02d}{mark}{t}\n" for n, t in enumerate(texts, 1))
    _, rows = bring(world, f"Date{mark}Revenue\n{lines}")
    assert [r["revenue"] for r in rows] == [Decimal(w) for w in wanted]
    assert world.total("revenue") == sum(map(Decimal, wanted))


def test_e12_an_ambiguous_amount_is_asked_and_shares_stay_shares(world: World) -> None:
    upload, questions = asked(world, "Date;Revenue\n2025-01-01;1.234\n2025-01-02;5.678\n")
    assert questions == [("number-style", "Revenue")]
    with pytest.raises(Invalid):
        world.dry_run(upload, APPEND)
    style = {"Revenue": {"number": {"decimal": ",", "thousands": "."}}}
    world.commit(world.dry_run(upload, {**APPEND, "columns": style}))
    assert world.total("revenue") == 1234 + 5678
    _, rows = bring(world, "Date;Revenue;Margin\n2025-01-03;9,5;12 %\n2025-01-04;1,5;7,5 %\n", name="b.csv")
    assert [r["margin"] for r in rows if r["margin"] is not None] == [0.12, 0.075]


def test_e13_what_is_odd_but_possible_is_kept_with_its_sign_and_told(world: World) -> None:
    text = "Date,Revenue,Cost,Margin\n2025-01-01,-5.50,0,1.4\n2025-01-02,10,3,0.7\n2025-01-03,10,3,0.7\n"
    checked, rows = bring(world, text)
    assert (rows[0]["revenue"], rows[0]["cost"], rows[0]["margin"]) == (Decimal("-5.5"), 0, 1.4)
    assert told(checked, "amount-negative")["cell"] == "B2"
    assert told(checked, "cost-zero")["cell"] == "C2"
    defining.save(world.cast.analyst, world.desk, Kpi("typical", "Typical margin", "avg(sales.margin)", max_value=1.0),
                  0, now=world.now)
    checked, rows = bring(world, text.replace("2025", "2024"), name="b.csv")
    assert (told(checked, "value-implausible")["cell"], len(rows)) == ("D2", 6)


def test_e14_what_is_missing_is_missing_and_infinity_is_no_amount(world: World) -> None:
    words = ("NaN", "NULL", "N/A", "-", "", "inf", "5")
    checked, rows = bring(world, "Date,Revenue\n" + "".join(f"2025-01-{n:02d},{w}\n" for n, w in enumerate(words, 1)))
    assert [r["revenue"] for r in rows] == [None, None, None, None, None, 5]
    assert told(checked, "value-missing")["count"] == 5
    assert [q[1] for q in quarantine(world, checked)] == ["B7"]
    assert world.values("revenue", "day") == {("2025-01-07",): 5}


def test_e15_texts_are_kept_letter_by_letter(world: World) -> None:
    said = ("NA", "null", "00123", "12345678901234567890", "TRUE", "1-2")
    head = "Date,Region,Product,SKU,Long ID,Flag,Size,Revenue\n"
    more = "2025-01-02,EU,x,00124,12345678901234567891,FALSE,3-4,6\n"
    _, rows = bring(world, head + f"2025-01-01,{','.join(said)},5\n" + more)
    assert tuple(rows[0][k] for k in ("region", "product", "sku", "long_id", "flag", "size")) == said
    assert world.values("revenue", "day", by=("region",)) == {("2025-01-01", "NA"): 5, ("2025-01-02", "EU"): 6}


def test_e16_ragged_lines_shift_nothing(world: World) -> None:
    lines = ("Date,Region,Revenue", "2025-01-01,EMEA,1", "2025-01-02,2", "2025-01-03,AP,AC,3", "2025-01-04,X,4", "")
    checked, rows = bring(world, "\n".join(lines))
    assert [(r["region"], r["revenue"]) for r in rows] == [("EMEA", 1), ("X", 4)]
    assert [q[0] for q in quarantine(world, checked)] == ["3", "4"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_e17_a_mark_or_clean_utf8_decides(world: World, encoding: str) -> None:
    _, rows = bring(world, "Date,City,Revenue\n2025-01-01,Zürich €,5\n".encode(encoding))
    assert rows[0]["city"] == "Zürich €"


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-15"])
def test_e17_other_bytes_are_asked_about_and_none_is_dropped(world: World, encoding: str) -> None:
    upload, questions = asked(world, "Date,City,Revenue\n2025-01-01,Zürich €,5\n".encode(encoding))
    assert ("encoding", None) in questions
    with pytest.raises(Invalid):
        world.dry_run(upload, APPEND)
    world.commit(world.dry_run(upload, {**APPEND, "encoding": encoding}))
    assert stored(world)[0]["city"] == "Zürich €"


@pytest.mark.parametrize("text", [
    "Date,Revenue\r\n2025-01-01,5.5\r\n2025-01-02,6.5\r\n", "Date;Revenue\r2025-01-01;5,5\r2025-01-02;6,5\r",
    "Date\tRevenue\n2025-01-01\t5,5\r\n2025-01-02\t6,5\n", "Date|Revenue\n2025-01-01|5.5\n2025-01-02|6.5\n",
    "sep=;\nDate;Revenue\n2025-01-01;5,5\n2025-01-02;6,5\n"], ids=["comma", "cr", "tab-mixed", "bar", "sep"])
def test_e18_separators_and_line_ends_are_found(world: World, text: str) -> None:
    _, rows = bring(world, text)
    assert [r["revenue"] for r in rows] == [Decimal("5.5"), Decimal("6.5")]


def test_e18_a_zero_byte_is_refused(world: World) -> None:
    assert "zero byte" in refused(world, b"Date,Revenue\n2025-01-01,5\x00\n").message


def test_e19_a_file_without_rows_changes_nothing_and_one_row_is_enough(world: World, tmp_path: Path) -> None:
    for text in ("Date,Revenue\n", "Date,Revenue\n\n\n"):
        assert "no data rows" in refused(world, text).message
    _, rows = bring(world, "Date,Revenue\n2025-01-01,5\n")
    assert len(rows) == 1
    with pytest.raises(Invalid, match="no data rows"):
        world.check(b"Date,Revenue\n", "b.csv", "sales", APPEND)
    assert stored(world) == rows


def test_e21_cents_add_up_to_the_cent_through_every_step(world: World) -> None:
    cents = [(n * 7919) % 99_991 + 1 for n in range(3000)]
    lines = "".join(f"2025-01-{n % 28 + 1:02d},{c // 100}.{c % 100:02d}\n" for n, c in enumerate(cents))
    checked, _ = bring(world, "Date,Revenue\n" + lines + "2025-01-01,1000000000000000.01\n")
    assert world.total("revenue") == Decimal(sum(cents)) / 100
    assert [q[1] for q in quarantine(world, checked)] == ["B3002"]


def test_e22_amounts_of_several_currencies_are_never_added_as_they_stand(world: World) -> None:
    for text in ("Date,Currency,Revenue\n2025-01-01,EUR,5\n2025-01-02,USD,6\n",
                 "Date,Revenue\n2025-01-01,USD 5.00\n2025-01-02,EUR 6.00\n",
                 "Date,Revenue\n2025-01-01,$5\n2025-01-02,£6\n"):
        upload = world.receive(text.encode(), "a.csv", "sales")
        with pytest.raises(Invalid, match="currenc"):
            world.dry_run(upload, APPEND)
    assert load_scene().datasets == {}


def test_e26_a_file_that_was_changed_after_its_preview_is_not_committed(world: World) -> None:
    seen = world.check(b"Date,Revenue\n2025-01-01,5\n", "a.csv", "sales", APPEND)
    (world.desk.originals / seen.upload).write_bytes(b"Date,Revenue\n2025-01-01,500\n")
    with pytest.raises(Conflict, match="not the one that arrived"):
        world.dry_run(seen.upload)
    checking.staged(world.desk, "sales", seen.upload, seen.digest).unlink()  # as if it had waited for more than a day
    with pytest.raises(Conflict, match="not the one that arrived"):
        world.commit(seen)
    assert load_scene().datasets == {}


def test_e3_e18_an_open_document_and_a_text_of_the_same_table_bring_the_same_rows(world: World, tmp_path: Path) -> None:
    body = ods.table("Sales", [ods.text("Date"), ods.text("Revenue")],
                     *([ods.day(f"2025-01-{n:02d}"), ods.number(n + 0.25)] for n in range(1, 5)))
    _, rows = bring(world, ods.pack(tmp_path / "a.ods", ods.content(body)))
    assert [(r["date"].day, r["revenue"]) for r in rows] == [(n, Decimal(n) + Decimal("0.25")) for n in range(1, 5)]


def test_a_day_is_the_organisations_day(sqlite_database: Flask, cast: Cast, tmp_path: Path) -> None:
    desk = keeping.open_desk(tmp_path / "d", tmp_path / "d" / "facts", SECRET.encode(),
                             Organisation(timezone="Pacific/Auckland"))
    _, rows = bring(World(desk, cast), "Date,Revenue\n2025-03-04T12:30:00Z,5\n2025-03-06,6\n")
    assert [r["date"] for r in rows] == [date(2025, 3, 5), date(2025, 3, 6)]
