"""Finance brings a workbook, corrects the mapping, sees what is refused, commits, and undoes."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.pages.conftest import picture, settled

pytestmark = pytest.mark.browser


def _weekly(path: Path) -> Path:
    """A sheet as people keep it: a title, two empty rows, a header, 20 weeks, one bad cell, a totals row."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Weekly"
    sheet.append(["Acme Ltd, weekly figures"])
    sheet.append([])
    sheet.append(["Date", "Revenue", "Orders", "New Customers", "Returning Customers"])
    for week in range(20):
        day = f"2025-{1 + week // 4:02d}-{1 + 7 * (week % 4):02d}"
        sheet.append([day, 1000 + 10 * week, 50 + week, 5, 20])
    sheet["B8"] = "n/a soon"
    book.save(path)
    return path


def _upload(page, path: Path, dataset: str) -> None:
    page.fill("#data-dataset", dataset)
    with page.expect_file_chooser() as chooser:
        page.click("#upload-choose")
    chooser.value.set_files(path)
    page.wait_for_url(re.compile(r"/data/[0-9a-f]{32}"))


def test_a_workbook_becomes_figures_and_undo_takes_them_back(visit, empty_product, tmp_path):
    page = settled(visit(empty_product, "/data"))
    _upload(page, _weekly(tmp_path / "weekly.xlsx"), "weekly")
    page.wait_for_selector("#mapping-form")
    assert page.input_value("#map-header-row") == "3"
    assert "1000" in page.locator(".ll-map-table").inner_text()
    picture(page, "upload-mapping")
    page.click("#map-check")
    page.wait_for_selector("#import-commit")
    outcome = page.locator("#upload-outcome").inner_text()
    assert "B8" in outcome
    assert re.search(r"Refused\s+1", outcome)
    picture(page, "upload-checked")
    page.click("#import-commit")
    page.wait_for_selector("text=rows are in weekly")
    picture(page, "upload-committed")

    page.goto("/?range=custom&from=2025-01-01&to=2025-05-31")
    settled(page)
    expected = sum(1000 + 10 * week for week in range(20) if week != 4)
    title = page.locator("#kpi-card-revenue .ll-card-value").get_attribute("title")
    assert float(re.sub(r"[^\d.]", "", title)) == expected

    page.goto("/data")
    page.click("text=Undo")
    page.wait_for_selector("text=undone")
    page.goto("/?range=custom&from=2025-01-01&to=2025-05-31")
    page.wait_for_selector("#kpi-card-revenue .ll-card-reason")


def test_the_overview_shows_new_figures_without_a_reload(visit, empty_product, tmp_path):
    rows = "Date,Revenue,Orders\n" + "".join(f"2025-01-{d:02d},{100 * d}.50,{d}\n" for d in range(1, 21))
    first, more = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(rows)
    more.write_text("Date,Revenue,Orders\n2025-01-21,5000,9\n")
    empty_product.command("ingest", str(first), "--dataset", "daily", "--mode", "upsert")
    page = settled(visit(empty_product, "/?range=custom&from=2025-01-01&to=2025-01-31"))
    value = page.locator("#kpi-card-revenue .ll-card-value")
    before = value.get_attribute("title")
    empty_product.command("ingest", str(more), "--dataset", "daily", "--mode", "upsert")
    page.wait_for_function(
        "before => document.querySelector('#kpi-card-revenue .ll-card-value').title !== before", arg=before)
    grown = float(re.sub(r"[^\d.]", "", value.get_attribute("title")))
    assert grown == pytest.approx(sum(100 * d + 0.5 for d in range(1, 21)) + 5000)


def test_a_refused_file_gets_one_clear_sentence(visit, empty_product, tmp_path):
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    page = settled(visit(empty_product, "/data"))
    _upload(page, tmp_path / "picture.csv", "weekly")
    page.wait_for_selector("#upload-form [role=alert]")
    assert "PNG" in page.locator("#upload-form").inner_text()
    picture(page, "upload-refused")
