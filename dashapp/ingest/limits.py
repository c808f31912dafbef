"""How large a file may be, and how much of the machine reading it may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MIB = 1 << 20
Progress = Callable[[float, int | None], None]  # share of the work that is done; rows read so far where they are known


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Caps on one file. Sizes in bytes, times in seconds.

    entries, unpacked and ratio are those of an archive (declared and counted); cells is the area of the smallest
    rectangle that holds all values of a sheet, since the parser allocates it whole; line is one line of a text file.
    memory is the child's address space; engine the typing engine's share of it; children is how many files the whole
    machine reads at once; patience how long a file waits for its turn.
    """

    max_bytes: int = 50 * MIB
    entries: int = 2_000
    unpacked: int = 1024 * MIB
    ratio: int = 200
    rows: int = 1_048_576
    columns: int = 1_000
    cells: int = 30_000_000
    merge: int = 1_000_000
    line: int = MIB
    memory: int = 3 * 1024 * MIB
    engine: int = 512 * MIB
    cpu: int = 120
    wall: float = 180.0
    children: int = 2
    patience: float = 60.0
    issues: int = 1_000
    answer: int = 32 * MIB


STANDARD = FileLimits()
