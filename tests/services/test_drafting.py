"""Drafts: what they give before they are saved, and what saving them would change - figures, statuses, other KPIs."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.effect import SHOWN, Effect
from dashapp.core.errors import Conflict, Forbidden, Invalid, Unavailable
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.core.rule import Limits
from dashapp.services import asking, auditing, defining, drafting, effects, limiting, targeting
from dashapp.services.scene import load_scene
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, Order, World, added, opened, orders, orders_csv, scoped

ROWS = orders(240)  # 3 Nov 2025 to 2 Mar 2026
BOOKS = [(date(2023 + n // 12, n % 12 + 1, 1), 40 + n) for n in range(8, 38)]  # Sep 2023 to Feb 2026


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Orders, a monthly sheet, and four KPIs that stand on each other. Tests save nothing."""
    with opened(tmp_path_factory.mktemp("drafting"), sqlite_template) as world:
        world.commit(world.check(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING), adopt=())
        books = {"grain": "month", "mode": "append"}
        world.commit(world.check(csv_bytes(("Date", "Budget"), BOOKS), "b.csv", "books", books), adopt=())
        for kpi in (Kpi("income", "Income", "sum(orders.revenue)", "currency", decimals=2),
                    Kpi("sold", "Sold", "sum(orders.qty)"),
                    Kpi("per_unit", "Income per unit", "income / sold", "ratio", decimals=3),
                    Kpi("twice", "Twice", "2 * per_unit", "ratio", decimals=3),
                    Kpi("budget", "Budget", "sum(books.budget)", "currency")):
            defining.save(world.cast.analyst, world.desk, kpi, "first", now=world.now)
        yield world


def kpi(world: World, key: str, **changes: Any) -> Kpi:
    return replace(defining.get(world.cast.analyst, world.desk, key).kpi, **changes)


def effect(world: World, draft: Kpi, kind: str, actor: Any = None) -> Effect:
    found = drafting.effect(actor or world.cast.analyst, world.desk, draft, now=world.now)
    return next(e for e in found.effects if e.name == kind)


def table(found: Effect) -> list[dict[str, Any]]:
    return found.to_json()["rows"]


def months(rows: list[Order], value: Any) -> dict[str, Decimal]:
    out: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        out[f"{row.day:%Y-%m}"] += value(row)
    return out


# preview ---------------------------------------------------------------------------------------------------------
def test_the_preview_has_the_figures_that_saving_would_give(ground: World) -> None:
    found = drafting.preview(ground.cast.analyst, ground.desk, Kpi("", "New", "sum(revenue) / 2"), now=ground.now)
    told = {p.period.label: p.value for p in found.series.points if p.value is not None}
    assert told == {k: v / 2 for (k,), v in added(ROWS, "month").items()}
    assert len(found.series.points) == drafting.PERIODS[Grain.MONTH]
    assert found.series.points[-1].period.label == "2026-03", "where the data end"


