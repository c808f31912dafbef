"""Splits of a real company: joined columns, blanks, scopes, the past, and the way from "Others" back to its rows."""
from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dashapp.core.actor import Actor, Role
from dashapp.core.period import Grain
from dashapp.core.question import Question, Top
from dashapp.core.series import Series
from dashapp.core.where import parse_wheres
from dashapp.services import asking, exploring, exporting
from tests.services.stage import csv_bytes
from tests.services.world import SPAN, World, opened

CATEGORIES = {"S0": "Tools", "S1": "Tools", "S2": "Toys", "S3": "", "S4": "Wall | paint"}
MAPPING: dict[str, Any] = {"mode": "append", "key": [], "kind": "facts", "joins": {"sku": "catalogue.sku_id"},
                           "columns": {"customer": {"role": "entity"}}}
HEADER = ("date", "sku", "region", "customer", "revenue", "qty")


def made() -> list[tuple[str, str, str, str, Decimal, int]]:
    """Half a year; S9 is in no list, some rows have no product and some no region."""
    start, out = date(2025, 10, 1), []
    for n in range(360):
        sku = ("S0", "S1", "S2", "S3", "S4", "S9", "")[n % 7]
        region = ("EMEA", "APAC", "AMER", "")[n % 4]
        day = start + timedelta(n // 2)
        out.append((day.isoformat(), sku, region, f"C{n * 7 % 31}", Decimal(500 + n * 53 % 977) / 100, n % 3 + 1))
    return out


ROWS = made()
LATER = [("2026-03-15", "S3", "EMEA", "C99", Decimal("999.00"), 1)]


def category(sku: str) -> str:
    return CATEGORIES.get(sku, "")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path):
    with opened(tmp_path_factory.mktemp("splits"), sqlite_template) as found:
        found.bring(csv_bytes(("sku_id", "category"), list(CATEGORIES.items())), "catalogue.csv", "catalogue",
                    {"kind": "reference", "key": ["sku_id"], "mode": "upsert"})
        found.bring(csv_bytes(HEADER, ROWS), "orders.csv", "orders", MAPPING, build=True)
        yield found


def ask(world: World, kpi: str, by: str, top: Top | None = None, *, where: tuple[str, ...] = (),
        actor: Actor | None = None, **more: Any) -> Series:
    question = Question((kpi,), Grain.MONTH, SPAN, tuple(by.split(",")), parse_wheres(where), top=top, **more)
    return asking.ask(actor or world.cast.executive, world.desk, question, now=world.now)[0]


def parts(series: Series) -> dict[Any, Any]:
    return {("Others", p.others) if p.others is not None else p.split[-1][1]: p.value for p in series.parts}


def summed(**wanted: Any) -> dict[str, Decimal]:
    out: dict[str, Decimal] = defaultdict(Decimal)
    for _, sku, region, _, revenue, _ in ROWS:
        if all(v({"sku": sku, "region": region, "category": category(sku)}[k]) for k, v in wanted.items()):
            out[category(sku)] += revenue
    return out


def test_a_joined_column_splits_ranks_and_folds(world: World) -> None:
    by_category = summed()
    names = sorted((c for c in by_category), key=lambda c: -by_category[c])
    series = ask(world, "revenue", "catalogue.category", Top(2))
    rest = sum(by_category[c] for c in names[2:])
    assert parts(series) == {**{c or None: by_category[c] for c in names[:2]}, ("Others", len(names) - 2): rest}
    assert series.ranking is not None
    assert series.ranking.name == "Revenue"
    assert series.total is not None
    assert series.total.value == sum(by_category.values()) == sum(r[4] for r in ROWS)


@pytest.mark.parametrize(("text", "holds"), [
    ("catalogue.category=Tools", lambda c: c == "Tools"),
    ("catalogue.category=Tools|Toys", lambda c: c in ("Tools", "Toys")),
    ("catalogue.category!=Tools", lambda c: c != "Tools"),
    ("catalogue.category!=Tools|Toys", lambda c: c not in ("Tools", "Toys")),
    ("catalogue.category=", lambda c: c == ""),
    ("catalogue.category!=", lambda c: c != ""),
    ("catalogue.category=|Toys", lambda c: c in ("", "Toys")),
    ("catalogue.category!=|Toys", lambda c: c not in ("", "Toys")),
    ("catalogue.category~=oo", lambda c: "oo" in c),
    ("catalogue.category=Wall \\| paint", lambda c: c == "Wall | paint"),
    ("catalogue.category=nowhere", lambda c: False),
])
def test_every_filter_holds_on_a_joined_column_as_on_the_list_itself(world: World, text: str, holds: Any) -> None:
    want = summed(category=holds)
    series = ask(world, "revenue", "catalogue.category", where=(text,))
    assert {k or "": v for k, v in parts(series).items()} == want
    assert series.total is not None
    assert (series.total.value or 0) == sum(want.values())


def test_others_lead_to_their_rows_and_to_the_same_figure(world: World) -> None:
    series = ask(world, "revenue", "catalogue.category", Top(2))
    offered = {o["label"]: o["value"] for o in exploring.parts(series)}
    (label,) = [name for name in offered if name.startswith("Others (")]
    (point,) = [p for p in series.points if p.others is not None and p.period.label == "2026-01"]
    found = exploring.explain(world.cast.executive, world.desk, "revenue", "2026-01", (), offered[label], now=world.now)
    kept = {p.split[0][1] or "" for p in series.parts if p.others is None}
    mine = [r for r in ROWS if r[0].startswith("2026-01") and category(r[1]) not in kept]
    assert found.point.value == point.value == sum(r[4] for r in mine)
    assert found.rows == len(mine)


