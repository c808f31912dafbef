"""The largest segments of a split: ranked by one KPI over the whole range, before anything else is asked about them.

A question with `top` is answered in two steps. The first asks nothing but the figure of every segment over the range;
the second asks the question itself with all smaller segments folded into one, so that a ratio, a distinct count or a
closing balance of "Others" is computed from their rows like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from dashapp.core.question import Question, Top
from dashapp.core.series import Ranking, Total
from dashapp.query.answer import answer
from dashapp.query.planned import Kept, Plan
from dashapp.query.split import Split, order


def ranked(question: Question, kpi: str) -> Question:
    """The first step: every segment's figure of one KPI over the whole range; to be planned with `only_ranked`."""
    return replace(question, kpis=(kpi,), compare="none", top=None, subtotals=False)


def largest(plan: Plan, results: Mapping[str, Any], top: Top) -> Kept:
    """The `top.n` segments of the first step's answer whose figures are farthest from zero.

    A large loss is as telling as a large profit, so it is the size that counts. Segments without a figure come last;
    equal ones are taken in the order of their names, so that the same data always give the same answer.
    """
    (series,) = answer(plan, results)
    sizes: dict[Split, tuple[bool, Decimal]] = {tuple(v for _, v in p.split): _size(p) for p in series.parts}
    found: list[Split] = sorted(sizes, key=lambda s: (sizes[s], order(s)))
    kept = tuple(found[: top.n])
    starts = {s[:n] for s in kept for n in range(len(s))}
    held = Counter(_shared(s, starts) for s in found[top.n :])
    return Kept(kept, Ranking(series.kpi, series.name, top.n, len(found)), held)


def _size(part: Total) -> tuple[bool, Decimal]:
    """Sorts the largest first, exactly; what has no figure last."""
    if part.value is None:
        return True, Decimal(0)
    return False, Decimal(part.value).copy_abs().copy_negate()


def _shared(segment: Split, starts: set[Split]) -> Split:
    """The longest beginning that the segment shares with one that stays."""
    return next((segment[:n] for n in reversed(range(len(segment))) if segment[:n] in starts), ())
