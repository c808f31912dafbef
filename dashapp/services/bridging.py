"""What moved a figure between two moments: the restatement bridge, and the moments worth asking about."""
from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.bridge import Bridge, Moment, parts_of
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.period import Period
from dashapp.core.question import Question
from dashapp.core.where import Where
from dashapp.services import asking, blaming, exploring
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene, Token, load_scene
from dashapp.services.unit import reading
from dashapp.services.walking import Walk
from models import Upload

if TYPE_CHECKING:
    from dashapp.facts.between import Between, Pair

SECONDS = 30.0  # all questions of one bridge together
TRIED = 5  # moments looked at to find the one before which the figure was another
LOOKED_FOR = 5.0  # seconds after which no further moment is tried
LISTED = 100
HEAVY = 2_000_000  # rows from which a page waits until a moment is chosen
_INSTANT = timedelta(microseconds=1)
_KEPT = 64
Key = tuple[Token, Question, datetime, datetime | None, date]
_bridges: OrderedDict[Key, Bridge] = OrderedDict()
_lock = threading.Lock()


def bridge(actor: Actor, desk: Desk, kpi: str, period: str, before: datetime, after: datetime | None = None,
           where: tuple[Where, ...] = (), part: str | None = None, *, now: datetime) -> Bridge:
    """What moved the figure between `before` and `after` (None: now). Any role, within the actor's data scope.

    Raises NotFound for a KPI that is not defined at both moments, Invalid for moments in the wrong order and for rows
    of a warehouse, Unavailable when the comparison takes too long.
    """
    actor.require(Role.EXECUTIVE)
    if before >= (now if after is None else after):
        raise Invalid("The earlier moment comes first: there is nothing between it and the later one.")
    when, question = exploring.question_of(actor, desk, kpi, period, where, part, None)
    scene = load_scene()
    key = (scene.token, question, before, after, desk.organisation.today(now if after is None else after))
    with _lock:
        if key in _bridges:
            _bridges.move_to_end(key)
            return _bridges[key]
    found = _bridge(desk, scene, question, when, before, after, now)
    found = replace(found, split=exploring.split_of(part))
    with _lock:
        _bridges[key] = found
        while len(_bridges) > _KEPT:
            _bridges.popitem(last=False)
    return found


def _bridge(desk: Desk, scene: Scene, question: Question, when: Period, before: datetime, after: datetime | None,
            now: datetime) -> Bridge:
    from dashapp.query.graph import below, needed

    (key,) = question.kpis
    (old, early), (new, _) = scene.kpis_at(before), scene.kpis_at(after)
    _refuse_undefined(key, scene, old, new)
    meant = {k for kpis in (old, new) for k in below([key], kpis)}
    redefined = any(k not in old or k not in new or not blaming.same_meaning(old[k], new[k]) for k in meant)
    used = sorted({d for kpis in (old, new) for d in needed([key], kpis, scene.datasets)})
    if why := _no_past(scene, used):
        raise Invalid(why)
    organisation = desk.organisation
    with desk.ledger.between([pair_of(scene, d, before, after) for d in used], SECONDS) as between:
        walk = Walk(desk, scene, question, when, between, before, after, old, organisation.today(before),
                    dict.fromkeys(used, "before"))
        first = walk.point()
        steps = tuple(walk.steps(organisation.today(now if after is None else after), new, redefined))
        last = walk.point()
        known = _known(scene, question, between, used) if question.scope else None
    warnings = ("Defined later than the earlier moment; its first definition is used for it.",) if key in early else ()
    return Bridge(
        new[key], when, (), before, after, first, last,
        tuple(p for p in parts_of(first.value, steps) if not p.is_idle),
        blaming.causes(walk.moved, before, after, known), blaming.redefinitions(meant, before, after), warnings,
    )


def _refuse_undefined(key: str, scene: Scene, old: dict[str, Kpi], new: dict[str, Kpi]) -> None:
    for kpis, side in ((old, "earlier"), (new, "later")):
        if key not in kpis:
            if key in scene.history:
                raise NotFound(f"The KPI {key!r} was deleted at the {side} moment.")
            asking.refuse_unknown((key,), kpis)


