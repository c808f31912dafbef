"""The whole company: `generate` writes its files and `incidents.json`, and says what each file is."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dashapp.demo import arrow, files, shapes
from dashapp.demo.catalogue import catalogue
from dashapp.demo.finance import finance
from dashapp.demo.incidents import Incident
from dashapp.demo.marketing import marketing
from dashapp.demo.ordering import OrderBook
from dashapp.demo.sheet import Sheet, orders_sheet, small_sheet, write_vintage
from dashapp.demo.spec import Spec
from dashapp.demo.surroundings import market, operations, readings, survey
from dashapp.demo.truth import write_truth

__all__ = ["Company", "Sheet", "generate", "write_vintage"]  # the room's door

DEFAULT_DAYS, DEFAULT_ORDERS = 730, 80_000


@dataclass(frozen=True, slots=True)
class Company:
    """What was generated. sheets: references first, then facts, each once. effects: the records of `incidents.json`."""

    spec: Spec
    folder: Path
    sheets: tuple[Sheet, ...]
    incidents: tuple[Incident, ...]
    effects: tuple[dict[str, Any], ...]

    def sheet(self, key: str) -> Sheet:
        return next(s for s in self.sheets if s.key == key)


def generate(folder: Path, *, seed: int, days: int = DEFAULT_DAYS, orders: int = DEFAULT_ORDERS, end: date,
             incidents: bool = True) -> Company:
    """Write the company's files into `folder` and describe them. `end` is its last day; `orders` counts order lines.

    The same arguments give the same bytes. Up to 200,000 lines the order book is also written as a workbook; a bigger
    one is Parquet only. Memory stays bounded whatever `orders` is. Raises Invalid for sizes that make no company.
    """
    spec = Spec(seed, days, orders, end, incidents)
    folder.mkdir(parents=True, exist_ok=True)
    book = OrderBook(spec)
    rows = files.write_parquet(folder / "orders.parquet", arrow.schema(shapes.ORDERS), book.days())
    spending = marketing(spec, book.tally)
    made = {
        "catalogue": catalogue(book.shelf), "finance": finance(spec, book.tally, spending), "marketing": spending,
        "survey": survey(spec, book.tally), "market": market(spec, book.tally), "readings": readings(spec),
        "operations": operations(spec, book.tally),
    }
    sheets = tuple(small_sheet(folder, d, arrow.cut(made[d.key], d)) if d.key in made
                   else orders_sheet(folder, spec, rows) for d in shapes.DATASETS)
    effects = tuple(e.to_json() for e in book.effects)
    write_truth(folder / "incidents.json", spec, effects)
    return Company(spec, folder, sheets, tuple(e.incident for e in book.effects), effects)
