"""Rows of the state database as frozen values of the core, and back. The only place that knows both shapes."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.core.place import Place, place_from_json
from dashapp.core.vintage import Vintage
from models import ColumnRow, DatasetRow, KpiVersion, Upload

_KPI_FIELDS = {f.name for f in fields(Kpi)}


def dataset_of(row: DatasetRow) -> Dataset:
    """The dataset with its columns in order."""
    return Dataset(
        key=row.key, name=row.name, kind=row.kind, grain=Grain(row.grain), marks=row.marks,  # type: ignore[arg-type]
        key_columns=tuple(row.key_columns), mode=row.mode, slice_columns=tuple(row.slice_columns),  # type: ignore[arg-type]
        joins=tuple(sorted(row.joins.items())), columns=tuple(column_of(c) for c in row.columns),
        version=row.version, is_demo=row.is_demo, place=_place_of(row), id=row.id,
    )


def _place_of(row: DatasetRow) -> Place | None:
    if row.placed is None:
        return None
    return place_from_json(row.placed.connection.key, row.placed.connection.engine, row.placed.place)


def column_of(row: ColumnRow) -> Column:
    return Column(row.key, row.header, RoleOf(row.role), row.type, row.unit)  # type: ignore[arg-type]


def add_columns(row: DatasetRow, columns: Iterable[Column]) -> tuple[str, ...]:
    """Append the columns the dataset does not have yet and return their keys; known columns keep role and type."""
    known = {c.key for c in row.columns}
    fresh = [c for c in columns if c.key not in known and c.role is not RoleOf.IGNORE]
    for position, column in enumerate(fresh, start=len(row.columns)):
        row.columns.append(ColumnRow(position=position, key=column.key, header=column.header, role=column.role.value,
                                     type=column.type, unit=column.unit))
    return tuple(c.key for c in fresh)


def vintage_of(row: Upload) -> Vintage:
    """A committed upload as the ledger sees it."""
    if row.commit is None or row.committed_at is None or row.filename is None or row.sha256 is None:
        raise ValueError(f"upload {row.id} is not committed")
    replaced = row.replaced or {}
    span = replaced.get("span")
    return Vintage(
        id=row.id, dataset=row.dataset_key, commit=row.commit, committed_at=row.committed_at, filename=row.filename,
        sha256=row.sha256, rows=row.rows, mode=row.mode, key_columns=tuple(row.key_columns),  # type: ignore[arg-type]
        first=row.first, last=row.last,
        replaced=(date.fromisoformat(span[0]), date.fromisoformat(span[1])) if span else None,
        replaced_slices=tuple((c, tuple(v)) for c, v in sorted(replaced.get("slices", {}).items())),
        events=tuple((e.at, e.live) for e in row.events), source_name=row.source_name, data_through=row.data_through,
    )


def kpi_of(row: KpiVersion) -> Kpi:
    """One saved version; members that later versions of the product added take their defaults."""
    known = {k: v for k, v in row.definition.items() if k in _KPI_FIELDS}
    return Kpi(**{**known, "version": row.version})


def kpi_json(kpi: Kpi) -> dict[str, Any]:
    """The definition of the contract; the version lives on the row."""
    return {k: v for k, v in asdict(kpi).items() if k != "version"}
