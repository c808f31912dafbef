"""Figures over the API: the shapes of the contract, equal to a sum by hand, and the same in CSV and Excel."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pytest

from tests.api.conftest import Caller, Stage, orders

Call = Callable[..., Caller]
RANGE = {"from": "2025-12-01", "to": "2026-03-16"}


def by_hand(region: str | None = None) -> dict[str, Decimal]:
    out: dict[str, Decimal] = defaultdict(Decimal)
    for _, day, place, _, _, revenue in orders():
        if region in (None, place):
            out[f"{day:%Y-%m}"] += revenue
    return dict(out)


def test_a_series_has_the_shape_of_the_contract(caller: Call) -> None:
    body = (
        caller("executive")
        .get("/kpis/sales/series", grain="month", by="region", compare="previous", **RANGE)
        .get_json()
    )
    members = "kpi name unit grain from to as_of by points totals vintages warnings"
    assert set(members.split()) <= set(body)
    assert [body[k] for k in members.split()[:4]] == ["sales", "Sales", "currency", "month"]
    assert body["by"] == ["region"]
    assert (body["from"], body["to"], body["as_of"]) == ("2025-12-01", "2026-03-31", None)
    point = body["points"][1]
    assert set(point) >= {"period", "start", "end", "split", "value", "complete", "compare"}
    assert set(point["split"]) == {"region"}
    assert set(point["compare"]) >= {"value", "change", "change_ratio"}
    assert {} in [t["split"] for t in body["totals"]]
    assert len(body["vintages"]) == 1


def test_the_values_equal_a_sum_by_hand_to_the_cent(caller: Call) -> None:
    body = caller("executive").get("/kpis/sales/series", **RANGE).get_json()
    assert {p["period"]: Decimal(str(p["value"])) for p in body["points"]} == by_hand()
    assert Decimal(str(body["totals"][0]["value"])) == sum(by_hand().values())
    assert next((p["start"], p["end"]) for p in body["points"]) == ("2025-12-01", "2025-12-31")
    assert [p["complete"] for p in body["points"]] == [True, True, True, False]
    assert body["points"][0]["partial"].startswith("Data begin on ")


def test_ratios_are_recomputed_at_every_level(caller: Call) -> None:
    body = caller("executive").get("/kpis/per_unit/series", by="region", **RANGE).get_json()
    total = next(t["value"] for t in body["totals"] if not t["split"])
    assert total == pytest.approx(float(sum(o[5] for o in orders()) / sum(o[4] for o in orders())), rel=1e-12)


@pytest.mark.parametrize(
    ("where", "regions"),
    [
        ("region=EMEA", {"EMEA"}),
        ("region!=EMEA", {"APAC", "=cmd|' /C calc'!A0"}),
        ("region=EMEA|APAC", {"EMEA", "APAC"}),
        ("region~=PA", {"APAC"}),
        ("region=nowhere", set()),
        ("region=' or 1=1 --", set()),
    ],
)
def test_filters_are_those_of_the_one_grammar(caller: Call, where: str, regions: set[str]) -> None:
    body = caller("executive").get("/kpis/sales/series", where=where, **RANGE).get_json()
    expected = sum((o[5] for o in orders() if o[2] in regions), Decimal(0))
    assert Decimal(str(body["totals"][0]["value"] or 0)) == expected


def test_conditions_may_repeat_and_all_hold(caller: Call) -> None:
    body = caller("executive").get("/kpis/sales/series", where=["region=EMEA", "sku=sku-3"], **RANGE).get_json()
    assert Decimal(str(body["totals"][0]["value"])) == sum(o[5] for o in orders() if o[2] == "EMEA" and o[3] == "sku-3")


def test_b5_a_scoped_person_sees_their_rows_only_wherever_they_look(caller: Call) -> None:
    scoped, stranger = caller("scoped"), caller("stranger")
    body = scoped.get("/kpis/sales/series", by="region", **RANGE).get_json()
    assert {p["split"]["region"] for p in body["points"]} == {"EMEA"}
    assert Decimal(str(next(t["value"] for t in body["totals"] if not t["split"]))) == sum(by_hand("EMEA").values())
    for path in ("/kpis/sales/series", "/series", "/export/kpis.csv"):
        text = scoped.get(path, by="region", **({} if path.startswith("/kpis/") else {"kpis": "sales"}), **RANGE)
        assert "APAC" not in text.get_data(as_text=True)
    assert scoped.get("/datasets/orders").get_json()["rows"] is None
    (card,) = [c for c in scoped.get("/overview", **RANGE).get_json()["cards"] if c["key"] == "sales"]
    assert Decimal(str(card["total"]["value"])) == sum(by_hand("EMEA").values())
    assert stranger.get("/kpis/sales/series", **RANGE).get_json()["totals"][0]["value"] in (None, 0)


def test_b5_a_filter_does_not_widen_the_scope(caller: Call) -> None:
    body = caller("scoped").get("/kpis/sales/series", where="region=APAC", **RANGE).get_json()
    assert body["totals"][0]["value"] in (None, 0)


def test_several_kpis_come_as_an_array_in_the_order_asked(caller: Call) -> None:
    body = caller("executive").get("/series", kpis="per_unit, sales", **RANGE).get_json()
    assert [s["kpi"] for s in body] == ["per_unit", "sales"]
    alone = caller("executive").get("/kpis/sales/series", **RANGE).get_json()
    assert body[1] == alone


def test_an_unknown_kpi_is_404_with_a_suggestion(caller: Call) -> None:
    answer = caller("executive").get("/kpis/sale/series")
    assert answer.status_code == 404
    assert "sales" in answer.get_json()["detail"]


def test_an_as_of_before_the_data_knows_nothing(caller: Call) -> None:
    body = caller("executive").get("/kpis/sales/series", as_of="2020-01-01", **RANGE).get_json()
    assert {p["value"] for p in body["points"]} <= {None, 0}
    assert body["as_of"].startswith("2020-01-01T23:59:59")


def test_every_grain_adds_up_to_the_same_total(caller: Call) -> None:
    for grain in ("day", "week", "month", "quarter", "year"):
        body = caller("executive").get("/kpis/sales/series", grain=grain, **RANGE).get_json()
        values = [Decimal(str(p["value"])) for p in body["points"] if p["value"] is not None]
        assert sum(values) == sum(by_hand().values()), grain


def test_the_overview_tells_the_cards(caller: Call) -> None:
    body = caller("executive").get("/overview", **RANGE).get_json()
    (card,) = [c for c in body["cards"] if c["key"] == "sales"]
    assert {"title", "value", "unit", "trend", "comparison", "status", "colour", "target", "as_of"} <= set(card)
    assert (card["period"], card["complete"]) == ("2026-02", True)
    assert Decimal(str(card["value"])) == by_hand()["2026-02"]
    assert (card["so_far"]["period"], Decimal(str(card["so_far"]["value"]))) == ("2026-03", by_hand()["2026-03"])
    assert Decimal(str(card["total"]["value"])) == sum(by_hand().values())


def test_f7_csv_excel_and_json_hold_the_same_figures(caller: Call) -> None:
    for kpi in ("sales", "per_unit"):
        program, asked = caller("executive"), {"by": "region", **RANGE}
        said = program.get(f"/kpis/{kpi}/series", **asked).get_json()["points"]
        expected = [(p["period"], p["split"]["region"], p["value"]) for p in said]
        text = program.get("/export/kpis.csv", kpis=kpi, **asked).get_data().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        value = next(h for h in rows[0] if h.startswith("Value"))
        got = [(r["Period"], r["region"].removeprefix("'"), float(r[value]) if r[value] else None) for r in rows]
        assert got == expected
        book = openpyxl.load_workbook(io.BytesIO(program.get("/export/kpis.xlsx", kpis=kpi, **asked).get_data()))
        heads, *cells = ([c.value for c in row] for row in book["Rows"].iter_rows())
        at = [heads.index(h) for h in ("Period", "region", value)]
        assert [tuple(row[i] for i in at) for row in cells] == expected


def test_f1_an_export_from_data_that_try_to_be_formulas_holds_none(caller: Call) -> None:
    program, asked = caller("executive"), {"kpis": "sales", "by": "region", **RANGE}
    answer = program.get("/export/kpis.xlsx", **asked)
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    assert book.sheetnames == ["Sales", "Rows", "Totals", "Notes"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "'=cmd|' /C calc'!A0" in program.get("/export/kpis.csv", **asked).get_data(as_text=True)
    notes = {row[0].value: row[1].value for row in book["Notes"].iter_rows()}
    assert notes["Filters"] == "none"
    assert "sum(orders.revenue)" in notes["Definition of Sales"]


def test_an_export_is_a_download_with_a_safe_name_and_is_audited(told: Stage, caller: Call) -> None:
    answer = caller("executive").get("/export/kpis.csv", kpis="sales", **RANGE)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=sales-2026")
    with told.app.app_context():
        from dashapp.services import auditing

        line = auditing.listing(told.cast.executive, limit=1)[0]
    assert (line.action, line.subject, line.email) == ("export", "sales.csv", told.cast.executive.email)
    assert line.via == "api"


@pytest.mark.parametrize("kind", ["pdf", "exe", "xlsx.exe"])
def test_another_kind_of_export_does_not_exist(caller: Call, kind: str) -> None:
    assert caller("executive").get(f"/export/kpis.{kind}", kpis="sales").status_code == 404


def test_a_token_without_the_scope_export_may_read_but_not_export(caller: Call) -> None:
    reader = caller("executive", ("read",))
    assert reader.get("/kpis/sales/series").status_code == 200
    assert reader.get("/export/kpis.csv", kpis="sales").status_code == 403
