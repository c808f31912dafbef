"""`Date | KPI | Value`: every row is one reading of one figure. It stays long: the columns are called `kpi` and `value`
whatever the file calls them, since that is how figures find their readings."""

from __future__ import annotations

from collections import Counter

from dashapp.ingest import words
from dashapp.ingest.cells import look
from dashapp.ingest.layouts import Layout, Sight, Turned

_SAMPLE = 200


def _columns(sight: Sight) -> tuple[str, str] | None:
    """(header of the names, header of the values) where there is one column of each and one of dates."""
    header = sight.header
    rows = [r for r in sight.grid.rows(header.row + 1, _SAMPLE) if any(r)]
    names: list[str] = []
    values: list[str] = []
    dates = 0
    for j, name in enumerate(header.names):
        if not name:
            continue
        key = words.key_of(name, sight.grid.first_column + j)
        looks = [look(r[j]) for r in rows if j < len(r) and r[j]]
        looks = [k for k in looks if k != "missing"]
        most = Counter(looks).most_common(1)[0][0] if looks else None
        dates += most == "date"
        if words.is_kpi_name(key) and most == "text":
            names.append(name)
        elif most == "number":
            values.append(name)
    if len(names) != 1 or len(values) != 1 or not dates:
        return None
    return (names[0], values[0]) if words.is_reading(words.key_of(values[0], 0)) else None


def sure(sight: Sight) -> float:
    return 0.9 if sight.across is None and _columns(sight) else 0.0


def turn(sight: Sight) -> Turned:
    found = _columns(sight)
    keys = {found[0]: "kpi", found[1]: "value"} if found else {}
    return Turned(sight.grid, sight.header, keys=keys)


ENTRY = Layout("readings", "A row per reading (date, KPI, value)",
               "Each row names a figure and its value at a date; each name becomes a figure of its own.", sure, turn)
