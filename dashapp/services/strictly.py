"""Questions of programs and terminals, read strictly: a column that no row has is refused, never answered with blanks.

Screens are lenient, because a filter stays while the reader walks on to KPIs of other data. A program would take a
column of blanks for an answer: what nothing asked can be split or filtered by is refused with a suggestion; where only
some of the KPIs lack the column, theirs say so in `warnings` as well as beside each figure.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.kpi import Kpi
from dashapp.core.question import Question
from dashapp.core.series import Series
from dashapp.core.where import Where
from dashapp.services import asking
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene

_NAMED = 8  # columns told where none is close


def ask(actor: Actor, desk: Desk, question: Question, *, now: datetime) -> tuple[Series, ...]:
    """As `asking.ask`. Raises Invalid when no KPI asked has a column that is split or filtered by."""
    lacking = refuse_unknown(actor, question.kpis, question.by, question.where, question.as_of)
    found = asking.ask(actor, desk, question, now=now)
    return tuple(replace(s, warnings=(*s.warnings, *(i.message for i in lacking.get(s.kpi, ())))) for s in found)


def refuse_unknown(actor: Actor, kpis: Iterable[str] | None, by: Iterable[str], where: Iterable[Where],
                   as_of: datetime | None) -> dict[str, tuple[Issue, ...]]:
    """KPI -> the columns its data lack, for those that lack some. kpis: None means all.

    Raises Invalid, with one issue per column and dataset, when that leaves no KPI to be answered.
    """
    actor.require(Role.EXECUTIVE)
    named = (*((name, "split by") for name in by), *((w.column, "filter by") for w in where))
    if not named:
        return {}
    scene = load_scene()
    definitions, _ = scene.kpis_at(as_of)
    asked = [k for k in (definitions if kpis is None else kpis) if k in definitions]
    lacking = {k: found for k in asked if (found := _lacking(k, named, definitions, scene.datasets))}
    standing = [k for k in asked if _read(k, definitions, scene.datasets)]
    if standing and all(k in lacking for k in standing):
        issues = tuple(dict.fromkeys(i for found in lacking.values() for i in found))
        raise Invalid(issues[0].message, issues=issues)
    return lacking


def _lacking(key: str, named: Iterable[tuple[str, str]], kpis: Mapping[str, Kpi],
             datasets: Mapping[str, Dataset]) -> tuple[Issue, ...]:
    from dashapp.query.columns import find_dimension

    return tuple(_issue(datasets[d], name, what, datasets) for d in _read(key, kpis, datasets) for name, what in named
                 if find_dimension(datasets[d], name, datasets) is None)


def _read(key: str, kpis: Mapping[str, Kpi], datasets: Mapping[str, Dataset]) -> list[str]:
    """The datasets whose rows a KPI reads, through others too."""
    from dashapp.query.graph import below, sources

    return sorted({s for k in below([key], kpis) for s in sources(kpis[k].formula) if s in datasets})


def _issue(dataset: Dataset, name: str, what: str, datasets: Mapping[str, Dataset]) -> Issue:
    from dashapp.query.columns import known_paths
    from dashapp.query.formula import did_you_mean

    said = f"{dataset.key} has no column {name[:80]!r} to {what}"
    if hint := did_you_mean(name, known_paths(dataset, datasets)):
        return Issue("column-unknown", f"{said} - {hint}", column=name[:80])
    there = [c.key for c in dataset.columns if c.role in (RoleOf.DIMENSION, RoleOf.CURRENCY)]
    more = f"; it has {', '.join(there[:_NAMED])}" if there else ""
    return Issue("column-unknown", f"{said}{more}.", column=name[:80])
