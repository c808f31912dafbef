"""One row per event or period, a column per property: what most tables are."""

from __future__ import annotations

from dashapp.ingest.layouts import Layout, Sight, Turned


def sure(sight: Sight) -> float:
    return 0.8 if sight.across is None else max(0.0, 0.9 - sight.across.confidence)


def turn(sight: Sight) -> Turned:
    return Turned(sight.grid, sight.header)


ENTRY = Layout("flat", "A row per record", "Each row is one order, one day, one product; each column one property.",
               sure, turn)
