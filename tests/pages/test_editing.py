"""A definition is written, mended, looked at before it is saved, and brought back - by keyboard alone."""
from __future__ import annotations

import re

import pytest

from tests.pages.conftest import picture, settled
from tests.pages.test_looking import findings

pytestmark = pytest.mark.browser
OPEN = "#kpi-list:not([hidden])"


def _marked(page) -> str:
    """The text that Enter would take, found the way screen readers do."""
    option = page.get_attribute("#kpi-formula", "aria-activedescendant")
    return page.get_attribute(f"#{option}", "data-insert") if option else ""


def _type(page, text: str) -> None:
    page.keyboard.type(text, delay=15)


def _written(page, text: str) -> None:
    page.wait_for_function("text => document.getElementById('kpi-formula').value === text", arg=text)


def _usable(page, formula: str) -> None:
    """What is typed has reached the server, which finds nothing wrong."""
    page.wait_for_selector(f"#kpi-usable[data-for='{formula}']")
    settled(page)


def _tab_to(page, id: str) -> None:
    """Tab on, as people do, until the focus is there."""
    for _ in range(60):
        if page.evaluate("document.activeElement.id") == id:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{id} is not reached by Tab")


def test_a_whole_edit_by_keyboard(visit, demo_product, people):
    page = settled(visit(demo_product, "/kpis", email=people["analyst"]))
    _tab_to(page, "kpis-new")
    page.keyboard.press("Enter")
    page.wait_for_selector("#kpi-editor")
    settled(page)
    _tab_to(page, "kpi-formula")

    _type(page, "su")
    page.wait_for_selector(OPEN)
    field = page.locator("#kpi-formula")
    assert (field.get_attribute("role"), field.get_attribute("aria-expanded")) == ("combobox", "true")
    assert field.get_attribute("aria-controls") == "kpi-list"
    assert _marked(page) == "sum()"
    page.keyboard.press("Enter")
    _written(page, "sum()")
    page.wait_for_selector(OPEN)
    assert _marked(page) == "", "columns are offered, none is chosen: Tab would leave the field"
    _type(page, "orders.")
    page.wait_for_selector(f"{OPEN} [data-insert='orders.revenue']")
    seen = {_marked(page)}
    while _marked(page) != "orders.revenue":
        page.keyboard.press("ArrowDown")
        assert _marked(page) not in seen
        seen.add(_marked(page))
    page.keyboard.press("Tab")
    _written(page, "sum(orders.revenue)")
    assert page.evaluate("document.activeElement.id") == "kpi-formula"

    _type(page, ', contains(catalogue.cat')
    page.wait_for_selector(f"{OPEN} [data-insert='orders.catalogue.category']")
    page.keyboard.press("Escape")
    assert page.locator(OPEN).count() == 0
    assert field.get_attribute("aria-expanded") == "false"
    page.keyboard.press("Control+Space")
    page.wait_for_selector(OPEN)
    page.keyboard.press("Enter")
    _written(page, "sum(orders.revenue, contains(orders.catalogue.category)")
    page.keyboard.press("Control+A")
    _type(page, "sum(orders.revenu) / 2")
    page.keyboard.press("Escape")
    page.wait_for_selector("#kpi-flaw-list[data-for='sum(orders.revenu) / 2']")
    settled(page)
    place = page.text_content(".ll-flaw-place").split("\n")
    assert place[0][place[1].index("^"):].startswith("orders.revenu")
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator("#kpi-signature").count() == 0, "no function is written at the end"
    picture(page, "editor-flaw-light-1280")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").split() == [
        "Write", "orders.revenue", "instead", "of", "orders.revenu"]
    page.keyboard.press("Enter")
    _written(page, "sum(orders.revenue) / 2")
    _usable(page, "sum(orders.revenue) / 2")
    assert field.get_attribute("aria-invalid") == "false"
    page.wait_for_selector("#kpi-preview-chart")

    _tab_to(page, "kpi-edit-name")
    _type(page, "Half revenue")
    _tab_to(page, "kpi-edit-unit")
    _type(page, "Mon")
    _tab_to(page, "kpi-why")
    _type(page, "for the board")
    _tab_to(page, "kpi-review-ask")
    page.keyboard.press("Enter")
    page.wait_for_selector("#kpi-review-title:focus")
    assert "It is new" in page.inner_text("#kpi-effect-figures")
    settled(page)
    _tab_to(page, "kpi-save")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Half revenue is saved as version 1.")
    settled(page)
    row = page.locator("#kpis-list tr", has_text="half_revenue")
    assert "sum(orders.revenue) / 2" in row.inner_text()
    row.get_by_role("link", name=re.compile("Edit")).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#kpi-versions li")
    assert "for the board" in page.inner_text("#kpi-versions")


