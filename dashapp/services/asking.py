"""Questions about KPIs: one scene, one plan, few scans, every answer within the actor's data scope."""
from __future__ import annotations

import difflib
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import Dataset
from dashapp.core.errors import Forbidden, Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.series import Series
from dashapp.core.where import Where
from dashapp.services import connecting, targeting
from dashapp.services.caching import key_of
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene, load_scene
from dashapp.services.states import data_states, state_at

if TYPE_CHECKING:
    from dashapp.facts.engines._pool import Line
    from dashapp.facts.tables import Tables
    from dashapp.query.looking import Unanswered
    from dashapp.query.planned import Kept, Plan
    from dashapp.query.scan import Scan

log = logging.getLogger("ledgerline.asking")
TIMEOUT = 30.0
WAREHOUSE_TIMEOUT = 10.0
PATIENCE = 120.0  # for somebody who computes the same: beside them it would take longer, on a machine that is busy


@dataclass(frozen=True)
class Ground:
    """Everything a plan stands on: the scene, definitions and datasets in force at the moment, and their tables.

    line: opens the warehouse of a connection; until: see `Desk`.
    """

    scene: Scene
    kpis: Mapping[str, Kpi]
    datasets: Mapping[str, Dataset]
    tables: Tables
    states: Mapping[str, Any]
    today: date
    early: tuple[str, ...]
    line: Callable[[str], Line] | None = None
    until: float | None = None


def ask(actor: Actor, desk: Desk, question: Question, *, now: datetime) -> tuple[Series, ...]:
    """The series of every KPI asked, in that order. Any role, within the actor's data scope and nothing else.

    Raises NotFound for an unknown KPI (with a suggestion) and Unavailable when the question takes too long.
    """
    actor.require(Role.EXECUTIVE)
    return tuple(_with_targets(actor, desk, question, s) for s in answer(desk, within(actor, question), now=now))


def within(actor: Actor, question: Question) -> Question:
    """The question under the actor's scope; whatever scope it carried is replaced."""
    return replace(question, scope=actor.scope)


def answer(desk: Desk, question: Question, *, now: datetime, scene: Scene | None = None) -> tuple[Series, ...]:
    """Answer a question whose scope is set. For verbs that have asked permission already.

    Answers are kept by what they stand on (see `caching`), and asked at the same time they are computed once. scene:
    the one at hand, for verbs that ask several questions of one picture; else the current one.
    """
    scene = scene or load_scene()
    key = key_of(desk.organisation, scene, question, now=now)
    return desk.answers.get(key, lambda: answer_on(desk, scene, question, now=now), seconds=PATIENCE,
                            hurried=desk.until is not None)


def answer_on(desk: Desk, scene: Scene, question: Question, *, now: datetime) -> tuple[Series, ...]:
    """Answer a question on a given scene - also one that is not there yet, such as the scene after a commit."""
    ground = ground_of(desk, scene, question, now=now)
    series = answer_with(desk, ground, question)
    known = _known_of(ground, question)
    return tuple(_told(ground, question, s, known) for s in series)


def answer_with(desk: Desk, ground: Ground, question: Question) -> tuple[Series, ...]:
    """Answer a question on ground that is open already; its definitions may hold some that are not saved."""
    from dashapp.query.answer import answer as combine
    from dashapp.query.looking import Unanswered

    kept = _largest(desk, ground, question)
    if isinstance(kept, Unanswered):
        plan = plan_of(desk, ground, question)
        return combine(plan, dict.fromkeys((s.name for s in plan.scans), kept))
    plan = plan_of(desk, ground, question, kept)
    return combine(plan, results_of(ground, plan))


