"""A compiled question: what is asked, over which dates, with which definitions, and the scans that answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from dashapp.core.calendar import Calendar
from dashapp.core.currency import read_with
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.kpi import Kpi
from dashapp.core.period import Period
from dashapp.core.question import Question
from dashapp.core.series import Ranking
from dashapp.query.complete import is_complete
from dashapp.query.evaluate import Definition
from dashapp.query.scan import Scan, Spans
from dashapp.query.split import Split
from dashapp.query.tree import Agg, Ref, walk
from dashapp.query.windows import Clock, Window, Windows

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
    largest are asked. only_ranked: nothing is wanted but every segment's figure over the whole range. currency: the
    reporting currency, that amounts in others become.
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
    currency: str = ""
    _within: dict[tuple[tuple[str, ...], Windows], Windows] = field(default_factory=dict, compare=False)
    _looked_up: dict[str, tuple[Agg, ...]] = field(default_factory=dict, compare=False)
    _spans: dict[tuple[bool, str, Windows], Spans] = field(default_factory=dict, compare=False)

    @property
    def whole(self) -> Window:
        """The window of the totals: all asked periods."""
        return Window(self.periods[0], self.periods[-1])

    def compared(self, windows: Windows) -> Windows | None:
        """The windows to compare with, or None when nothing is compared."""
        name = COMPARES.get(self.question.compare)
        if name is None:
            return None
        return windows.shifted(name, self.clock.count if name == "previous" else lambda _: 1)

    def within_reach(self, key: str, windows: Windows) -> Windows:
        """The windows as far as all data of the KPI reach: where one dataset ends inside one, the others stop there
        too.

        A ratio of twelve months of revenue over eleven months of cost would be wrong without a trace.
        """
        used = tuple(d for d in self.datasets_of(key) if self.datasets[d].kind == "facts" and d not in self.refused)
        if (used, windows) not in self._within:
            self._within[used, windows] = self._capped(used, windows)
        return self._within[used, windows]

    def _capped(self, used: tuple[str, ...], windows: Windows) -> Windows:
        throughs = {s.data_through for d in used if (s := self.state.get(d)) and s.data_through}
        if len(throughs) < 2:
            return windows
        until = min(throughs)
        return Windows(tuple(
            w if until >= w.last.end or all(is_complete(self.datasets[d], self.state.get(d), w.last) for d in used)
            else replace(w, until=until) for w in windows.all))

    def spans(self, func: str, dataset: str, windows: Windows, found: Callable[[], Spans]) -> Spans:
        """What `found` says, once: all aggregates look at the same dates in a dataset, but for `lost`."""
        at = (func == "lost", dataset, windows)
        known = self._spans.get(at)
        if known is None:
            known = self._spans[at] = found()
        return known

    def datasets_of(self, key: str) -> tuple[str, ...]:
        """The datasets a KPI reads, through other KPIs too."""
        return tuple(sorted({a.dataset for a in self.aggregates_of(key) if a.dataset}))

    def near(self, dataset: str) -> tuple[Dataset, ...]:
        """The dataset, those it joins and the rates of its currencies, by key: all that its statements depend on."""
        joined = {target.partition(".")[0] for _, target in self.datasets[dataset].joins}
        joined |= set(read_with(self.datasets[dataset], self.datasets))
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
