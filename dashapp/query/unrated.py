"""Amounts without a rate: where a figure rests on one it has no value, and says which currency lacks one, and when.

One more scan per source looks for rows whose rate is missing; mostly there are none. A row matters to an aggregate when
it may meet its condition and what it brings is unknown, or whether it meets the condition is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

from dashapp.core.currency import without_rate
from dashapp.query.atoms import Atoms, number, within
from dashapp.query.columns import Field
from dashapp.query.exchange import spelled
from dashapp.query.measures import measure_of
from dashapp.query.scan import Lookup, Need, Scan, Span, finish
from dashapp.query.source import Source, all_of
from dashapp.query.split import By, Split, segments
from dashapp.query.tree import ENTITY, Agg, Cmp, Col, Cond, Logic

KINDS = ("count", "distinct", *ENTITY)  # what they count is there whatever it is worth
CODE = "code"


def rests_on_amounts(source: Source, agg: Agg) -> bool:
    """Could a missing rate leave this aggregate without a value?"""
    return bool(source.rows.amounts(source.rows.fields_of(agg.cond)) or _brought(source, agg))


def _brought(source: Source, agg: Agg) -> tuple[Field, ...]:
    """The amounts whose worth the aggregate takes in."""
    return () if agg.func in KINDS else source.rows.amounts(source.rows.fields_of(agg.arg))


def scan(name: str, source: Source, by: By, needs: Sequence[Need]) -> Scan:
    """The scan for rows without a rate that `needs` rest on, by atom, segment and currency: the first day of each."""
    aggs = {agg: f"d{i}" for i, agg in enumerate(dict.fromkeys(n.agg for n in needs))}
    reaches = list(dict.fromkeys(r for n in needs for r in (n.reach, n.before) if r))
    atoms = Atoms.of(reaches)
    table = by.ranked(_lacking(source, by, aggs, reaches))
    day, exchange = table[source.date], source.rows.exchange
    assert exchange is not None
    found = {column: day.min(where=_matters(source, table, agg)) for agg, column in aggs.items()}
    expression = table.group_by(atom=atoms.of_column(day), **by.columns(table),
                                **{CODE: spelled(table[exchange.code])}).aggregate(**found)

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Unrated(columns, len(by), aggs, has_rates=exchange.rates is not None)

    return replace(finish(name, source, expression, needs, read), doubts=True)


def _lacking(source: Source, by: By, aggs: Iterable[Agg], reaches: list[Any]) -> Any:
    """The rows without a rate that pass filters and windows."""
    rows = source.rows
    fields = set(by.fields) | source.filter_fields()
    for agg in aggs:
        fields |= rows.fields_of(agg.cond) | (set() if source.spec else rows.fields_of(agg.arg))
    table = rows.as_written.joined(fields)
    assert rows.exchange is not None
    return rows.exchange.unrated(table.filter(all_of([source.where(table), within(table[source.date], reaches)])))


def _matters(source: Source, table: Any, agg: Agg) -> Any:
    """Does a row without a rate leave the aggregate unknown?"""
    import ibis

    there = [_is_there(source, table, f) for f in _brought(source, agg)]
    brings = reduce(or_, there) if there else ibis.literal(False)
    if agg.cond is None:
        return brings
    may, must = (_met(source, table, agg.cond, doubted=doubted) for doubted in (True, False))
    return may & (brings | ~must)


def _is_there(source: Source, table: Any, amount: Field) -> Any:
    """Is there an amount that would have to be converted? In a rollup: is there any of that day and currency?"""
    if source.spec is None:
        return table[amount.name].notnull()
    measure = source.spec.measure(measure_of(source.rows, Col(amount.path)).sql)
    assert measure is not None, "covered amounts have their measure"
    return table[measure.count] > 0


def _met(source: Source, table: Any, cond: Cond, *, doubted: bool) -> Any:
    """Does a row without a rate meet the condition, where what is unknown counts as `doubted`?"""
    import ibis

    if isinstance(cond, Logic):
        parts = [_met(source, table, p, doubted=doubted) for p in cond.parts]
        return reduce(and_ if cond.op == "and" else or_, parts)
    assert isinstance(cond, Cmp)
    met = ibis.coalesce(source.rows.as_written.condition(table, cond), ibis.literal(False))
    field = source.rows.field(cond.col)
    if not source.rows.amounts([field]):
        return met
    return ibis.ifelse(_is_there(source, table, field), ibis.literal(doubted), met)


@dataclass
class Unrated(Lookup):
    """What lacks a rate, by atom, segment and currency: columns named in `names` hold the first day, or nothing."""

    columns: dict[str, list[Any]]
    dimensions: int
    names: Mapping[Agg, str]
    has_rates: bool

    def values(self, agg: Agg, level: int, spans: Any, splits: Sequence[Split | None]) -> list[str | None]:
        """Why there is no figure, segment after segment, of every span in its order; None where nothing is missing."""
        return [self.reason(agg, s, split) if isinstance(s, Span) else None for split in splits for s in spans.all]

    def reason(self, agg: Agg, span: Span, split: Split | None) -> str | None:
        """Which currency lacks a rate for the aggregate, and on which day first; None where none does."""
        days, codes, atoms = self.columns[self.names[agg]], self.columns[CODE], self.columns["atom"]
        looked_at = [(number(r.start), number(r.end)) for r in (span.reach, span.before) if r]
        found = [(days[r], codes[r]) for r in self._rows(split)
                 if days[r] is not None and any(low <= atoms[r] <= high for low, high in looked_at)]
        if not found:
            return None
        day, code = min(found)
        assert isinstance(day, date)
        return without_rate(code, day, has_rates=self.has_rates)

    @cached_property
    def _by_split(self) -> dict[Split, list[int]]:
        found: dict[Split, list[int]] = {}
        for row, key in enumerate(segments(self.columns, self.dimensions)):
            found.setdefault(key, []).append(row)
        return found

    def _rows(self, split: Split | None) -> Iterable[int]:
        if split is None:
            return range(len(self.columns["atom"]))
        known = self._by_split.get(split)
        if known is None:
            known = [r for key, rs in self._by_split.items() if key[: len(split)] == split for r in rs]
        return known
