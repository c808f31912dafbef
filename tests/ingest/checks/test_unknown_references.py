"""Keys that the joined list lacks: told with their cells, and the rows stay."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashapp.core.history import History, Reference
from tests.ingest.conftest import Room, codes, issue

TEXT = "Date,SKU,Revenue\n2025-01-01,S1,1\n2025-01-02,S9,2\n2025-01-03,,3\n2025-01-04,S10,4\n2025-01-05,S9,5\n"


@pytest.fixture
def listed(room: Room) -> Room:
    path = room.folder / "keys.parquet"
    pq.write_table(pa.table({"k": ["S1", "S2"]}), path)
    room.history = History(references=(Reference("sku", "catalogue.sku_id", str(path)),))
    return room


def test_unknown_keys_are_told_most_frequent_first(listed: Room) -> None:
    done, rows = listed.csv(TEXT)
    found = issue(done, "reference-unknown")
    assert found.message == ("3 rows name a 'SKU' that catalogue does not have (B3, B5, B6): S9, S10.")
    assert (found.count, found.severity, len(rows)) == (3, "warning", 5)


def test_known_keys_and_empty_cells_are_not_told(listed: Room) -> None:
    assert "reference-unknown" not in codes(listed.csv(TEXT.replace("S9", "S2").replace("S10", ""))[0])


def test_a_file_without_the_column_is_not_looked_up(listed: Room) -> None:
    assert "reference-unknown" not in codes(listed.csv("Date,Revenue\n2025-01-01,1\n")[0])
