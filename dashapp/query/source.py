"""Where a scan reads from: the rows of a dataset, or its day rollup where that has everything needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import RollupSpec, day_table
from dashapp.core.where import Where
from dashapp.query.columns import Field, find_dimension
from dashapp.query.measures import measure_of, rows_of
from dashapp.query.rows import Rows
from dashapp.query.split import By
from dashapp.query.tables import unbound
from dashapp.query.tree import Agg, Col, Node


@dataclass(frozen=True)
class Source:
    """Rows with the filters that apply to them. spec: set when `rows` reads the day rollup instead."""

    dataset: Dataset
    datasets: Mapping[str, Dataset]
    rows: Rows
    filters: tuple[Where, ...]
    scope: tuple[Where, ...]
    spec: RollupSpec | None = None

    @property
    def date(self) -> str | None:
        """The date column, None for data without dates."""
        return self.dataset.date_column if self.dataset.kind == "facts" else None

    def filter_fields(self) -> set[Field]:
        """The columns that filters and scope use."""
        found = {find_dimension(self.dataset, w.column, self.datasets) for w in (*self.filters, *self.scope)}
        return {f for f in found if f}

    def where(self, table: Any) -> Any:
        """Filters and scope as one condition, or None."""
        return self.rows.where(table, (*self.filters, *self.scope))

    def in_scope(self, table: Any) -> Any:
        """The scope alone as one condition, or None: what histories of entities are cut by."""
        return self.rows.where(table, self.scope)


def stored(
    dataset: Dataset, datasets: Mapping[str, Dataset], filters: tuple[Where, ...], scope: tuple[Where, ...],
    currency: str | None = None,
) -> Source:
    """The rows themselves. currency: the reporting one, that amounts in others become; None where none is looked at."""
    return Source(dataset, datasets, rows_of(dataset, datasets, currency), filters, scope)


def rolled_up(source: Source, spec: RollupSpec) -> Source:
    """The same, read from the day rollup."""
    table = unbound(day_table(source.dataset.key), tuple(spec.day_schema().items()))
    return Source(
        source.dataset,
        source.datasets,
        Rows(source.dataset, source.datasets, table, source.rows.currency),
        source.filters,
        source.scope,
        spec,
    )


def covers(spec: RollupSpec | None, source: Source, by: By, agg: Agg) -> bool:
    """Can the day rollup answer this aggregate with these filters and splits?"""
    if spec is None or spec.date is None or source.date is None:
        return False
    used = set(by.fields) | source.filter_fields() | source.rows.fields_of(agg.cond)
    if not spec.covers(*(f.join[0] if f.join else f.column.key for f in used)):
        return False
    if agg.arg is None:
        return True
    fields = source.rows.fields_of(agg.arg)
    if any(f.join or f.column.type == "text" for f in fields):
        return False
    if source.rows.amounts(fields) and not _covers_amounts(spec, source, agg.arg):
        return False
    return spec.measure(measure_of(source.rows, agg.arg).sql) is not None


def _covers_amounts(spec: RollupSpec, source: Source, arg: Node) -> bool:
    """Sums and extremes of one currency on one day can be converted as well as their rows: all have the same rate."""
    exchange = source.rows.exchange
    return exchange is not None and isinstance(arg, Col) and spec.covers(exchange.code)


def all_of(tests: list[Any]) -> Any:
    """The conjunction of the conditions that are there, or None."""
    known = [t for t in tests if t is not None]
    return reduce(and_, known) if known else None
