"""A file whose bytes do not say what they mean, as office programs save it, is brought in by the browser alone."""
from __future__ import annotations

import csv
import re

import pytest
from openpyxl import Workbook

from tests.pages.conftest import picture, settled
from tests.pages.test_looking import findings
from tests.pages.test_upload import _check, _commit, _upload

pytestmark = pytest.mark.browser
TOWNS = ("Süd", "München", "Köln")
ROWS = [(f"{day:02d}.01.2026", f"{1000 + day},50 €", TOWNS[day % 3]) for day in range(1, 25)]
SHOWN = ".ll-map-table tbody"
# Chosen words wider than their select: measured as the browser draws them.
CUT = """() => [...document.querySelectorAll('#mapping-form select')].filter(s => s.offsetParent).map(s => {
  const style = getComputedStyle(s), pen = document.createElement('canvas').getContext('2d');
  pen.font = style.font;
  const room = s.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const words = s.options[s.selectedIndex].textContent;
  return pen.measureText(words).width > room + 1 ? words : ''; }).filter(w => w)"""


def _german(path, encoding="cp1252", region="Region"):
    with path.open("w", newline="", encoding=encoding) as out:
        csv.writer(out, delimiter=";").writerows([("Datum", "Umsatz", region), *ROWS])
    return path


def _read(page, words):
    page.wait_for_function("words => document.querySelector('#mapping-form').innerText.includes(words)", arg=words)
    return settled(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_e17_a_windows_1252_file_is_previewed_confirmed_and_committed(visit, empty_product, tmp_path, width):
    page = _upload(visit(empty_product, "/data", width=width), _german(tmp_path / "umsatz.csv"), f"umsatz_{width}")
    characters = page.get_by_label("Characters")
    assert characters.input_value() == "cp1252", "the likeliest stands there"
    assert "1001,50 € · München" in characters.evaluate("s => s.options[s.selectedIndex].textContent")
    assert "checking the file confirms it" in page.inner_text(".ll-ask")
    assert "Süd" in page.inner_text(SHOWN)
    picture(page, f"upload-characters-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert findings(page) == []

    characters.select_option("cp1251")
    _read(page, "Sьd")
    assert page.get_by_label("Characters").input_value() == "cp1251"
    assert page.query_selector(".ll-ask") is None, "what was chosen is not asked again"
    page.get_by_label("Characters").select_option("cp1252")
    _read(page, "Süd")
    told = _check(page)
    assert re.search(rf"Accepted\s+{len(ROWS)}\b", told)
    assert "Please decide" not in told
    _commit(page)
    page.goto(f"/data?seen={width}")
    assert f"umsatz_{width}" in settled(page).inner_text("#data-datasets")


def test_e17_other_characters_in_a_header_give_other_columns_and_the_check_follows_at_once(
        visit, empty_product, tmp_path):
    page = _upload(visit(empty_product, "/data"), _german(tmp_path / "mac.csv", "mac-roman", "Größe"), "mac")
    assert page.get_by_label("Characters").input_value() == "mac-roman"
    page.get_by_label("Characters").select_option("iso-8859-15")
    _read(page, "Gr\x9a§e")
    page.get_by_label("Characters").select_option("mac-roman")
    _read(page, "Größe")
    assert "column-new" not in _check(page)
    assert "is not in the file" not in page.inner_text("#upload-outcome")
    page.click("#map-reject")
    page.wait_for_url("**/data")


def test_another_separator_or_sheet_is_read_at_once_and_one_that_cannot_be_read_leaves_the_form(
        visit, empty_product, tmp_path):
    page = _upload(visit(empty_product, "/data"), _german(tmp_path / "parted.csv", "utf-8"), "parted")
    assert page.is_hidden("#map-encoding"), "UTF-8 says itself what it is"
    page.get_by_label("Columns are separated by").select_option("comma")
    page.wait_for_selector(f"{SHOWN} tr:nth-child(1):has-text('Datum;Umsatz')")
    settled(page).get_by_label("Columns are separated by").select_option("semicolon")
    page.wait_for_selector(f"{SHOWN} tr:nth-child(3):has-text('Region')")
    settled(page).fill("#map-header-row", str(len(ROWS) + 1))
    page.press("#map-header-row", "Enter")
    page.wait_for_selector("#upload-form:has-text('There are no data rows')")
    assert settled(page).input_value("#map-header-row") == "1", "the form is that of the last reading"
    page.click("#map-reject")
    page.wait_for_url("**/data")

    book = Workbook()
    book.remove(book.active)
    for name, head in (("One", "Revenue"), ("Two", "Cost")):
        sheet = book.create_sheet(name)
        sheet.append(["Date", head])
        for day in range(1, 9):
            sheet.append([f"2026-01-{day:02d}", day])
    book.save(tmp_path / "two.xlsx")
    page = _upload(page, tmp_path / "two.xlsx", "two")
    page.get_by_label("Sheet").select_option("Two")
    page.wait_for_selector(f"{SHOWN} tr:has-text('Cost')")
    assert settled(page).locator(SHOWN, has_text="Revenue").count() == 0
    page.click("#map-reject")
    page.wait_for_url("**/data")


@pytest.mark.parametrize("width", [1280, 390])
def test_chosen_words_are_not_cut(visit, empty_product, tmp_path, width):
    page = _upload(visit(empty_product, "/data", width=width), _german(tmp_path / "cut.csv"), f"cut_{width}")
    page.select_option("#map-kind", "reference")
    page.get_by_label("Date format of Datum").select_option("mdy")
    cut = page.evaluate(CUT)
    assert [words for words in cut if width > 390 or "Windows-1252" not in words] == []
    assert all(words.startswith("1001,50 € · München") for words in cut), "a phone cuts the name, not the sample"
    page.click("#map-reject")
    page.wait_for_url("**/data")
