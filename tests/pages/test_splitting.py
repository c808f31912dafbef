"""Splitting on a KPI's page: dimensions one after the other, the largest segments, and every line a way on."""
from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from tests.pages.conftest import change, picture, settled


def _money(text: str) -> float:
    return float(text.removeprefix("€").replace(",", ""))


def _lines(page) -> list[list[str]]:
    return [r.split("\t") for r in page.locator("#kpi-totals tbody tr").all_inner_texts()]


def _query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_dimensions_are_offered_one_after_the_other(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue"))
    boxes = ("#filter-by-2-box", "#filter-by-3-box", "#filter-top-box")
    assert [page.locator(b).is_visible() for b in boxes] == [False, False, False]
    change(page, "#filter-by", "catalogue.category")
    assert [page.locator(b).is_visible() for b in boxes] == [True, False, True]
    change(page, "#filter-by-2", "region")
    change(page, "#filter-top", "5")
    assert _query(page) == {"by": ["catalogue.category,region"], "top": ["5"]}
    page.reload()
    settled(page)
    assert page.eval_on_selector("#filter-by-2", "s => s.value") == "region"
    assert page.eval_on_selector("#filter-top", "s => s.value") == "5"
    change(page, "#filter-by", "none")
    change(page, "#filter-by-2", "none")
    assert _query(page) == {}
    assert [page.locator(b).is_visible() for b in boxes] == [False, False, False]


def test_subtotals_and_others_add_up_to_the_whole_on_the_page(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?by=catalogue.category,region&top=5"))
    whole, *lines = _lines(page)
    groups = page.locator("#kpi-totals tbody .ll-row-subtotal").all_inner_texts()
    subtotals = [_money(g.split("\t")[1]) for g in groups]
    (last,) = [r for r in lines[-1:] if r[0].startswith("Others (")]
    assert whole[0] == "All"
    assert abs(sum(subtotals) + _money(last[1]) - _money(whole[1])) < 0.005
    parts = [_money(r[1]) for r in lines]
    assert abs(sum(parts) - sum(subtotals) - _money(whole[1])) < 0.005
    assert "The 5 of 32 segments with the largest Revenue over the range shown" in page.inner_text("#kpi-totals")
    assert "Others (" in page.inner_text(".ll-chart-summary")
    page.click(".ll-as-table summary")
    head = page.locator(".ll-as-table thead th").all_inner_texts()
    assert head[:2] == ["Period", "All"]
    assert [h for h in head if h.endswith("· all")]
    picture(page, "kpi-top")


def test_a_line_leads_to_its_rows_and_back(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?by=catalogue.category,region&top=5"))
    name, value = _lines(page)[1][:2]
    page.click(f"#kpi-totals tbody a:text-is('{name}')")
    settled(page)
    assert _query(page) == {"by": ["region"], "top": ["5"], "where": [f"catalogue.category={name}"]}
    assert _lines(page)[0][1] == value
    assert page.locator("#filter-chips li").all_inner_texts() == [f"catalogue.category={name}"]
    page.go_back()
    settled(page)
    assert _lines(page)[1][:2] == [name, value]


def test_a_click_on_a_line_of_the_chart_leads_where_its_name_in_the_table_does(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?by=region&top=2"))
    links = dict(page.eval_on_selector_all("#kpi-totals tbody a",
                                           "all => all.map(a => [a.textContent, a.pathname + a.search])"))
    drawn = page.evaluate("""() => document.querySelector("#kpi-chart .js-plotly-plot").data
        .map((trace) => [trace.name, trace.meta && trace.meta.href]).filter(([, href]) => href)""")
    assert dict(drawn) == links
    assert [n.startswith("Others") for n in links] == [False, False, True]
    for name in (next(iter(links)), list(links)[-1]):
        _click_line(page, name)
        page.wait_for_url(f"**{links[name]}")
        settled(page)
        page.go_back()
        settled(page)
        assert _query(page) == {"by": ["region"], "top": ["2"]}


def test_a_chart_without_a_split_leads_nowhere(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?grain=day"))
    address = page.url
    _click_line(page, "Revenue")
    settled(page)
    assert page.url == address
    assert page.locator(".ll-chart-leads").count() == 0


def _click_line(page, name: str) -> None:
    """A click on a point in the middle of a line, where the line is on the screen."""
    page.locator("#kpi-chart").scroll_into_view_if_needed()
    x, y = page.evaluate("""name => {
      const chart = document.querySelector("#kpi-chart .js-plotly-plot");
      const { xaxis, yaxis } = chart._fullLayout;
      const at = chart.data.findIndex((trace) => trace.name === name && trace.hoverinfo === "text");
      const values = chart.calcdata[at];
      const point = values[Math.floor(values.length / 2)];
      const box = chart.getBoundingClientRect();
      return [box.left + xaxis._offset + xaxis.l2p(point.x), box.top + yaxis._offset + yaxis.l2p(point.y)];
    }""", name)
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_selector("#kpi-chart .hoverlayer .hovertext")
    page.mouse.click(x, y)


def test_the_others_lead_to_the_next_largest(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?by=catalogue.category&top=3"))
    named = [r[0] for r in _lines(page)[1:4]]
    rest = _lines(page)[4]
    page.click("#kpi-totals tbody .ll-row-others a")
    settled(page)
    (where,) = _query(page)["where"]
    assert unquote(where) == f"catalogue.category!={'|'.join(sorted(named))}"
    assert _lines(page)[0][1] == rest[1]
    assert not set(named) & {r[0] for r in _lines(page)}


def test_others_lead_to_their_source_rows(visit, demo_product):
    page = settled(visit(demo_product, "/kpi/revenue?by=region&top=1"))
    parts = page.eval_on_selector_all("#kpi-part option", "options => options.map(o => [o.value, o.textContent])")
    (others,) = [value for value, text in parts if text.startswith("Others (")]
    change(page, "#kpi-part", others)
    kept = next(text for value, text in parts[1:] if not text.startswith("Others"))
    head = page.locator("#kpi-rows thead th").all_inner_texts()
    regions = {r.split("\t")[head.index("region")] for r in page.locator("#kpi-rows tbody tr").all_inner_texts()}
    assert regions
    assert kept not in regions
