"""Limits that colour cards, people and roles, a person's own screens, sessions and tokens."""
from __future__ import annotations

import re

import pytest

from tests.pages.conftest import picture, settled, sign_in

pytestmark = pytest.mark.browser
CHOSEN = "a new and longer password"


def _type(page, row: str, column: str, value: str) -> None:
    page.dblclick(f"#limits-grid .ag-center-cols-container [row-id='{row}'] [col-id='{column}']")
    page.keyboard.press("Control+A")
    page.keyboard.type(value)
    page.keyboard.press("Enter")


def _add(page, kpi: str) -> str:
    page.select_option("#limits-kpi", kpi)
    page.click("#limits-add")
    page.wait_for_selector(f"#limits-grid [row-id='{kpi}|month']")
    return f"{kpi}|month"


def _without_news(page) -> None:
    """The page hears nothing of changes elsewhere: as if they came within the seconds before it asks again."""
    def answer(route):
        asks = "data-version-clock" in (route.request.post_data or "")
        return route.fulfill(status=204) if asks else route.fallback()

    page.route("**/_dash-update-component", answer)


def _delete(page, row: str) -> None:
    page.click(f"#limits-grid [row-id='{row}'] .ag-selection-checkbox input")
    page.click("#limits-delete")
    page.wait_for_selector("text=The limits are gone.")


def test_the_status_of_a_card_follows_its_limits(visit, demo_product, people):
    page = settled(visit(demo_product, "/thresholds", email=people["analyst"]))
    row = _add(page, "orders")
    _type(page, row, "warning", "100000")
    page.wait_for_selector("text=The limits are saved.")
    overview = settled(visit(demo_product, email=people["analyst"]))
    assert overview.locator("#kpi-card-orders .ll-badge").inner_text() == "Warning"
    _type(page, row, "critical", "90000")
    overview.wait_for_selector("#kpi-card-orders .ll-badge >> text=Critical", timeout=15_000)  # without a reload
    picture(page, "thresholds-light-1280")
    overview.goto("/kpi/orders")
    assert "Critical" in settled(overview).inner_text("#kpi-limits tbody")
    _delete(page, row)


def test_limits_of_percentages_are_percent_and_impossible_ones_are_refused(visit, demo_product):
    page = settled(visit(demo_product, "/thresholds", scheme="dark"))
    row = _add(page, "retention")
    _type(page, row, "warning", "35.5")
    page.wait_for_selector("text=The limits are saved.")
    _type(page, row, "critical", "60")
    page.wait_for_selector("text=Critical must be worse than warning")
    cell = page.locator(f"#limits-grid .ag-center-cols-container [row-id='{row}'] [col-id='warning']")
    assert cell.inner_text() == "35.5"
    picture(page, "thresholds-dark-1280")
    page.goto("/kpi/retention")
    assert "35.5%" in settled(page).inner_text("#kpi-limits tbody")
    page.goto("/thresholds")
    _delete(settled(page), row)


def test_what_is_no_number_is_refused_and_marks_never_change_a_size(visit, demo_product):
    page = settled(visit(demo_product, "/thresholds"))
    row = _add(page, "returning_customers")
    cell = page.locator(f"#limits-grid .ag-center-cols-container [row-id='{row}'] [col-id='warning']")
    _type(page, row, "warning", "2500")
    page.wait_for_selector("text=Returning customers by month: warning 2,500, critical none")
    _type(page, row, "warning", "abc")
    page.wait_for_selector("text=Returning customers by month, warning: 'abc' is not a number")
    assert settled(page).inner_text("#toasts").endswith("Nothing is saved.")
    assert cell.inner_text() == "2,500"
    _type(page, row, "warning", "1,5")
    page.wait_for_selector("text=Returning customers by month: warning 1.5, critical none")
    _type(page, row, "warning", "1,500")
    page.wait_for_selector("text=Returning customers by month: warning 1,500, critical none")
    page.dblclick(f"#limits-grid .ag-center-cols-container [row-id='{row}'] [col-id='warning']")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Returning customers by month: warning none, critical none")
    assert settled(page).locator("#limits-grid").count()
    assert cell.inner_text() == ""
    _delete(page, row)


def test_whoever_saves_second_is_told_what_the_first_saved(visit, demo_product, people):
    one = settled(visit(demo_product, "/thresholds"))
    row = _add(one, "units")
    two = settled(visit(demo_product, "/thresholds", email=people["analyst"]))
    _without_news(two)
    _type(one, row, "warning", "11")
    one.wait_for_selector("text=The limits are saved.")
    _type(two, row, "warning", "22")
    two.wait_for_selector("text=Somebody else changed these limits")
    cell = two.locator(f"#limits-grid .ag-center-cols-container [row-id='{row}'] [col-id='warning']")
    two.wait_for_function("row => document.querySelector(`#limits-grid .ag-center-cols-container [row-id='${row}'] "
                          "[col-id='warning']`).textContent === '11'", arg=row)
    assert cell.inner_text() == "11"
    one.reload()
    _delete(settled(one), row)


def test_an_admin_adds_a_person_who_chooses_a_password_and_gets_another_role(visit, demo_product):
    page = settled(visit(demo_product, "/admin/users"))
    page.fill("#user-email", "newcomer@example.org")
    page.select_option("#user-role-new", "executive")
    page.click("#user-add")
    once = page.locator("#secret-once").inner_text()
    picture(page, "users-light-1280")
    theirs = visit(demo_product, "/login", email=None)
    theirs.fill("#login-email", "newcomer@example.org")
    theirs.fill("#login-password", once)
    theirs.click("#login-submit")
    theirs.wait_for_url(re.compile("/password"))
    theirs.fill("#password-old", once)
    theirs.fill("#password-new", CHOSEN)
    theirs.fill("#password-again", CHOSEN)
    theirs.click("#password-submit")
    theirs.wait_for_selector("#kpi-card-revenue")
    assert not theirs.locator("#nav-data").count()
    page.locator("tr", has_text="newcomer@example.org").locator("select").select_option("finance")
    page.wait_for_selector("text=is finance now")
    theirs.goto("/")
    sign_in(theirs, "newcomer@example.org", CHOSEN)  # a change of role ends the sessions of the old one
    settled(theirs)
    assert theirs.locator("#nav-data").count()


def test_people_choose_density_theme_and_first_page_and_make_tokens(visit, demo_product, people):
    page = settled(visit(demo_product, "/account", email=people["executive"], anew=True))
    assert "this browser" in page.inner_text("#account-sessions")
    page.select_option("#like-density", "compact")
    page.select_option("#like-landing", "/thresholds")
    page.click("#account-save")
    page.wait_for_selector("text=Saved.")
    page.fill("#token-name", "my script")
    page.click("#token-add")
    secret = page.locator("#secret-once").inner_text()
    assert secret.startswith("ll_")
    settled(page)
    answer = page.request.get("/api/v1/kpis", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status == 200
    picture(page, "account-light-1280")
    page.locator("tr", has_text="my script").get_by_role("button", name="Revoke").click()
    page.wait_for_selector("text=No tokens")
    again = visit(demo_product, email=people["executive"], anew=True, path="/login")
    assert 'data-ll-density="compact"' in again.request.get("/").text()
    settled(page)
    page.select_option("#like-density", "comfortable")
    page.select_option("#like-landing", "/")
    page.click("#account-save")
    page.wait_for_selector("text=Saved.")
