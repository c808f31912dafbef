"""A compiled question: what is asked, over which dates, with which definitions, and the scans that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.kpi import Kpi
from dashapp.core.period import Period
from dashapp.core.question import Question
from dashapp.core.series import Ranking
from dashapp.query.complete import is_complete
from dashapp.query.evaluate import Definition
from dashapp.query.scan import Scan
from dashapp.query.split import Split
from dashapp.query.tree import Agg, Ref, walk
from dashapp.query.windows import Clock, Shift, Window

COMPARES: dict[str, str] = {"previous": "previous", "previous_year": "year_ago", "same_weekday": "same_weekday"}


@dataclass(frozen=True, slots=True)
class Kept:
    """The largest segments, largest first. held: how many others there are beside them, by the values they share."""

    segments: tuple[Split, ...]
    ranking: Ranking
    held: Mapping[Split, int]


@dataclass(frozen=True)
class Plan:
    """A compiled question. Run every scan's `sql` and hand the tables to `answer.answer`.

    periods: the asked periods, oldest first. definitions: every KPI reachable. refused: dataset -> why its rows cannot
    answer this question (grain, unknown split or filter, data scope). kept: the segments that stay by name where the
    largest are asked. only_ranked: nothing is wanted but every segment's figure over the whole range.
    """

    question: Question
    kpis: tuple[Kpi, ...]
    datasets: Mapping[str, Dataset]
    calendar: Calendar
    state: Mapping[str, DataState]
    today: date
    periods: tuple[Period, ...]
    definitions: Mapping[str, Definition]
    refused: Mapping[str, str]
    scans: tuple[Scan, ...]
    clock: Clock = field(compare=False)
    kept: Kept | None = None
    only_ranked: bool = False
    _within: dict[tuple[str, Window], Window] = field(default_factory=dict, compare=False)
    _looked_up: dict[str, tuple[Agg, ...]] = field(default_factory=dict, compare=False)

    @property
    def whole(self) -> Window:
        """The window of the totals: all asked periods."""
        return Window(self.periods[0], self.periods[-1])

    def compared(self, window: Window) -> Window | None:
        """The window to compare with, or None when nothing is compared."""
        name = COMPARES.get(self.question.compare)
        if name is None:
            return None
        n = self.clock.count(window) if name == "previous" else 1
        shift: Shift = (name, n)  # type: ignore[assignment]
        return window.shifted(shift)

    def within_reach(self, key: str, window: Window) -> Window:
        """The window as far as all data of the KPI reach: where one dataset ends inside it, the others stop there too.

        A ratio of twelve months of revenue over eleven months of cost would be wrong without a trace.
        """
        known = self._within.get((key, window))
        if known is None:
            known = self._within[key, window] = self._capped(key, window)
        return known

    def _capped(self, key: str, window: Window) -> Window:
        used = [d for d in self.datasets_of(key) if self.datasets[d].kind == "facts" and d not in self.refused]
        throughs = {s.data_through for d in used if (s := self.state.get(d)) and s.data_through}
        if len(throughs) < 2 or all(is_complete(self.datasets[d], self.state.get(d), window.last) for d in used):
            return window
        until = min(throughs)
        return replace(window, until=until) if until < window.last.end else window

    def datasets_of(self, key: str) -> tuple[str, ...]:
        """The datasets a KPI reads, through other KPIs too."""
        return tuple(sorted({a.dataset for a in self.aggregates_of(key) if a.dataset}))

    def near(self, dataset: str) -> tuple[Dataset, ...]:
        """The dataset and those it joins, by key: all that its statements depend on."""
        joined = {target.partition(".")[0] for _, target in self.datasets[dataset].joins}
        return tuple(d for key, d in sorted(self.datasets.items()) if key == dataset or key in joined)

    def _reached(self, key: str) -> dict[str, Definition]:
        """The definition and all it stands on, each looked at once however often it is shared."""
        found: dict[str, Definition] = {}
        waiting = [key]
        while waiting:
            key = waiting.pop()
            if key not in found and key in self.definitions:
                found[key] = self.definitions[key]
                tree = found[key].tree
                waiting += [n.key for n in walk(tree) if isinstance(n, Ref)][::-1] if tree else []
        return found

    def is_sound(self, key: str) -> bool:
        """Can the KPI be computed at all: are its own formula and those it refers to usable?"""
        return all(d.tree is not None for d in self._reached(key).values())

    def aggregates_of(self, key: str) -> tuple[Agg, ...]:
        """The aggregates a KPI looks up, through other KPIs too, each once."""
        if key not in self._looked_up:
            self._looked_up[key] = self._aggregates_of(key)
        return self._looked_up[key]

    def _aggregates_of(self, key: str) -> tuple[Agg, ...]:
        trees = [d.tree for d in self._reached(key).values() if d.tree]
        return tuple(dict.fromkeys(n for tree in trees for n in walk(tree) if isinstance(n, Agg)))
