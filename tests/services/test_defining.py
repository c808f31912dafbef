"""Definitions: bound once, every version kept, adopted with the first upload, and apart from the demo company's."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.rule import Limits
from dashapp.services import auditing, datasets, defining, limiting, offering, queueing, targeting, uploads
from dashapp.services.desk import Desk
from dashapp.services.receiving import DEMO
from models import DatasetRow, KpiRow, db
from tests.cast import Cast
from tests.services.people import in_parallel
from tests.services.stage import csv_bytes
from tests.services.world import World

WEEKS = [date(2026, 1, 5) + timedelta(7 * n) for n in range(4)]


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def _weekly(dataset: str = "weekly", header: Iterable[str] = ("Date", "Revenue", "Orders"), add: int = 0) -> bytes:
    names = tuple(header)
    return csv_bytes(names, [(d, *(100 * i + n + add for i, _ in enumerate(names[1:], start=1)))
                             for n, d in enumerate(WEEKS)])


def _save(world: World, key: str, formula: str, why: str = "", **more: Any) -> Kpi:
    kpi = Kpi(key, key.replace("_", " ").title(), formula, **more)
    return defining.save(world.cast.analyst, world.desk, kpi, why, now=world.now)


def _keys(world: World) -> list[str]:
    return [v.kpi.key for v in defining.listing(world.cast.executive, world.desk)]


def test_names_are_bound_once_and_stored_with_their_dataset(world: World) -> None:
    world.bring(_weekly(), "w.csv", "weekly")
    saved = _save(world, "basket", "sum(revenue) / sum(orders)")
    assert (saved.formula, saved.version) == ("sum(weekly.revenue) / sum(weekly.orders)", 1)
    found = defining.get(world.cast.executive, world.desk, "basket")
    assert (found.kpi, found.needs, found.datasets) == (saved, (), ("weekly",))


def test_a_second_dataset_with_the_same_column_never_changes_an_old_kpi(world: World) -> None:
    world.bring(_weekly(), "w.csv", "weekly")
    _save(world, "income", "sum(revenue)")
    before, kpis = world.values("income", "week"), _keys(world)
    world.bring(_weekly(add=7), "o.csv", "other")
    assert world.values("income", "week") == before == world.values("revenue", "week")
    assert _keys(world)[:len(kpis)] == kpis
    assert set(_keys(world)[len(kpis):]) == {f"other_{k}" for k in kpis if k != "income"}, "twins on their own data"
    assert world.values("other_revenue", "week") != before
    with pytest.raises(Invalid):
        _save(world, "unclear", "sum(revenue)")
    assert _save(world, "clear", "sum(other.revenue)").formula == "sum(other.revenue)"


UNUSABLE = (
    ("sum(revenu)", "revenu"), ("sum(revenue", ""), ("revenue +", ""), ("revenu * 2", "revenu"),
    ("sum(nowhere.x)", "nowhere"), ("__import__('os')", ""), ("1" * 3000, "2,000"),
)


def test_a_formula_that_cannot_be_used_is_refused_and_nothing_is_saved(world: World) -> None:
    world.bring(_weekly(), "w.csv", "weekly")
    before, lines = _keys(world), len(auditing.listing(world.cast.admin, limit=500))
    for formula, said in UNUSABLE:
        with pytest.raises(Invalid) as refused:
            _save(world, "broken", formula)
        assert said in refused.value.message + " ".join(i.message for i in refused.value.issues)
    assert (_keys(world), len(auditing.listing(world.cast.admin, limit=500))) == (before, lines)


@pytest.mark.parametrize("change", [
    {"key": "Big"}, {"key": "a__b"}, {"key": "1a"}, {"name": " "}, {"name": "x" * 121}, {"unit": "euros"},
    {"direction": "left"}, {"category": "x"}, {"decimals": 7}, {"weight": 1.1}, {"anomaly_threshold": 0.0},
    {"min_value": 2.0, "max_value": 1.0}, {"description": "x" * 2001}, {"owner": "x" * 201}, {"owner": ["x"]},
    {"min_value": "5"}, {"max_value": float("nan")}, {"weight": True}, {"decimals": 1.0}, {"absent_is_zero": "no"},
    {"name": {"a": 1}}, {"version": "0"}, {"anomaly_threshold": float("inf")},
])
def test_a_definition_that_makes_no_sense_is_refused(world: World, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        defining.save(world.cast.analyst, world.desk, replace(Kpi("fine", "Fine", "1"), **change), now=world.now)
    assert _keys(world) == []


def test_a_cycle_is_refused_with_its_path(world: World) -> None:
    one = _save(world, "one", "1")
    _save(world, "two", "one + 1")
    _save(world, "three", "two + 1")
    with pytest.raises(Invalid) as refused:
        defining.save(world.cast.analyst, world.desk, replace(one, formula="three * 2"), now=world.now)
    (issue,) = refused.value.issues
    assert issue.code == "kpi-cycle"
    assert "one -> three -> two -> one" in issue.message
    with pytest.raises(Invalid):
        _save(world, "self", "self + 1")


def test_definitions_that_share_others_many_times_over_are_bound_at_once(sqlite_database: Flask, desk: Desk,
                                                                        cast: Cast) -> None:
    world = World(desk, cast)
    _save(world, "a0", "1")
    _save(world, "b0", "1")
    for n in range(40):  # followed path by path this would take 2 to the power of 40 steps
        _save(world, f"a{n + 1}", f"a{n} + b{n}")
        _save(world, f"b{n + 1}", f"a{n} - b{n}")
    first = defining.get(cast.executive, desk, "a0").kpi
    with pytest.raises(Invalid, match="comes back to itself"):
        defining.save(cast.analyst, desk, replace(first, formula="b40"), now=world.now)
    assert len(defining.listing(cast.executive, desk)) == 82


def test_two_definitions_saved_at_once_never_form_a_cycle(database: Flask, desk: Desk, cast: Cast) -> None:
    world = World(desk, cast)
    left, right = _save(world, "left", "1"), _save(world, "right", "1")
    done = in_parallel(database, [
        lambda: defining.save(cast.analyst, desk, replace(left, formula="right + 1"), now=world.now),
        lambda: defining.save(cast.analyst, desk, replace(right, formula="left + 1"), now=world.now)])
    assert sorted(type(d).__name__ for d in done) in (["FormulaError", "Kpi"], ["Invalid", "Kpi"])


def test_every_version_is_kept_with_who_when_and_why(world: World) -> None:
    first = _save(world, "fixed", "1", "because")
    later = world.now + timedelta(hours=1)
    second = defining.save(world.cast.admin, world.desk, replace(first, formula="2"), "better", now=later)
    defining.delete(world.cast.analyst, world.desk, "fixed", now=later)
    found = defining.history(world.cast.executive, world.desk, "fixed")
    assert [(c.kpi.formula, c.kpi.version, c.saved_by, c.why, c.deleted) for c in found] == [
        ("2", 3, "analyst@example.org", "deleted", True), ("2", 2, "admin@example.org", "better", False),
        ("1", 1, "analyst@example.org", "because", False)]
    assert [c.saved_at for c in found] == [later, later, world.now]
    assert second.version == 2
    assert world_at(world, later - timedelta(seconds=1)) == 1


def test_saving_what_is_in_force_already_makes_no_version(world: World) -> None:
    first = _save(world, "fixed", "1 + 2", "because")
    again = defining.save(world.cast.admin, world.desk, replace(first, formula="1+2"),
                          now=world.now + timedelta(hours=1))
    assert again == first
    assert [c.why for c in defining.history(world.cast.executive, world.desk, "fixed")] == ["because"]
    assert defining.save(world.cast.admin, world.desk, first, "reviewed", now=world.now).version == 2
    with pytest.raises(Conflict):
        defining.save(world.cast.admin, world.desk, first, now=world.now)


def world_at(world: World, moment: Any) -> Any:
    return world.total("fixed", as_of=moment)


def test_h5_a_stale_version_is_a_conflict_and_overwrites_nothing(database: Flask, desk: Desk, cast: Cast) -> None:
    world = World(desk, cast)
    first = _save(world, "fixed", "1")
    done = in_parallel(database, [lambda n=n: defining.save(cast.analyst, desk, replace(first, formula=str(n)),
                                                            now=world.now) for n in range(2, 6)])
    assert [type(d).__name__ for d in done].count("Conflict") == 3
    assert defining.get(cast.executive, desk, "fixed").kpi.version == 2
    with pytest.raises(Conflict):
        _save(world, "fixed", "9")


def test_a_definition_deleted_meanwhile_is_not_brought_back_by_an_edit(world: World) -> None:
    first = _save(world, "fixed", "1")
    defining.delete(world.cast.analyst, world.desk, "fixed", now=world.now)
    with pytest.raises(Conflict):
        defining.save(world.cast.analyst, world.desk, replace(first, formula="2"), now=world.now)
    assert _keys(world) == []
    assert _save(world, "fixed", "3").version == 3
    with pytest.raises(NotFound):
        defining.delete(world.cast.analyst, world.desk, "nothing", now=world.now)


def test_a_kpi_that_others_use_cannot_be_deleted(world: World) -> None:
    _save(world, "base", "1")
    _save(world, "twice", "base * 2")
    with pytest.raises(Conflict, match="Twice"):
        defining.delete(world.cast.analyst, world.desk, "base", now=world.now)
    defining.delete(world.cast.analyst, world.desk, "twice", now=world.now)
    defining.delete(world.cast.analyst, world.desk, "base", now=world.now)
    assert _keys(world) == []


def test_only_analysts_define(world: World) -> None:
    for actor in (world.cast.executive, world.cast.finance, replace(world.cast.analyst, token_scopes=frozenset())):
        with pytest.raises(Forbidden):
            defining.save(actor, world.desk, Kpi("x", "X", "1"), now=world.now)
        with pytest.raises(Forbidden):
            defining.delete(actor, world.desk, "x", now=world.now)


def test_the_first_upload_brings_the_kpis_its_columns_support(world: World) -> None:
    checked = world.check(_weekly(), "w.csv", "weekly")
    offered = offering.offers(world.cast.finance, world.desk, checked.upload)
    ready = [v.kpi.key for v in offered if not v.needs]
    assert set(ready) == {"revenue", "orders", "average_order_value", "revenue_growth"}
    lacking = {v.kpi.key: v.needs for v in offered if v.needs}
    assert "cogs" in lacking["gross_profit"]
    world.commit(checked, adopt=("revenue", "orders"))
    assert _keys(world) == ["revenue", "orders"]
    left = {v.kpi.key for v in defining.offers(world.cast.executive, world.desk) if not v.needs}
    assert left == {"average_order_value", "revenue_growth"}
    assert offering.offers(world.cast.finance, world.desk, checked.upload) == ()


def test_later_uploads_define_nothing_by_themselves(world: World) -> None:
    world.commit(world.check(_weekly(), "w.csv", "weekly"), adopt=())
    world.bring(_weekly(header=("Date", "Revenue", "COGS"), add=1), "x.csv", "weekly")
    assert _keys(world) == []
    assert "gross_profit" in {v.kpi.key for v in defining.offers(world.cast.executive, world.desk) if not v.needs}


def test_a_kpi_whose_data_are_gone_says_what_it_needs(world: World) -> None:
    world.bring(_weekly(), "w.csv", "weekly")
    _save(world, "income", "sum(weekly.revenue)")
    _save(world, "half", "income / 2")
    datasets.delete(world.cast.admin, world.desk, "weekly", now=world.now)
    found = {v.kpi.key: v.needs for v in defining.listing(world.cast.executive, world.desk)}
    assert found == {"income": ("weekly.revenue",), "half": ("weekly.revenue",)}, "what is built on it lacks the same"
    points = world.series("income").points
    assert {(p.value, p.reason) for p in points} == {(None, "Needs weekly.revenue, which is not here any more.")}
    world.bring(_weekly(add=3), "w2.csv", "weekly")
    assert world.values("income", "week") != {}
    assert not any(v.needs for v in defining.listing(world.cast.executive, world.desk))


def _demo(world: World) -> None:
    """A demo dataset with its KPIs, made as the demo company's are: announced before its first upload."""
    db.session.add(DatasetRow(key="demo_shop", name="Demo", is_demo=True, created_at=world.now, version=0,
                              served_version=0, last_commit=0, columns=[]))
    db.session.commit()
    world.bring(_weekly(add=50), "demo.csv", "demo_shop", {"key": ["date"], "grain": "week"},
                by=replace(world.cast.admin, via=DEMO))


