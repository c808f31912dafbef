"""From a figure back to its lines, over the API and as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pytest

from tests.api.conftest import Caller, orders

Call = Callable[..., Caller]


def march(region: str | None = None) -> list[tuple[str, Decimal]]:
    return [(o[0], o[5]) for o in orders() if f"{o[1]:%Y-%m}" == "2026-03" and region in (None, o[2])]


def test_a_figure_is_explained_by_formula_statement_upload_and_rows(caller: Call) -> None:
    answer = caller("executive").get("/kpis/per_unit/explain", period="2026-03")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body = answer.get_json()
    assert (body["kpi"], body["period"], body["start"], body["end"]) == (
        "per_unit",
        "2026-03",
        "2026-03-01",
        "2026-03-31",
    )
    assert "sum(orders.revenue)" in body["expanded"]
    assert body["rows"] == len(march())
    assert "SELECT" in body["sql"][0]["sql"].upper()
    assert [v["file"] for v in body["vintages"]] == ["rows.csv"]
    series = caller("executive").get("/kpis/per_unit/series", **{"from": "2026-03-01", "to": "2026-03-16"}).get_json()
    assert body["value"] == series["points"][-1]["value"]


def test_the_rows_add_up_to_the_figure_and_name_file_and_row(caller: Call) -> None:
    body = caller("executive").get("/kpis/sales/rows", period="2026-03", limit=1000).get_json()
    assert body["total"] == len(body["rows"]) == len(march())
    assert sum(Decimal(str(r["cells"]["revenue"])) for r in body["rows"]) == sum(v for _, v in march())
    numbers = {r["cells"]["order_id"]: r["row"] for r in body["rows"]}
    assert numbers == {order: int(order) + 2 for order, _ in march()}  # row 1 holds the names
    assert {r["file"] for r in body["rows"]} == {"rows.csv"}


def test_the_rows_of_a_part_of_a_split_are_its_own(caller: Call) -> None:
    for query in ({"split": "region=EMEA"}, {"where": "region=EMEA"}):
        body = caller("executive").get("/kpis/sales/rows", period="2026-03", **query).get_json()
        assert body["total"] == len(march("EMEA"))
        assert {r["cells"]["region"] for r in body["rows"]} == {"EMEA"}


def test_pages_of_rows_follow_each_other(caller: Call) -> None:
    program = caller("executive")
    pages = [program.get("/kpis/sales/rows", period="2026-03", limit=10, offset=n).get_json()["rows"] for n in (0, 10)]
    seen = [r["row"] for page in pages for r in page]
    assert len(seen) == len(set(seen)) == 20


def test_b5_a_scoped_person_sees_only_their_rows(caller: Call) -> None:
    scoped = caller("scoped")
    body = scoped.get("/kpis/sales/rows", period="2026-03", limit=1000).get_json()
    assert body["total"] == len(march("EMEA"))
    assert {r["cells"]["region"] for r in body["rows"]} == {"EMEA"}
    assert scoped.get("/kpis/sales/rows", period="2026-03", split="region=APAC").get_json()["total"] == 0
    assert scoped.get("/kpis/sales/explain", period="2026-03").get_json()["rows"] == len(march("EMEA"))


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"period": "soon"},
        {"period": "2026-W60"},
        {"period": "2026-03", "split": "x"},
        {"period": "9999-12-31"},
        {"period": "0001"},
        {"period": "0000"},
    ],
    ids=range(7),
)
def test_a_period_that_is_none_is_refused(caller: Call, query: dict[str, str]) -> None:
    for what in ("explain", "rows"):
        assert caller("executive").get(f"/kpis/sales/{what}", **query).status_code in (422, 404)


def test_an_unknown_kpi_is_not_there(caller: Call) -> None:
    for what in ("explain", "rows"):
        assert caller("executive").get(f"/kpis/nothing/{what}", period="2026-03").status_code == 404


def test_rows_as_files_hold_the_same_rows_and_no_formula(caller: Call) -> None:
    finance = caller("finance")
    text = finance.get("/export/rows.csv", kpi="sales", period="2026-03").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    revenue = next(h for h in rows[0] if h.startswith("revenue"))
    assert sum(Decimal(r[revenue]) for r in rows) == sum(v for _, v in march())
    assert {r["region"] for r in rows} == {"EMEA", "APAC", "'=cmd|' /C calc'!A0"}
    book = openpyxl.load_workbook(
        io.BytesIO(finance.get("/export/rows.xlsx", kpi="sales", period="2026-03").get_data())
    )
    sheet = book["Source rows"]
    assert sheet.max_row == len(march()) + 1
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert caller("executive").get("/export/rows.csv", kpi="sales", period="2026-03").status_code == 403


def test_the_rows_name_the_line_of_a_text_file(caller: Call) -> None:
    body = caller("executive").get("/kpis/sales/rows", period="2026-03", limit=5).get_json()
    assert [(r["place"], r["addresses"]) for r in body["rows"]] == [(f"row {r['row']}", {}) for r in body["rows"]]


def test_the_evidence_of_a_figure_is_a_workbook_that_agrees_with_it(caller: Call) -> None:
    answer = caller("finance").get("/kpis/sales/evidence.xlsx", period="2026-03", split="region=EMEA")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()), data_only=True)
    want = sum(v for _, v in march("EMEA"))
    assert (book["Figure"]["C4"].value, book["Figure"]["C8"].value) == (pytest.approx(float(want)), "equal")
    assert book["orders"].max_row == 4 + len(march("EMEA"))


def test_b1_the_evidence_is_for_finance_and_only_in_periods_that_are_some(caller: Call) -> None:
    assert caller("executive").get("/kpis/sales/evidence.xlsx", period="2026-03").status_code == 403
    assert caller("finance").get("/kpis/sales/evidence.xlsx", period="soon").status_code == 422
    assert caller("finance").get("/kpis/nothing/evidence.xlsx", period="2026-03").status_code == 404
    assert caller("finance").get("/kpis/sales/evidence.xlsx", period="2026-03", where="nope=1").status_code == 422
