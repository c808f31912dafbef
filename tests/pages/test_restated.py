"""What restated a figure, on its page: chosen by itself, chosen by hand, and who did it."""
from __future__ import annotations

import pytest

from tests.pages.conftest import change, picture, settled

pytestmark = pytest.mark.browser


def test_the_page_of_a_kpi_tells_what_moved_its_figure(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue"))
    offered = page.eval_on_selector_all("#kpi-before option", "options => options.map(o => o.textContent)")[1:]
    assert offered[0] == "Before it last moved"
    assert "was uploaded by" in offered[1]
    said = page.inner_text("#kpi-restated")
    assert "now: €" in said
    assert "orders" in said
    assert page.locator("#kpi-restated a[href^='/data/']").count()
    value = page.eval_on_selector_all("#kpi-before option", "options => options.map(o => o.value)")[-1]
    change(page, "#kpi-before", value)
    assert "As known on" in page.inner_text("#kpi-restated")
    picture(page, "kpi-restated")


def test_moments_in_the_wrong_order_are_refused_in_words(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue"))
    values = page.eval_on_selector_all("#kpi-after option", "options => options.map(o => o.value)")
    change(page, "#kpi-after", values[-1])
    change(page, "#kpi-before", values[-1])
    assert "earlier moment comes first" in page.inner_text("body")
