"""Finance brings workbooks, corrects the mapping, sees what is refused and what moves, commits, undoes, cleans up."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.pages.conftest import change, picture, settled
from tests.pages.server import ADMIN

pytestmark = pytest.mark.browser
RANGE = "range=custom&from=2025-01-01&to=2025-05-31"
WEEKS = {week: 1000 + 10 * week for week in range(20)}


def _day(week: int) -> str:
    return f"2025-{1 + week // 4:02d}-{1 + 7 * (week % 4):02d}"


def _weekly(path: Path, first: int = 0, *, spoilt: bool = False) -> Path:
    """A sheet as people keep it: a title, an empty row, a header, 20 weeks, one bad cell."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Weekly"
    sheet.append(["Acme Ltd, weekly figures"])
    sheet.append([])
    sheet.append(["Date", "Revenue", "Orders", "New Customers", "Returning Customers"])
    for week, revenue in WEEKS.items():
        sheet.append([_day(week), revenue + first, 50 + week, 5, 20])
    if spoilt:
        sheet["B8"] = "n/a soon"
    book.save(path)
    return path


def _upload(page, path: Path, dataset: str):
    page.goto("/data")
    settled(page).fill("#data-dataset", dataset)
    with page.expect_file_chooser() as chooser:
        page.click("#upload-choose")
    chooser.value.set_files(path)
    page.wait_for_url(re.compile(r"/data/[0-9a-f]{32}"))
    return settled(page)


def _check(page) -> str:
    page.click("#map-check")
    page.wait_for_selector("#upload-decision.ll-panel")
    return settled(page).inner_text("#upload-outcome")


def _commit(page) -> None:
    page.click("#import-commit")
    page.wait_for_selector("text=rows are in")
    settled(page)


def _shown(page, kpi: str = "revenue") -> float:
    """The whole range of the card."""
    return float(re.search(r"[\d,.]+", page.get_attribute(f"#kpi-card-{kpi} .ll-card-value", "title")  # type: ignore[union-attr]
                           .splitlines()[0])[0].replace(",", ""))


def test_a_workbook_becomes_figures_without_a_reload_and_undo_takes_them_back(visit, empty_product, tmp_path):
    page = settled(visit(empty_product, f"/?{RANGE}"))
    assert "No figures yet" in page.inner_text("#overview-board")
    bringing = visit(empty_product, "/data")
    _upload(bringing, _weekly(tmp_path / "weekly.xlsx", spoilt=True), "weekly")
    assert bringing.input_value("#map-header-row") == "3"
    assert "1000" in bringing.inner_text(".ll-map-table")
    assert bringing.input_value("#map-mode") == "upsert"
    picture(bringing, "upload-mapping")
    told = _check(bringing)
    assert "Weekly!B8" in told
    assert re.search(r"Refused\s+1\b", told)
    assert re.search(r"Accepted\s+19\b", told)
    picture(bringing, "upload-checked")
    with bringing.expect_download() as found:
        bringing.click("text=Download the refused rows")
    found.value.save_as(tmp_path / "refused.csv")
    assert "n/a soon" in (tmp_path / "refused.csv").read_text(encoding="utf-8-sig")
    _commit(bringing)
    picture(bringing, "upload-committed")
    page.wait_for_selector("#kpi-card-revenue", timeout=15_000)  # nobody loaded the page anew
    april = sum(WEEKS[w] for w in range(12, 16))
    assert _shown(settled(page)) == april
    assert "May so far €" in page.inner_text("#kpi-card-revenue .ll-card-sofar")

    again = _upload(bringing, _weekly(tmp_path / "corrected.xlsx", first=1), "weekly")
    told = _check(again)
    moved = [r.split("\t") for r in again.locator("#upload-outcome tbody tr").all_inner_texts()]
    assert ["Revenue", "Apr 2025", f"€{april:,.2f}", f"€{april + 4:,.2f}"] == next(
        r[:4] for r in moved if r[:2] == ["Revenue", "Apr 2025"])
    assert re.search(r"replace a known row\s+19\b", told)
    picture(again, "upload-moves")
    _commit(again)
    page.wait_for_function("value => document.querySelector('#kpi-card-revenue .ll-card-value').title.includes(value)",
                           arg=f"{april + 4:,}", timeout=15_000)

    bringing.goto("/data")
    row = settled(bringing).locator("tr", has_text="corrected.xlsx")
    row.get_by_role("button", name="Undo").click()
    bringing.wait_for_selector("tr:has-text('corrected.xlsx') >> text=undone")
    page.wait_for_function("value => document.querySelector('#kpi-card-revenue .ll-card-value').title.includes(value)",
                           arg=f"{april:,}", timeout=15_000)
    settled(bringing).locator("tr", has_text="corrected.xlsx").get_by_role("button", name="Redo").click()
    bringing.wait_for_selector("tr:has-text('corrected.xlsx') >> text=committed")
    assert _shown(_again(page)) == april + 4


