"""A definition that is being written: what could stand at the caret, what is wrong with it and what would mend it."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from dashapp.core.issue import Issue

ProposalKind = Literal["column", "function", "kpi", "dataset", "unit", "value", "operator"]
KIND_NAMES: dict[ProposalKind, str] = {"column": "Column", "function": "Function", "kpi": "KPI", "dataset": "Dataset",
                                       "unit": "Unit of time", "value": "Value", "operator": "Sign"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One text that could stand at the caret. label: how a list calls it; help: what it is, in a sentence.

    caret: where the caret goes, counted from the start of the insert.
    """

    insert: str
    kind: ProposalKind
    label: str
    help: str
    caret: int


@dataclass(frozen=True, slots=True)
class Signature:
    """The function whose brackets hold the caret. place: which of its arguments is written, from 0."""

    text: str
    places: tuple[str, ...]
    place: int
    help: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What could replace text[start:end], best first, and the function it stands in."""

    start: int
    end: int
    proposals: tuple[Proposal, ...] = ()
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class Mend:
    """A change of a formula that settles an issue: `insert` in the place of text[start:end]."""

    start: int
    end: int
    insert: str

    def applied(self, text: str) -> str:
        return text[:self.start] + self.insert + text[self.end:]


@dataclass(frozen=True, slots=True)
class Flaw:
    """An issue of a formula with the changes that would settle it, the likeliest first."""

    issue: Issue
    mends: tuple[Mend, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {**self.issue.to_json(),
                "mends": [{"start": m.start, "end": m.end, "insert": m.insert} for m in self.mends]}


@dataclass(frozen=True, slots=True)
class Checked:
    """A formula that was looked at. formula: with full names, as it would be stored; empty where it has flaws.

    datasets, kpis: what it uses itself; columns: full names.
    """

    text: str
    formula: str = ""
    datasets: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    flaws: tuple[Flaw, ...] = ()

    @property
    def is_usable(self) -> bool:
        return not self.flaws

    def to_json(self) -> dict[str, Any]:
        return {"usable": self.is_usable, "formula": self.formula or None, "datasets": list(self.datasets),
                "kpis": list(self.kpis), "columns": list(self.columns), "issues": [f.to_json() for f in self.flaws]}