def test_keys_the_demo_company_holds_get_the_datasets_key_in_front(world: World) -> None:
    _demo(world)
    demo = world.values("revenue", "week")
    checked = world.check(_weekly(), "w.csv", "weekly")
    offered = [v.kpi for v in offering.offers(world.cast.finance, world.desk, checked.upload) if not v.needs]
    assert {k.key for k in offered} == {
        "weekly_revenue", "weekly_orders", "weekly_average_order_value", "weekly_revenue_growth"}
    world.commit(checked)
    assert world.values("revenue", "week") == demo
    assert {k[0]: v for k, v in world.values("weekly_revenue", "week").items()} == {
        f"{d.isocalendar()[0]}-W{d.isocalendar()[1]:02d}": 100 + n for n, d in enumerate(WEEKS)}
    basket = defining.get(world.cast.executive, world.desk, "weekly_average_order_value").kpi
    assert basket.formula == "weekly_revenue / weekly_orders"


def test_without_the_demo_company_the_plain_keys_are_free(world: World) -> None:
    _demo(world)
    limiting.save(world.cast.analyst, Limits("revenue", "week", "below", 1.0), now=world.now)
    targeting.save(world.cast.finance, world.desk, "revenue", "2026-01", 5.0, now=world.now)
    checked = world.check(_weekly(), "w.csv", "weekly", by=world.cast.admin)
    offered = offering.offers(world.cast.admin, world.desk, checked.upload, without_demo=True)
    assert "revenue" in {v.kpi.key for v in offered if not v.needs}
    with pytest.raises(Forbidden):
        queueing.queue(world.cast.finance, world.desk, checked.upload, checked.digest, now=world.now,
                        without_demo=True)
    args = {"upload": checked.upload, "digest": "stale", "adopt": None, "without_demo": True}
    with pytest.raises(Conflict):
        queueing.run_commit(world.desk, args, world.cast.admin.id, now=world.now, progress=lambda *_: None)
    assert offering.has_demo()  # a commit that is refused takes nothing away
    args["digest"] = checked.digest
    queueing.run_commit(world.desk, args, world.cast.admin.id, now=world.now, progress=lambda *_: None)
    assert not offering.has_demo()
    assert (uploads.status(world.cast.admin, world.desk, checked.upload).result or {})["removed"] == ["demo_shop"]
    assert {d.dataset.key for d in datasets.listing(world.cast.admin, world.desk, now=world.now)} == {"weekly"}
    assert defining.get(world.cast.executive, world.desk, "revenue").kpi.formula == "sum(weekly.revenue)"
    assert (limiting.listing(world.cast.admin), targeting.listing(world.cast.admin, world.desk)) == ((), ())


def test_removing_the_demo_company_leaves_real_data_and_their_kpis(world: World) -> None:
    _demo(world)
    world.bring(_weekly(), "w.csv", "weekly")
    before = world.values("weekly_revenue", "week")
    assert datasets.remove_demo(world.cast.admin, world.desk, now=world.now) == ("demo_shop",)
    assert world.values("weekly_revenue", "week") == before
    assert not any(k for k in _keys(world) if not k.startswith("weekly_"))
    assert db.session.query(KpiRow).filter(KpiRow.is_demo).count() == 0
    assert not (world.desk.ledger.root / "demo_shop").exists()
    lines = len(auditing.listing(world.cast.admin, limit=500))
    assert datasets.remove_demo(world.cast.admin, world.desk, now=world.now) == ()
    assert len(auditing.listing(world.cast.admin, limit=500)) == lines
