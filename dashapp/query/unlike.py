"""Comparisons with the year before that are not what their name promises: computed all the same, and said.

A 53rd week makes one side longer; and only days and weeks have weekdays to keep.
"""

from __future__ import annotations

from dashapp.core.period import Grain, Period
from dashapp.query.planned import Plan
from dashapp.query.windows import Window, Windows


def unlike(plan: Plan) -> tuple[str, ...]:
    """Sentences where compared periods, or the whole range of weeks, have another number of weeks than the year before,
    and where weekdays were asked for in vain; () for every other comparison."""
    compare, grain = plan.question.compare, plan.question.grain
    if compare not in ("previous_year", "same_weekday") or grain is Grain.DAY:
        return ()
    if grain is Grain.WEEK:
        return _range(plan)
    told = _periods(plan) if plan.calendar.family != "gregorian" else ()
    if compare == "same_weekday":
        told += (f"Weekdays are kept by days and weeks: each {grain.value} is compared with the same {grain.value} of "
                 "the year before.",)
    return told


def _range(plan: Plan) -> tuple[str, ...]:
    """The range of weeks against the range between the same two weeks a year earlier."""
    first, last = plan.whole.first, plan.whole.last
    there = _before(plan, first), _before(plan, last)
    if there[0] is None or there[1] is None:
        return ()  # the total itself says that a 53rd week has no year-ago value
    here, other = _weeks(first, last), _weeks(there[0], there[1])
    if here == other:
        return ()
    return (f"The whole range has {here} weeks and is compared with {other}: one of the years has a 53rd week.",)


def _periods(plan: Plan) -> tuple[str, ...]:
    """Retail months, quarters and years that hold a 53rd week on one side only."""
    pairs = [(p, _before(plan, p)) for p in plan.periods]
    told = [f"{p.label} has {_weeks(p, p)} weeks, {other.label} had {_weeks(other, other)}" for p, other in pairs
            if other is not None and other.days != p.days]
    return (f"Compared with another number of weeks: {'; '.join(told)}.",) if told else ()


def _before(plan: Plan, period: Period) -> Period | None:
    base = plan.compared(Windows.of(Window(period, period)))
    return plan.clock.shifted(period, base.all[0].shifts) if base else None


def _weeks(first: Period, last: Period) -> int:
    return ((last.end - first.start).days + 1) // 7
