"""E22: from a file with codes and a list of rates to figures, moments, bridges, rows and evidence."""
from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dashapp.core.errors import Conflict, Invalid
from dashapp.core.organisation import Organisation
from dashapp.services import bridging, checking, closing, evidencing, exploring, exporting, reverting, serving
from dashapp.services.scene import load_scene
from tests.services.stage import csv_bytes, define
from tests.services.world import World, opened

SALES = ("order_id", "date", "region", "currency", "revenue")
ROWS: list[tuple[Any, ...]] = [
    ("A1", "2026-01-05", "EMEA", "EUR", "100.10"), ("A2", "2026-01-09", "EMEA", "USD", "50.05"),
    ("A3", "2026-01-20", "APAC", "usd", "10"), ("A4", "2026-02-10", "APAC", "GBP", "7"),
    ("A5", "2026-02-28", "EMEA", "EUR", "3"),
]
MAPPING = {"key": ["order_id"], "mode": "upsert", "grain": "event"}
RATES = [("2026-01-05", "USD", "0.9"), ("2026-01-19", "USD", "0.8"), ("2026-02-09", "GBP", "1.25")]
JANUARY = Decimal("100.10") + Decimal("50.05") * Decimal("0.9") + 8
FEBRUARY = Decimal("8.75") + 3


def rates(rows: list[tuple[str, str, str]] = RATES) -> bytes:
    return csv_bytes(("date", "currency", "rate"), rows)


def sales(rows: list[tuple[Any, ...]] = ROWS) -> bytes:
    return csv_bytes(SALES, rows)


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    with opened(tmp_path, sqlite_template) as found:
        define(found.now, "turnover", formula="sum(sales.revenue)")
        yield found


def brought(world: World) -> World:
    world.bring(rates(), "fx.csv", "fx")
    world.bring(sales(), "sales.csv", "sales", MAPPING)
    return world


def later(world: World) -> datetime:
    before = world.now + timedelta(minutes=30)
    world.now += timedelta(hours=1)
    return before


def test_e22_without_rates_a_foreign_code_is_refused_and_the_sentence_says_what_to_bring(world: World) -> None:
    with pytest.raises(Invalid, match="other currencies than EUR: USD") as error:
        world.check(sales(), "sales.csv", "sales", MAPPING)
    assert any("a dataset called fx" in (i.help or "") for i in error.value.issues)
    assert "sales" not in load_scene().datasets


def test_e22_with_rates_the_same_file_comes_in_and_converts(world: World) -> None:
    world.bring(rates(), "fx.csv", "fx")
    assert (load_scene().datasets["fx"].kind, load_scene().datasets["fx"].key_columns) == (
        "reference", ("date", "currency"))
    upload = world.receive(sales(), "sales.csv", "sales")
    found = checking.inspect(world.cast.finance, world.desk, upload, now=world.now)
    assert "currency-converted" in {i.code for i in found.issues}
    checked = world.dry_run(upload, MAPPING)
    assert (checked.accepted, checked.quarantined) == (5, 0)
    assert {m["period"]: m["after"] for m in checked.moves if m["kpi"] == "turnover"} == {
        "2026-01": float(JANUARY), "2026-02": float(FEBRUARY)}
    world.commit(checked)
    assert world.values("turnover") == {("2026-01",): JANUARY, ("2026-02",): FEBRUARY}


def test_e22_the_same_figures_come_from_the_serving_file(world: World) -> None:
    brought(world)
    before = world.values("turnover", by=("region",))
    serving.build(world.desk, "sales")
    world.desk.answers.clear()
    assert world.values("turnover", by=("region",)) == before
    derived = exploring.explain(world.cast.executive, world.desk, "turnover", "2026-01", now=world.now)
    assert any("sales__day" in sql for _, sql in derived.statements)


def test_e22_a_new_rate_counts_at_once_and_a_moment_keeps_the_rates_it_knew(world: World) -> None:
    brought(world)
    serving.build(world.desk, "sales")
    before = later(world)
    assert world.total("turnover") == JANUARY + FEBRUARY
    world.bring(rates([("2026-01-19", "USD", "1.8")]), "more.csv", "fx")
    assert world.total("turnover") == JANUARY + FEBRUARY + 10
    assert world.total("turnover", as_of=before) == JANUARY + FEBRUARY
    series = world.series("turnover")
    assert len(series.vintages) == 3, "two lists of rates and the sales stand behind the figure"


def test_e22_before_the_first_rate_was_known_there_is_no_figure(world: World) -> None:
    world.bring(sales(ROWS[:1]), "own.csv", "sales", MAPPING)
    before = later(world)
    world.bring(rates(), "fx.csv", "fx")
    world.bring(sales(), "sales.csv", "sales", MAPPING)
    assert world.values("turnover", as_of=before) == {("2026-01",): Decimal("100.10")}


def test_e22_undoing_the_rates_leaves_no_value_with_the_reason(world: World) -> None:
    brought(world)
    (upload,) = (v.id for v in load_scene().vintages["fx"])
    reverting.undo(world.cast.finance, world.desk, upload, now=world.now)
    point = world.series("turnover").points[0]
    reasons = {p.period.label: p.reason for p in world.series("turnover").points if p.value is None and p.reason}
    assert reasons["2026-01"] == "There is no rate for USD on 9 Jan 2026, nor in the 7 days before, in fx."
    assert point.value is None
    reverting.redo(world.cast.finance, world.desk, upload, now=world.now)
    assert world.total("turnover") == JANUARY + FEBRUARY


