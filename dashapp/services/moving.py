"""Which figures a commit would move, found by answering the same question on the scene before and after."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from dashapp.core.actor import Actor
from dashapp.core.dataset import Dataset, Mode
from dashapp.core.errors import Invalid, Unavailable
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.series import Series, plain
from dashapp.core.vintage import Vintage
from dashapp.core.words import Words
from dashapp.services import asking
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene

SHOWN = 60
PERIODS = 13


def moves(actor: Actor, desk: Desk, scene: Scene, after: Scene, dataset: str, span: DateRange, *,
          now: datetime) -> list[dict[str, Any]]:
    """The moved figures, largest relative change first, at most 60: kpi, name, unit, period (and how it is said),
    before, after.

    By month, or by the data's own coarser grain, over the last 13 periods of the file's dates. Within the actor's
    scope. A question that takes too long is left out and said in a line without a KPI.
    """
    from dashapp.query.graph import finest, needed

    groups: dict[Grain, list[str]] = {}
    for key in scene.kpis:
        if dataset in needed([key], scene.kpis, after.datasets):
            own = finest(key, scene.kpis, after.datasets)
            groups.setdefault(own if own.coarser_than(Grain.MONTH) else Grain.MONTH, []).append(key)
    found: list[dict[str, Any]] = []
    for grain, keys in groups.items():
        question = Question(tuple(keys), grain, _recent(desk, span, grain), scope=actor.scope)
        try:
            pairs = zip(asking.answer_on(desk, scene, question, now=now),
                        asking.answer_on(desk, after, question, now=now), strict=True)
            found += [move for pair in pairs for move in _between(*pair, desk.organisation.words)]
        except (Unavailable, Invalid) as error:
            found.append({"kpi": None, "note": error.message})
    return sorted(found, key=_size, reverse=True)[:SHOWN]


def scene_after(scene: Scene, shape: Dataset, upload: str, path: str, mode: Mode,
                replaced: dict[str, Any] | None) -> Scene:
    """The scene as it would be when the staged file is committed next."""
    known = scene.vintages.get(shape.key, ())
    candidate = next_vintage(shape, known, upload, path, mode, replaced)
    grown = replace(shape, version=shape.version + 1)
    return replace(scene, token=(*scene.token, "after", upload), datasets={**scene.datasets, shape.key: grown},
                   vintages={**scene.vintages, shape.key: (*known, candidate)})


def next_vintage(shape: Dataset, known: tuple[Vintage, ...], upload: str, path: str, mode: Mode,
                 replaced: dict[str, Any] | None) -> Vintage:
    """The vintage that the staged file `path` would be; replaced: as the effect says it."""
    span = (replaced or {}).get("span")
    return Vintage(
        id=upload, dataset=shape.key, commit=max((v.commit for v in known), default=0) + 1,
        committed_at=datetime.max.replace(tzinfo=UTC), filename=path, sha256=upload, rows=0, mode=mode,
        key_columns=shape.key_columns,
        replaced=(date.fromisoformat(span[0]), date.fromisoformat(span[1])) if span else None,
        replaced_slices=tuple((c, tuple(v)) for c, v in sorted((replaced or {}).get("slices", {}).items())),
    )


def _recent(desk: Desk, span: DateRange, grain: Grain) -> DateRange:
    calendar = desk.organisation.calendar
    recent = calendar.periods(span, grain)[-PERIODS:]
    return DateRange(max(span.start, recent[0].start), recent[-1].end)


def _between(before: Series, after: Series, words: Words) -> Iterator[dict[str, Any]]:
    for one, other in zip(before.points, after.points, strict=True):
        if one.value != other.value:
            yield {"kpi": before.kpi, "name": before.name, "unit": before.unit, "decimals": before.decimals,
                   "period": one.period.label, "said": words.period(one.period), "before": plain(one.value),
                   "after": plain(other.value)}


def _size(move: dict[str, Any]) -> float:
    before, after = move.get("before"), move.get("after")
    if before is None or after is None:
        return float("inf")
    return abs(after - before) / (abs(before) or 1.0)
