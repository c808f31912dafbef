"""Readings datasets (date, KPI, value): which KPIs they hold readings of. Only what was uploaded is ever proposed."""
from __future__ import annotations

from collections.abc import Mapping

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage
from dashapp.services.desk import Desk

COLUMNS = ("kpi", "value")
MAX_NAMES = 500


def reading_names(desk: Desk, datasets: Mapping[str, Dataset],
                  vintages: Mapping[str, tuple[Vintage, ...]]) -> dict[str, tuple[str, ...]]:
    """Dataset -> names in its column `kpi`, for datasets that have a date, a text `kpi` and a number `value`."""
    from dashapp.facts.tables import TableAt

    out = {}
    for key, dataset in datasets.items():
        if dataset.place is None and dataset.date_column and all(dataset.column(c) for c in COLUMNS):
            sql = f"SELECT DISTINCT kpi FROM {quoted(key)} WHERE kpi IS NOT NULL ORDER BY kpi LIMIT {MAX_NAMES}"  # noqa: S608
            table = desk.ledger.tables([TableAt(dataset, vintages.get(key, ()))]).fetch(sql)
            out[key] = tuple(table.column("kpi").to_pylist())
    return out
