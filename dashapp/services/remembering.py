"""What a dataset remembers of its files: answers to questions nobody may guess are asked for once per source."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from dashapp.core.dataset import Dataset
from dashapp.core.mapping import ColumnMapping, Mapping, mapping_from_json
from dashapp.core.upload import UploadView
from dashapp.services import profiling
from dashapp.services.unit import reading
from models import DatasetRow


def shown(found: UploadView, mapping: Mapping | None) -> Mapping:
    """The given mapping, or what was last shown for this upload; what becomes of dates to come, the dataset says where
    neither does."""
    wanted = mapping if mapping is not None else mapping_from_json(found.mapping)
    return wanted if wanted.future else replace(wanted, future=_last(found.dataset).future)


def answered(wanted: Mapping, questions: Iterable[tuple[str, str | None]], dataset: str) -> Mapping | None:
    """`wanted` with the open questions (code, header) answered as the dataset's last file was; None without answers.

    Only what the file leaves open is taken over: a column that decides by itself is read as it says. Where several
    people send files of the dataset, each column is answered by its own sender alone (see ingest.recall).
    """
    asked, last = list(questions), _last(dataset)
    if len(profiling.known(dataset)) > 1:
        asked = [(code, header) for code, header in asked if header is None]
    columns, encoding = dict(wanted.columns), wanted.encoding
    for code, header in asked:
        if code == "encoding" and encoding is None:
            encoding = last.encoding
        before = last.columns.get(header) if header else None
        filled = _filled(columns.get(header, ColumnMapping()), code, before) if header and before else ColumnMapping()
        if header and filled != ColumnMapping():
            columns[header] = filled
    out = replace(wanted, columns=columns, encoding=encoding)
    return out if out != wanted else None


def completed(mapping: Mapping, known: Dataset | None) -> Mapping:
    """`mapping` with the joins and slice columns that the dataset has, where it says nothing of them itself."""
    if known is None:
        return mapping
    joins = {**_last(known.key).joins, **dict(known.joins), **mapping.joins}
    return replace(mapping, joins=joins, slice=known.slice_columns if mapping.slice is None else mapping.slice)


def _filled(column: ColumnMapping, code: str, before: ColumnMapping) -> ColumnMapping:
    if code == "date-order" and column.format is None and before.format != "iso":
        return replace(column, format=before.format)
    if code == "number-style" and column.number is None:
        return replace(column, number=before.number)
    return column


def _last(dataset: str) -> Mapping:
    with reading() as session:
        found = session.scalar(select(DatasetRow.mapping).where(DatasetRow.key == dataset))
    return mapping_from_json(found or {})
