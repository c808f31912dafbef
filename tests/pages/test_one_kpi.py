"""Everything about one figure: its course at every grain, split, filtered, compared, as it was known, and its rows."""
from __future__ import annotations

import re

import pytest

from tests.pages.conftest import change, picture, settled

pytestmark = pytest.mark.browser


def _title(page) -> str:
    return page.inner_text("#kpi-chart-title")


def test_the_chart_is_drawn_at_every_grain_with_message_summary_and_table(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue"))
    assert re.search(r"Revenue (rose|fell) [\d.]+% against the previous year in \w+ 20\d\d: €", _title(page))
    for grain, words in (("day", r"on \d+ \w+ 20\d\d"), ("week", r"in Week \d+, 20\d\d"), ("quarter", r"in Q\d 20\d\d"),
                         ("year", r"in 20\d\d"), ("month", r"in \w+ 20\d\d")):
        change(page, "#filter-grain", grain)
        assert re.search(words, _title(page)), (grain, _title(page))
        assert page.locator("#kpi-chart .main-svg").count()
    assert "unfinished" in page.inner_text(".ll-chart-summary")
    page.click(".ll-as-table summary")
    rows = page.locator(".ll-as-table tbody tr").all_inner_texts()
    assert len(rows) == 12
    assert "unfinished" in rows[-1]
    assert "Previous year" in page.locator(".ll-as-table thead").inner_text()


def test_a_figure_is_split_by_own_and_by_joined_columns(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue"))
    offered = page.eval_on_selector_all("#filter-by option", "options => options.map(o => o.value)")
    assert {"none", "region", "channel", "catalogue.category"} <= set(offered)
    for column in ("region", "catalogue.category"):
        change(page, "#filter-by", column)
        rows = [r.split("\t") for r in page.locator("#kpi-totals tbody tr").all_inner_texts()]
        whole, parts = _money(rows[0][1]), [_money(r[1]) for r in rows[1:]]
        assert rows[0][0] == "All"
        assert sum(parts) == pytest.approx(whole, abs=0.005)
    picture(page, "kpi-split")
    assert page.eval_on_selector("#kpi-chart", """chart => {
        const edge = chart.getBoundingClientRect().right;
        return [...chart.querySelectorAll(".annotation-text")].every(t => t.getBoundingClientRect().right <= edge);
    }""")
    change(page, "#kpi-part", page.eval_on_selector("#kpi-part option:nth-child(2)", "o => o.value")
           or page.eval_on_selector("#kpi-part option:nth-child(3)", "o => o.value"))
    assert page.locator("#kpi-rows tbody tr").count()


def test_control_chart_and_address_agree_on_the_split(visit, demo_product):
    chosen = "s => s.options[s.selectedIndex].textContent"
    page = settled(visit(demo_product, "/kpi/revenue?by=region,channel"))
    assert [page.eval_on_selector(f"#filter-by{n}", chosen) for n in ("", "-2", "-3")] == [
        "Region", "Channel", "Nothing more"]
    assert "region and channel" in _title(page)
    assert "(previous year) is not drawn in a split chart" in page.inner_text("#kpi-undrawn")
    page.goto("/?by=region")
    assert not settled(page).locator("#filter-by").is_visible()
    assert "by=region" in page.locator("#kpi-card-revenue .ll-card-link").get_attribute("href")
    page.goto("/kpi/profit_margin?by=region")
    assert settled(page).eval_on_selector("#filter-by", chosen) == "Region (not here)"
    said = page.inner_text("#kpi-chart-box")
    assert "Profit margin cannot be split by region" in said
    assert "It is known as a whole only." in said
    assert not page.locator("#kpi-totals tbody tr").count()
    assert page.eval_on_selector("#kpi-period", chosen) == "Choose a period"
    assert "by=region" in page.url
    change(page, "#filter-by", "none")
    assert "by=" not in page.url
    assert "Profit margin" in _title(page)
    assert page.locator("#kpi-derivation strong").count()
    page.goto("/kpi/satisfaction?by=channel")
    assert "It can be split by Region." in settled(page).inner_text("#kpi-chart-box")


def test_a_filter_is_a_chip_that_can_be_removed(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue"))
    whole = page.inner_text("#kpi-totals tbody")
    page.click("#filter-add")
    change(page, "#filter-column", "region")
    members = page.eval_on_selector_all("#filter-members option", "options => options.map(o => o.value)")
    page.fill("#filter-values", members[0])
    page.click("#filter-apply")
    page.wait_for_selector(f"[data-ll-chip='region={members[0]}']")
    assert settled(page).inner_text("#kpi-totals tbody") != whole
    assert f"where=region%3D{members[0]}" in page.url
    page.click("[data-ll-chip]")
    page.wait_for_selector("[data-ll-chip]", state="detached")
    assert settled(page).inner_text("#kpi-totals tbody") == whole


def test_comparisons_are_named_after_what_was_asked(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/orders"))
    for choice, words in (("previous", "Previous period"), ("previous_year", "Previous year"),
                          ("same_weekday", "Previous year, same weekday")):
        change(page, "#filter-compare", choice)
        assert words in page.text_content(".ll-as-table thead")
    change(page, "#filter-compare", "none")
    assert "Previous" not in page.text_content(".ll-as-table thead")


def test_a_comparison_that_begins_before_the_data_says_so(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue"))
    change(page, "#filter-grain", "year")
    assert re.search(r"Data begin on \d+ \w+ 20\d\d", page.text_content("#kpi-chart-box"))


def test_the_figure_as_it_was_known_is_marked(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue"))
    page.fill("#filter-asof", "2020-01-01T08:15")
    page.wait_for_selector("#kpi-chart-box >> text=As known at 1 Jan 2020")
    assert "as_of=2020-01-01T08%3A15" in page.url
    assert "No figures" in settled(page).inner_text("#kpi-chart-box")
    page.click("#filter-reset")
    page.wait_for_selector("#kpi-chart-title")
    settled(page)
    page.fill("#filter-asof", "2199-01-01T00:00")
    page.wait_for_selector("#kpi-chart-box >> text=has not come yet: the figures are those of now")
    assert settled(page).locator("#kpi-chart-title").count()


def test_the_moment_of_an_address_is_kept_and_shown_to_the_minute(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?as_of=2024-11-21T06:46Z&range=l90d&cmp=sideways"))
    assert page.input_value("#filter-asof") == "2024-11-21T06:46"
    assert "as_of=2024-11-21T06%3A46Z" in page.url
    assert "As known at 21 Nov 2024, 06:46 (UTC)" in page.inner_text("#kpi-chart-box")
    assert page.input_value("#filter-range") == "L90D"
    assert page.inner_text("label[for=filter-asof]") == "As of (UTC)"
    assert "cmp=sideways in the address is no comparison" in page.inner_text("#filter-notes")
    picture(page, "kpi-as-of-light-1280")
    change(page, "#filter-compare", "none")
    assert not page.is_visible("#filter-notes")
    page.goto("/kpi/revenue?as_of=2024-11-21")
    assert "21 Nov 2024, 23:59" in settled(page).inner_text("#kpi-chart-box")
    assert page.url.endswith("as_of=2024-11-21")


def test_a_figure_is_followed_to_its_rows_and_adds_up(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?range=L7D&grain=day"))
    value = _money(page.inner_text("#kpi-derivation strong"))
    head = page.locator("#kpi-rows thead th").all_inner_texts()
    rows = [[c.strip() for c in r.split("\t")] for r in page.locator("#kpi-rows tbody tr").all_inner_texts()]
    assert head[:4] == ["File", "Sheet", "Row", "Cells"]
    assert re.fullmatch(rf"Orders![A-Z]+{rows[0][2]}", rows[0][3])
    assert rows[0][0] == "orders.xlsx"
    assert int(rows[0][2]) > 1
    column = head.index("revenue")
    assert sum(float(r[column]) for r in rows) == pytest.approx(value, abs=0.005)
    assert not any(c.endswith(".0") for r in rows for c in r)
    assert "ll-number" in page.locator("#kpi-rows thead th").nth(column).get_attribute("class")
    assert page.inner_text("#kpi-pager").count("1–")


def test_rows_of_every_dataset_behind_a_figure_can_be_paged(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/marketing_roi"))
    sources = page.eval_on_selector_all("#kpi-source option", "o => o.map(x => x.textContent).filter(Boolean)")
    assert len(sources) >= 2
    for source in sources:
        page.select_option("#kpi-source", label=source)
        assert page.locator("#kpi-rows tbody tr").count() or settled(page)
    page.select_option("#kpi-source", label="orders")
    settled(page).click("#kpi-next")
    page.wait_for_function("() => document.querySelector('.ll-pager-said').textContent.startsWith('51')")


def test_a_typed_target_stands_on_the_card_and_in_the_chart(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/orders"))
    period = page.input_value("#target-period")
    assert re.fullmatch(r"20\d\d-\d\d", period), "the current month is proposed"
    page.fill("#target-value", "500")
    page.click("#target-save")
    page.wait_for_selector("#kpi-targets >> text=500")
    page.goto("/")
    assert "of target 500" in settled(page).inner_text("#kpi-card-orders .ll-card-target")
    page.goto("/kpi/orders?cmp=target")
    assert "Target" in settled(page).text_content(".ll-as-table thead")
    page.fill("#target-value", "")
    page.click("#target-save")
    page.wait_for_selector("text=No target is set.")


def test_a_target_that_is_no_number_or_not_plausible_is_refused(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/orders"))
    page.fill("#target-period", "2026-Q2")
    for typed, said in (("abc", "Target of Orders in 2026-Q2: 'abc' is not a number"), ("-5", "Orders is at least 0")):
        page.fill("#target-value", typed)
        page.click("#target-save")
        page.wait_for_selector(f"#toasts >> text={said}")
    assert "2026-Q2" not in settled(page).inner_text("#kpi-targets")


def test_a_percentage_is_typed_in_percent(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/profit_margin"))
    assert "12.5 means 12.5 %" in page.inner_text("#target-value-help")
    page.fill("#target-period", "2026-Q1")
    page.fill("#target-value", "41.5")
    page.click("#target-save")
    page.wait_for_selector("#kpi-targets >> text=41.5%")
    page.fill("#target-value", "")
    page.click("#target-save")
    page.wait_for_selector("text=No target is set.")


def test_an_unknown_kpi_or_path_gets_a_sentence_and_a_way_back(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenu"))
    assert "There is no KPI 'revenu'" in page.inner_text("#page-missing")
    assert not page.locator("#toasts .toast").count()
    page.goto("/nowhere/at/all")
    assert "There is no page here" in settled(page).inner_text("#page-missing")
    picture(page, "missing-light-1280")
    page.click("#page-missing a")
    page.wait_for_selector("#kpi-card-revenue")


def _money(text: str) -> float:
    return float(re.sub(r"[^\d.]", "", text))


def test_a_split_that_nobody_could_read_says_so_in_place_of_its_chart_and_leads_to_the_largest(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?by=region,channel,sku&range=12M&grain=day"))
    said = page.inner_text("#kpi-chart-box")
    assert re.search(r"[\d,]+ parts in [\d,]+ periods, more than 100,000 figures", said), said
    picture(page, "kpi-refused")
    page.click("text=Show the 10 largest")
    page.wait_for_selector("#kpi-chart .main-svg")
    assert "top=10" in page.url
    assert page.locator("#kpi-totals tbody tr").count() > 10
