"""What a plan asks the engine for: demands on aggregates, and the scans that answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from dashapp.query.atoms import number
from dashapp.query.dialects import statement
from dashapp.query.split import Split
from dashapp.query.tree import Agg
from dashapp.query.windows import Reach

if TYPE_CHECKING:
    from dashapp.query.source import Source

@dataclass(frozen=True)
class Need:
    """One aggregate needed over one stretch of dates, by `level` dimensions. before: what `lost` compares with."""

    agg: Agg
    reach: Reach
    level: int
    before: Reach | None = None

    @cached_property
    def _hash(self) -> int:
        return hash((self.agg, self.reach, self.level, self.before))

    def __hash__(self) -> int:
        """Worked out once: needs are keys of statements and of results."""
        return self._hash


@dataclass(frozen=True, slots=True)
class Span:
    """The dates one aggregate looks at. before: those `lost` compares with."""

    reach: Reach
    before: Reach | None = None

    @property
    def there(self) -> Reach:
        """Where rows must be, so that there is a figure."""
        return self.before or self.reach


@dataclass(frozen=True)
class Spans:
    """What an aggregate looks at in each of some windows, in their order; or the reason why it has no figure there."""

    all: tuple[Span | str, ...]

    @cached_property
    def _hash(self) -> int:
        return hash(self.all)

    def __hash__(self) -> int:
        """Worked out once: what is looked up for a column of windows is kept by its spans."""
        return self._hash

    @cached_property
    def known(self) -> tuple[Span, ...]:
        """Those that are dates."""
        return tuple(s for s in self.all if isinstance(s, Span))

    @cached_property
    def numbers(self) -> tuple[tuple[int, int] | None, ...]:
        """First and last day of every one as days from 1970-01-01, None for a reason."""
        return tuple((number(s.reach.start), number(s.reach.end)) if isinstance(s, Span) else None for s in self.all)

    @cached_property
    def there(self) -> Spans:
        """Where rows must be."""
        if not any(s.before for s in self.known):
            return self
        return Spans(tuple(s if isinstance(s, str) else Span(s.there) for s in self.all))


@dataclass(frozen=True)
class Needs:
    """Aggregates over the same dates, by `level` dimensions; whether there are rows is looked up with them."""

    aggs: tuple[Agg, ...]
    level: int
    spans: Spans

    def each(self) -> Iterator[Need]:
        """One by one: by time, presence before values."""
        for span in self.spans.known:
            yield Need(presence(self.aggs[0].dataset), span.there, self.level)
            yield from (Need(agg, span.reach, self.level, span.before) for agg in self.aggs)


@lru_cache(maxsize=256)
def presence(dataset: str | None) -> Agg:
    """The aggregate that says whether a dataset has rows."""
    return Agg("count", None, None, dataset)


@dataclass(frozen=True)
class Scan:
    """One statement for the engine.

    name: key of its result; dataset: whose rows it aggregates; tables: every table it reads; expression: the unbound
    Ibis expression, with marks for the values of filters (see `marks`); sql: the same in the dialect of the dataset's
    engine, with these values. read: turns result rows (column -> list) into a lookup of values; aggs: what it answers.
    doubts: it tells where these have no value, instead of what they are.
    """

    name: str
    dataset: str
    tables: tuple[str, ...]
    expression: Any
    sql: str
    aggs: tuple[Agg, ...]
    read: Callable[[dict[str, list[Any]]], Lookup] = field(compare=False)
    doubts: bool = False


class Lookup:
    """Values of one scan. `value` gives the figure of a need in a segment or subtotal (None: the whole), or None."""

    def value(self, need: Need, split: Split | None) -> Any:
        raise NotImplementedError

    def values(self, agg: Agg, level: int, spans: Spans, splits: Sequence[Split | None]) -> list[Any]:
        """The figures of an aggregate: segment after segment, of every span in its order; None where there is none."""
        needs = [Need(agg, s.reach, level, s.before) if isinstance(s, Span) else None for s in spans.all]
        return [None if need is None else self.value(need, split) for split in splits for need in needs]

    def covers(self, need: Need) -> bool:
        """Was this need asked for here? Where several scans answer an aggregate, each has windows of its own."""
        return True

    def splits(self) -> Iterable[Split]:
        return ()


class Pieced(Lookup):
    """What several scans found of one aggregate, each in other windows."""

    def __init__(self, pieces: Sequence[Lookup]) -> None:
        self.pieces = pieces

    def value(self, need: Need, split: Split | None) -> Any:
        found = next((p for p in self.pieces if p.covers(need)), None)
        return None if found is None else found.value(need, split)


def finish(
    name: str, source: Source, expression: Any, needs: Iterable[Need], read: Callable[[dict[str, list[Any]]], Lookup]
) -> Scan:
    """The scan of an expression, compiled for the engine that has the rows, with the tables it reads."""
    import ibis.expr.operations as ops

    tables = tuple(sorted({t.name for t in expression.op().find(ops.UnboundTable)}))
    sql = statement(expression, source.dataset, source.datasets)
    return Scan(name, source.dataset.key, tables, expression, sql, tuple(dict.fromkeys(n.agg for n in needs)), read)
