"""Sets of entities out of the bitmap rollup, one per window, segment and part: what distinct counts are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any

from dashapp.core.rollup import BITS, BY, MONTH, PART, RollupSpec, bitmap_table
from dashapp.query.atoms import Atoms, epoch_day, listed, members, number, within
from dashapp.query.columns import Field
from dashapp.query.rows import Rows
from dashapp.query.source import Source, all_of
from dashapp.query.split import By
from dashapp.query.tables import unbound
from dashapp.query.tree import Cond
from dashapp.query.windows import Reach

EVERYBODY = By()
FEW = 16  # atoms that are worth a comparison each


@dataclass(frozen=True)
class Sets:
    """The sets of rows that pass scope and filters, by the first `level` dimensions of a split.

    conds: each makes a set of its own, `k0`, `k1`, ...; None is everybody.
    """

    source: Source
    spec: RollupSpec
    by: By = EVERYBODY
    level: int = 0
    conds: Sequence[Cond | None] = (None,)

    @cached_property
    def rows(self) -> Rows:
        table = unbound(bitmap_table(self.source.dataset.key), tuple(self.spec.bitmap_schema().items()))
        return Rows(self.source.dataset, self.source.datasets, table)

    @cached_property
    def split(self) -> By:
        """What is told apart: as much as this level names; where segments stay by name, what decides that."""
        return self.by if self.by.kept is not None and self.level else By(self.by.fields[: self.level])

    @cached_property
    def fields(self) -> set[Field]:
        used = set(self.split.fields) | self.source.filter_fields()
        return used.union(*(self.rows.fields_of(c) for c in self.conds))

    def name(self, cond: Cond | None) -> str:
        return f"k{list(self.conds).index(cond)}"

    def table(self, reaches: Iterable[Reach]) -> Any:
        """The rollup's rows of just the columns that matter here, in these months."""
        return self._chosen(lambda month: within(month, reaches))

    def _chosen(self, test: Callable[[Any], Any]) -> Any:
        table = self.rows.joined(self.fields)
        by = self.spec.bitmap_by(map(own, self.fields))
        tests = [table[BY] == by, test(table[MONTH]), self.source.where(table)]
        return self.split.ranked(table.filter(all_of(tests)))

    def united(self, windows: Mapping[int, Reach]) -> Any:
        """(window, splits, part, sets); most windows of a month are an atom, whose sets are united already."""
        atoms = _atoms(windows.values())
        sets, names = self.split.at(self._by_atom(windows.values(), atoms), self.level)
        kept = ("window", *names, "part", *(self.name(c) for c in self.conds))
        length = {i: sum(r.start <= s <= r.end for s in atoms.starts) for i, r in windows.items()}
        single, several = ({i: r for i, r in windows.items() if (length[i] == 1) is one} for one in (True, False))
        parts = [sets.inner_join(members(single, atoms), "atom").select(*kept)] if single else []
        if several:
            joined = sets.inner_join(members(several, atoms), "atom")
            whole = joined.group_by("window", *names, "part")
            parts.append(whole.aggregate(**{k: joined[k].bit_or() for k in map(self.name, self.conds)}))
        return parts[0] if len(parts) == 1 else parts[0].union(parts[1])

    def _by_atom(self, reaches: Iterable[Reach], atoms: Atoms) -> Any:
        table = self.table(reaches)
        keys = {"atom": atoms.of_column(table[MONTH]), **self.split.columns(table), "part": table[PART]}
        return table.group_by(**keys).aggregate(
            **{self.name(c): table[BITS].bit_or(where=self.rows.condition(table, c)) for c in self.conds})

    def before(self, windows: Mapping[int, Reach]) -> Any:
        """(window, part, before): everybody of the months before each window, whatever the split."""
        last = max(r.start for r in windows.values())
        table = self._chosen(lambda month: month < last)
        months = table.group_by(atom=epoch_day(table[MONTH]), part=table[PART]).aggregate(bits=table[BITS].bit_or())
        starts = listed(((i, number(r.start)) for i, r in windows.items()), "window", "start")
        joined = months.inner_join(starts, months.atom < starts.start)
        return joined.group_by("window", "part").aggregate(before=joined.bits.bit_or())


def own(field: Field) -> str:
    """The column of the rows that decides the value of a field: its own, or the one it is joined by."""
    return field.join[0] if field.join else field.column.key


def _atoms(reaches: Iterable[Reach]) -> Atoms:
    """The atoms of these windows; quarters and years are atoms themselves, where they are few."""
    found = Atoms.of(reaches)
    edges = sorted({d for r in reaches for d in (r.start, r.end + timedelta(1))})[:-1]
    return Atoms("none", tuple(edges), found.hull) if len(edges) < min(len(found.starts), FEW) else found


@lru_cache(maxsize=1)
def bit_count() -> Any:
    """How many bits of a set are set: a function of the engine over a column."""
    import ibis

    def bit_count(bits: int) -> int:  # type: ignore[empty-body]
        """How many bits are set."""

    return ibis.udf.scalar.builtin(bit_count, name="bit_count")