def _largest(desk: Desk, ground: Ground, question: Question) -> Kept | Unanswered | None:
    """The segments that stay by name, ranked by the first KPI that has any; None where all of them do.

    Where a warehouse does not say how large they are, nothing is named: another ranking would stand there in a moment.
    """
    from dashapp.query.looking import Unanswered
    from dashapp.query.ranking import largest, ranked

    if question.top is None or not question.by:
        return None
    for key in question.kpis:
        plan = plan_of(desk, ground, ranked(question, key), only_ranked=True)
        results = results_of(ground, plan)
        if missing := next((r for r in results.values() if isinstance(r, Unanswered)), None):
            return missing
        kept = largest(plan, results, question.top)
        if kept.segments:
            break
    return kept


def results_of(ground: Ground, plan: Plan) -> dict[str, Any]:
    """What the engines say to every scan of a plan; one that is refused is left out, one that a warehouse leaves
    unanswered says why: only its own figures lose their value."""
    results: dict[str, Any] = {}
    for scan in plan.scans:
        if plan.datasets[scan.dataset].place is not None:
            results[scan.name] = _from_warehouse(ground, plan.datasets[scan.dataset], scan)
            continue
        try:
            results[scan.name] = ground.tables.fetch(scan.sql, timeout=TIMEOUT)
        except Invalid as error:  # its figures say that the engine could not compute
            log.warning("the scan %s was left out: %s", scan.name, error.message)
    return results


def _from_warehouse(ground: Ground, dataset: Dataset, scan: Scan) -> Any:
    """The scan's columns, or why there are none."""
    from dashapp.facts.engines import Refused, Unreachable
    from dashapp.facts.engines._patience import StillAsking
    from dashapp.query.looking import Unanswered
    from dashapp.query.shaped import shaped

    assert ground.line is not None, "ground with connected datasets knows their warehouses"
    line = ground.line(dataset.connection)
    try:
        if ground.until is None:
            return shaped(line.fetch(scan.sql, timeout=WAREHOUSE_TIMEOUT), scan.expression)
        found = line.fetch_soon(scan.sql, dataset.version, timeout=WAREHOUSE_TIMEOUT,
                                patience=ground.until - time.monotonic())
        return shaped(found, scan.expression)
    except StillAsking as error:
        return Unanswered(error.message, is_awaited=True)
    except (Refused, Unreachable) as error:
        log.warning("the scan %s has no answer: %s", scan.name, error.message)
        return Unanswered(error.message)


def fetched(ground: Ground, dataset: str, sql: str) -> list[dict[str, Any]]:
    """The rows of one statement on a dataset, wherever it is. Raises Unavailable, Unreachable, Refused."""
    place = ground.datasets[dataset].place
    if place is None:
        found: list[dict[str, Any]] = ground.tables.fetch(sql, timeout=TIMEOUT).to_pylist()
        return found
    assert ground.line is not None, "ground with connected datasets knows their warehouses"
    columns = ground.line(place.connection).fetch(sql, timeout=WAREHOUSE_TIMEOUT)
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def ground_of(desk: Desk, scene: Scene, question: Question, *, now: datetime) -> Ground:
    """Open the tables the asked KPIs stand on, as known at the question's moment. Raises Invalid for one to come."""
    from dashapp.facts.tables import TableAt
    from dashapp.query.graph import needed

    _refuse_future(desk, question, now)
    kpis, early = scene.kpis_at(question.as_of)
    refuse_unknown(question.kpis, kpis)
    used = needed(question.kpis, kpis, scene.datasets)
    today = desk.organisation.today(now if question.as_of is None else question.as_of)
    wanted = [TableAt(d, scene.vintages[k], question.as_of) for k, d in scene.datasets.items()
              if d.place is None and (question.as_of is None or k in used)]
    tables = desk.ledger.tables(wanted)
    here = [scene.datasets[k] for k in used if scene.datasets[k].place is None]
    states = data_states(tables, here, scene.vintages, question.as_of, today, desk.organisation.calendar)
    states |= {k: state_at(desk, scene, k, today) for k in used if scene.datasets[k].place is not None}
    return Ground(scene, kpis, scene.datasets, tables, states, today, early, partial(connecting.line, desk),
                  desk.until)


