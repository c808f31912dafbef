"""The overview's cards as a table."""
from __future__ import annotations

from collections.abc import Sequence

from dashapp.core.card import Card
from dashapp.core.series import Number
from dashapp.reports.table import Column, Figure, Table

COLUMNS = (
    Column("Category"), Column("KPI"), Column("Name"), Column("Unit"), Column("Value", "figure"),
    Column("Compared with"), Column("Compared value", "figure"), Column("Change", "figure"),
    Column("Relative change", "percent", 1), Column("Status"), Column("Status of"), Column("Target", "figure"),
    Column("Target of"), Column("Actual there", "figure"), Column("Data through", "date"), Column("Reason"),
    Column("Definition", width=50),
)


def cards_table(cards: Sequence[Card], *, currency: str, title: str = "Overview") -> Table:
    """One row per card in the given order. Figures keep the unit of their KPI; money is in `currency`."""
    return Table(title, COLUMNS, tuple(_row(card, currency) for card in cards))


def _row(card: Card, currency: str) -> tuple[object, ...]:
    kpi, compare = card.kpi, card.compare
    return (
        kpi.category, kpi.key, kpi.name, currency if kpi.unit == "currency" else kpi.unit, _figure(card, card.value),
        compare.label if compare else None, _figure(card, compare.value if compare else None),
        _figure(card, compare.change if compare else None), compare.change_ratio if compare else None,
        None if card.status == "none" else card.status, card.status_label, _figure(card, card.target),
        card.target_label, _figure(card, card.target_actual), card.data_through,
        card.reason if card.value is None else None, kpi.formula,
    )


def _figure(card: Card, value: Number | None) -> Figure | None:
    return None if value is None else Figure(value, card.kpi.unit, card.kpi.decimals)
