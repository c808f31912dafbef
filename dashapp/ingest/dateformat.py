"""Which date order a column is written in: its unambiguous cells decide; where none is, a person is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashapp.ingest.dates import orders_of, read_date
from dashapp.ingest.model import Ask, Choice

# distinct text, first row (0-based), number of cells
Seen = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """format None: open, see `ask`. mixed: a day-first and a month-first cell (or day/month cells beside ISO ones)."""

    format: str | None
    ask: Ask | None = None
    mixed: tuple[tuple[int, str, str], ...] = ()


_WORDS = {"dmy": "day first", "mdy": "month first", "iso": "year first or a real date"}


def decide(header: str, seen: Sequence[Seen]) -> Decision:
    """The order of one column from its distinct texts.

    Only-ambiguous columns give a question. Columns in which no single order reads all dates are mixed: a majority
    would be a guess about every ambiguous cell, so `mixed` lists examples (row, text, reading) for the error.
    """
    found = [(text, row, orders_of(text)) for text, row, _ in seen]
    only = {o: [(r, t) for t, r, orders in found if orders == {o}] for o in ("iso", "dmy", "mdy")}
    either = [(r, t) for t, r, orders in found if orders == {"dmy", "mdy"}]
    numeric = only["dmy"] or only["mdy"] or either
    if (only["dmy"] and only["mdy"]) or (only["iso"] and numeric):
        kinds = [(o, only[o]) for o in ("iso", "dmy", "mdy") if only[o]] + ([("either", either)] if either else [])
        return Decision(
            None,
            _ask(header, either),
            tuple((r, t, _WORDS.get(o, "either order")) for o, items in kinds for r, t in sorted(items)[:5]),
        )
    if only["dmy"] or only["mdy"]:
        return Decision("dmy" if only["dmy"] else "mdy")
    if either:
        return Decision(None, _ask(header, either))
    return Decision("iso")


def _ask(header: str, either: list[tuple[int, str]]) -> Ask:
    examples = [t for _, t in sorted(either)] or ["03/04/2025"]
    text = next((t for t in examples if read_date(t, "dmy") != read_date(t, "mdy")), examples[0])
    return Ask(
        "date-order",
        f"Is {text} in {header!r} written day first or month first? No row of the column tells.",
        header,
        tuple(Choice(o, f"{_WORDS[o]}: {text} is {_long(text, o)}") for o in ("dmy", "mdy")),
    )


def _long(text: str, order: str) -> str:
    day = read_date(text, order)
    return f"{day.day} {day:%B} {day.year}" if isinstance(day, date) else "unreadable"
