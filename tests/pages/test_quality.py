"""The quality of data as finance sees it: five numbers with their reasons, how they moved, and who may not look."""
from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.pages.conftest import picture, settled
from tests.pages.server import Product
from tests.pages.test_looking import findings

pytestmark = pytest.mark.browser
START = date(2026, 1, 5)
# The first measurement as if it had been made two months ago, so that there is a trend.
EARLIER = """
from datetime import timedelta
from sqlalchemy import select
from dashapp.commands import opened
from dashapp.services.unit import writing
from dashapp.settings import from_environment
from models import QualityRow
with opened(from_environment()):
    with writing() as session:
        first = session.scalars(select(QualityRow).order_by(QualityRow.at)).first()
        first.at, first.day = first.at - timedelta(days=60), first.day - timedelta(days=60)
"""


def _csv(first: int, count: int, odd: int = 0) -> str:
    """A row a weekday; `odd` rows without a region, and as many that no one can read."""
    days = [START + timedelta(n) for n in range(first, first + count) if (START + timedelta(n)).weekday() < 5]
    rows = [f"{d},{'' if n < odd else 'EMEA'},{100 + n}" for n, d in enumerate(days)]
    return "Date,Region,Revenue\n" + "\n".join([*rows, *(f"{days[-1]},EMEA,n/k {n}" for n in range(odd))]) + "\n"


@pytest.fixture(scope="module")
def measured(empty_product: Product) -> Product:
    """Two files of sales, the second with gaps and refused rows, and a measurement after each."""
    folder = empty_product.folder
    (folder / "m.json").write_text(json.dumps({"mode": "append", "grain": "day"}))
    for name, content in (("january.csv", _csv(0, 28)), ("february.csv", _csv(28, 28, odd=6))):
        (folder / name).write_text(content)
        empty_product.command("ingest", str(folder / name), "--dataset", "sales", "--mapping", str(folder / "m.json"))
        empty_product.command("dataset", "quality", "sales")
        if name == "january.csv":
            empty_product._run("-c", EARLIER)
    empty_product.add_people({"chief@example.org": "executive", "controller@example.org": "finance"})
    empty_product.add_people({"emea@example.org": "finance"}, "region=EMEA")
    return empty_product


def _line(page: Any) -> str:
    return page.locator("#quality-all tbody tr", has_text="Sales").inner_text()


def test_a_keyboard_leads_from_the_list_to_the_reasons_of_a_number(visit, measured):
    page = settled(visit(measured, "/data/quality", email="controller@example.org"))
    for word in ("good", "poor"):
        assert word in _line(page), "a number has a word beside its colour"
    page.focus("#quality-all tbody a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/data/quality?dataset=sales")
    told = settled(page).inner_text("#quality-validity")
    assert "6 rows of 46 refused" in told
    assert "86.9%" in told
    assert "pp since" in told, "what it was before"
    assert page.locator("#quality-validity img").first.get_attribute("alt").startswith("Validity: 100.0% at first")
    told = page.inner_text("#quality-completeness")
    assert "have a value" in told
    region = page.locator("#quality-one tr", has_text="Region").first.inner_text()
    assert region.split() == ["Region", "34", "6", "85.0%"]
    assert page.locator("#quality-history tbody tr").count() == 2
    page.focus("#quality-checks summary")
    page.keyboard.press("Enter")
    assert "Other units in a part" in page.inner_text("#quality-checks")
    assert findings(page) == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_the_page_is_drawn_in_every_look(visit, measured, scheme, width):
    page = settled(visit(measured, "/data/quality?dataset=sales", scheme=scheme, width=width))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".ll-rooms .is-here").inner_text() == "Quality"
    assert findings(page) == []
    picture(page, f"quality-{scheme}-{width}")


def test_a_link_to_a_dataset_that_is_gone_says_so_and_shows_the_others(visit, measured):
    page = settled(visit(measured, "/data/quality?dataset=gone&is_admin=1"))
    assert "no uploaded dataset 'gone'" in page.inner_text("#quality-one")
    assert "Sales" in page.inner_text("#quality-all")


def test_who_sees_a_part_of_the_rows_is_told_why_there_are_no_numbers(visit, measured):
    page = settled(visit(measured, "/data/quality?dataset=sales", email="emea@example.org"))
    assert "your data scope is a part of them" in page.inner_text("#quality-all")
    assert page.inner_text("#quality-one") == ""
    assert "%" not in page.inner_text("#main")


def test_b2_an_executive_is_not_shown_the_page(visit, measured):
    page = settled(visit(measured, "/data/quality", email="chief@example.org"))
    assert page.locator("#page-refused").count() == 1
    assert "sales" not in page.inner_text("#main")
