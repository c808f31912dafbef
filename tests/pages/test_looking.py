"""Every page in light, dark and on a phone: drawn, readable by machines, reached by keyboard, silent on the console."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pages.conftest import picture, settled

pytestmark = pytest.mark.browser
AXE = Path(__file__).with_name("axe") / "axe.min.js"
PAGES = {"overview": "/", "kpi": "/kpi/revenue", "thresholds": "/thresholds", "data": "/data", "kpis": "/kpis",
         "users": "/admin/users", "audit": "/admin/audit", "account": "/account"}
# What Dash and its grid do themselves: rule -> part of the element that may break it.
ALLOWED = {
    "aria-hidden-focus": ("dash-dropdown",),  # the dropdown keeps a hidden button that can be focused
    "aria-allowed-attr": ("dash-datepicker",),
    "aria-required-children": ("ag-",),  # an empty row group of the grid
    "scrollable-region-focusable": ("ag-",),  # the grid is moved through with arrow keys, not by scrolling
}


def findings(page) -> list[str]:
    """Serious and critical findings of axe-core that are ours."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    out = []
    for rule in found["violations"]:
        if rule["impact"] not in ("serious", "critical"):
            continue
        for node in rule["nodes"]:
            if not any(word in node["html"] for word in ALLOWED.get(rule["id"], ())):
                out.append(f"{rule['id']}: {json.dumps(node['target'])} {node['html'][:160]}")
    return out


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_c8_c9_every_page_is_drawn_in_every_look_and_says_nothing_on_the_console(visit, demo_product, name, scheme,
                                                                                width):
    page = settled(visit(demo_product, PAGES[name], scheme=scheme, width=width))
    assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
    assert page.title()
    picture(page, f"{name}-{scheme}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert findings(page) == []


@pytest.mark.parametrize("role", ["executive", "finance", "analyst"])
def test_c8_no_page_of_a_role_asks_for_what_the_role_may_not(visit, demo_product, people, role):
    page = settled(visit(demo_product, email=people[role]))
    offered = page.eval_on_selector_all("#navigation a[href^='/']", "links => links.map(a => a.getAttribute('href'))")
    for path in offered:
        page.goto(path)
        settled(page)
        assert not page.locator("#page-refused").count(), path


def test_the_title_of_the_window_changes_with_the_page(visit, demo_product):
    page = settled(visit(demo_product))
    first = page.title()
    page.click("#nav-thresholds")
    page.wait_for_url("**/thresholds")
    assert settled(page).title() != first


def test_the_keyboard_reaches_the_content_and_a_card(visit, demo_product):
    page = settled(visit(demo_product))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "ll-skip"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none' "
                         "|| getComputedStyle(document.activeElement).boxShadow !== 'none'"), "the focus is seen"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('ll-card-link')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/kpi/**")


def test_on_a_phone_the_filters_are_a_drawer_and_the_navigation_opens(visit, demo_product):
    page = settled(visit(demo_product, width=390))
    assert not page.is_visible("#filter-range")
    page.click("#filter-toggle")
    assert page.is_visible("#filter-range")
    page.keyboard.press("Escape")
    assert not page.is_visible("#filter-range")
    page.click("#nav-toggle")
    page.wait_for_selector("#nav-thresholds", state="visible")
    wide = page.eval_on_selector_all(".ll-card", "cards => cards.map(c => Math.round(c.getBoundingClientRect().width))")
    assert len(set(wide)) == 1, "one column"


def test_paper_has_the_filters_as_text_and_no_controls(visit, demo_product):
    page = settled(visit(demo_product))
    page.emulate_media(media="print")
    assert not page.is_visible("#filter-bar")
    assert not page.is_visible("#navigation")
    assert "compared to previous year" in page.inner_text("#overview-said")
    picture(page, "overview-print")


def test_at_twice_the_size_nothing_is_cut_off(visit, demo_product):
    page = settled(visit(demo_product, width=640, height=450))  # 200 % of a window of 1280 x 900
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