def test_signs_and_values_of_a_condition_are_chosen_from_what_is_there(visit, demo_product, people):
    """A condition written by keyboard: the column, the sign, and a value that rows have, each by its first letters."""
    page = settled(visit(demo_product, "/kpis?edit=revenue", email=people["analyst"]))
    field = page.locator("#kpi-formula")
    field.focus()
    page.keyboard.press("Control+A")
    _type(page, "sum(orders.revenue, orders.region ")
    page.keyboard.press("Control+Space")
    page.wait_for_selector(f"{OPEN} [data-insert='== \"\"']")
    assert _marked(page) == '== ""'
    page.keyboard.press("Enter")
    _written(page, 'sum(orders.revenue, orders.region == ""')
    page.wait_for_selector(OPEN)
    offered = page.locator("#kpi-list [role=option] code").all_inner_texts()
    assert len(offered) > 2
    assert offered == sorted(offered)
    wanted = offered[1]
    _type(page, wanted[:2].lower())
    page.wait_for_selector(f"{OPEN} [data-insert='\"{wanted}\"']")
    while _marked(page) != f'"{wanted}"':
        page.keyboard.press("ArrowDown")
    picture(page, "editor-values-light-1280", full=False)
    page.keyboard.press("Tab")
    _written(page, f'sum(orders.revenue, orders.region == "{wanted}"')
    _type(page, ")")
    _usable(page, f'sum(orders.revenue, orders.region == "{wanted}")')


def test_a_change_is_looked_at_saved_and_brought_back(visit, demo_product, people):
    page = settled(visit(demo_product, "/kpis?edit=orders", email=people["analyst"]))
    assert page.locator("#kpi-edit-key").is_disabled()
    before = page.input_value("#kpi-formula")
    page.fill("#kpi-formula", "count(orders)")
    page.keyboard.press("Escape")
    _usable(page, "count(orders)")
    page.click("#kpi-review-ask")
    page.wait_for_selector("#kpi-review-title")
    settled(page)
    assert "orders" in page.inner_text("#kpi-effect-dependents tbody")
    assert page.locator("#kpi-effect-figures tbody tr").count() <= 24
    assert findings(page) == []
    picture(page, "editor-review-light-1280")

    page.fill("#kpi-edit-description", "Lines, not orders.")
    page.wait_for_selector("#kpi-review-title", state="detached")  # what was looked at is not what stands there now
    page.fill("#kpi-why", "lines")
    settled(page)
    page.click("#kpi-review-ask")
    page.wait_for_selector("#kpi-review-title")
    settled(page)
    page.click("#kpi-save")
    page.wait_for_selector("text=is saved as version 2.")

    page.goto("/kpis?edit=orders")
    settled(page)
    assert page.locator("#kpi-versions li").filter(has_text="lines").count()
    page.get_by_role("button", name=re.compile("Restore version 1")).click()
    page.wait_for_selector("text=Restoring version 1")
    settled(page)
    page.click("#kpi-save")
    page.wait_for_selector("text=is saved as version 3.")
    page.goto("/kpis?edit=orders")
    settled(page)
    assert page.input_value("#kpi-formula") == before
    assert "Restores version 1" in page.inner_text("#kpi-versions")


def test_a_cycle_is_told_with_its_path_before_anything_is_saved(visit, demo_product, people):
    page = settled(visit(demo_product, "/kpis?edit=revenue", email=people["analyst"]))
    page.fill("#kpi-formula", "gross_profit * 2")
    page.wait_for_selector("text=The formula comes back to itself: revenue -> gross_profit -> revenue")
    settled(page)
    page.click("#kpi-review-ask")
    page.wait_for_selector("#kpi-review >> text=The formula comes back to itself")
    assert page.locator("#kpi-save").count() == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_the_editor_fits_and_reads_everywhere(visit, demo_product, people, scheme, width):
    page = settled(visit(demo_product, "/kpis?edit=gross_profit", email=people["analyst"], scheme=scheme, width=width))
    page.wait_for_selector("#kpi-preview-chart")
    page.focus("#kpi-formula")
    page.keyboard.press("Control+End")
    _type(page, " + re")
    page.wait_for_selector(OPEN)
    settled(page)
    picture(page, f"editor-list-{scheme}-{width}", full=False)
    assert findings(page) == []
    page.keyboard.press("Escape")
    _type(page, "venu")
    page.keyboard.press("Escape")
    page.wait_for_selector("#kpi-flaw-list")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, f"editor-{scheme}-{width}")
    page.click("[data-ll-mend]")
    _usable(page, page.input_value("#kpi-formula"))
    page.click("#kpi-review-ask")
    page.wait_for_selector("#kpi-review-title")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert findings(page) == []
    picture(page, f"editor-review-{scheme}-{width}")


def test_people_who_may_not_edit_read_and_are_not_offered_it(visit, demo_product, people):
    page = settled(visit(demo_product, "/kpis?edit=revenue", email=people["finance"]))
    assert "Definitions are changed by analysts." in page.inner_text("#main")
    assert page.locator("#kpi-formula, #kpis-new, a[href^='/kpis?edit']").count() == 0
