"""A newcomer signs in and reads the overview of the demo company."""
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.pages.conftest import change, picture, settled
from tests.pages.server import ADMIN, PASSWORD

pytestmark = pytest.mark.browser


def test_the_sign_in_page_says_that_something_is_wrong_and_not_what(visit, demo_product, watch):
    page = visit(demo_product, "/login", email=None)
    watch[-1].expect("401 (UNAUTHORIZED)")
    page.fill("#login-email", "nobody@example.org")
    page.fill("#login-password", "not the password")
    page.click("#login-submit")
    assert page.locator("[role=alert]").first.inner_text()
    picture(page, "login-refused")


def test_a_bookmark_leads_to_its_page_after_signing_in(visit, demo_product):
    page = visit(demo_product, "/thresholds", email=None)
    page.fill("#login-email", ADMIN)
    page.fill("#login-password", PASSWORD)
    page.click("#login-submit")
    page.wait_for_url(re.compile("/thresholds"))


def test_cards_tell_value_period_change_course_and_date(visit, demo_product):
    page = settled(visit(demo_product))
    card = page.locator("#kpi-card-revenue")
    assert re.search(r"€[\d.,]+", card.locator(".ll-card-value").inner_text())
    assert re.fullmatch(r"\w{3,4} 20\d\d", card.locator(".ll-card-period").inner_text()), "a finished month"
    assert re.search(r"[+−][\d.]+%(un)?favourable", card.locator(".ll-card-delta").text_content())
    assert "vs previous year" in card.locator(".ll-card-delta").inner_text()
    assert re.search(r"^\w{3,4} so far €", card.locator(".ll-card-sofar").inner_text())
    assert "like for like" in card.locator(".ll-card-sofar").inner_text()
    assert card.locator("img").first.get_attribute("src").startswith("data:image/svg+xml")
    assert "unfinished" in card.locator("img").first.get_attribute("alt")
    assert re.search(r"data to \d+ \w+ 20\d\d · as of \d+ \w+ 20\d\d, \d\d:\d\d$",
                     card.locator(".ll-card-foot > span").first.inner_text())
    moment = card.locator(".ll-card-foot time").get_attribute("datetime")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(moment)) < timedelta(hours=1)
    assert page.get_attribute("#overview-said time", "datetime") == moment
    assert {"On track"} <= set(page.locator(".ll-card .ll-badge").all_inner_texts())
    assert "of target" in card.locator(".ll-card-target").inner_text()
    assert page.locator(".ll-card").count() >= 25
    retention = page.locator("#kpi-card-retention .ll-card-value").inner_text()
    assert float(retention.rstrip("%")) <= 100


def test_monthly_data_asked_by_week_say_that_they_are_by_month(visit, demo_product):
    page = settled(visit(demo_product, "/?grain=week"))
    assert "Week" in page.inner_text("#kpi-card-revenue .ll-card-period")
    note = page.get_attribute("#kpi-card-gross_profit .ll-card-note", "title")
    assert "Its data are by month." in note


def test_the_filter_bar_lives_in_the_address_and_survives_reload_and_back(visit, demo_product):
    page = settled(visit(demo_product, "/?unknown=1"))
    change(change(page, "#filter-range", "YTD"), "#filter-grain", "week")
    page.wait_for_function("() => location.search.includes('range=YTD') && location.search.includes('grain=week')")
    page.reload()
    assert settled(page).input_value("#filter-range") == "YTD"
    assert page.input_value("#filter-grain") == "week"
    page.click("#kpi-name-revenue a")
    page.wait_for_url(re.compile(r"/kpi/revenue\?.*range=YTD"))
    settled(page).go_back()
    page.wait_for_function("() => location.pathname === '/' && location.search.includes('range=YTD')")
    assert settled(page).input_value("#filter-range") == "YTD"
    page.click("#filter-reset")
    page.wait_for_function("() => !location.search.includes('range')")


def test_a_whole_card_leads_to_its_kpi_without_a_reload(visit, demo_product):
    page = settled(visit(demo_product))
    page.evaluate("window.__same = true")
    page.locator("#kpi-card-orders").click(position={"x": 250, "y": 15})
    page.wait_for_url(re.compile("/kpi/orders"))
    assert "Orders" in settled(page).inner_text("#kpi-name")
    assert page.evaluate("window.__same"), "the page was loaded anew"


def test_the_overview_goes_to_excel_and_csv_with_one_click(visit, demo_product, tmp_path):
    from openpyxl import load_workbook

    page = settled(visit(demo_product))
    shown = page.locator("#kpi-card-revenue .ll-card-value").get_attribute("title").splitlines()[0]
    with page.expect_download() as found:
        page.click("#overview-xlsx")
    path = tmp_path / "overview.xlsx"
    found.value.save_as(path)
    head, *rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    row = next(dict(zip(head, r, strict=True)) for r in rows if "Revenue" in r)
    assert f"{row['Value']:.2f}" == f"{float(re.sub(r'[^0-9.]', '', shown)):.2f}"
    assert row["Complete"] == "yes"
    with page.expect_download() as found:
        page.click("#overview-csv")
    found.value.save_as(tmp_path / "overview.csv")
    assert "Revenue" in (tmp_path / "overview.csv").read_text(encoding="utf-8-sig")


def test_the_past_is_marked_as_such_on_every_card(visit, demo_product):
    page = settled(visit(demo_product, "/?as_of=2020-01-01"))
    assert "As known at 1 Jan 2020" in page.inner_text("#overview-note")
    assert page.locator("#kpi-card-revenue .ll-card-value").inner_text() == "—"
    assert page.locator("#kpi-card-revenue .ll-card-reason").inner_text()
    assert page.get_attribute("#kpi-card-revenue time", "datetime").startswith("2020-01-01T23:59:59")
    page.goto("/kpi/revenue?as_of=2020-01-01")
    assert settled(page).get_attribute("#kpi-chart-box time", "datetime").startswith("2020-01-01T23:59:59")