def test_e22_rows_without_a_rate_are_told_in_the_dry_run_and_kept(world: World) -> None:
    brought(world)
    more = [("A6", "2026-03-02", "EMEA", "CHF", "1"), ("A7", "2026-03-03", "APAC", "EUR", "2")]
    checked = world.check(sales(more), "march.csv", "sales", MAPPING)
    (told,) = (i for i in checked.issues if i["code"] == "rate-missing")
    assert (told["severity"], told["count"], checked.quarantined) == ("warning", 1, 0)
    assert "CHF from 2026-03-02" in told["message"]
    world.commit(checked)
    by = {p.split[0][1]: p for p in world.series("turnover", by=("region",)).points if p.period.label == "2026-03"}
    assert (by["EMEA"].value, by["APAC"].value) == (None, 2)
    assert world.values("turnover")[("2026-01",)] == JANUARY


def test_e22_the_bridge_names_a_changed_rate_as_the_cause(world: World) -> None:
    brought(world)
    before = later(world)
    world.bring(rates([("2026-01-19", "USD", "1.8")]), "fix.csv", "fx")
    found = bridging.bridge(world.cast.executive, world.desk, "turnover", "2026-01", before, now=world.now)
    assert (found.before.value, found.after.value, found.difference) == (JANUARY, JANUARY + 10, 10)
    assert [(p.step.kind, p.step.dataset, p.delta) for p in found.parts] == [("changed", "fx", 10)]
    assert [c.file for c in found.causes] == ["fix.csv"]


def test_e22_a_rate_of_a_closed_day_needs_a_reason(world: World) -> None:
    brought(world)
    closing.close(world.cast.finance, world.desk, "2026-01", "sales", now=world.now)
    late = world.check(rates([("2026-01-19", "USD", "1.8")]), "fix.csv", "fx")
    assert late.closed.any
    with pytest.raises((Invalid, Conflict)):
        world.commit(late)
    world.commit(world.check(rates([("2026-02-19", "USD", "0.7")]), "new.csv", "fx"))
    assert world.values("turnover")[("2026-01",)] == JANUARY


def test_e22_rows_show_what_was_written_the_rate_and_what_it_is_worth(world: World) -> None:
    brought(world)
    found = exploring.rows(world.cast.executive, world.desk, "turnover", "2026-01", now=world.now)
    assert found.columns == ("order_id", "date", "region", "currency", "revenue", "fx.rate", "revenue.EUR")
    cells = {r.cells[0]: r.cells[3:] for r in found.rows}
    assert cells["A2"] == ("USD", Decimal("50.05"), Decimal("0.9"), Decimal("45.045"))
    assert cells["A1"] == ("EUR", Decimal("100.1"), 1, Decimal("100.1"))
    name, _, data = exporting.rows(world.cast.finance, world.desk, "turnover", "2026-01", "csv", now=world.now)
    assert name.endswith(".csv")
    assert b"fx.rate" in data
    assert b"revenue (EUR)" not in data, "what was written is not all in euros"


def test_e22_evidence_recomputes_with_the_rate_of_each_row(world: World) -> None:
    brought(world)
    _, _, data = evidencing.workbook(world.cast.finance, world.desk, "turnover", "2026-01", now=world.now)
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = next(s for s in book if s.title not in ("Figure", "Notes"))
    heads = {c.value: c.column_letter for c in sheet[4]}
    rate, amount = heads["fx: rate"], heads["revenue"]
    live = next(c.value for c in sheet[5] if isinstance(c.value, str) and c.value.startswith("="))
    assert f"${amount}5*${rate}5" in live
    shown = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    written = sorted(c.value for c in shown[sheet.title][5 - 0] if isinstance(c.value, float | int))
    assert written
    assert shown["Figure"]["C4"].value is not None


def test_e22_a_figure_without_a_rate_has_no_evidence_to_recompute(world: World) -> None:
    brought(world)
    world.bring(sales([("A8", "2026-01-30", "EMEA", "CHF", "1")]), "chf.csv", "sales", MAPPING)
    with pytest.raises(Invalid, match="no rate for CHF on 30 Jan 2026"):
        evidencing.workbook(world.cast.finance, world.desk, "turnover", "2026-01", now=world.now)


def test_e22_a_list_of_rates_under_another_name_is_told(world: World) -> None:
    checked = world.check(rates(), "rates.csv", "exchange")
    assert [i["severity"] for i in checked.issues if i["code"] == "rates-elsewhere"] == ["warning"]


def test_e22_fx_is_nothing_but_a_list_of_rates(world: World) -> None:
    checked = world.check(csv_bytes(("date", "revenue"), [("2026-01-05", 1)]), "x.csv", "fx",
                          {"key": ["date"], "mode": "upsert"})
    assert "list of exchange rates" in checked.needs[0]


def test_e22_another_reporting_currency_converts_everything_anew(world: World) -> None:
    brought(world)
    world.desk = replace(world.desk, organisation=replace(world.desk.organisation, currency="USD"))
    found = {p.period.label: p.reason for p in world.series("turnover").points if p.value is None}
    assert "no rate for EUR on 5 Jan 2026" in (found["2026-01"] or "")
    assert isinstance(world.desk.organisation, Organisation)
