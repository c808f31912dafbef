"""The rooms under Data: a long list that fetches what is in sight, two uploads compared, undo, closing, deliveries."""
from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.pages.conftest import picture, settled
from tests.pages.server import Product
from tests.pages.test_looking import findings

pytestmark = pytest.mark.browser
# Lines of uploads that were refused: many of them, as a year of daily files leaves behind, without their bytes.
MANY = """
import sys
from datetime import timedelta
from dashapp.commands import now, opened
from dashapp.services.unit import writing
from dashapp.settings import from_environment
from models import Upload
with opened(from_environment()):
    with writing() as session:
        for n in range(int(sys.argv[1])):
            session.add(Upload(dataset_key="old", user_email="feed@example.org", source_name=f"old-{n:04}.csv",
                               source_sha256=f"{n:064x}", received_at=now() - timedelta(days=900, minutes=n),
                               state="rejected", mapping={}, key_columns=[], rows=n, quarantined=0))
"""


@pytest.fixture(scope="module")
def filled(empty_product: Product) -> Product:
    """Two files of sales, the second a correction, and five thousand lines of older ones."""
    folder = empty_product.folder
    (folder / "m.json").write_text(json.dumps({"key": ["order"], "mode": "upsert",
                                               "columns": {"Order": {"role": "id"}}}))
    for name, rows in (("january.csv", "a,2026-01-05,10\nb,2026-02-05,20\nc,2026-02-06,1\n"),
                       ("january fixed.csv", "a,2026-01-05,10.50\nc,2026-02-06,1\nd,2026-02-07,4\n")):
        (folder / name).write_text("Order,Date,Revenue\n" + rows)
        empty_product.command("ingest", str(folder / name), "--dataset", "sales", "--mapping", str(folder / "m.json"))
    empty_product._run("-c", MANY, "5000")
    empty_product.add_people({"chief@example.org": "executive", "controller@example.org": "finance"})
    empty_product.add_people({"emea@example.org": "finance"}, "order=a")
    return empty_product


def _choose(page: Any, *names: str) -> None:
    for name in names:
        page.locator(f".ag-row:has-text('{name}') .ag-checkbox-input").first.click()
    settled(page)


def test_a_long_list_holds_only_the_rows_in_sight_and_fetches_more_by_keyboard(visit, filled):
    page = settled(visit(filled, "/data/vintages"))
    page.wait_for_selector(".ag-row:has-text('january fixed.csv')")
    assert page.inner_text("#vintages-count") == "5,002 uploads"
    assert page.locator("#vintages-grid .ag-center-cols-container .ag-row").count() < 60
    assert page.get_attribute("#vintages-grid [role=grid]", "aria-rowcount") == "5003"
    page.locator("#vintages-grid .ag-cell").first.click()
    page.keyboard.press("Control+End")
    page.wait_for_selector(".ag-row:has-text('old-4999.csv')")
    assert page.locator("#vintages-grid .ag-center-cols-container .ag-row").count() < 60
    assert page.evaluate("document.querySelectorAll('*').length") < 2000, "what is out of sight is not in the page"
    assert findings(page) == []
    page.fill("#vintages-text", "old-0042")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 upload")
    page.wait_for_selector(".ag-row:has-text('old-0042.csv')")


def test_one_upload_is_told_and_two_are_compared(visit, filled):
    page = settled(visit(filled, "/data/vintages?dataset=sales"))
    page.wait_for_selector(".ag-row:has-text('january fixed.csv')")
    assert page.inner_text("#vintages-count") == "2 uploads"
    _choose(page, "january fixed.csv")
    page.wait_for_selector("#vintage-one")
    told = page.inner_text("#vintage-one")
    assert "1 new, 1 changed, 1 unchanged" in told
    with page.expect_download() as taken:
        page.click("#vintage-one >> text=Download the original")
    assert io.BytesIO(taken.value.path().read_bytes()).readline() == b"Order,Date,Revenue\n"
    picture(page, "vintages-light-1280")
    page.locator(".ag-row .ag-checkbox-input").nth(1).click()
    page.wait_for_selector("#vintage-two")
    told = page.inner_text("#vintage-two")
    for said in ("told apart by Order", "Only in the first", "Revenue: 10.00 → 10.50"):
        assert said in told, said
    assert findings(settled(page)) == []
    picture(page, "vintages-compared-light-1280")


