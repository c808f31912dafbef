"""Delimited text to a grid: every record checked for its quotes and its number of fields, with line numbers."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from dashapp.core.errors import Invalid
from dashapp.core.mapping import Mapping
from dashapp.ingest import delimiter as delimiters
from dashapp.ingest import encoding as encodings
from dashapp.ingest.grid import Grid
from dashapp.ingest.limits import FileLimits, Progress
from dashapp.ingest.model import Ask

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 20_000
_SAMPLE_LINES, _SAMPLE_BYTES = 200, 262_144


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file as read: the grid, how it was decoded and split, and the open question about its encoding."""

    grid: Grid
    encoding: str
    delimiter: str
    ask: Ask | None


def read_delimited(path: Path, mapping: Mapping, limits: FileLimits, progress: Progress) -> Delimited:
    """Read the whole file. Raises Invalid with a line number for broken quotes, zero bytes and undecodable bytes."""
    encoding, ask = encodings.decide(path, mapping.encoding)
    size = max(path.stat().st_size, 1)
    try:
        errors = "replace" if ask else "strict"
        with path.open("rb") as raw, io.TextIOWrapper(raw, encoding, errors, newline="") as file:
            first = list(_sample(file, limits))
            if not any(line.strip() for line in first):
                raise Invalid("The file holds no text.")
            declared = delimiters.declared_in(first[0])
            chosen = mapping.delimiter or declared or delimiters.decide(first, limits.columns)
            if len(chosen) != 1 or chosen in '"\r\n':
                raise Invalid("A delimiter is one character, such as a comma, a semicolon or a tab.")
            file.seek(0)
            grid = _read(file, chosen, limits, lambda rows: progress(raw.tell() / size, rows))
    except UnicodeDecodeError as error:
        line = _line_of(path, error)
        raise Invalid(f"The bytes near line {line} are not {encoding}: choose another encoding.") from None
    if declared:
        grid = _without_first(grid)
    return Delimited(replace(grid), encoding, chosen, ask)


def _line_of(path: Path, error: UnicodeDecodeError) -> int:
    bad = bytes(error.object[max(0, error.start - 40) : error.end])
    data = path.read_bytes()
    return data.count(b"\n", 0, max(data.find(bad) + len(bad) - 1, 0)) + 1


def _sample(file: TextIO, limits: FileLimits) -> Iterator[str]:
    taken = 0
    for line in itertools.islice(_lines(file, limits), _SAMPLE_LINES):
        yield line
        taken += len(line)
        if taken > _SAMPLE_BYTES:
            return


def _lines(file: TextIO, limits: FileLimits) -> Iterator[str]:
    """Lines, bounded: a single line of 500 MB must not be held."""
    number = 0
    while line := file.readline(limits.line + 1):
        number += 1
        if len(line) > limits.line:
            raise Invalid(f"Line {number:,} is longer than {limits.line:,} characters: this is no table.")
        if "\0" in line:
            raise Invalid(f"Line {number:,} holds a zero byte: this is not a clean text file.")
        yield line


def _records(file: TextIO, delimiter: str, limits: FileLimits) -> Iterator[tuple[int, list[str]]]:
    """(first line, fields) of every record, blank ones too."""
    reader = csv.reader(_lines(file, limits), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(f"A quote that starts in line {start:,} is broken ({error}).") from None
        if len(row) > limits.columns:
            raise Invalid(
                f"Line {start:,} has more than {limits.columns:,} columns; at most {limits.columns:,} can be read."
            )
        yield start, row
        start = reader.line_num + 1


def _read(file: Any, delimiter: str, limits: FileLimits, tick: Callable[[int], None]) -> Grid:
    import pyarrow as pa

    records, pieces, widths, lines, width = _records(file, delimiter, limits), [], [], [], 0
    total = 0
    while batch := list(itertools.islice(records, _BATCH)):
        total += len(batch)
        if total > limits.rows * 2 or total * max(width, 1) > limits.cells * 2:
            raise Invalid(f"The file has more than {total:,} rows of {width} columns: split it by period.")
        rows = [row for _, row in batch]
        sizes = [len(row) for row in rows]
        width = max(width, *sizes)
        pieces.append(_columns(rows, sizes))
        widths += sizes
        lines += [line for line, _ in batch]
        tick(total)
    table = pa.concat_tables([_padded(p, width) for p in pieces]) if pieces else pa.table({})
    spans = tuple(lines) if lines and lines[-1] != len(lines) else None
    return Grid(table, None, 0, widths=pa.array(widths, pa.int32()), lines=spans)


def _columns(rows: list[list[str]], sizes: list[int]) -> list[pa.Array]:
    import pyarrow as pa

    wanted = max(sizes)
    if min(sizes) != wanted:
        rows = [row if len(row) == wanted else [*row, *([None] * (wanted - len(row)))] for row in rows]  # type: ignore[list-item]
    return (
        [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        if wanted
        else [pa.nulls(len(rows), pa.string())]
    )


def _padded(columns: list[pa.Array], width: int) -> pa.Table:
    import pyarrow as pa

    count = len(columns[0])
    padding = [pa.nulls(count, pa.string())] * (max(width, 1) - len(columns))
    return pa.table({f"c{i}": column for i, column in enumerate([*columns, *padding])})


def _without_first(grid: Grid) -> Grid:
    """Blank the `sep=` line instead of removing it, so that row numbers stay those of the file."""
    import pyarrow as pa

    blank = pa.table({name: pa.nulls(1, pa.string()) for name in grid.table.column_names})
    widths = pa.concat_arrays([pa.array([0], pa.int32()), grid.widths[1:]]) if grid.widths is not None else None
    return replace(grid, table=pa.concat_tables([blank, grid.table.slice(1)]), widths=widths)
