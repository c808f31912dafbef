"""Files that come one after the other: what each does is what the vintages read anew would say, in every mode."""
from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.rollup import rollup_of
from dashapp.facts.arrivals import Arrivals
from tests.facts.ground import COLUMNS, Ground, order, write

DAY = date(2026, 3, 1)
MODES: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ("upsert", ("order_id",), ()), ("append", (), ()), ("replace-period", (), ()), ("replace-period", (), ("region",)),
    ("upsert", ("order_id", "region"), ())]


def rows(dice: random.Random, count: int) -> list[dict[str, Any]]:
    """Orders with few keys, days and regions, some of them missing, so that files meet each other all the time."""
    days = (DAY, DAY + timedelta(1), DAY + timedelta(9), None)
    return [order(dice.choice(("a", "b", "c", "d", "e", None)), dice.choice(days),
                  dice.choice(("EMEA", "APAC", None)), dice.choice(("1", "2.5", None)), dice.choice((1.0, 2.0, None)))
            for _ in range(count)]


def opened(ground: Ground) -> Arrivals:
    return Arrivals(ground.root, ground.dataset, ground.vintages, {"memory_limit": "256MB", "threads": 1})


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


@pytest.mark.parametrize("served", [False, True], ids=["from the vintages", "from the serving file"])
@pytest.mark.parametrize("seed", range(12))
def test_every_file_of_a_row_does_what_the_vintages_say(ground: Ground, seed: int, served: bool) -> None:
    dice = random.Random(seed)
    for _ in range(dice.randrange(1, 4)):
        mode, key, slices = dice.choice(MODES)
        ground.upload(rows(dice, 6), mode, key=key, slices=slices)
    if served:
        ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
    arrivals = opened(ground)
    for number in range(6):
        mode, key, slices = dice.choice(MODES)
        fresh = rows(dice, dice.randrange(1, 7))
        path = write(ground.ledger.staging("orders", f"try{number}"), "try", fresh)
        asked: dict[str, Any] = {"mode": mode, "key": key, "slices": slices}
        found = arrivals.effect(ground.dataset, path, **asked, calendar=Calendar())
        want = ground.ledger.effect(ground.dataset, ground.vintages, path, mode, key, slices)  # type: ignore[arg-type]
        assert found == want, (number, mode, key, slices)
        until = dice.choice((DAY - timedelta(1), DAY, DAY + timedelta(1)))
        made = ground.upload(fresh, mode, key=key, slices=slices)
        touched = ground.ledger.closed(ground.dataset, ground.vintages[:-1], ground.vintages, until)
        assert arrivals.reaches(ground.dataset, until) or not touched.any, "nothing closed changes unseen"
        arrivals.settle(made)
        assert seen(arrivals) == ground.seen(), (number, mode)
    arrivals.close()


def seen(arrivals: Arrivals) -> list[tuple[str, int]]:
    return sorted((str(v), r) for v, r in arrivals._run("SELECT _vintage, _row FROM _shown").fetchall())


def test_an_untouched_closed_period_is_told_from_one_that_is_touched(ground: Ground) -> None:
    ground.upload([order("a", DAY, "EMEA", "1"), order("b", DAY + timedelta(9), "EMEA", "1")])
    arrivals = opened(ground)
    for fresh, reaches in (([order("c", DAY + timedelta(5), None, "1")], False),
                           ([order("b", DAY + timedelta(5), None, "1")], False),
                           ([order("a", DAY + timedelta(5), None, "1")], True),
                           ([order("z", DAY, None, "1")], True), ([order("z", None, None, "1")], True)):
        path = write(ground.ledger.staging("orders", "try"), "try", fresh)
        arrivals.effect(ground.dataset, path, mode="upsert", key=("order_id",), slices=(), calendar=Calendar())
        assert arrivals.reaches(ground.dataset, DAY + timedelta(2)) is reaches, fresh
    arrivals.close()


def test_other_columns_are_no_question_for_it(ground: Ground) -> None:
    ground.upload([order("a", DAY)])
    arrivals, more = opened(ground), Column("channel", "Channel", RoleOf.DIMENSION, "text")
    path = write(ground.ledger.staging("orders", "try"), "try", [order("b", DAY)])
    assert arrivals.fits(ground.dataset, path)
    assert not arrivals.fits(replace(ground.dataset, columns=(*COLUMNS, more)), path)
    wide = write(ground.ledger.staging("orders", "wide"), "wide", [{**order("b", DAY), "channel": "web"}],
                 (*COLUMNS, more))
    assert not arrivals.fits(ground.dataset, wide)
    with pytest.raises(Invalid, match="key"):
        arrivals.effect(ground.dataset, path, mode="upsert", key=(), slices=(), calendar=Calendar())
    arrivals.close()