def test_a_person_with_a_scope_gets_a_ranking_of_their_own_rows_only(world: World) -> None:
    narrow = Actor(7, "narrow@example.org", "Narrow", Role.EXECUTIVE, parse_wheres(["catalogue.category=Tools|Toys"]))
    series = ask(world, "revenue", "sku", Top(1), actor=narrow)
    mine: Counter[str] = Counter()
    for row in ROWS:
        if category(row[1]) in ("Tools", "Toys"):
            mine[row[1]] += row[4]  # type: ignore[assignment]
    (first, size), *rest = mine.most_common()
    assert parts(series) == {first: size, ("Others", len(rest)): sum(v for _, v in rest)}
    told = str(series.to_json()) + str(exploring.parts(series))
    assert not any(sku in told for sku in ("S3", "S4", "S9"))


def test_subtotals_of_money_add_up_and_of_people_do_not(world: World) -> None:
    money = ask(world, "revenue", "region,catalogue.category,sku", Top(4), subtotals=True)
    at: dict[Any, list[Any]] = defaultdict(list)
    for total in money.totals:
        if total.split or total.others is not None:
            at[total.split if total.others is not None else total.split[:-1]].append(total.value)
    values = {t.split: t.value for t in money.totals if t.others is None}
    assert {k: sum(v) for k, v in at.items()} == {k: values[k] for k in at}
    people = ask(world, "orders_people", "region,sku", subtotals=True)
    emea = {r[3] for r in ROWS if r[2] == "EMEA"}
    assert {t.split: t.value for t in people.totals}[(("region", "EMEA"),)] == len(emea)
    assert people.total is not None
    assert people.total.value == len({r[3] for r in ROWS})


@pytest.fixture(scope="module", autouse=True)
def _defined(world: World) -> None:
    from dashapp.core.kpi import Kpi
    from dashapp.services import defining

    for kpi in (Kpi("orders_people", "Buyers", "distinct(orders.customer)"),
                Kpi("unit_price", "Unit price", "sum(orders.revenue) / sum(orders.qty)", unit="currency", decimals=2)):
        defining.save(world.cast.analyst, world.desk, kpi, 0, now=world.now)


def test_ratios_of_subtotals_and_others_are_divided_once(world: World) -> None:
    series = ask(world, "unit_price", "region,sku", Top(3), subtotals=True)
    kept = {tuple(v for _, v in p.split) for p in series.parts if p.others is None}
    for total in series.totals:
        values = [v for _, v in total.split]
        mine = [r for r in ROWS if [r[2] or None, r[1] or None][: len(values)] == values]
        if total.others is not None:
            here = {k[len(values)] for k in kept if list(k[: len(values)]) == values}
            mine = [r for r in mine if ([r[2] or None, r[1] or None][len(values)]) not in here]
        assert float(total.value) == pytest.approx(float(sum(r[4] for r in mine)) / sum(r[5] for r in mine), rel=1e-12)


def test_what_came_in_later_changes_today_s_ranking_and_not_that_of_the_past(world: World) -> None:
    before = world.now
    world.now = before + timedelta(hours=2)
    world.bring(csv_bytes(HEADER, LATER), "late.csv", "orders", MAPPING)
    now = ask(world, "revenue", "sku", Top(1))
    then = ask(world, "revenue", "sku", Top(1), as_of=before + timedelta(hours=1))
    assert next(iter(parts(now))) == "S3"
    assert next(iter(parts(then))) != "S3"
    world.now = before


def test_a_target_is_never_held_against_a_part(world: World) -> None:
    series = ask(world, "revenue", "sku", Top(1), compare="target", subtotals=True)
    assert all(p.compare is None for p in (*series.points, *series.sums))


def test_an_export_holds_what_the_page_shows(world: World, tmp_path: Path) -> None:
    question = Question(("revenue",), Grain.MONTH, SPAN, ("region", "sku"), top=Top(3), subtotals=True,
                        as_of=world.now)
    series = asking.ask(world.cast.executive, world.desk, question, now=world.now)[0]
    _, _, content = exporting.series(world.cast.executive, world.desk, question, "xlsx", now=world.now)
    (tmp_path / "x.xlsx").write_bytes(content)
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    wide, long, totals, notes = book.worksheets
    assert [c.value for c in wide[1]][3] == "All (EUR)"
    head = [c.value for c in totals[1]]
    at = {name: head.index(name) for name in ("region", "sku", "Level", "Value (EUR)")}
    told = [tuple(row[i].value for i in at.values()) for row in totals.iter_rows(min_row=2)]
    assert [(level, Decimal(str(value))) for *_, level, value in told] == [
        (series.level(t).capitalize(), t.value) for t in series.totals]
    assert "Others (" in str(told)
    assert long.max_row - 1 == len(series.points) + len(series.sums)
    said = {row[0].value: row[1].value for row in notes.iter_rows()}
    assert said["Segments"].startswith("The 3 of 28 segments with the largest Revenue over the range shown")
    _, _, text = exporting.series(world.cast.executive, world.desk, question, "csv", now=world.now)
    assert text.decode("utf-8-sig").count("Others (") == sum(p.others is not None for p in series.points)
