"""Two moments of a company's rows and every mixture between them that a restatement is told by.

Per dataset the rows that only one of the two moments shows are found once (see `facts.lost`) and paired: by the key, or
where rows have no key, by being equal in every column. Then the rows at the earlier moment (stage `before`) take up the
rows that came without a partner (`new`), rows with a partner are exchanged (`changed`), and those that went without one
go (`removed`, which is the later moment). A stage is a view of a few lines, so that nothing but the difference is held.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from dashapp.core.errors import Invalid, Unavailable
from dashapp.core.rollup import quoted
from dashapp.facts.folder import dataset_folder
from dashapp.facts.lost import BY
from dashapp.facts.profile import Profile, reach_of
from dashapp.facts.remembered import find_lost
from dashapp.facts.source import TableAt, show
from dashapp.facts.tables import plain_texts
from dashapp.facts.visible import literal, stored_columns, table_schema

if TYPE_CHECKING:
    import pyarrow as pa

Stage = Literal["before", "new", "changed", "removed"]
STAGES: tuple[Stage, ...] = ("before", "new", "changed", "removed")
Side = Literal["came", "went"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One dataset at both moments. key: columns that say which row is which, () where rows have no identity."""

    before: TableAt
    after: TableAt
    key: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.before.dataset.key

    @property
    def differs(self) -> bool:
        return self.before.state != self.after.state


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one dataset by fate: new (came without a partner), changed (came in place of others, and really differ),
    replaced (went for those), removed (went without a partner), exchanged (came in place of others, equal or not)."""

    new: int = 0
    changed: int = 0
    replaced: int = 0
    removed: int = 0
    exchanged: int = 0


class Between:
    """Both moments, open until `close`; seconds: what all questions together may take. Used by one thread.

    Raises Unavailable when that is not enough, or when the difference does not fit into the memory allowed.
    """

    def __init__(self, root: Path, pairs: Iterable[Pair], config: dict[str, Any], seconds: float) -> None:
        self._pairs = {p.name: p for p in pairs}
        self._until = time.monotonic() + seconds
        self._too_long = f"Comparing the two moments took longer than {seconds:g} seconds."
        self._reaches: dict[tuple[str, Stage], Profile] = {}
        self._connection = duckdb.connect(":memory:", config={**config, "temp_directory": ""})
        with self._limited(self._connection):
            readable = [f for n, p in enumerate(self._pairs.values()) for f in self._show(root, p, n)]
            self.differences = {p.name: self._compare(root, p) for p in self._pairs.values() if p.differs}
        self._connection.execute(f"SET allowed_paths = [{', '.join(literal(f) for f in readable)}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Between:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fetch(self, sql: str, stages: Mapping[str, Stage]) -> pa.Table:
        """The answer to one SELECT with each dataset at its stage; the later moment where none is named."""
        return self._asked(sql, {k: self._rows(p, stages.get(k, "removed")) for k, p in self._pairs.items()})

    def fetch_fate(self, sql: str, dataset: str, stage: Stage, side: Side, around: Stage) -> pa.Table:
        """The answer with `dataset` reduced to the rows that came or went with a stage, `_vintage` being the upload
        that made them come or go; the other datasets as they are at the stage `around`.
        """
        views = {k: self._rows(p, around) for k, p in self._pairs.items()}
        return self._asked(sql, {**views, dataset: self._fate(self._pairs[dataset], stage, side)})

    def reach(self, dataset: str, stage: Stage) -> Profile:
        """First and last date and weekdays of the dataset's rows at a stage."""
        pair = self._pairs[dataset]
        stage = stage if pair.differs else "removed"
        if (dataset, stage) not in self._reaches:
            with self._connection.cursor() as cursor, self._limited(cursor):
                cursor.execute(f"CREATE TEMP VIEW _at AS {self._rows(pair, stage)}")
                self._reaches[dataset, stage] = reach_of(cursor, "_at", pair.before.dataset)
        return self._reaches[dataset, stage]

    def causes(self, dataset: str, stage: Stage, side: Side) -> dict[str, int]:
        """Upload -> how many rows it made come or go with a stage, in the whole dataset."""
        found = self._asked("SELECT _vintage, count(*) AS n FROM _fate GROUP BY 1 ORDER BY 1",
                            {"_fate": self._fate(self._pairs[dataset], stage, side)})
        return {str(r["_vintage"]): int(r["n"]) for r in found.to_pylist()}

    # the tables of a dataset: rows at both moments, and what only one of them shows, paired --------------------------
    def _show(self, root: Path, pair: Pair, number: int) -> list[str]:
        files = show(self._connection, root, pair.after, _name(pair, "after"), f"a{number}").files
        if pair.differs:
            files = files + show(self._connection, root, pair.before, _name(pair, "before"), f"z{number}").files
        return files

    def _compare(self, root: Path, pair: Pair) -> Difference:
        folder, dataset = dataset_folder(root, pair.name), pair.after.dataset
        sides = {"came": (pair.after.live, pair.before.live), "went": (pair.before.live, pair.after.live)}
        for side, (live, other) in sides.items():
            find_lost(self._connection, _table(pair, side), dataset, folder, live, other)
        _mark(self._connection, pair)
        return self._count(pair)

    def _count(self, pair: Pair) -> Difference:
        cells = "count(*) FILTER (NOT _paired), count(*) FILTER (_paired AND NOT _equal), count(*) FILTER (_paired)"
        came, went = (self._connection.execute(f"SELECT {cells} FROM {_table(pair, s)}").fetchone() or (0, 0, 0)
                      for s in ("came", "went"))
        return Difference(int(came[0]), int(came[1]), int(went[1]), int(went[0]), int(came[2]))

    def _rows(self, pair: Pair, stage: Stage) -> str:
        """SELECT of the dataset's rows at a stage."""
        names = ", ".join(quoted(c) for c in table_schema(pair.after.dataset))
        before, after = (f"SELECT {names} FROM {quoted(_name(pair, when))}" for when in ("before", "after"))
        if stage == "removed" or not pair.differs:
            return after
        if stage == "before":
            return before
        if stage == "new":
            return f"{before} UNION ALL SELECT {names} FROM {_table(pair, 'came')} WHERE NOT _paired"
        return f"{after} UNION ALL SELECT {names} FROM {_table(pair, 'went')} WHERE NOT _paired"

    def _fate(self, pair: Pair, stage: Stage, side: Side) -> str:
        """SELECT of the rows that came or went with a stage, their `_vintage` being the cause."""
        vintages = {v.commit: v.id for v in (*pair.before.live, *pair.after.live)}
        cases = " ".join(f"WHEN {commit} THEN {literal(id)}" for commit, id in vintages.items())
        cells = [f"CASE {BY} {cases} END AS _vintage" if c == "_vintage" else quoted(c)
                 for c in table_schema(pair.after.dataset)]
        which = "_paired AND NOT _equal" if stage == "changed" else "NOT _paired"
        wanted = (stage, side) in (("new", "came"), ("changed", "came"), ("changed", "went"), ("removed", "went"))
        return f"SELECT {', '.join(cells)} FROM {_table(pair, side)} WHERE {which if wanted else 'false'}"

    # asking ----------------------------------------------------------------------------------------------------------
    def _asked(self, sql: str, views: Mapping[str, str]) -> pa.Table:
        with self._connection.cursor() as cursor, self._limited(cursor):
            for name, rows in views.items():
                cursor.execute(f"CREATE TEMP VIEW {quoted(name)} AS {rows}")
            try:
                return plain_texts(cursor.execute(sql).to_arrow_table())
            except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
                raise Invalid("A number of this question grew beyond 38 digits.") from error

    @contextmanager
    def _limited(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Interrupt the cursor when the time for all of it is over."""
        left = self._until - time.monotonic()
        if left <= 0:  # an interrupt before the statement begins would be lost
            raise Unavailable(self._too_long)
        timer = threading.Timer(left, cursor.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        except duckdb.InterruptException as error:
            raise Unavailable(self._too_long) from error
        except duckdb.OutOfMemoryException as error:
            raise Unavailable("The two moments differ in more rows than one question may hold.") from error
        finally:
            timer.cancel()


def _name(pair: Pair, when: str) -> str:
    return f"_{pair.name}_{when}"


def _table(pair: Pair, side: str) -> str:
    return quoted(f"_{pair.name}_{side}")


def _mark(connection: duckdb.DuckDBPyConnection, pair: Pair) -> None:
    """Say of each row that came or went whether it has a partner (`_paired`) and whether it is the same (`_equal`).

    With a key, all rows of one key are partners. Without one, equal rows are partners one by one: a file that brings
    rows again has neither added nor removed them.
    """
    columns = [c.key for c in stored_columns(pair.after.dataset)]
    key = list(pair.key) if pair.key and set(pair.key) <= set(columns) else [*columns, "_turn"]
    for side in ("came", "went"):
        turn = f"row_number() OVER (PARTITION BY {', '.join(map(quoted, columns))} ORDER BY _commit, _sheet, _row)"
        connection.execute(f"CREATE OR REPLACE TABLE {_table(pair, side)} AS SELECT *, {turn} AS _turn "
                           f"FROM {_table(pair, side)}")
    for side, other in (("came", "went"), ("went", "came")):
        paired, equal = (_exists(_table(pair, other), by) for by in (key, [*columns, "_turn"]))
        connection.execute(f"CREATE TABLE {_table(pair, side + '_marked')} AS SELECT *, {paired} AS _paired, "
                           f"{equal} AS _equal FROM {_table(pair, side)} AS a")
    for side in ("came", "went"):
        connection.execute(f"DROP TABLE {_table(pair, side)}")
        connection.execute(f"ALTER TABLE {_table(pair, side + '_marked')} RENAME TO {_table(pair, side)}")


def _exists(table: str, columns: Sequence[str]) -> str:
    same = " AND ".join(f"b.{quoted(c)} IS NOT DISTINCT FROM a.{quoted(c)}" for c in columns)
    return f"EXISTS (SELECT 1 FROM {table} AS b WHERE {same})"
