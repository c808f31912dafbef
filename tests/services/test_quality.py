"""Five numbers against a count in plain Python, when they are measured, and who may see them."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask, current_app

from dashapp.core.errors import Forbidden, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.quality import NAMES
from dashapp.jobs.chores import TABLE
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import datasets, defining, quality, reverting, serving
from dashapp.services.desk import Desk
from dashapp.services.unit import reading
from models import Job, QualityRow
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import World, scoped

HEADER = ("Date", "SKU", "Region", "Revenue")
MAPPING = {"mode": "append", "grain": "day", "joins": {"sku": "catalogue.sku_id"}}
START, COUNT = date(2026, 1, 5), 70
GONE = {date(2026, 1, 14), date(2026, 2, 3)}
Row = tuple[date, str, str, Any]


def rows() -> list[Row]:
    """Two rows on every weekday but two, until 13 March: some empty cells, a slip of a region, an unknown SKU."""
    out: list[Row] = []
    for n in range(COUNT - 2):
        day = START + timedelta(n)
        if day.weekday() < 5 and day not in GONE:
            out.append((day, "S9" if n % 13 == 0 else "S1", "Emea" if n == 8 else "EMEA", n + 10))
            out.append((day, "S2", "APAC" if n % 9 else "", "" if n % 20 == 0 else n + 20))
    return out


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    found = World(desk, cast)
    listed = csv_bytes(("sku_id", "category"), [("S1", "a"), ("S2", "b")])
    found.bring(listed, "catalogue.csv", "catalogue", {"kind": "reference", "key": ["sku_id"], "mode": "upsert"})
    bad = [("not a day", "S1", "EMEA", 1)] * 3
    found.bring(csv_bytes(HEADER, [*rows(), *bad]), "winter.csv", "sales", MAPPING, build=True)
    return found


def work(world: World) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    worker = Worker(app, lambda: world.desk, HANDLERS, clock=lambda: world.now)
    while worker.step():
        pass


def measured(world: World, dataset: str = "sales") -> quality.Quality:
    made = quality.measure(world.desk, dataset, now=world.now)
    assert made is not None
    return made


def test_completeness_is_the_smaller_of_filled_cells_and_present_days(world: World) -> None:
    made = measured(world)
    filled = sum(1 for r in rows() for c in r if c != "")
    cells = 4 * len(rows())
    days = {START + timedelta(n) for n in range(COUNT) if (START + timedelta(n)).weekday() < 5}
    last = max(r[0] for r in rows())
    expected = len([d for d in days if d <= last])
    assert (made.counts["filled"], made.counts["cells"]) == (filled, cells)
    assert (made.counts["expected"], made.counts["present"]) == (expected, expected - 2)
    assert made.counts["missing"] == ["2026-01-14", "2026-02-03"]
    assert made.scores["completeness"] == pytest.approx(min(filled / cells, (expected - 2) / expected))
    empty = {c["key"]: len(rows()) - c["filled"] for c in made.counts["columns"]}
    assert empty["region"] == sum(r[2] == "" for r in rows())


def test_validity_counts_refused_rows_and_values_outside_of_a_range(world: World, cast: Cast) -> None:
    arrived = len(rows()) + 3
    assert measured(world).scores["validity"] == pytest.approx((arrived - 3) / arrived)
    defining.save(cast.analyst, world.desk, Kpi("typical", "Typical", "median(sales.revenue)", max_value=80.0), 0,
                  now=world.now)
    high = sum(r[3] != "" and r[3] > 80 for r in rows())
    assert high > 0
    made = measured(world)
    assert made.scores["validity"] == pytest.approx((arrived - 3 - high) / arrived)
    assert (made.counts["refused"], made.counts["implausible"]) == (3, high)


def test_uniqueness_counts_rows_that_repeat_another(world: World) -> None:
    assert measured(world).scores["uniqueness"] == 1.0
    again = rows()[:5]
    world.bring(csv_bytes(HEADER, again), "again.csv", "sales", MAPPING)
    made = measured(world)
    assert made.counts["repeated"] == 5
    assert made.scores["uniqueness"] == pytest.approx(len(rows()) / (len(rows()) + 5))


def test_consistency_counts_unknown_keys_and_other_spellings(world: World) -> None:
    made = measured(world)
    lost, slips = sum(r[1] == "S9" for r in rows()), sum(r[2] == "Emea" for r in rows())
    both = sum(r[1] == "S9" or r[2] == "Emea" for r in rows())
    assert slips > 0
    assert made.counts["unmatched"] == [{"column": "sku", "target": "catalogue.sku_id", "rows": lost}]
    assert made.counts["variants"] == [{"column": "region", "usual": "EMEA", "others": ["Emea"], "rows": slips}]
    assert made.scores["consistency"] == pytest.approx(1 - both / len(rows()))


def test_timeliness_falls_when_no_file_comes(world: World) -> None:
    assert measured(world).scores["timeliness"] == 1.0
    last = max(r[0] for r in rows())
    world.now = world.now + timedelta(60)
    made = measured(world)
    assert made.counts["age"] == (world.now.date() - last).days
    assert made.scores["timeliness"] == 0.0


def test_a_list_without_dates_has_no_timeliness(world: World) -> None:
    made = measured(world, "catalogue")
    assert {n: made.scores[n] for n in NAMES} == {
        "completeness": 1.0, "validity": 1.0, "uniqueness": 1.0, "consistency": 1.0, "timeliness": None}


def test_a_build_has_the_quality_measured_by_a_job(world: World, cast: Cast) -> None:
    assert quality.get(cast.finance, "sales", now=world.now).quality is None
    world.bring(csv_bytes(HEADER, rows()[:2]), "more.csv", "sales", MAPPING)
    work(world)
    found = quality.get(cast.finance, "sales", now=world.now).quality
    assert found is not None
    assert (found.version, found.at) == (2, world.now)


def test_the_same_version_and_day_are_one_row_and_days_without_a_file_are_measured(world: World, cast: Cast) -> None:
    for _ in range(2):
        measured(world)
    assert len(quality.history(cast.finance, "sales")) == 1
    assert quality.queue_due(world.desk, now=world.now) == 1, "the catalogue was not measured yet"
    world.now += timedelta(days=1)
    assert quality.queue_due(world.desk, now=world.now) == 2
    work(world)
    assert [q.at.date() for q in quality.history(cast.finance, "sales")] == [date(2026, 3, 16), date(2026, 3, 17)]
    assert any(chore.__code__.co_names[:2] == ("quality", "queue_due") for _, chore in TABLE)


def test_a_trend_compares_with_a_month_ago_or_the_first_measurement(world: World, cast: Cast) -> None:
    first = measured(world)
    assert quality.get(cast.finance, "sales", now=world.now).trends["uniqueness"].since is None
    for days in (10, 45):
        world.now += timedelta(days=days)
        world.bring(csv_bytes(HEADER, rows()[days : days + 5]), f"{days}.csv", "sales", MAPPING)
        last = measured(world)
    trend = quality.get(cast.finance, "sales", now=world.now).trends["uniqueness"]
    assert trend.since == date(2026, 3, 26), "the measurement at least 30 days old that is nearest"
    middle = quality.history(cast.finance, "sales")[1]
    assert trend.change == pytest.approx(last.scores["uniqueness"] - middle.scores["uniqueness"])  # type: ignore[operator]
    assert first.scores["uniqueness"] == 1.0


def test_an_undone_upload_does_not_count(world: World, cast: Cast) -> None:
    again = world.bring(csv_bytes(HEADER, rows()[:5]), "again.csv", "sales", MAPPING)
    reverting.undo(cast.finance, world.desk, again.id, now=world.now)
    assert measured(world).counts["repeated"] == 0


def test_quality_speaks_to_those_only_who_see_all_rows(world: World, cast: Cast) -> None:
    measured(world)
    for verb in (lambda a: quality.listing(a, now=world.now), lambda a: quality.get(a, "sales", now=world.now),
                 lambda a: quality.history(a, "sales")):
        with pytest.raises(Forbidden):
            verb(scoped(cast.finance, "region=EMEA"))
        with pytest.raises(Forbidden):
            verb(cast.executive)
    with pytest.raises(NotFound):
        quality.get(cast.finance, "nothing", now=world.now)


def test_a_deleted_dataset_takes_its_measurements_along(world: World, cast: Cast) -> None:
    measured(world)
    datasets.delete(cast.admin, world.desk, "sales", now=world.now)
    assert quality.measure(world.desk, "sales", now=world.now) is None
    with reading() as session:
        assert session.query(QualityRow).count() == 0


def test_a_build_for_nobody_queues_nothing(world: World) -> None:
    serving.build(world.desk, "sales")
    with reading() as session:
        assert session.query(Job).filter(Job.kind == quality.MEASURE_JOB).count() == 0


def test_every_check_is_listed_in_its_order(cast: Cast) -> None:
    found = quality.checks(cast.finance)
    assert [c.order for c in found] == sorted(c.order for c in found)
    assert {"scale_shifts", "sign_shifts", "volume_shifts", "mix_shifts", "missing_periods", "jumps", "freshness",
            "outliers", "plausible_ranges", "unknown_references"} <= {c.name for c in found}