def _again(page):
    page.reload()
    return settled(page)


def test_a_mapping_is_corrected_by_hand(visit, empty_product, tmp_path):
    book = Workbook()
    book.active.title = "Notes"
    book.active.append(["Nothing to see here"])
    sheet = book.create_sheet("Figures")
    sheet.append(["When", "Umsatz", "Filiale"])
    for n in range(1, 13):
        sheet.append([f"0{n % 9 + 1}.02.2025", f"1.{n:03d},50", "Nord" if n % 2 else "Süd"])
    book.save(tmp_path / "odd.xlsx")
    page = _upload(visit(empty_product, "/data"), tmp_path / "odd.xlsx", "branches")
    page.select_option("#map-sheet", "Figures")
    page.fill("#map-header-row", "1")
    page.click("#map-again")
    page.wait_for_selector("text=Umsatz")
    settled(page)

    def pick(column: str, words: str, value: str) -> None:
        page.locator("tr", has_text=column).get_by_label(f"{words} of {column}").select_option(value)

    pick("When", "Date format", "dmy")
    pick("Umsatz", "Role", "measure")
    pick("Umsatz", "Type", "money")
    pick("Umsatz", "Number style", ",.")
    pick("Filiale", "Role", "dimension")
    change(page, "#map-mode", "append")
    told = _check(page)
    assert re.search(r"Accepted\s+12\b", told)
    assert "1 Feb 2025 to 9 Feb 2025" in told


def test_rows_that_nobody_can_recognise_are_not_committed(visit, empty_product, tmp_path):
    (tmp_path / "dup.csv").write_text("Date,Revenue\n2025-01-01,5\n2025-01-01,5\n2025-01-02,7\n")
    page = _upload(visit(empty_product, "/data"), tmp_path / "dup.csv", "unsure")
    page.select_option("#map-mode", "upsert")
    told = _check(page)
    assert page.is_disabled("#import-commit") or "needs key columns" not in told
    page.select_option("#map-mode", "append")
    page.click("#map-check")
    page.wait_for_selector("#import-commit:enabled")
    page.click("#map-reject")
    page.wait_for_url("**/data")


def test_a_picture_gets_one_clear_sentence(visit, empty_product, tmp_path):
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    page = _upload(visit(empty_product, "/data"), tmp_path / "picture.csv", "weekly")
    page.wait_for_selector("#upload-form [role=alert]")
    assert "PNG" in page.inner_text("#upload-form")
    picture(page, "upload-refused")


def test_the_same_bytes_again_are_refused_with_a_link(visit, empty_product, tmp_path, watch):
    (tmp_path / "same.csv").write_text("Date,Revenue\n2025-01-01,5\n2025-01-02,7\n")
    empty_product.command("ingest", str(tmp_path / "same.csv"), "--dataset", "same", "--mode", "append")
    page = settled(visit(empty_product, "/data"))
    watch[-1].expect("409")
    page.fill("#data-dataset", "same")
    with page.expect_file_chooser() as chooser:
        page.click("#upload-choose")
    chooser.value.set_files(tmp_path / "same.csv")
    page.wait_for_function("() => document.querySelector('.ll-upload-said').textContent.length > 0")
    assert "already" in page.inner_text(".ll-upload-said")
    page.click(".ll-upload-said a")
    page.wait_for_selector("text=2 rows are in same.")


def test_datasets_are_renamed_and_deleted_and_originals_downloaded(visit, empty_product, tmp_path):
    (tmp_path / "gone.csv").write_text("Date,Visitors\n2025-01-01,5\n2025-01-02,7\n")
    empty_product.command("ingest", str(tmp_path / "gone.csv"), "--dataset", "gone", "--mode", "append")
    page = settled(visit(empty_product, "/data"))
    row = page.locator("#data-datasets tr", has_text="gone")
    row.get_by_role("button", name="Rename").click()
    page.fill("#data-name", "Visitors of the shop")
    page.click("#data-rename-yes")
    page.wait_for_selector("#data-datasets >> text=Visitors of the shop")
    with page.expect_download() as found:
        page.locator("#data-uploads tr", has_text="gone.csv").get_by_text("original").click()
    found.value.save_as(tmp_path / "back.csv")
    assert (tmp_path / "back.csv").read_bytes() == (tmp_path / "gone.csv").read_bytes()
    page.locator("#data-datasets tr", has_text="Visitors").get_by_role("button", name="Delete").click()
    page.wait_for_selector("#data-delete-body >> text=deleted for good")
    page.click("#data-delete-yes")
    page.wait_for_selector("#data-datasets >> text=Visitors of the shop", state="detached")


