"""Conditions as a key: rows are grouped by which conditions of the formulas hold, and added up once for all of them.

Twelve sums under conditions over ten million rows are twelve filters on every row. Folded, a row goes into the group of
the conditions it meets, one number whose bits they are; the sums are then made of the few groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from operator import add
from typing import Any

from dashapp.query.partials import Slot
from dashapp.query.rows import Rows
from dashapp.query.tree import Cond, Node

FLAGS = "flags"
EDGES = ("fd", "fv", "ld", "lv")  # the partials of first and last
MOST_CONDITIONS, MOST_GROUPS = 14, 64


@dataclass(frozen=True, slots=True)
class Folded:
    """conds: the conditions, bit by bit. bases: the partials of each argument that are added up without condition."""

    conds: tuple[Cond, ...]
    bases: dict[Node | None, Slot]

    def key(self, rows: Rows, table: Any) -> dict[str, Any]:
        """The column of the conditions a row meets; none without conditions."""
        import ibis

        bits = [ibis.ifelse(rows.condition(table, c), 1 << i, 0) for i, c in enumerate(self.conds)]
        return {FLAGS: reduce(add, bits).cast("int16")} if bits else {}

    def name(self, slot: Slot, part: str) -> str:
        """The column that holds a partial of a slot."""
        return "n" if part == "m" else self.bases[slot.arg].name(part)

    def chosen(self, groups: Any, slot: Slot) -> Any:
        """Whether a group meets the condition of a slot; None without one."""
        return None if slot.cond is None else (groups[FLAGS] & (1 << self.conds.index(slot.cond))) != 0


def folded(rows: Rows, slots: Sequence[Slot]) -> Folded | None:
    """How the slots are folded; None where too many groups could come of it.

    Conditions on the same columns mostly exclude each other, on different ones each may meet each: that many groups a
    day are expected. First and last need the days apart, so they are not folded.
    """
    conds = tuple(dict.fromkeys(s.cond for s in slots if s.cond is not None))
    alike = Counter(frozenset(rows.fields_of(c)) for c in conds)
    if len(conds) > MOST_CONDITIONS or prod(n + 1 for n in alike.values()) > MOST_GROUPS:
        return None
    wanted: dict[Node | None, set[str]] = {}
    for slot in slots:
        wanted.setdefault(slot.arg, set()).update(p for p in slot.parts if p != "m")
    bases = {arg: Slot(i, arg, None, tuple(sorted(parts))) for i, (arg, parts) in enumerate(wanted.items())}
    return Folded(conds, bases)


def needs_days(slots: Iterable[Slot]) -> bool:
    """Is the first or the last day wanted, whose rows must be added up before it is chosen?"""
    return any(p in EDGES for slot in slots for p in slot.parts)
