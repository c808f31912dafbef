"""Between two builds: the serving file of a former state, less what newer uploads hid, plus their rows.

Finding the hidden rows costs one pass when the handle is opened; afterwards a question costs little more than one on
the serving file, where reading large vintages anew would cost seconds. Answers are those of the vintages.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage
from dashapp.facts.folder import dataset_folder
from dashapp.facts.serving import find_serving
from dashapp.facts.state import rows_in
from dashapp.facts.visible import hides_by_key, keys_sql, replaced_sql, same_key, table_schema, visible_sql

NEWER = 20  # uploads since the base that are worth looking back
LARGEST = 500_000  # rows of newer uploads, which are held in memory
SHARE = 20  # newer rows are at most a twentieth of the base


def find_base(root: Path, dataset: Dataset, live: Sequence[Vintage]) -> tuple[Path, Sequence[Vintage]] | None:
    """A serving file of an earlier state and the uploads since; None where there is none or too much came since."""
    for count in range(len(live) - 1, max(len(live) - NEWER, 0) - 1, -1):
        newer = live[count:]
        rows = sum(map(rows_in, newer))
        if rows > LARGEST or rows * SHARE > sum(map(rows_in, live[:count])):
            return None
        path = find_serving(root, dataset, live[:count])
        if path is not None:
            keys = {key for v in newer if hides_by_key(v) for key in v.key_columns}
            return (path, newer) if keys <= set(table_schema(dataset)) else None
    return None


def make_delta(connection: duckdb.DuckDBPyConnection, root: Path, dataset: Dataset, base: str,
               newer: Sequence[Vintage], name: str) -> None:
    """Create the view `name` of the dataset over `base` (an attached serving file) and the rows of `newer`."""
    folder = dataset_folder(root, dataset.key)
    names = ", ".join(quoted(c) for c in table_schema(dataset))
    new, hidden = quoted(f"_{name}_new"), quoted(f"_{name}_hidden")
    connection.execute(f"CREATE TABLE {new} AS {visible_sql(dataset, folder, newer)}")
    connection.execute(f"CREATE TABLE {hidden} AS SELECT r.rowid AS id FROM {base}.rows AS r "
                       f"WHERE {_hidden(dataset, folder, newer)}")
    connection.execute(
        f"CREATE VIEW {quoted(name)} AS SELECT {names} FROM {base}.rows AS r "
        f"WHERE NOT EXISTS (SELECT 1 FROM {hidden} AS h WHERE h.id = r.rowid) UNION ALL SELECT {names} FROM {new}")


def _hidden(dataset: Dataset, folder: Path, newer: Sequence[Vintage]) -> str:
    """Condition on a base row `r`: a newer upload has its key or replaced its period."""
    tests = [f"({replaced_sql(dataset, None, v)})" for v in newer if v.mode == "replace-period" and v.replaced]
    hiders = [v for v in newer if hides_by_key(v)]
    for key in sorted({v.key_columns for v in hiders}):
        tests.append(f"EXISTS (SELECT 1 FROM ({keys_sql(dataset, folder, key, hiders)}) AS k WHERE {same_key(key)})")
    return " OR ".join(tests) or "false"