def test_a_deletion_names_the_kpis_that_go_and_those_that_stay_are_missing(visit, empty_product, tmp_path):
    (tmp_path / "bad.csv").write_text("Date,Promoters,Detractors,Responses\n2025-01-01,5,1,9\n2025-01-02,7,2,10\n")
    empty_product.command("ingest", str(tmp_path / "bad.csv"), "--dataset", "bad_week", "--mode", "append")
    secret = empty_product.command("token", "add", ADMIN).split()[-1]
    page = settled(visit(empty_product, "/kpis"))
    made = page.request.put("/api/v1/kpis/answers", headers={"Authorization": f"Bearer {secret}"}, data={
        "name": "Answers", "formula": "sum(bad_week.responses)"})
    assert made.status == 201
    page.goto("/data")
    page.locator("#data-datasets tr", has_text="bad_week").get_by_role("button", name="Delete").click()
    page.wait_for_selector("#data-delete-body >> text=go with it: Net promoter score")
    page.wait_for_selector("#data-delete-body >> text=until their data are back: Answers")
    picture(page, "dataset-delete")
    page.click("#data-delete-yes")
    page.wait_for_selector("text=The dataset is deleted.")
    page.goto("/")
    assert settled(page).locator("#kpi-card-answers, #kpi-card-nps").count() == 0
    page.goto("/kpis")
    page.wait_for_selector("#kpis-missing >> text=needs: bad_week.responses")
    picture(page, "kpis-missing")
    assert "nps" not in page.inner_text("#kpis-list")
    page.locator("#kpis-missing tr", has_text="Answers").get_by_role("button", name="Delete").click()
    page.wait_for_selector("#kpis-delete-body >> text=Answers goes from every screen")
    page.click("#kpis-delete-yes")
    page.wait_for_selector("text=The KPI is deleted.")
    page.wait_for_selector("#kpis-missing tr", state="detached")


def test_the_demo_company_leaves_when_real_data_are_here(visit, empty_product):
    empty_product.command("demo", "--orders", "600", "--days", "120")
    page = settled(visit(empty_product, "/data"))
    page.click("#data-remove-demo")
    page.click("#data-undemo-yes")
    page.wait_for_selector("text=The demo company is removed")
    page.wait_for_selector("#data-remove-demo", state="detached")
    page.goto("/")
    assert "demo company" not in settled(page).inner_text("#overview-note")
    assert page.locator("#kpi-card-revenue").count(), "one's own figures stay"


# Every look at the job takes longer than the pause between two of them, as over a slow line or on a busy machine.
SLOW_ANSWERS = """(() => {
  const real = window.fetch;
  window.fetch = async (...given) => {
    const answer = await real(...given);
    const body = given[1] && typeof given[1].body === "string" ? given[1].body : "";
    if (body.includes("upload-outcome.children")) await new Promise((done) => setTimeout(done, 1500));
    return answer;
  };
})()"""


def test_the_outcome_appears_however_slowly_answers_come(visit, empty_product, tmp_path):
    page = visit(empty_product, "/data", anew=True)
    page.add_init_script(SLOW_ANSWERS)
    _upload(page, _weekly(tmp_path / "slow.xlsx", first=9), "slow_answers")
    assert re.search(r"Accepted\s+20\b", _check(page))
    page.click("#import-commit")
    page.wait_for_selector("text=rows are in")


def test_a_commit_that_is_overtaken_says_so_and_leads_back_to_the_form(visit, empty_product, tmp_path):
    page = _upload(visit(empty_product, "/data"), _weekly(tmp_path / "overtaken.xlsx"), "overtaken")
    _check(page)
    empty_product.command("closing", "close", "2025-03")
    page.click("#import-commit")
    page.wait_for_selector("#upload-progress:has-text('Periods were closed or opened since this preview')")
    told = _check(settled(page))
    assert "In closed periods (until 2025-03-31)" in told
    page.fill("#import-reason", "the first quarter came late")
    _commit(page)
    assert not page.is_visible("#map-check")
    empty_product.command("closing", "reopen", "2025-01", "--reason", "done")
