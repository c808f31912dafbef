"""What the visible rows of a dataset tell of their quality: empty cells, repeated rows, keys not found, spellings."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.history import Plausible
from dashapp.core.rollup import quoted
from dashapp.facts.tables import Tables
from dashapp.facts.visible import hides_by_key, literal, stored_columns

SPELLINGS = 200  # distinct values up to which a dimension's spellings are looked at
VARIANTS = 10


@dataclass(frozen=True, slots=True)
class Variant:
    """One text of a dimension in more than one spelling: the usual one, the others, and the rows of the others."""

    column: str
    usual: str
    others: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """rows: visible. filled: column -> rows with a value. repeated: rows beyond the first of their kind. unmatched:
    (column, target) -> rows whose key is not found. inconsistent: rows with any such key or another spelling.
    implausible: rows with a value outside of a range.
    """

    rows: int
    filled: tuple[tuple[str, int], ...]
    repeated: int
    unmatched: tuple[tuple[str, str, int], ...]
    variants: tuple[Variant, ...]
    inconsistent: int
    implausible: int


def inventory_of(tables: Tables, dataset: Dataset, plausible: Sequence[Plausible]) -> Inventory:
    """Exact counts over the visible rows. The handle shows the joined datasets as well."""
    source = quoted(dataset.key)
    columns = stored_columns(dataset)
    counted = ", ".join(f"count({quoted(c.key)}) AS c{n}" for n, c in enumerate(columns))
    (row,) = tables.fetch(f"SELECT count(*) AS n{', ' + counted if counted else ''} FROM {source}").to_pylist()
    rows = row["n"]
    filled = tuple((c.key, row[f"c{n}"]) for n, c in enumerate(columns))
    lost = [(column, target, _lost(column, target)) for column, target in dataset.joins
            if dataset.column(column) and _is_there(tables, target)]
    unmatched = tuple((c, t, _count(tables, f"SELECT count(*) AS n FROM {source} AS r WHERE {sql}"))
                      for c, t, sql in lost)
    variants = tuple(v for c in columns if c.role is RoleOf.DIMENSION and c.type == "text"
                     for v in _variants(tables, source, c.key))
    odd = [sql for _, _, sql in lost]
    odd += [f"r.{quoted(v.column)} IN ({', '.join(map(literal, v.others))})" for v in variants]
    inconsistent = _count(tables, f"SELECT count(*) AS n FROM {source} AS r WHERE {' OR '.join(odd)}") if odd else 0
    outside = [_outside(p) for p in plausible if dataset.column(p.column)]
    implausible = _count(tables, f"SELECT count(*) AS n FROM {source} AS r WHERE {' OR '.join(outside)}") \
        if outside else 0
    return Inventory(rows, filled, _repeated(tables, dataset), unmatched, variants[:VARIANTS], inconsistent,
                     implausible)


def _is_there(tables: Tables, target: str) -> bool:
    name, _, key = target.partition(".")
    return any(dataset == name for dataset, _, _ in tables.shown) and key in tables.schema(name)


def _lost(column: str, target: str) -> str:
    """Condition: the row names a key that is not in the target. An empty cell names none."""
    name, _, key = target.partition(".")
    return (f"(r.{quoted(column)} IS NOT NULL AND CAST(r.{quoted(column)} AS VARCHAR) NOT IN (SELECT "
            f"CAST({quoted(key)} AS VARCHAR) FROM {quoted(name)} WHERE {quoted(key)} IS NOT NULL))")


def _outside(limit: Plausible) -> str:
    value = f"r.{quoted(limit.column)}"
    tests = [f"{value} < {limit.low!r}"] if limit.low is not None else []
    tests += [f"{value} > {limit.high!r}"] if limit.high is not None else []
    own = f" AND r.kpi = {literal(limit.group)}" if limit.group is not None else ""
    return f"(({' OR '.join(tests)}){own})"


def _repeated(tables: Tables, dataset: Dataset) -> int:
    """Rows beyond the first of their key, or of all their values where no key is declared. Uploads that supersede by
    the key cannot repeat it."""
    keyed = bool(dataset.key_columns) and all(dataset.column(k) for k in dataset.key_columns)
    if keyed and all(hides_by_key(v) for v in tables.live(dataset.key)):
        return 0
    kept = dataset.key_columns if keyed else tuple(c.key for c in stored_columns(dataset))
    same = ", ".join(map(quoted, kept))
    if not same:
        return 0
    return _count(tables, f"SELECT coalesce(sum(n - 1), 0) AS n FROM (SELECT count(*) AS n FROM {quoted(dataset.key)} "
                          f"GROUP BY hash({same}) HAVING count(*) > 1)")


def _variants(tables: Tables, source: str, column: str) -> list[Variant]:
    """Texts that are equal but for case and blanks: the most frequent spelling is the usual one."""
    found = tables.fetch(f"SELECT CAST({quoted(column)} AS VARCHAR) AS v, count(*) AS n FROM {source} "
                         f"WHERE {quoted(column)} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 "
                         f"LIMIT {SPELLINGS + 1}").to_pylist()
    if len(found) > SPELLINGS:
        return []
    spelled: dict[str, list[tuple[str, int]]] = {}
    for row in found:
        spelled.setdefault(" ".join(row["v"].casefold().split()), []).append((row["v"], row["n"]))
    return [Variant(column, own[0][0], tuple(v for v, _ in own[1:]), sum(n for _, n in own[1:]))
            for own in spelled.values() if len(own) > 1]


def _count(tables: Tables, sql: str) -> int:
    return int(tables.fetch(sql).column("n")[0].as_py())
