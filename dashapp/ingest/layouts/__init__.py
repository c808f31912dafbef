"""Ways a table can be laid out, one file each: how it is told, and how it becomes rows of one meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dashapp.core.dataset import Dataset
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.ingest.across import Across
from dashapp.ingest.grid import Grid
from dashapp.ingest.header import Header
from dashapp.ingest.limits import FileLimits


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of a table: its grid, the header of a plain reading, and periods across its columns, if any."""

    grid: Grid
    header: Header
    across: Across | None
    mapping: Mapping
    known: Dataset | None
    limits: FileLimits


@dataclass(frozen=True, slots=True)
class Turned:
    """The table as rows of one meaning. keys: header -> column key it gets unless the mapping says another.

    measures: headers of columns that hold the numbers, whatever a few of their cells say. used: headers of the source
    that the mapping may name though the turned table does not have them.
    """

    grid: Grid
    header: Header
    issues: tuple[Issue, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Layout:
    """name: the word of the mapping; label, help: for people. sure: 0-1, how well the layout fits what is seen, 0 for
    not at all. turn: the table as rows; raises Invalid for one that cannot be read so.
    """

    name: str
    label: str
    help: str
    sure: Callable[[Sight], float]
    turn: Callable[[Sight], Turned]
