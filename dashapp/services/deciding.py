"""What must be decided before a file can be committed, and declarations that no row could follow."""
from __future__ import annotations

import re
from datetime import date

from dashapp.core.dataset import Dataset, Mode
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping

_TARGET = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def needs(dataset: Dataset, mode: Mode | None, key: tuple[str, ...]) -> tuple[str, ...]:
    """Decisions nobody made yet, as sentences."""
    if mode is None:
        return ("Say how rows are recognised: name the key columns (a row with a known key replaces the older one), "
                "or choose append (every row is new) or replace-period (whole periods are replaced).",)
    if mode == "upsert" and not key:
        return ("The mode upsert needs key columns: the columns that identify a row.",)
    unknown = [k for k in key if dataset.column(k) is None]
    if unknown:
        return (f"The key names columns that are not there: {', '.join(unknown)}.",)
    if mode == "replace-period" and dataset.kind != "facts":
        return ("Only datasets with a date can replace periods.",)
    return ()


def refuse_odd(dataset: Dataset, mapping: Mapping) -> None:
    """Raise Invalid for declarations that no row could follow, before anything is compared or stored."""
    problems = [f"the slice column {c!r} is not there" for c in dataset.slice_columns if dataset.column(c) is None]
    for local, target in dataset.joins:
        if dataset.column(local) is None:
            problems.append(f"the join starts from the column {local!r}, which is not there")
        if not _TARGET.fullmatch(target):
            problems.append(f"the join of {local!r} must lead to dataset.column, not to {target!r}")
    if mapping.data_through is not None and not _is_date(mapping.data_through):
        problems.append(f"data_through must be a date such as 2026-03-31, not {mapping.data_through[:40]!r}")
    if problems:
        raise Invalid("The mapping cannot be used: " + "; ".join(problems) + ".",
                      issues=[Issue("mapping", p) for p in problems])


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
