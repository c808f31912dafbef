"""The files go through ingest with their mappings and give the rows that `write_vintage` writes, cell for cell."""
from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dashapp.demo.company import Company, write_vintage
from dashapp.demo.shapes import DATASETS
from dashapp.ingest.sandbox import convert_file


@pytest.mark.parametrize("key", [d.key for d in DATASETS])
def test_ingest_reads_the_file_as_it_was_meant(company: Company, tmp_path: Path, key: str) -> None:
    sheet = company.sheet(key)
    done = convert_file(sheet.path, sheet.path.name, sheet.mapping, None, out=tmp_path / "read.parquet",
                        quarantine=tmp_path / "refused.csv", vintage="v-1", currency="EUR")
    assert (done.accepted, done.quarantined, done.duplicates, done.quarantine) == (sheet.rows, 0, 0, None)
    assert [(c.key, c.role, c.type) for c in done.columns] == [(c.key, c.role, c.type) for c in sheet.dataset.columns]
    assert (done.first, done.last) == (sheet.first, sheet.last)
    write_vintage(sheet, tmp_path / "written.parquet", "v-1")
    names = ", ".join([c.key for c in sheet.dataset.columns] + ["_vintage", "_sheet", "_row"])
    read, written = (f"select {names} from '{tmp_path}/{name}.parquet'" for name in ("read", "written"))
    assert duckdb.sql(f"({read} except all {written}) union all ({written} except all {read})").fetchall() == []
