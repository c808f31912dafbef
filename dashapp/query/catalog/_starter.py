"""What a starter KPI is, and the registry of all of them."""
from __future__ import annotations

from dataclasses import dataclass

from dashapp.core.kpi import Direction, Kpi, Unit
from dashapp.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Starter:
    """A KPI of the catalogue.

    key, label: as people see it. order: place on the board, gaps of ten. formulas: alternatives in order, with bare
    names. description: the definition in words. across: its parts usually lie in different sheets (sales and costs,
    say); all others are only ever made of one. min_value: plausible from, 0 for what is counted.
    """

    key: str
    label: str
    order: int
    formulas: tuple[str, ...]
    unit: Unit
    direction: Direction
    decimals: int
    category: str
    weight: float
    description: str
    across: bool = False
    min_value: float | None = None

    @property
    def name(self) -> str:
        """The registry's name of the entry."""
        return self.key

    def kpi(self, formula: str) -> Kpi:
        """The definition with one of the alternatives, bound."""
        return Kpi(self.key, self.label, formula, self.unit, self.direction, self.decimals, self.category, self.weight,
                   min_value=self.min_value, description=self.description)


STARTERS: Registry[Starter] = Registry("dashapp.query.catalog", Starter)
