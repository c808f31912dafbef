"""Corrections that a person declared, applied before anything is checked. Each is told; one that does not fit the file
refuses it, so that nothing is changed that nobody saw."""

# ruff: noqa: S608 - SQL is built from column numbers and plain numbers of our own, never from a file's text
from __future__ import annotations

from decimal import Decimal
from math import isclose

from dashapp.core.correction import Correction, number
from dashapp.core.issue import Issue
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage


def correct(stage: Stage) -> None:
    """Put the declared values into `typed`. A correction that does not find the value it was made for is an error of
    the file."""
    for one in stage.mapping.corrections:
        f = next((f for f in stage.fields if one.column in (f.header, f.key)), None)
        if f is None or f.type not in ("money", "number") or f.index in stage.survey.open:
            _misfit(stage, one, f"there is no column of numbers {one.column!r}")
            continue
        found = stage.fetch(f"SELECT v{f.index} FROM typed WHERE _row = {one.row:d}")
        if not found or not _is_same(found[0][0], one.was):
            there = "nothing" if not found or found[0][0] is None else f"{found[0][0]:,}"
            _misfit(stage, one, f"{stage.grid.cell(one.row - 1, f.index)} holds {there}, not {one.was}")
            continue
        _apply(stage, one, f)


def _is_same(there: Decimal | float | None, was: str) -> bool:
    wanted = number(was)
    if there is None or wanted is None:
        return False
    return there == wanted if isinstance(there, Decimal) else isclose(there, float(wanted), rel_tol=1e-12)


def _apply(stage: Stage, one: Correction, f: Field) -> None:
    type_ = "DECIMAL(18,4)" if f.type == "money" else "DOUBLE"
    value = "NULL" if one.value is None else f"CAST('{number(one.value):f}' AS {type_})"
    missing = one.value is None
    stage.con.execute(f"UPDATE typed SET v{f.index} = {value}, m{f.index} = {missing} WHERE _row = {one.row:d}")
    cell = stage.grid.cell(one.row - 1, f.index)
    becomes = f"becomes {one.value}" if one.value is not None else "is left out"
    why = f" ({one.why})" if one.why else ""
    stage.issues.append(Issue("corrected", f"{cell}: {one.was} {becomes} by a correction{why}.", "info",
                              stage.grid.sheet, cell, one.row, f.header, one.was))
    stage.counts["corrected"] = stage.counts.get("corrected", 0) + 1


def _misfit(stage: Stage, one: Correction, why: str) -> None:
    stage.issues.append(Issue(
        "correction-misfit", f"The correction of row {one.row} in {one.column!r} does not fit this file: {why}.",
        "error", stage.grid.sheet, column=one.column,
        help="Corrections belong to one file: take this one out of the mapping."))
