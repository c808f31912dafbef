"""The fingerprint of what is visible: equal fingerprints have equal rows, whatever happened in between."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import RollupSpec
from dashapp.core.vintage import Vintage
from dashapp.facts.record import row_count
from dashapp.facts.visible import table_schema

LAYOUT = 1  # grows when the layout of serving files changes, so that older files are not read


def state_digest(dataset: Dataset, live: Sequence[Vintage]) -> str:
    """16 hexadecimal digits over columns, date column and live vintages (undo and redo lead back to the same text).

    live: vintages live at the wanted moment, in commit order.
    """
    facts = [[v.id, v.commit, v.sha256, v.filename, _touched(v), v.mode, v.key_columns,
              [d.isoformat() for d in v.replaced or ()], v.replaced_slices] for v in live]
    return _digest([LAYOUT, dataset.key, table_schema(dataset), dataset.date_column, facts])


def is_staged(vintage: Vintage) -> bool:
    """Is it the vintage a staged file would become? It names the file by its whole path, and the file may change."""
    return Path(vintage.filename).is_absolute()


def rows_in(vintage: Vintage) -> int:
    """Rows of a vintage's file; those of a staged one are counted."""
    return row_count(Path(vintage.filename)) if is_staged(vintage) else vintage.rows


def _touched(vintage: Vintage) -> list[int]:
    """What tells two contents of a staged file apart; nothing for a sealed one, which never changes."""
    if not is_staged(vintage):
        return []
    stat = Path(vintage.filename).stat()
    return [stat.st_mtime_ns, stat.st_size, stat.st_ino]


def spec_digest(spec: RollupSpec) -> str:
    """16 hexadecimal digits over what was asked to be pre-added."""
    return _digest(spec.to_json())


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
