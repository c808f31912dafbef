"""The rows of a dataset while files come in one after the other: what each would do, without reading all anew for each.

The rows that are visible are named once. Of a file, only the rows that it can touch are looked at: those with its keys,
in its periods, equal to its own. When it is committed, they are set aside and its rows take their place, so that the
next file meets the state that a question would. Answers are those of `facts.effect` on the vintages.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset, Mode
from dashapp.core.errors import Invalid
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage
from dashapp.facts.effect import Effect, counts_of, displaced_of, hypothetical, match, overlaps_of, shared_days, span_of
from dashapp.facts.folder import dataset_folder
from dashapp.facts.scope import replaced_slices, whole_periods
from dashapp.facts.source import TableAt, show
from dashapp.facts.visible import (
    extra_columns,
    hides_by_key,
    literal,
    replaced_sql,
    stored_columns,
    table_schema,
    visible_sql,
)

_SAME = "h._vintage = r._vintage AND h._row = r._row AND h._sheet IS NOT DISTINCT FROM r._sheet"


class Arrivals:
    """For one caller, with all rows in reach (no data scope). Close it when the burst is over.

    vintages: all of the dataset, undone ones too, as they are when it is opened; `settle` keeps them up to date.
    """

    def __init__(self, root: Path, dataset: Dataset, vintages: tuple[Vintage, ...], config: dict[str, Any]) -> None:
        self._folder, self._schema, self.vintages = dataset_folder(root, dataset.key), table_schema(dataset), vintages
        spill = str(self._folder / f".arrivals-{secrets.token_hex(4)}.spill")
        self._connection = duckdb.connect(":memory:", config={**config, "temp_directory": spill})
        names = ", ".join(quoted(c) for c in self._schema)
        show(self._connection, root, TableAt(dataset, vintages), "_base", "arrivals")
        self._run(f"CREATE TABLE _came AS SELECT {names} FROM _base LIMIT 0")
        for column, kind in self._schema.items():  # an ENUM of the served rows does not know new texts
            self._run(f"ALTER TABLE _came ALTER {quoted(column)} TYPE {kind}")
        self._run("CREATE TABLE _hidden (_vintage VARCHAR, _sheet VARCHAR, _row INTEGER)")
        self._run(f"CREATE VIEW _shown AS SELECT {names} FROM _base AS r WHERE NOT EXISTS "
                  f"(SELECT 1 FROM _hidden AS h WHERE {_SAME}) UNION ALL SELECT {names} FROM _came")
        self._next: tuple[Vintage, str] | None = None

    def fits(self, dataset: Dataset, candidate: Path) -> bool:
        """Are the file's columns those that are here? Else the question is one for `facts.effect`."""
        return table_schema(dataset) == self._schema and not extra_columns(dataset, candidate)

    def effect(self, dataset: Dataset, candidate: Path, *, mode: Mode, key: tuple[str, ...], slices: tuple[str, ...],
               calendar: Calendar) -> Effect:
        """As `facts.effect.effect_of`, of the state after everything that was settled."""
        if mode == "upsert" and not key:
            raise Invalid("Rows can only be updated when a key says which row is which.")
        first, last = span_of(self._connection, dataset, candidate)
        one = hypothetical(dataset, self.vintages, candidate, mode, key)
        if mode == "replace-period" and first and last:
            files = [self._folder / v.filename for v in self.vintages]
            confined = replaced_slices(self._connection, files, candidate, slices, ())
            one = replace(one, replaced=whole_periods(dataset, first, last, calendar), replaced_slices=confined)
        self._run(f"CREATE OR REPLACE TEMP TABLE file AS {visible_sql(dataset, self._folder, [one])}")
        self._hides = _hides(dataset, one)
        self._run(f"CREATE OR REPLACE TEMP TABLE before AS SELECT * FROM _shown AS a "
                  f"WHERE {self._hides} OR {_exists(match(_keys(dataset)))}{_days(dataset, mode)}")
        counts = counts_of(self._connection, dataset, one, ())
        self._next = (one, str(candidate.resolve()))
        return Effect(
            **counts, first=first, last=last, replaced=one.replaced, replaced_slices=one.replaced_slices,
            displaced=displaced_of(self._connection, dataset, key, ()) if counts["superseded"] else (),
            overlaps=overlaps_of(self._connection, dataset, ()) if counts["identical"] else (),
            shared_days=shared_days(self._connection, dataset, ()) if mode == "append" else 0)

    def reaches(self, dataset: Dataset, until: date) -> bool:
        """Does the file that was asked about last bring or take rows of days up to `until`, or without a day?"""
        if dataset.date_column is None:
            return True
        early = f"({quoted(dataset.date_column)} <= DATE '{until.isoformat()}') IS NOT FALSE"
        found = self._run(f"SELECT 1 FROM file WHERE {early} UNION ALL "
                          f"SELECT 1 FROM before AS a WHERE ({self._hides}) AND {early} LIMIT 1").fetchone()
        return found is not None

    def settle(self, vintage: Vintage) -> None:
        """The file that was asked about last is this vintage now."""
        assert self._next is not None, "a file is asked about before it is committed"
        names = ", ".join(quoted(c) if c != "_vintage" else f"{literal(vintage.id)} AS _vintage" for c in self._schema)
        self._run("CREATE OR REPLACE TEMP TABLE _gone AS SELECT CAST(_vintage AS VARCHAR) AS _vintage, "
                  f"CAST(_sheet AS VARCHAR) AS _sheet, _row FROM before AS a WHERE {self._hides}")
        self._run(f"DELETE FROM _came AS r WHERE EXISTS (SELECT 1 FROM _gone AS h WHERE {_SAME})")
        self._run("INSERT INTO _hidden SELECT * FROM _gone")
        self._run(f"INSERT INTO _came SELECT {names} FROM file")
        self.vintages, self._next = (*self.vintages, vintage), None

    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql)


def _keys(dataset: Dataset) -> Sequence[str]:
    return [c.key for c in stored_columns(dataset)]


def _exists(condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM file AS b WHERE {condition})"


def _hides(dataset: Dataset, vintage: Vintage) -> str:
    """Condition on a visible row `a`: the vintage would take it out of sight."""
    by_key = _exists(match(vintage.key_columns)) if hides_by_key(vintage) else "false"
    return f"(({replaced_sql(dataset, None, vintage)}) IS TRUE OR {by_key})"


def _days(dataset: Dataset, mode: Mode) -> str:
    """Of rows that are merely added, those of the same days are told."""
    if mode != "append" or dataset.date_column is None:
        return ""
    day = quoted(dataset.date_column)
    return f" OR a.{day} IN (SELECT {day} FROM file)"
