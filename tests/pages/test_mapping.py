"""The mapping of a long, wide file: everything in sight, nothing cut, done by keyboard and on a phone."""
from __future__ import annotations

import csv

import pytest

from tests.pages.conftest import picture, settled
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
