"""The overview's cards as a table."""
from __future__ import annotations

from collections.abc import Sequence

from dashapp.core.card import Card
from dashapp.core.kpi import CATEGORY_NAMES
from dashapp.core.period import Period
from dashapp.core.rule import STATUS_NAMES
from dashapp.core.series import Number
from dashapp.figures.tell import against
from dashapp.reports.table import Column, Figure, Table

COLUMNS = (
    Column("Category"), Column("KPI"), Column("Name"), Column("Unit"), Column("Period"), Column("Complete", "flag"),
    Column("Value", "figure"), Column("Compared with"), Column("Compared period"), Column("Compared value", "figure"),
    Column("Change", "figure"), Column("Relative change", "percent", 1), Column("Unfinished period"),
    Column("So far", "figure"), Column("Whole range", "figure"), Column("Status"), Column("Status of"),
    Column("Target", "figure"), Column("Target of"), Column("Actual there", "figure"), Column("Data through", "date"),
    Column("Reason"), Column("Definition", width=50),
)


def cards_table(cards: Sequence[Card], *, currency: str, title: str = "Overview") -> Table:
    """One row per card in the given order. Figures keep the unit of their KPI; money is in `currency`."""
    return Table(title, COLUMNS, tuple(_row(card, currency) for card in cards))


def _row(card: Card, currency: str) -> tuple[object, ...]:
    kpi, so_far = card.kpi, card.so_far
    return (
        CATEGORY_NAMES.get(kpi.category, kpi.category), kpi.key, kpi.name,
        currency if kpi.unit == "currency" else kpi.unit,
        _label(card.period), card.complete if card.period else None, _figure(card, card.value),
        *_compared(card), _label(so_far.period) if so_far else None, _figure(card, so_far.value if so_far else None),
        _figure(card, card.total.value if card.total else None),
        None if card.status == "none" else STATUS_NAMES[card.status], _label(card.status_period),
        _figure(card, card.target), _label(card.target_period), _figure(card, card.target_actual), card.data_through,
        card.reason if card.value is None else None, kpi.formula,
    )


def _label(period: Period | None) -> str | None:
    return period.label if period else None


def _compared(card: Card) -> tuple[object, ...]:
    """With what, which period of it, its value, the change and the relative change."""
    compare = card.compare
    if compare is None:
        return (None,) * 5
    return (against(compare), compare.label if compare.between else None, _figure(card, compare.value),
            _figure(card, compare.change), compare.change_ratio)


def _figure(card: Card, value: Number | None) -> Figure | None:
    return None if value is None else Figure(value, card.kpi.unit, card.kpi.decimals)