def plan_of(desk: Desk, ground: Ground, question: Question, kept: Kept | None = None, *,
            only_ranked: bool = False) -> Plan:
    """The plan of a question over its ground; kept, only_ranked: as in Plan."""
    from dashapp.query.compile import plan

    return plan(question, ground.kpis, ground.datasets, desk.organisation.calendar, ground.states,
                ground.tables.rollups, ground.today, kept, only_ranked=only_ranked,
                currency=desk.organisation.currency)


def data_version(actor: Actor, desk: Desk) -> str:
    """A short text that changes when any figure may have changed: what pages poll."""
    if not actor.is_signed_in:
        raise Forbidden("Please sign in.")
    return load_scene().version


def _refuse_future(desk: Desk, question: Question, now: datetime) -> None:
    """What will be known is not known: figures under the date of a moment to come would change until it came."""
    if question.as_of is not None and question.as_of > now:
        words = desk.organisation.words
        said = f"{words.moment(question.as_of)} ({words.zone})"
        raise Invalid(f"{said} has not come yet. Leave the moment out for what is known now.")


def refuse_unknown(keys: Iterable[str], kpis: Mapping[str, Kpi]) -> None:
    """Raises NotFound, with a suggestion, for a KPI that is not defined."""
    for key in keys:
        if key not in kpis:
            close = difflib.get_close_matches(key, list(kpis), n=1)
            raise NotFound(f"There is no KPI {key!r}." + (f" Did you mean {close[0]!r}?" if close else ""))


def known_uploads(desk: Desk, scene: Scene, kpi: str, scope: tuple[Where, ...], *, now: datetime) -> frozenset[str]:
    """Uploads that hold rows within the scope now, of all data the KPI stands on."""
    today = desk.organisation.today(now)
    question = Question((kpi,), Grain.YEAR, DateRange(today, today), scope=scope)
    found = _known_of(ground_of(desk, scene, question, now=now), question)
    return frozenset(v for ids in found.values() for v in ids)


def _known_of(ground: Ground, question: Question) -> dict[str, tuple[str, ...]]:
    """Dataset -> ids of its uploads; under a data scope only of those that hold rows within it."""
    from dashapp.query.graph import needed
    from dashapp.query.seen import vintages_sql

    used = needed(question.kpis, ground.kpis, ground.datasets)
    known = {k: ground.tables.vintages(k) if ground.datasets[k].place is None else () for k in used}
    if question.scope:
        for key in (k for k in used if known[k]):
            sql = vintages_sql(ground.datasets[key], ground.datasets, question.scope)
            seen = set(ground.tables.fetch(sql, timeout=TIMEOUT).column(0).to_pylist()) if sql else set()
            known[key] = tuple(v for v in known[key] if v in seen)
    return known


def _told(ground: Ground, question: Question, series: Series, known: Mapping[str, tuple[str, ...]]) -> Series:
    """The series with its vintages and with what the reader must know about the moment."""
    from dashapp.query.graph import needed

    vintages = tuple(v for k in needed((series.kpi,), ground.kpis, ground.datasets) for v in known[k])
    warnings = series.warnings
    if series.kpi in ground.early:
        warnings += ("Defined later than the moment asked for; its first definition is used.",)
    return replace(series, as_of=question.as_of, vintages=vintages, warnings=warnings)


def _with_targets(actor: Actor, desk: Desk, question: Question, series: Series) -> Series:
    """The comparison with targets, where that was asked and the actor sees the whole company unfiltered."""
    if question.compare != "target" or series.by:  # a target is the whole company's
        return series
    targets = targeting.listing(actor, desk, series.kpi) if not (question.where or actor.scope) else ()
    points = tuple(replace(p, compare=targeting.compared(
        p.value, targeting.for_period(targets, series.kpi, p.period), whole=p.whole)) for p in series.points)
    return replace(series, points=points)