def test_the_preview_stands_at_the_grain_of_its_data_or_at_the_one_that_is_chosen(ground: World) -> None:
    def at(formula: str, grain: Grain | None = None) -> Any:
        return drafting.preview(ground.cast.analyst, ground.desk, Kpi("", "New", formula), grain, now=ground.now)

    assert at("sum(revenue)").series.grain is Grain.MONTH
    by_day = at("sum(revenue)", Grain.DAY)
    assert (by_day.series.grain, len(by_day.series.points)) == (Grain.DAY, 28)
    assert at("sum(books.budget)", Grain.DAY).series.grain is Grain.MONTH, "a monthly sheet cannot answer by day"
    assert at("sum(books.budget)").grains == (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def test_the_preview_stays_within_the_data_scope(ground: World) -> None:
    actor = scoped(ground.cast.analyst, "region=EMEA")
    found = drafting.preview(actor, ground.desk, Kpi("", "New", "sum(orders.revenue)"), now=ground.now)
    told = {p.period.label: p.value for p in found.series.points if p.value is not None}
    assert told == {k: v for (k,), v in added([r for r in ROWS if r.region == "EMEA"], "month").items()}


def test_values_outside_of_the_plausible_range_are_counted(ground: World) -> None:
    sums = [float(v) for v in added(ROWS, "month").values()]
    least = sorted(sums)[1]
    draft = Kpi("", "New", "sum(orders.revenue)", min_value=least)
    assert drafting.preview(ground.cast.analyst, ground.desk, draft, now=ground.now).implausible == 1
    both = replace(draft, max_value=sorted(sums)[-2])
    assert drafting.preview(ground.cast.analyst, ground.desk, both, now=ground.now).implausible == 2


def test_a_preview_of_what_cannot_be_used_says_why(ground: World) -> None:
    with pytest.raises(Invalid, match="revenue"):
        drafting.preview(ground.cast.analyst, ground.desk, Kpi("", "New", "sum(revenu)"), now=ground.now)


# what changes ----------------------------------------------------------------------------------------------------
def test_every_figure_of_the_past_that_changes_is_told_old_new_and_difference(ground: World) -> None:
    found = effect(ground, kpi(ground, "income", formula="sum(orders.revenue, region == \"EMEA\")"), "figures")
    before = months(ROWS, lambda r: r.revenue)
    after = months([r for r in ROWS if r.region == "EMEA"], lambda r: r.revenue)
    assert [(r["period"], r["before"], r["after"]) for r in table(found)] == [
        (m, float(before[m]), float(after[m])) for m in sorted(before, reverse=True)]
    for row in table(found):
        assert row["difference"] == pytest.approx(row["after"] - row["before"], abs=1e-9)
    assert found.total == 5
    assert found.summary == "5 of 5 months with a figure change."


def test_a_formula_written_otherwise_that_means_the_same_changes_nothing(ground: World) -> None:
    for same in ("sum(orders.qty * orders.price)", "sum(orders.revenue) * 1"):
        found = effect(ground, kpi(ground, "income", formula=same), "figures")
        assert (found.total, found.rows) == (0, ())
        assert found.summary == "No figure changes: 5 months with a figure stay what they are."
    ratio = effect(ground, kpi(ground, "per_unit", formula="(income * 3) / (sold * 3)"), "figures")
    assert ratio.total == 0, "noise in the last digits is no change"


def test_at_most_24_figures_are_shown_newest_first_and_all_are_counted(ground: World) -> None:
    found = effect(ground, kpi(ground, "budget", formula="2 * sum(books.budget)"), "figures")
    assert (found.total, len(found.rows), SHOWN) == (30, 24, 24)
    assert [(r["period"], r["before"], r["after"]) for r in table(found)] == [
        (f"{d:%Y-%m}", float(b), 2.0 * b) for d, b in BOOKS[:-25:-1]]
    assert found.summary == "30 of 30 months with a figure change. The latest 24 are shown."


def test_limits_that_flip_are_told_by_finished_period(ground: World) -> None:
    sums = months(ROWS, lambda r: r.revenue)
    half = {m: v / 2 for m, v in sums.items()}
    warning = float(sorted(half.values())[2])
    limiting.save(ground.cast.analyst, Limits("income", "month", "below", warning, None), now=ground.now)
    found = effect(ground, kpi(ground, "income", formula="sum(orders.revenue) / 2"), "statuses")
    finished = [m for m in sorted(sums, reverse=True) if m != "2026-03"]  # unfinished
    wanted = [(m, "ok", "warning") for m in finished if float(sums[m]) > warning >= float(half[m])]
    assert [(r["period"], r["before"], r["after"]) for r in table(found)] == wanted
    assert {(r["kpi"], r["against"]) for r in table(found)} == {("income", "limits by month")}
    assert found.total == len(wanted) > 0
    assert "on track now, warning with the change" in found.summary
    limiting.delete(ground.cast.analyst, "income", "month", 1, now=ground.now)


def test_targets_that_flip_are_told_for_kpis_that_stand_on_it_too(ground: World) -> None:
    was = next(v for (m,), v in ground.values("per_unit").items() if m == "2026-01")
    targeting.save(ground.cast.finance, ground.desk, "per_unit", "2026-01", float(was), now=ground.now)
    found = effect(ground, kpi(ground, "income", formula="sum(orders.revenue) * 0.99"), "statuses")
    assert [(r["kpi"], r["against"], r["period"], r["before"], r["after"]) for r in table(found)] == [
        ("per_unit", "target", "2026-01", "met", "missed")]
    turned = effect(ground, kpi(ground, "per_unit", direction="down"), "statuses")
    assert turned.total == 0, "at the target, both sides meet it"
    targeting.save(ground.cast.finance, ground.desk, "per_unit", "2026-01", None, now=ground.now)


def test_a_scoped_person_is_told_that_nothing_is_judged_and_sees_figures_of_the_scope(ground: World) -> None:
    limiting.save(ground.cast.analyst, Limits("income", "month", "below", 1e9, None), now=ground.now)
    actor = scoped(ground.cast.analyst, "region=EMEA")
    draft = kpi(ground, "income", formula="sum(orders.revenue) * 2")
    assert "whole company" in effect(ground, draft, "statuses", actor).summary
    mine = months([r for r in ROWS if r.region == "EMEA"], lambda r: r.revenue)
    told = {r["period"]: r["before"] for r in table(effect(ground, draft, "figures", actor))}
    assert told == {m: float(v) for m, v in mine.items()}
    limiting.delete(ground.cast.analyst, "income", "month", 1, now=ground.now)


def test_kpis_that_stand_on_it_are_told_by_path_with_what_becomes_of_them(ground: World) -> None:
    found = effect(ground, kpi(ground, "income", formula="sum(orders.revenue) * 2"), "dependents")
    rows = table(found)
    assert [(r["kpi"], r["path"], r["changed"]) for r in rows] == [
        ("per_unit", ["per_unit", "income"], 5), ("twice", ["twice", "per_unit", "income"], 5)]
    assert rows[0]["period"] == "2026-03"
    assert rows[0]["after"] == pytest.approx(2 * rows[0]["before"])
    assert found.summary == "2 KPIs stand on it; figures of 2 change."
    alone = effect(ground, kpi(ground, "twice", formula="3 * per_unit"), "dependents")
    assert (alone.total, alone.summary) == (0, "No other KPI uses it.")


def test_a_kpi_whose_data_become_coarser_is_told_at_the_coarser_grain(ground: World) -> None:
    found = effect(ground, kpi(ground, "sold", formula="sum(books.budget)"), "figures")
    assert found.total == 31, "thirty months of the sheet, and one that only the orders reach"
    assert {r["period"]: r["after"] for r in table(found) if r["after"] is not None} == {
        f"{d:%Y-%m}": float(b) for d, b in BOOKS[-23:]}
    quarter = replace(kpi(ground, "sold"), formula="sum(orders.qty)")
    assert effect(ground, quarter, "figures").total == 0


def test_a_new_kpi_has_figures_where_there_were_none(ground: World) -> None:
    found = drafting.effect(ground.cast.analyst, ground.desk, Kpi("fresh", "Fresh", "income * 2"), now=ground.now)
    figures = next(e for e in found.effects if e.name == "figures")
    assert (found.before, found.after.formula) == (None, "income * 2")
    assert figures.summary == "It is new: 5 months with a figure."
    assert all(r["before"] is None and r["difference"] is None and r["after"] for r in table(figures))


def test_members_that_differ_are_told_and_the_formula_is_bound(ground: World) -> None:
    draft = kpi(ground, "income", formula="sum(qty * price)", weight=0.5)
    found = drafting.effect(ground.cast.analyst, ground.desk, draft, now=ground.now)
    assert [(d.name, d.before, d.after) for d in found.differences] == [
        ("formula", "sum(orders.revenue)", "sum(orders.qty * orders.price)"), ("weight", 0.0, 0.5)]


def test_nothing_is_saved_and_nothing_is_kept_of_a_draft(ground: World) -> None:
    lines, version = len(auditing.listing(ground.cast.admin, limit=500)), load_scene().version
    before = ground.values("income")
    effect(ground, kpi(ground, "income", formula="sum(orders.revenue) * 7"), "figures")
    drafting.preview(ground.cast.analyst, ground.desk, kpi(ground, "income", formula="7"), now=ground.now)
    assert ground.values("income") == before
    assert (len(auditing.listing(ground.cast.admin, limit=500)), load_scene().version) == (lines, version)


def test_a_stale_draft_and_a_key_that_is_taken_are_refused_before_anything_is_computed(ground: World) -> None:
    with pytest.raises(Conflict, match="Somebody else"):
        effect(ground, kpi(ground, "income", version=9), "figures")
    with pytest.raises(Conflict, match="already"):
        effect(ground, kpi(ground, "income", version=0), "figures")


def test_a_cycle_is_refused_with_its_path(ground: World) -> None:
    with pytest.raises(Invalid, match="income -> twice -> per_unit -> income"):
        effect(ground, kpi(ground, "income", formula="twice"), "figures")
    (flaw,) = drafting.check(ground.cast.analyst, ground.desk, "1 + twice", "income").flaws
    assert (flaw.issue.code, flaw.issue.position) == ("kpi-cycle", 4)


def test_what_a_warehouse_does_not_answer_is_never_told_as_no_change(ground: World,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    whole = asking.answer_on

    def silent(*given: Any, **named: Any) -> Any:
        return tuple(replace(s, is_partial=True) for s in whole(*given, **named))

    monkeypatch.setattr(asking, "answer_on", silent)
    with pytest.raises(Unavailable, match="does not answer"):
        effect(ground, kpi(ground, "income", formula="2 * sum(orders.revenue)"), "figures")


def test_the_kinds_of_things_that_are_told_are_registered_by_file() -> None:
    folder = Path(effects.__file__).parent
    assert [k.name for k in effects.KINDS] == sorted(p.stem for p in folder.glob("[!_]*.py"))
    assert sorted(effects.KINDS, key=lambda k: k.order)[0].name == "figures"


def test_completion_knows_the_datasets_and_kpis_that_are_here(ground: World) -> None:
    found = drafting.completions(ground.cast.analyst, ground.desk, "sum(bud", 7, now=ground.now)
    assert [p.insert for p in found.proposals] == ["books.budget"]
    named = drafting.completions(ground.cast.analyst, ground.desk, "", 0, "per_unit", now=ground.now)
    assert {"income", "sold"} <= {p.insert for p in named.proposals}
    assert "twice" not in {p.insert for p in named.proposals}


def test_values_of_a_text_column_are_proposed_from_the_rows_in_scope_and_from_no_other(ground: World) -> None:
    def proposed(typed: str, *where: str) -> list[str]:
        actor = scoped(ground.cast.analyst, *where)
        return [p.insert for p in drafting.completions(actor, ground.desk, typed, len(typed), now=ground.now).proposals]

    regions = sorted({r.region for r in ROWS} - {""})
    assert len(regions) > 2
    assert proposed('sum(orders.revenue, region == "') == [f'"{r}"' for r in regions]
    assert proposed('sum(orders.revenue, region in ["EMEA", "A') == [f'"{r}"' for r in sorted(
        (r for r in regions if "A" in r), key=lambda r: (not r.startswith("A"), r))]
    assert proposed('sum(orders.revenue, region == "', "region=EMEA") == ['"EMEA"']
    assert proposed('sum(orders.revenue, region == "', "nowhere=EMEA") == [], "rows that no scope of theirs reaches"
    assert proposed('sum(orders.revenue, region == "nothing of the kind') == []


def test_b1_drafts_are_for_analysts(ground: World) -> None:
    for verb in (lambda a: drafting.check(a, ground.desk, "1"),
                 lambda a: drafting.completions(a, ground.desk, "", 0, now=ground.now),
                 lambda a: drafting.preview(a, ground.desk, Kpi("", "x", "1"), now=ground.now),
                 lambda a: drafting.effect(a, ground.desk, Kpi("x", "x", "1"), now=ground.now)):
        with pytest.raises(Forbidden):
            verb(ground.cast.finance)
