"""What must be decided before a file can be committed, and declarations that no row could follow."""
from __future__ import annotations

import re
from collections.abc import Mapping as Table
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from dashapp.core.currency import RATES, is_list_of_rates, rates_in
from dashapp.core.dataset import Dataset, Mode
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.core.vintage import Vintage, live_vintages

if TYPE_CHECKING:
    from dashapp.facts.effect import Displaced, Effect, Overlap

_TARGET = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def needs(dataset: Dataset, mode: Mode | None, key: tuple[str, ...]) -> tuple[str, ...]:
    """Decisions nobody made yet, as sentences."""
    if mode is None:
        return ("Say how rows are recognised: name the key columns (a row with a known key replaces the older one), "
                "or choose append (every row is new) or replace-period (whole periods are replaced).",)
    if mode == "upsert" and not key:
        return ("The mode upsert needs key columns: the columns that identify a row.",)
    unknown = [k for k in key if dataset.column(k) is None]
    if unknown:
        return (f"The key names columns that are not there: {', '.join(unknown)}.",)
    if dataset.key == RATES and rates_in({RATES: dataset}) is None:
        return (f"The dataset {RATES} is the list of exchange rates: it has the columns date, currency and rate, "
                "perhaps to, and is identified by date, currency and to.",)
    if mode == "replace-period" and dataset.kind != "facts":
        return ("Only datasets with a date can replace periods.",)
    return ()


def displacing(dataset: Dataset, effect: Effect | None) -> tuple[Issue, ...]:
    """Warnings, one per dimension, where rows would be replaced by rows with another value of it.

    Often right (a status moves on); wrong where the key is too short and the file is about another store.
    """
    return tuple(_displacing(dataset, d) for d in (effect.displaced if effect else ()))


def _displacing(dataset: Dataset, found: Displaced) -> Issue:
    column = dataset.column(found.column)
    header = column.header if column else found.column
    by = f"with {header} {found.new}" if found.new is not None else f"without {header}"
    if found.pair == found.rows:
        told = f"{_rows(found.rows)} with {header} {found.old} would be replaced by rows {by}."
    else:
        told = (f"{_rows(found.rows)} would be replaced by rows with another {header}: {found.pair} with {header} "
                f"{found.old} by rows {by}, and others.")
    return Issue("rows-displaced", told, "warning", column=header, count=found.rows,
                 help=f"If both should count, add {header} to the columns that identify a row.")


def misplaced(dataset: Dataset) -> tuple[Issue, ...]:
    """A list of exchange rates is used where it is called `fx`, and nowhere else."""
    if dataset.key == RATES or not is_list_of_rates(dataset.columns):
        return ()
    return (Issue("rates-elsewhere", f"This is a list of exchange rates, but {dataset.key} is not {RATES}: amounts are "
                  "not converted by it.", "warning", help=f"Bring it as the dataset {RATES}."),)


def overlapping(mode: Mode | None, effect: Effect | None, names: Table[str, str]) -> tuple[Issue, ...]:
    """Rows of the file that are known already, by the upload and sheet that brought them; and days that have rows.

    Where every row is new by declaration (append), they would count twice. names: upload id -> file name.
    """
    if effect is None:
        return ()
    out = [_overlap(mode, o, names.get(o.vintage, "an earlier upload")) for o in effect.overlaps]
    if mode == "append" and effect.shared_days and not effect.overlaps:
        days = "1 day of the file has" if effect.shared_days == 1 else f"{effect.shared_days} days of the file have"
        out.append(Issue("days-overlap", f"{days} rows already; append adds these to them.", "warning",
                         count=effect.shared_days, help="Right where several files make a day; else choose "
                         "replace-period, or name the columns that identify a row."))
    return tuple(out)


def _overlap(mode: Mode | None, found: Overlap, name: str) -> Issue:
    sheet = f"the sheet {found.sheet} of " if found.sheet else ""
    span = f", {found.first} to {found.last}" if found.first and found.last else ""
    verb = "is" if found.rows == 1 else "are"
    told = f"{_rows(found.rows)} {verb} known already from {sheet}{name}{span}"
    if mode != "append":
        return Issue("rows-known", f"{told}; nothing changes by them.", "info", count=found.rows)
    return Issue("rows-known", f"{told}; append counts them twice.", "warning", count=found.rows,
                 help="Name the columns that identify a row, or leave the overlapping rows out of the file.")


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number} rows"


def refuse_odd(dataset: Dataset, mapping: Mapping) -> None:
    """Raise Invalid for declarations that no row could follow, before anything is compared or stored."""
    problems = [f"the slice column {c!r} is not there" for c in dataset.slice_columns if dataset.column(c) is None]
    for local, target in dataset.joins:
        if dataset.column(local) is None:
            problems.append(f"the join starts from the column {local!r}, which is not there")
        if not _TARGET.fullmatch(target):
            problems.append(f"the join of {local!r} must lead to dataset.column, not to {target!r}")
    if mapping.data_through is not None and not _is_date(mapping.data_through):
        problems.append(f"data_through must be a date such as 2026-03-31, not {mapping.data_through[:40]!r}")
    _refuse(problems)


def refuse_multiplying(dataset: Dataset, datasets: Table[str, Dataset],
                       vintages: Table[str, tuple[Vintage, ...]] | None = None) -> None:
    """Raise Invalid where a row would find several rows by a join, and count several times in every figure.

    A join leads to the one column that identifies the rows of its target: neither may a dataset be joined otherwise,
    nor may one that others are joined to take another key. datasets: those that are there; vintages: theirs, where the
    uploads themselves shall be looked at. A target that is not there yet is judged when it comes.
    """
    problems = []
    for local, target in dataset.joins:
        name, _, key = target.partition(".")
        if name == dataset.key:
            problems.append(f"the join of {local!r} leads to {name} itself")
        elif name in datasets and not _identifies(key, datasets[name], (vintages or {}).get(name, ())):
            problems.append(f"the join of {local!r} would count rows more than once: {_keyed(datasets[name], key)}")
    for other in datasets.values() if dataset.mode else ():
        problems += [f"{other.key} is joined to it by {local}: its rows must be identified by {key} alone"
                     for local, _, key in _leading_to(dataset.key, other) if not _identifies(key, dataset)]
    _refuse(problems)


def _leading_to(name: str, other: Dataset) -> list[tuple[str, str, str]]:
    """Joins of another dataset that lead to `name`: (its column, `name`, the column of `name`)."""
    found = ((local, *target.partition(".")[::2]) for local, target in other.joins if other.key != name)
    return [(local, there, key) for local, there, key in found if there == name]


def _identifies(key: str, dataset: Dataset, vintages: tuple[Vintage, ...] = ()) -> bool:
    keyed = ((dataset.mode, dataset.key_columns), *((v.mode, v.key_columns) for v in live_vintages(vintages)))
    return all(mode != "append" and columns == (key,) for mode, columns in keyed)


def _keyed(dataset: Dataset, wanted: str) -> str:
    """Why a column does not identify the rows of a dataset."""
    columns = dataset.key_columns
    if not columns or dataset.mode == "append":
        return f"nothing identifies a row of {dataset.key}"
    if columns == (wanted,):
        return f"some files of {dataset.key} were brought with another key"
    return f"a row of {dataset.key} is identified by {' and '.join(columns)}, not by {wanted} alone"


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise Invalid("The mapping cannot be used: " + "; ".join(problems) + ".",
                      issues=[Issue("mapping", p) for p in problems])


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
