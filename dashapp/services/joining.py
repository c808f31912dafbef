"""Joins of a file's columns to lists that are there: what can be joined, what is suggested, how many rows match.

Nothing is joined by a suggestion alone: a person leaves it standing on the screen, a program says `joins`.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.join import JoinMatch
from dashapp.core.rollup import quoted
from dashapp.ingest.model import Inspection
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene, load_scene

ENOUGH = 0.8
JOINABLE = (RoleOf.DIMENSION, RoleOf.ID, RoleOf.ENTITY)
_ENDINGS = ("_id", "_no", "_nr", "_code", "_key", "_number")


def targets(actor: Actor, dataset: str) -> tuple[str, ...]:
    """`dataset.column` of every list with one text column as its key: what a column of `dataset` can be joined to.
    Finance."""
    actor.require(Role.FINANCE, token="ingest")
    return tuple(sorted(f"{other.key}.{key}" for other, key in _lists(load_scene(), dataset)))


def suggested(desk: Desk, scene: Scene, dataset: str, found: Inspection) -> tuple[JoinMatch, ...]:
    """Joins that a header and at least four fifths of the column's sample values speak for, the best per column."""
    columns = ((c.key, c.role, c.type, tuple(filter(None, c.values)) or c.samples) for c in found.columns)
    return tuple(best for key, role, type_, values in columns if role in JOINABLE and type_ == "text" and values
                 if (best := _best(_sampled(desk, scene, dataset, key, values))))


def matches(desk: Desk, scene: Scene, shape: Dataset, staged: Path) -> tuple[JoinMatch, ...]:
    """How the rows of the staged file fare with the joins of its dataset. Raises Invalid for joins that compare
    values of different types, or lead into a warehouse."""
    found = (_match(desk, scene, shape, staged, column, target) for column, target in shape.joins)
    return tuple(m for m in found if m)


def open_joins(desk: Desk, scene: Scene, shape: Dataset, said: Iterable[str], staged: Path) -> tuple[JoinMatch, ...]:
    """Joins that nobody declared and the whole staged file speaks for; columns in `said` are decided."""
    decided = {*said, *(column for column, _ in shape.joins)}
    out = []
    for column in shape.columns:
        if column.key not in decided and column.role in JOINABLE and column.type == "text":
            fitting = [_match(desk, scene, shape, staged, column.key, f"{other.key}.{key}")
                       for other, key in _lists(scene, shape.key) if _fits(column.key, other, key)]
            best = _best(m for m in fitting if m)
            out += [best] if best else []
    return tuple(out)


def _lists(scene: Scene, dataset: str) -> Iterator[tuple[Dataset, str]]:
    for other in scene.datasets.values():
        is_here = other.place is None  # rows of a file are not joined to those of a warehouse
        if is_here and other.kind == "reference" and other.key != dataset and len(other.key_columns) == 1:
            key = other.column(other.key_columns[0])
            if key and key.type == "text":
                yield other, key.key


def _sampled(desk: Desk, scene: Scene, dataset: str, column: str, values: tuple[str, ...]) -> Iterator[JoinMatch]:
    for other, key in _lists(scene, dataset):
        if _fits(column, other, key):
            known = _known(desk, scene, other, key, values)
            missing = [v for v in values if v not in known]
            yield JoinMatch(column, f"{other.key}.{key}", len(values), len(values) - len(missing), tuple(missing[:10]),
                            len(missing))


def _known(desk: Desk, scene: Scene, other: Dataset, key: str, values: tuple[str, ...]) -> set[str]:
    from dashapp.facts.tables import TableAt
    from dashapp.facts.visible import literal

    sql = (f"SELECT DISTINCT {quoted(key)} AS k FROM {quoted(other.key)} "  # noqa: S608 - quoted(), literal()
           f"WHERE {quoted(key)} IN ({', '.join(literal(v) for v in values)})")
    tables = desk.ledger.tables([TableAt(other, scene.vintages.get(other.key, ()))])
    return set(tables.fetch(sql).column("k").to_pylist())


def _match(desk: Desk, scene: Scene, shape: Dataset, staged: Path, column: str, target: str) -> JoinMatch | None:
    name, _, key = target.partition(".")
    other, own = scene.datasets.get(name), shape.column(column)
    there = other.column(key) if other else None
    if other is None or there is None:
        return JoinMatch(column, target, 0, 0, is_there=False)
    if other.place:
        _refuse(f"the join of {column!r} leads to {name}, which is read in the warehouse {other.connection}")
    if own and own.type != there.type:
        _refuse(f"the join of {column!r} compares {own.type} with {there.type} in {target}: make both the same type")
    return desk.ledger.match(staged, column, other, scene.vintages.get(name, ()), key)


def _refuse(problem: str) -> NoReturn:
    raise Invalid(f"The mapping cannot be used: {problem}.", issues=[Issue("mapping", problem)])


def _best(found: Iterable[JoinMatch]) -> JoinMatch | None:
    enough = [m for m in found if m.rows and m.matched >= ENOUGH * m.rows]
    return max(enough, key=lambda m: (m.matched / m.rows, m.target), default=None)


def _fits(column: str, other: Dataset, key: str) -> bool:
    """Does the column's name speak of the list: by its key (`sku`, `sku_id`) or by its name (`product`, `products`)?"""
    return _stem(column) in {_stem(key), other.key, other.key.removesuffix("s")}


def _stem(name: str) -> str:
    return next((name.removesuffix(e) for e in _ENDINGS if name.endswith(e)), name)
