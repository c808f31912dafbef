"""What differs between two versions of a definition, member by member, and inside a formula word by word."""
from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from dashapp.core.kpi import Kpi

LABELS = {
    "name": "Name", "formula": "Formula", "unit": "Unit", "direction": "Good is", "decimals": "Decimals",
    "category": "Category", "weight": "Weight", "min_value": "Plausible from", "max_value": "Plausible to",
    "anomaly_threshold": "Anomaly threshold", "description": "Description", "owner": "Owner",
    "absent_is_zero": "No rows count as zero",
}
_WORDS = re.compile(r"\s+|[\w.`]+|.", re.S)
Mark = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One member of a definition before and after; before is None for a definition that was not there."""

    name: str
    before: Any
    after: Any

    @property
    def label(self) -> str:
        return LABELS[self.name]

    def to_json(self) -> dict[str, Any]:
        return {"member": self.name, "before": self.before, "after": self.after}


def differences(before: Kpi | None, after: Kpi) -> tuple[Difference, ...]:
    """The members that differ, in the order of the form; of a new definition those that say something."""
    old = before or Kpi(after.key, "", "")
    return tuple(Difference(n, getattr(old, n) if before else None, getattr(after, n)) for n in LABELS
                 if getattr(old, n) != getattr(after, n))


def marked(before: str, after: str) -> tuple[tuple[Mark, str], ...]:
    """Both texts in one: what stayed, what is gone and what is new, in the order of reading."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    out: list[tuple[Mark, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            out.append(("same", "".join(old[a:b])))
        else:
            out += [("gone", "".join(old[a:b])), ("new", "".join(new[c:d]))]
    return tuple(part for part in out if part[1])


