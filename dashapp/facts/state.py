"""The fingerprint of what is visible: equal fingerprints have equal rows, whatever happened in between."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import RollupSpec
from dashapp.core.vintage import Vintage
from dashapp.facts.visible import table_schema

LAYOUT = 1  # grows when the layout of serving files changes, so that older files are not read


def state_digest(dataset: Dataset, live: Sequence[Vintage]) -> str:
    """16 hexadecimal digits over columns, date column and live vintages (undo and redo lead back to the same text).

    live: vintages live at the wanted moment, in commit order.
    """
    facts = [[v.id, v.commit, v.sha256, v.filename, v.mode, v.key_columns,
              [d.isoformat() for d in v.replaced or ()], v.replaced_slices] for v in live]
    return _digest([LAYOUT, dataset.key, table_schema(dataset), dataset.date_column, facts])


def spec_digest(spec: RollupSpec) -> str:
    """16 hexadecimal digits over what was asked to be pre-added."""
    return _digest(spec.to_json())


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
