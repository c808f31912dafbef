"""The rows that the terms of a figure touch, with what each term makes of a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import Any, Protocol

from dashapp.query.atoms import within
from dashapp.query.columns import Field
from dashapp.query.exchange import RATE
from dashapp.query.firsts import firsts
from dashapp.query.source import Source, all_of
from dashapp.query.tables import LINEAGE
from dashapp.query.tree import ENTITY, Agg, Col
from dashapp.query.windows import Reach

ORDER = ("_vintage", "_sheet", "_row")


class Looking(Protocol):
    """A term: its aggregate and the dates it looks at."""

    @property
    def agg(self) -> Agg: ...
    @property
    def reach(self) -> Reach | None: ...
    @property
    def looks_at(self) -> Reach | None: ...


class TouchedRows:
    """The rows of one dataset for the terms over it, by number. Filters and data scope apply as for the figure."""

    def __init__(self, source: Source, terms: Mapping[int, Looking]) -> None:
        self.source, self.terms = source, terms
        aggs = [t.agg for t in terms.values()]
        rows = source.rows
        used = set(source.filter_fields())
        for agg in aggs:
            used |= rows.fields_of(agg.arg) | rows.fields_of(agg.cond)
        self.fields = frozenset(used)
        self.entities = {self._entity(t.agg).name: self._entity(t.agg) for t in terms.values() if t.agg.func in ENTITY}
        self.firsts = tuple(dict.fromkeys(self._entity(t.agg).name for t in terms.values()
                                          if t.agg.func in ("new", "returning")))
        self.lasts: tuple[tuple[str, date], ...] = tuple(dict.fromkeys(
            (self._entity(t.agg).name, t.reach.end) for t in terms.values() if t.agg.func == "lost" and t.reach))

    def sql(self, shown: tuple[Field, ...], limit: int) -> str:
        """DuckDB statement for at most `limit` rows, oldest first, with the columns that `RowSheet` names."""
        import ibis

        table = self._table(tuple(f for f in shown if f.name != RATE))
        flags = {n: self._takes_part(table, t) for n, t in self.terms.items()}
        more = {f"__in{n}": ibis.coalesce(flag, ibis.literal(False)) for n, flag in flags.items()}
        more |= {f"__v{n}": self._value(table, t.agg) for n, t in self.terms.items()}
        told = table.mutate(**more)
        chosen = told.filter(reduce(or_, [told[f"__in{n}"] for n in flags]))
        order = [chosen[c] for c in (*((self.source.date,) if self.source.date else ()), *ORDER)]
        names = [*(f.name for f in shown), *LINEAGE, *(c for c in chosen.columns if c.startswith("__"))]
        return str(ibis.to_sql(chosen.order_by(order).select(*dict.fromkeys(names)).limit(limit), dialect="duckdb"))

    def _table(self, shown: tuple[Field, ...]) -> Any:
        """Rows in scope on the days that any term looks at, then those that pass the filters: whose row of a day is
        the first is a matter of the scope alone."""
        source = self.source
        table = source.rows.joined({*self.fields, *self.entities.values()}, shown)
        days = within(table[source.date], self._reaches) if source.date else None
        table = _kept(table, [source.in_scope(table), days])
        for i, name in enumerate(self.firsts):
            table = self._with_first(table, i, self.entities[name])
        for i, (name, until) in enumerate(self.lasts):
            table = self._with_last(table, i, self.entities[name], until)
        return _kept(table, [source.rows.where(table, source.filters)])

    @cached_property
    def _reaches(self) -> list[Reach]:
        return [t.looks_at for t in self.terms.values() if t.looks_at]

    def _with_first(self, table: Any, i: int, entity: Field) -> Any:
        """`__first{i}`: the day of the entity's first row in scope; `__isfirst{i}`: is this row the first one?"""
        import ibis

        first = firsts(self.source, entity, None)
        first = first.select(**{f"__e{i}": first.entity, f"__first{i}": first.day})
        table = table.left_join(first, table[entity.name] == first[f"__e{i}"]).drop(f"__e{i}")
        day = table[self.source.date]
        order = [table[c] for c in ORDER]
        rank = ibis.row_number().over(ibis.window(group_by=[table[entity.name], day], order_by=order))
        return table.mutate(**{f"__isfirst{i}": (rank == 0) & (day == table[f"__first{i}"])})

    def _with_last(self, table: Any, i: int, entity: Field, until: date) -> Any:
        """`__last{i}`: the day of the entity's last row in scope up to `until`."""
        import ibis

        source = self.source
        known = source.rows.joined({entity, *source.filter_fields()})
        known = _kept(known, [source.in_scope(known), known[source.date] <= ibis.date(until),
                              known[entity.name].notnull()])
        last = known.group_by(**{f"__e{i}": known[entity.name]}).aggregate(
            **{f"__last{i}": known[source.date].max()})
        return table.left_join(last, table[entity.name] == last[f"__e{i}"]).drop(f"__e{i}")

    def _takes_part(self, table: Any, term: Looking) -> Any:
        """Does the row count in the term?"""
        import ibis

        agg, source = term.agg, self.source
        tests = [source.rows.condition(table, agg.cond)]
        if source.date and term.looks_at:
            tests.append(within(table[source.date], [term.looks_at]))
        if agg.func in ("distinct", *ENTITY):
            tests.append(table[self._entity(agg).name].notnull())
        if agg.func in ENTITY and term.reach:
            tests.append(self._history(table, agg, term.reach))
        found = all_of(tests)
        return ibis.literal(True) if found is None else found

    def _history(self, table: Any, agg: Agg, reach: Reach) -> Any:
        import ibis

        name, start = self._entity(agg).name, ibis.date(reach.start)
        if agg.func == "lost":
            return table[f"__last{self.lasts.index((name, reach.end))}"] < start
        i = self.firsts.index(name)
        return table[f"__isfirst{i}"] if agg.func == "new" else table[f"__first{i}"] < start

    def _value(self, table: Any, agg: Agg) -> Any:
        """What the row brings into the term; 1 where rows are counted."""
        import ibis

        rows = self.source.rows.as_written if agg.func == "count" else self.source.rows
        return ibis.literal(1, "int8") if agg.arg is None else rows.value(table, agg.arg)

    def _entity(self, agg: Agg) -> Field:
        assert isinstance(agg.arg, Col), "entities stand in one column"
        return self.source.rows.field(agg.arg)


def _kept(table: Any, tests: list[Any]) -> Any:
    found = all_of(tests)
    return table if found is None else table.filter(found)
