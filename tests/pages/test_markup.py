"""C6: whatever people type or files hold is shown as it is and never runs."""
from __future__ import annotations

import csv
import io
from urllib.parse import quote

import pytest
from openpyxl import Workbook

from tests.pages.conftest import picture, settled
from tests.pages.server import PASSWORD

pytestmark = pytest.mark.browser
JANUARY = "range=custom&from=2025-01-01&to=2025-02-28"
CORPUS = [
    '<img src=x onerror="window.__pwn=1">', "<script>window.__pwn=1</script>", "<svg onload=window.__pwn=1>",
    '"><img src=x onerror=window.__pwn=1>', "javascript:window.__pwn=1",
    "{{constructor.constructor('window.__pwn=1')()}}", "<a href='javascript:window.__pwn=1'>x</a>",
    "${window.__pwn=1}", "<iframe srcdoc='<script>parent.__pwn=1</script>'>",
    "</title><script>window.__pwn=1</script>", "<b onmouseover=window.__pwn=1>bold</b>", "'-window.__pwn=1-'",
]


def _unharmed(page) -> None:
    assert page.evaluate("window.__pwn") is None
    assert page.locator("img[src=x], iframe, svg[onload], [onerror], [onmouseover]").count() == 0


@pytest.fixture(scope="module")
def hostile_product(empty_product, tmp_path_factory):
    """Markup in column headers, cells, sheet and file names, KPI names and descriptions, datasets' names, a person."""
    folder = tmp_path_factory.mktemp("markup")
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["Date", "Revenue", CORPUS[0], "Region"])
    for n in range(1, 29):
        writer.writerow([f"2025-01-{n:02d}", 100 + n, CORPUS[n % len(CORPUS)], CORPUS[(n + 5) % len(CORPUS)]])
    name = "<img src=x onerror=window.__pwn=1>.csv"
    (folder / name).write_text(rows.getvalue())
    empty_product.command("ingest", str(folder / name), "--dataset", "shop", "--mode", "append")
    return empty_product


def test_c6_markup_in_names_cells_and_files_never_runs(visit, hostile_product, tmp_path):
    page = settled(visit(hostile_product, "/data"))
    csrf = page.evaluate("window.ledgerline.csrf()")
    assert csrf
    row = page.locator("#data-datasets tr", has_text="shop")
    row.get_by_role("button", name="Rename").click()
    page.fill("#data-name", CORPUS[0])
    page.click("#data-rename-yes")
    page.wait_for_selector("#data-datasets th:has-text('onerror')")
    _unharmed(page)
    page.goto("/account")
    settled(page).fill("#token-name", "kpis")
    page.check("#token-scopes input >> nth=1")
    page.click("#token-add")
    bearer = {"Authorization": f"Bearer {page.locator('#secret-once').inner_text()}"}
    for n, text in enumerate(CORPUS):
        answer = page.request.put(f"/api/v1/kpis/evil_{n}", headers=bearer, data={
            "key": f"evil_{n}", "name": text, "description": text, "formula": "sum(shop.revenue)", "unit": "currency"})
        assert answer.status in (200, 201), answer.text()
    where = quote(f"region~={CORPUS[0]}")
    for path in (f"/?{JANUARY}", "/kpis", "/kpis?edit=evil_0", "/thresholds", f"/kpi/evil_0?{JANUARY}&by=region",
                 f"/kpi/evil_2?{JANUARY}&where={where}", "/admin/audit", "/data"):
        page.goto(path)
        settled(page)
        page.mouse.move(600, 400)
        _unharmed(page)
    page.goto(f"/kpi/evil_0?{JANUARY}&by=region")
    settled(page)
    assert CORPUS[0] in page.inner_text("#kpi-name")
    assert CORPUS[0] in page.text_content("#kpi-rows")
    page.hover("#kpi-chart", position={"x": 300, "y": 150})
    _unharmed(page)
    picture(page, "markup-kpi")


def test_c6_markup_in_sheets_headers_and_refused_cells_never_runs(visit, hostile_product, tmp_path):
    book = Workbook()
    book.active.title = "<img src=x>"
    book.active.append(["Date", "Revenue", CORPUS[1], CORPUS[0]])
    for n, text in enumerate(CORPUS):
        book.active.append([f"2025-02-{n + 1:02d}", text if n % 2 else n, text, text])
    path = tmp_path / "<svg onload=window.__pwn=1>.xlsx"
    book.save(path)
    page = settled(visit(hostile_product, "/data"))
    page.fill("#data-dataset", "odd")
    with page.expect_file_chooser() as chooser:
        page.click("#upload-choose")
    chooser.value.set_files(path)
    page.wait_for_selector("#mapping-form")
    _unharmed(settled(page))
    page.select_option("#map-mode", "append")
    page.click("#map-check")
    page.wait_for_selector("#upload-decision.ll-panel")
    settled(page)
    page.click("text=First rows of the file")
    _unharmed(page)
    assert "onerror" in page.inner_text("#upload-outcome")


def test_c6_markup_in_the_name_of_a_person_never_runs(visit, hostile_product):
    page = settled(visit(hostile_product, "/admin/users"))
    page.fill("#user-email", "odd@example.org")
    page.fill("#user-name", CORPUS[0])
    page.click("#user-add")
    page.wait_for_selector("#users >> text=onerror")
    _unharmed(page)
    once = page.locator("#secret-once").inner_text()
    theirs = visit(hostile_product, "/login", email=None)
    theirs.fill("#login-email", "odd@example.org")
    theirs.fill("#login-password", once)
    theirs.click("#login-submit")
    theirs.wait_for_url("**/password")
    for field, value in (("old", once), ("new", PASSWORD + "!"), ("again", PASSWORD + "!")):
        theirs.fill(f"#password-{field}", value)
    theirs.click("#password-submit")
    theirs.wait_for_selector("#user-menu")
    assert "onerror" in theirs.inner_text("#user-menu")
    _unharmed(settled(theirs))


def test_c6_markup_in_the_address_never_runs(visit, hostile_product):
    page = visit(hostile_product, f"/?range={quote(CORPUS[1])}&by={quote(CORPUS[0])}")
    _unharmed(settled(page))
    page.goto(f"/kpi/{quote(CORPUS[0])}")
    page.wait_for_selector("#page-missing >> text=There is no KPI")
    _unharmed(page)