def pair_of(scene: Scene, name: str, before: datetime, after: datetime | None) -> Pair:
    """A dataset at both moments. Rows of a joined table are told apart by what others join it by, where it has no key:
    a mixture must not hold two rows for one."""
    from dashapp.facts.between import Pair
    from dashapp.facts.source import TableAt

    dataset, vintages = scene.datasets[name], scene.vintages[name]
    joined = {target.partition(".")[2] for d in scene.datasets.values() for _, target in d.joins
              if target.partition(".")[0] == name}
    key = dataset.key_columns or tuple(sorted(joined))
    return Pair(TableAt(dataset, vintages, before), TableAt(dataset, vintages, after), key)


def _known(scene: Scene, question: Question, between: Between, used: Iterable[str]) -> dict[str, frozenset[str]]:
    """Dataset -> uploads that hold rows within the data scope at either moment: the others are nobody's to name."""
    from dashapp.query.seen import vintages_sql

    out = {}
    for name in used:
        sql = vintages_sql(scene.datasets[name], scene.datasets, question.scope)
        stages = [dict.fromkeys(used, stage) for stage in ("before", "removed")]
        found = [between.fetch(sql, s) for s in stages] if sql else []  # type: ignore[arg-type]
        out[name] = frozenset(str(v) for t in found for v in t.column(0).to_pylist())
    return out


def moments(actor: Actor, desk: Desk, kpi: str, *, now: datetime) -> tuple[Moment, ...]:
    """What happened to the rows and definitions a KPI stands on, newest first: uploads, undos, versions.

    Any role; within a data scope only uploads that hold rows of one's own are told. Raises NotFound.
    """
    from dashapp.query.graph import below, needed

    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    asking.refuse_unknown((kpi,), scene.kpis)
    used = needed([kpi], scene.kpis, scene.datasets)
    known = asking.known_uploads(desk, scene, kpi, actor.scope, now=now) if actor.scope else None
    with reading() as session:
        rows = session.scalars(select(Upload).where(Upload.dataset_key.in_(used), Upload.commit.is_not(None))).all()
        found = [m for r in rows if known is None or r.id in known for m in _moments_of(r)]
    found += [Moment(r.at, "defined", f"{r.kpi.name}, version {r.kpi.version}", r.by)
              for r in blaming.redefinitions(below([kpi], scene.kpis), datetime.min.replace(tzinfo=now.tzinfo), None)]
    return tuple(sorted((m for m in found if m.at <= now), key=lambda m: m.at, reverse=True)[:LISTED])


def _moments_of(row: Upload) -> list[Moment]:
    out = [Moment(row.committed_at, "uploaded", row.source_name, row.user_email)] if row.committed_at else []
    return out + [Moment(e.at, "brought back" if e.live else "undone", row.source_name, e.user_email)
                  for e in row.events]


def is_heavy(actor: Actor, kpi: str) -> bool:
    """Are there so many rows that nothing is compared before somebody asks for it? Any role."""
    from dashapp.query.graph import needed

    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    return sum(v.rows for d in needed([kpi], scene.kpis, scene.datasets) for v in scene.vintages[d]) > HEAVY


def no_past(actor: Actor, kpi: str) -> str:
    """Why nobody knows what the rows of a KPI were: they are read in a warehouse. Else the empty text. Any role."""
    from dashapp.query.graph import needed

    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    return _no_past(scene, needed([kpi], scene.kpis, scene.datasets))


def _no_past(scene: Scene, used: Iterable[str]) -> str:
    live = next((d for k in used if (d := scene.datasets[k]).place), None)
    return f"{live.key} is read live from {live.connection}, which keeps no earlier states." if live else ""


def moved_since(actor: Actor, desk: Desk, kpi: str, period: str, where: tuple[Where, ...] = (),
                part: str | None = None, after: datetime | None = None, *, now: datetime) -> Moment | None:
    """The latest thing that moved the figure; None where the last few did not, and for rows of a warehouse, whose past
    nobody knows. Any role, within scope."""
    if no_past(actor, kpi):
        return None
    latest = [m for m in moments(actor, desk, kpi, now=now) if after is None or m.at <= after]
    _, question = exploring.question_of(actor, desk, kpi, period, where, part, after)
    value = asking.answer(desk, question, now=now)[0].points[0].value
    until = time.monotonic() + LOOKED_FOR
    for moment in latest[:TRIED]:
        try:
            earlier = asking.answer(desk, replace(question, as_of=moment.at - _INSTANT), now=now)
        except NotFound:  # the KPI was deleted at that moment
            return None
        if earlier[0].points[0].value != value:
            return moment
        if time.monotonic() > until:
            return None
    return None
