"""The mapping of a long, wide file: everything in sight, nothing cut, done by keyboard and on a phone."""
from __future__ import annotations

import csv

import pytest

from tests.pages.conftest import picture, settled
from tests.pages.server import product
from tests.pages.test_looking import findings
from tests.pages.test_upload import _upload

pytestmark = pytest.mark.browser
HEADS = ["Order number", "Date", "Ship date", "Customer", "Region", "Sales channel", "Quantity", "Unit price",
         "Comment that is rather long and says a lot", *(f"Measure {n}" for n in range(20))]
SCROLLERS = """() => [...document.querySelectorAll('.ll-map-box, .ll-map-box *')].filter(e =>
  !e.closest('.visually-hidden') && e.clientWidth > 1 && getComputedStyle(e).overflowX !== 'visible'
  && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
  && !['SELECT', 'CODE', 'INPUT'].includes(e.tagName)).map(e => e.tagName + '.' + e.className)"""
BLANK = """() => [...document.querySelectorAll('#mapping-form select')]
  .filter(s => !(s.options[s.selectedIndex] || {textContent: ''}).textContent.trim()).map(s => s.id)"""


@pytest.fixture
def wide(tmp_path):
    path = tmp_path / "wide.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(HEADS)
        for n in range(12):
            writer.writerow([f"A{n:05d}", f"{n % 9 + 1:02d}/{n % 9 + 1:02d}/2025", f"2025-01-{n + 1:02d}", f"C{n}",
                             "EMEA", "web", n, f"{n}.50", "word " * 30, *range(20)])
    return path


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 900), ("dark", 390)])
def test_every_column_of_a_long_file_is_in_sight_at_any_width(visit, empty_product, wide, scheme, width):
    page = _upload(visit(empty_product, "/data", scheme=scheme, width=width), wide, "wide")
    picture(page, f"upload-mapping-{scheme}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert page.evaluate(SCROLLERS) == []
    assert page.evaluate(BLANK) == []
    assert page.locator(".ll-map-table tbody tr").count() == len(HEADS)
    page.locator(".ll-map-table tbody tr").nth(20).scroll_into_view_if_needed()
    if width >= 1100:
        top = page.evaluate("document.querySelector('.ll-map-table thead th').getBoundingClientRect().top")
        page.evaluate("document.querySelectorAll('.ll-map-table tbody tr')[25].scrollIntoView({block: 'center'})")
        stuck = page.evaluate("document.querySelector('.ll-map-table thead th').getBoundingClientRect().top")
        assert (top >= 0, stuck) == (True, 0), "the head stays in sight"
    else:
        label = "td => getComputedStyle(td, '::before').content"
        assert page.eval_on_selector(".ll-map-table tbody td:nth-child(3)", label) == '"Is a"'
    assert findings(page) == []
    page.click("#map-reject")
    page.wait_for_url("**/data")


def test_an_open_question_is_answered_by_keyboard_alone(visit, empty_product, wide):
    page = _upload(visit(empty_product, "/data"), wide, "wide")
    row = page.locator(".ll-map-table tbody tr").nth(HEADS.index("Date"))
    order = row.get_by_label("Date format of Date")
    assert order.input_value() == ""
    chosen = "s => s.options[s.selectedIndex].textContent"
    assert order.evaluate(chosen) == "Please choose"
    row.get_by_label("Type of Date").focus()
    page.keyboard.press("Tab")
    assert order.evaluate("s => s === document.activeElement"), "the controls of a column follow each other"
    page.keyboard.type("Day")
    assert order.evaluate(chosen).startswith("Day first")
    page.focus("#map-mode")
    page.keyboard.type("App")
    page.focus("#map-check")
    page.keyboard.press("Enter")
    page.wait_for_selector("#upload-decision.ll-panel")
    assert "Accepted" in settled(page).inner_text("#upload-outcome")
    page.click("#map-reject")
    page.wait_for_url("**/data")


REGIONS = ("EMEA", "APAC", "AMER")
DAYS = [f"2026-03-{n:02d}" for n in range(1, 32)]


def _table(path, head, rows):
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([head, *rows])
    return path


def _checked(page):
    page.click("#map-check")
    page.wait_for_selector("#upload-decision.ll-panel")
    return settled(page).inner_text("#upload-outcome")


def _committed(page):
    page.click("#import-commit")
    page.wait_for_selector("text=are in sales.")
    settled(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_finance_joins_a_list_and_replaces_one_region_only(visit, tmp_path_factory, tmp_path, width):
    head = ["Date", "Region", "SKU", "Revenue"]
    skus = ("S1", "S2", "S3", "S4", "S9")
    first = [[day, region, skus[(n + m) % 5], 10] for n, day in enumerate(DAYS) for m, region in enumerate(REGIONS)]
    with product(tmp_path_factory.mktemp("joins"), demo=False) as found:
        listed = _table(tmp_path / "catalogue.csv", ["SKU ID", "Category"], [[s, "Tools"] for s in skus[:4]])
        found.command("ingest", str(listed), "--dataset", "catalogue", "--mode", "upsert")
        page = _upload(visit(found, "/data", width=width), _table(tmp_path / "march.csv", head, first), "sales")
        join = page.get_by_label("Join of SKU")
        assert join.input_value() == "catalogue.sku_id"
        assert "Suggested: 4 of 5 sample values found there" in page.inner_text(".ll-map-table")
        assert page.is_hidden("#map-slice")
        page.select_option("#map-mode", "replace-period")
        page.wait_for_selector("#map-replaces:has-text('Replaces all rows of')")
        page.click("#map-slice")
        page.keyboard.type("Region")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.wait_for_selector("#map-replaces:has-text('where Region is EMEA, APAC or AMER; all others stay.')")
        picture(settled(page), f"upload-joins-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert findings(page) == []
        missing = sum(row[2] == "S9" for row in first)
        told = _checked(page)
        assert f"{int((93 - missing) / 93 * 1000) / 10}% of 93 rows find their row in catalogue." in told
        assert "Not there: S9" in told
        _committed(page)

        page = _upload(page, _table(tmp_path / "emea.csv", head, [["2026-03-02", "EMEA", "S1", 5],
                                                                  ["2026-03-03", "EMEA", "S2", 6]]), "sales")
        assert page.get_by_label("Join of SKU").input_value() == "catalogue.sku_id"
        page.wait_for_selector("#map-replaces:has-text('where Region is EMEA; all others stay.')")
        told = _checked(page)
        assert "2 rows come, 2 known rows go; 2 of those would not be there any more." in told
        picture(page, f"upload-joins-checked-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert findings(page) == []
        _committed(page)
        page.goto("/data")
        line = settled(page).locator("#data-datasets tr", has_text="sales").inner_text()
        assert "joined to catalogue by SKU" in line
        assert "replaces only for Region" in line
        picture(page, f"data-joins-{width}")
        page.goto("about:blank")  # a page left open would ask the product that has gone
