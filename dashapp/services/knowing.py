"""What the checks of a file are told about its dataset: its history, what its KPIs call plausible, the joined lists."""
from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from dashapp.core.actor import Actor
from dashapp.core.dataset import Dataset
from dashapp.core.history import History, Plausible, Reference
from dashapp.core.mapping import Mapping
from dashapp.query.formula import FormulaError
from dashapp.query.names import bind
from dashapp.query.tree import Agg, Cmp, Col, Node
from dashapp.services import rating
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene
from dashapp.services.unit import reading
from models import Upload

READING = frozenset({"avg", "min", "max", "median", "first", "last"})  # figures that lie between their rows' values
LAGS = 12  # of the latest uploads


@contextmanager
def known_to(actor: Actor, desk: Desk, scene: Scene, dataset: str, mapping: Mapping) -> Iterator[History]:
    """The history for checks of a file with this mapping, within the actor's data scope. Files of keys that it names
    are there until the block ends."""
    desk.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="known-", dir=desk.scratch) as folder:
        yield replace(
            past(actor, desk, scene, dataset), plausible=plausible(scene, dataset), lags=lags(dataset),
            references=tuple(_references(desk, scene, dataset, mapping, Path(folder))),
            rates=rating.known(desk, scene),
            calendar=desk.organisation.calendar)


def at_first_sight(desk: Desk, scene: Scene) -> History:
    """What is known without a look at any row but the rates: enough to say how a file would be read."""
    return History(rates=rating.known(desk, scene))


def past(actor: Actor, desk: Desk, scene: Scene, dataset: str, *, anew: bool = False) -> History:
    """The rows that are there within the actor's scope; an empty history for a dataset that has none.

    anew: counted from all rows; else what is kept is carried on over the uploads since.
    """
    found = scene.datasets.get(dataset)
    if found is None or found.place is not None or not found.version:
        return History()
    return desk.ledger.history(found, scene.vintages[dataset], actor.scope, calendar=desk.organisation.calendar,
                               anew=anew)


def plausible(scene: Scene, dataset: str) -> tuple[Plausible, ...]:
    """Ranges that the registry's definitions give for single rows of the dataset's columns."""
    out = []
    for kpi in scene.kpis.values():
        if kpi.min_value is None and kpi.max_value is None:
            continue
        try:
            tree = bind(kpi.formula, scene.datasets, scene.kpis).tree
        except FormulaError:
            continue  # it stands on columns that are not here; the overview says so
        if (found := _column(tree, dataset)) is not None:
            out.append(Plausible(found[0], kpi.key, kpi.name, kpi.min_value, kpi.max_value, found[1]))
    return tuple(out)


def _column(tree: Node, dataset: str) -> tuple[str, str | None] | None:
    """(column, KPI of the readings) where a formula reads one column of the dataset as it is."""
    if not isinstance(tree, Agg) or tree.func not in READING or tree.dataset != dataset:
        return None
    if not isinstance(tree.arg, Col):
        return None
    if tree.cond is None:
        return tree.arg.path[-1], None
    cond = tree.cond
    if isinstance(cond, Cmp) and cond.op == "==" and cond.col.path[-1] == "kpi" and isinstance(cond.values[0], str):
        return tree.arg.path[-1], cond.values[0]
    return None


def lags(dataset: str) -> tuple[int, ...]:
    """Days from the last date of the latest live uploads to their arrival, newest first."""
    with reading() as session:
        rows = session.execute(
            select(Upload.received_at, Upload.last).where(
                Upload.dataset_key == dataset, Upload.state == "committed", Upload.last.is_not(None))
            .order_by(Upload.commit.desc()).limit(LAGS)).all()
    return tuple((received.date() - last).days for received, last in rows if last is not None)


def _references(desk: Desk, scene: Scene, dataset: str, mapping: Mapping, folder: Path) -> Iterator[Reference]:
    known = scene.datasets.get(dataset)
    for number, (column, target) in enumerate(_joins(known, mapping)):
        name, _, key = target.partition(".")
        there = scene.datasets.get(name)
        if there is None or there.place is not None or there.column(key) is None or not scene.vintages.get(name):
            continue
        path = folder / f"keys{number}.parquet"
        desk.ledger.keys(there, scene.vintages[name], key, path)
        yield Reference(column, target, str(path.resolve()))


def _joins(known: Dataset | None, mapping: Mapping) -> Iterable[tuple[str, str]]:
    joins = {**(dict(known.joins) if known else {}), **mapping.joins}
    return sorted((column, target) for column, target in joins.items() if target)
