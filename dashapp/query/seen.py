"""Which uploads a data scope lets a person know of: those that hold a row they may see."""
from __future__ import annotations

from collections.abc import Mapping

from dashapp.core.dataset import Dataset
from dashapp.core.where import Where
from dashapp.query.columns import apart, find_dimension
from dashapp.query.source import all_of, stored


def vintages_sql(dataset: Dataset, datasets: Mapping[str, Dataset], scope: tuple[Where, ...]) -> str | None:
    """DuckDB statement for the `_vintage` of all rows within the scope, each once.

    None when the dataset lacks a column of the scope, or has it in a warehouse only: then none of its rows may be seen.
    """
    import ibis

    fields = [find_dimension(dataset, w.column, datasets) for w in scope]
    if any(f is None or apart(f, datasets) for f in fields):
        return None
    source = stored(dataset, datasets, (), scope)
    rows = source.rows.joined(source.filter_fields())
    chosen = rows.filter(all_of([source.in_scope(rows)]))
    return str(ibis.to_sql(chosen.select("_vintage").distinct(), dialect="duckdb"))
