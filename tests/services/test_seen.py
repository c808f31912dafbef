"""B5: what a derivation tells a person with a data scope: their own condition, and only uploads with rows of theirs."""
from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from dashapp.core.actor import Actor
from dashapp.core.period import Grain
from dashapp.core.question import Question
from dashapp.services import exploring, exporting, reverting, serving
from tests.conftest import NOW
from tests.services.stage import csv_bytes
from tests.services.world import SPAN, World, opened, scoped

MONTH = "2025-12"
HEADER = ("order_id", "date", "region", "revenue")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Orders that came region by region, one file each, and a sheet without regions."""
    with opened(tmp_path_factory.mktemp("seen"), sqlite_template) as found:
        for n, region in enumerate(("EMEA", "APAC", "LATAM")):
            rows = [(f"{region}{i}", date(2025, 12, i + 1), region, 100 + i) for i in range(5)]
            found.bring(csv_bytes(HEADER, rows), f"{region.lower()}.csv", "orders",
                        {"key": ["order_id"], "mode": "upsert"}, now=NOW + timedelta(hours=n))
        marketing = [(date(2025, 12, 1), 10), (date(2025, 12, 2), 20)]
        found.bring(csv_bytes(("date", "marketing_spend"), marketing), "m.csv", "marketing", {"mode": "append"})
        found.now = NOW + timedelta(hours=9)
        yield found


def files_of(world: World, actor: Actor, kpi: str = "revenue") -> set[str]:
    from dashapp.services import uploads

    return {uploads.status(world.cast.admin, world.desk, v).source_name
            for v in world.series(kpi, actor=actor).vintages}


@pytest.mark.parametrize("built", [False, True], ids=["vintages", "serving file"])
def test_b5_a_series_names_only_uploads_that_hold_rows_one_may_see(world: World, built: bool) -> None:
    if built:
        serving.build(world.desk, "orders")
    admin, emea = world.cast.admin, world.cast.scoped
    assert files_of(world, admin) == {"emea.csv", "apac.csv", "latam.csv"}
    assert files_of(world, emea) == {"emea.csv"}
    assert files_of(world, scoped(admin, "region!=EMEA")) == {"apac.csv", "latam.csv"}
    assert files_of(world, scoped(admin, "region=nowhere")) == set()
    assert files_of(world, emea, "marketing_spend") == set()
    assert files_of(world, admin, "marketing_spend") == {"m.csv"}


def test_b5_a_filter_does_not_hide_what_the_figures_stand_on(world: World) -> None:
    found = world.series("revenue", where=("region=nowhere",), actor=world.cast.scoped)
    assert len(found.vintages) == 1


def test_b5_a_derivation_tells_a_scoped_person_their_own_condition_and_uploads(world: World) -> None:
    emea, full = (exploring.explain(actor, world.desk, "revenue", MONTH, now=world.now)
                  for actor in (world.cast.scoped, world.cast.admin))
    assert [(o.file, o.rows) for o in emea.origins] == [("emea.csv", 5)]
    assert {o.file for o in full.origins} == {"emea.csv", "apac.csv", "latam.csv"}
    sql = " ".join(text for _, text in emea.statements)
    assert "'EMEA'" in sql
    told = json.dumps(emea.to_json())
    others = [o.upload for o in full.origins if o.file != "emea.csv"]
    assert not [word for word in ("APAC", "LATAM", "apac.csv", str(world.desk.folder), *others) if word in told]


def test_b5_rows_and_files_name_no_other_upload(world: World) -> None:
    found = exploring.rows(world.cast.scoped, world.desk, "revenue", MONTH, now=world.now)
    assert {r.file for r in found.rows} == {"emea.csv"}
    question = Question(("revenue", "marketing_spend"), Grain.MONTH, SPAN)
    mine, all_ = (world.series("revenue", actor=a).vintages for a in (world.cast.scoped, world.cast.admin))
    _, _, content = exporting.series(world.cast.scoped, world.desk, question, "xlsx", now=world.now)
    notes = {r[0].value: r[1].value for r in openpyxl.load_workbook(io.BytesIO(content))["Notes"].iter_rows()}
    assert notes["Data versions (uploads)"] == mine[0]
    assert not set(mine) ^ set(all_) & set(notes["Data versions (uploads)"].split(", "))


def test_b5_earlier_moments_name_what_was_there_then(world: World) -> None:
    early = NOW + timedelta(minutes=30)
    assert len(world.series("revenue", as_of=early, actor=world.cast.admin).vintages) == 1
    assert len(world.series("revenue", as_of=early, actor=scoped(world.cast.admin, "region=APAC")).vintages) == 0
    later = replace(world.cast.scoped, scope=scoped(world.cast.admin, "region=LATAM").scope)
    assert len(world.series("revenue", as_of=NOW + timedelta(hours=5), actor=later).vintages) == 1


def test_b5_an_undone_upload_is_named_no_more(world: World) -> None:
    more = world.bring(csv_bytes(HEADER, [("x1", date(2025, 12, 9), "EMEA", 7)]), "more.csv", "orders")
    assert files_of(world, world.cast.scoped) == {"emea.csv", "more.csv"}
    reverting.undo(world.cast.finance, world.desk, more.id, now=world.now)
    assert files_of(world, world.cast.scoped) == {"emea.csv"}