def test_an_upload_is_taken_back_with_a_reason_by_keyboard_alone(visit, filled):
    page = settled(visit(filled, "/data/vintages?dataset=sales", email="controller@example.org"))
    page.wait_for_selector(".ag-row:has-text('january fixed.csv')")
    page.focus("#vintages-text")
    page.keyboard.press("Tab")
    for _ in range(4):  # into the grid: its head first
        if page.evaluate("!!document.activeElement.closest('.ag-row')"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_selector("#vintage-one")
    assert "january fixed.csv" in settled(page).inner_text("#vintage-one h2")
    page.focus("#vintage-one .btn-danger")
    page.keyboard.press("Enter")
    page.wait_for_selector("#vintages-toggle-body")
    page.focus("#vintages-reason")
    page.keyboard.type("sent twice by mistake")
    page.focus("#vintages-toggle-yes")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=no longer counts")
    page.wait_for_selector("#vintage-one:has-text('by controller@example.org: sent twice by mistake')")
    page.focus("#vintage-one .btn-primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("#vintages-toggle-body:has-text('will count again')")
    page.focus("#vintages-toggle-yes")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=counts again")
    page.wait_for_selector("#vintage-one:has-text('Brought back')")


def test_b4_who_has_a_scope_sees_what_they_brought_and_nothing_of_others(visit, filled):
    page = settled(visit(filled, "/data/vintages", email="emea@example.org"))
    assert page.inner_text("#vintages-count") == "0 uploads"
    assert "old-" not in page.inner_text("#main")
    assert "january" not in page.inner_text("#main")


def test_b2_an_executive_is_not_shown_the_uploads(visit, filled):
    page = settled(visit(filled, "/data/vintages", email="chief@example.org"))
    assert page.locator("#page-refused").count() == 1
    assert "january" not in page.inner_text("#main")


def test_a_closed_month_asks_why_before_an_upload_is_taken_back(visit, filled):
    page = settled(visit(filled, "/data/closing"))
    page.fill("#closing-period", "2026-01")
    page.click("#closing-close")
    page.wait_for_selector("text=Everything is closed until")
    settled(page)
    assert "Jan" in page.inner_text("#closing-list tbody")
    page.goto("/data/vintages?dataset=sales")
    settled(page).wait_for_selector(".ag-row:has-text('january fixed.csv')")
    _choose(page, "january fixed.csv")
    page.click("#vintage-one >> text=Undo")
    page.wait_for_selector("#vintages-toggle-body >> text=1 row comes and 1 goes")
    page.click("#vintages-toggle-yes")
    page.wait_for_selector("text=Give a reason")
    page.fill("#vintages-reason", "the first file was right")
    picture(page, "vintages-reason-light-1280")
    page.click("#vintages-toggle-yes")
    page.wait_for_selector("text=no longer counts")
    page.goto("/data/closing")
    assert "the first file was right" in settled(page).inner_text("#closing-late tbody")
    assert findings(page) == []
    picture(page, "closing-light-1280")


def test_a_closed_period_is_opened_again_with_a_reason(visit, filled):
    page = settled(visit(filled, "/data/closing"))
    page.click("#closing-list >> text=Open again")
    page.wait_for_selector("#closing-again-yes")
    page.fill("#closing-from", "2026-01")
    page.click("#closing-again-yes")
    page.wait_for_selector("text=the reason is kept")
    page.fill("#closing-why", "wrong rate")
    page.click("#closing-again-yes")
    page.wait_for_selector("text=are open again")
    settled(page)
    assert "31 Dec 2025" in page.inner_text("#closing-list tbody"), "what lies before stays closed"
    assert "wrong rate" in page.inner_text("#closing-decisions tbody")


@pytest.mark.parametrize(("path", "name"), [("/data/deliveries", "deliveries"), ("/data/closing", "closing"),
                                            ("/data/vintages", "vintages")])
@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("light", 390)])
def test_the_rooms_are_drawn_dark_and_narrow(visit, filled, path, name, scheme, width):
    page = settled(visit(filled, path, scheme=scheme, width=width))
    assert page.locator(".ll-rooms .is-here").count() == 1
    assert findings(page) == []
    picture(page, f"{name}-{scheme}-{width}")
