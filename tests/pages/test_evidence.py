"""The evidence of a figure, taken from the KPI page: about the very figure that is shown."""
from __future__ import annotations

import openpyxl
import pytest

from tests.pages.conftest import picture, settled

pytestmark = pytest.mark.browser


def test_the_evidence_of_the_shown_figure_is_taken_as_a_workbook(visit, demo_product, tmp_path):
    page = settled(visit(demo_product, "/kpi/revenue?range=L7D&grain=day"))
    with page.expect_download() as found:
        page.click("#kpi-evidence")
    found.value.save_as(tmp_path / "evidence.xlsx")
    book = openpyxl.load_workbook(tmp_path / "evidence.xlsx", data_only=True)
    shown = float(page.inner_text("#kpi-derivation strong").lstrip("€").replace(",", ""))
    assert book["Figure"]["C4"].value == pytest.approx(shown, abs=0.005)
    assert book["Figure"]["C8"].value == "equal"
    assert book["orders"].cell(5, 4).value.startswith("Orders!")
    page.locator("#kpi-evidence").scroll_into_view_if_needed()
    picture(page, "kpi-evidence")


@pytest.mark.parametrize("look", [{"scheme": "dark"}, {"width": 390}])
def test_the_button_is_drawn_in_the_dark_and_on_phones(visit, demo_product, look):
    page = settled(visit(demo_product, "/kpi/revenue", **look))
    box = page.locator("#kpi-evidence").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= look.get("width", 1280)
    picture(page, f"kpi-evidence-{next(iter(look.values()))}")


def test_executives_are_not_offered_rows_in_bulk(visit, demo_product, people):
    page = settled(visit(demo_product, "/kpi/revenue", email=people["executive"]))
    page.wait_for_selector("#kpi-derivation strong")
    assert not page.locator("#kpi-evidence").is_visible()
