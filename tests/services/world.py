"""A small company in the ledger: files made by code, brought the way everybody brings them, and questions in short."""
from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dashapp.core.actor import Actor
from dashapp.core.mapping import mapping_from_json
from dashapp.core.organisation import Organisation
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.series import Series
from dashapp.core.where import parse_wheres
from dashapp.services import asking, checking, importing, receiving, serving
from dashapp.services.checking import DryRun
from dashapp.services.desk import Desk
from dashapp.services.uploads import UploadView
from tests.cast import Cast, seat
from tests.conftest import NOW, SECRET, state
from tests.services.stage import csv_bytes

SPAN = DateRange(date(2025, 1, 1), date(2026, 12, 31))
Values = dict[tuple[str, ...], Any]


@dataclass
class World:
    """A desk, the cast, and a moment that `bring` can be told."""

    desk: Desk
    cast: Cast
    now: datetime = NOW

    def receive(self, data: bytes, name: str, dataset: str, *, by: Actor | None = None,
                now: datetime | None = None) -> str:
        return receiving.receive(by or self.cast.finance, self.desk, io.BytesIO(data), name, dataset,
                                 now=now or self.now).id

    def check(self, data: bytes, name: str, dataset: str, mapping: dict[str, Any] | None = None, *,
              by: Actor | None = None, now: datetime | None = None) -> DryRun:
        """Received and tried, not committed. The mapping is the JSON of the contract."""
        upload = self.receive(data, name, dataset, by=by, now=now)
        return self.dry_run(upload, mapping, by=by, now=now)

    def dry_run(self, upload: str, mapping: dict[str, Any] | None = None, *, by: Actor | None = None,
                now: datetime | None = None) -> DryRun:
        given = None if mapping is None else mapping_from_json(mapping)
        return checking.dry_run(by or self.cast.finance, self.desk, upload, given, now=now or self.now)

    def commit(self, checked: DryRun, *, by: Actor | None = None, now: datetime | None = None,
               **more: Any) -> UploadView:
        return importing.commit(by or self.cast.finance, self.desk, checked.upload, checked.digest,
                                now=now or self.now, **more)

    def bring(self, data: bytes, name: str, dataset: str, mapping: dict[str, Any] | None = None, *,
              by: Actor | None = None, now: datetime | None = None, build: bool = False) -> UploadView:
        """Received, tried and committed; with `build` served too."""
        done = self.commit(self.check(data, name, dataset, mapping, by=by, now=now), by=by, now=now)
        if build:
            serving.build(self.desk, dataset)
        return done

    def series(self, kpi: str, grain: str = "month", *, by: tuple[str, ...] = (), where: tuple[str, ...] = (),
               as_of: datetime | None = None, actor: Actor | None = None, span: DateRange = SPAN,
               compare: str = "none") -> Series:
        question = Question((kpi,), Grain(grain), span, by, parse_wheres(where), compare, as_of)  # type: ignore[arg-type]
        now = max(self.now, as_of) if as_of else self.now  # nobody asks about a moment to come
        return asking.ask(actor or self.cast.executive, self.desk, question, now=now)[0]

    def values(self, kpi: str, grain: str = "month", **more: Any) -> Values:
        """(period, split values...) -> value of every point that has one."""
        points = self.series(kpi, grain, **more).points
        return {(p.period.label, *(v or "" for _, v in p.split)): p.value for p in points if p.value is not None}

    def total(self, kpi: str, **more: Any) -> Any:
        found = self.series(kpi, "year", **more).total
        return found.value if found else None


@contextmanager
def opened(folder: Path, template: Path) -> Iterator[World]:
    """A world on a fresh SQLite database, with the cast seated; for fixtures of a whole module."""
    import shutil

    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, folder / "ledgerline.db")
    with state(f"sqlite:///{folder / 'ledgerline.db'}"):
        yield world_at(folder, seat(NOW))


def world_at(folder: Path, cast: Cast, **organisation: Any) -> World:
    from dashapp.services import keeping

    desk = keeping.open_desk(folder / "data", folder / "data" / "facts", SECRET.encode(), Organisation(**organisation))
    return World(desk, cast)


def scoped(actor: Actor, *where: str) -> Actor:
    return replace(actor, scope=parse_wheres(where))


ORDER_HEADER = ("order_id", "date", "sku", "region", "qty", "price", "revenue")
REGIONS = ("EMEA", "APAC", "Amer & Co", "")
ORDERS_MAPPING: dict[str, Any] = {"key": ["order_id"], "mode": "upsert", "grain": "event"}


@dataclass(frozen=True)
class Order:
    order_id: str
    day: date
    sku: str
    region: str
    qty: int
    price: Decimal

    @property
    def revenue(self) -> Decimal:
        return self.qty * self.price

    def cells(self) -> tuple[Any, ...]:
        return (self.order_id, self.day.isoformat(), self.sku, self.region, self.qty, self.price, self.revenue)


def orders(count: int, *, start: date = date(2025, 11, 3), seed: int = 1, prefix: str = "A") -> list[Order]:
    """Orders over some months, one or two a day, with cents that binary fractions cannot hold."""
    import random
    from datetime import timedelta

    dice = random.Random(seed)
    return [Order(f"{prefix}{n:04d}", start + timedelta(n // 2), f"S{dice.randrange(5)}", dice.choice(REGIONS),
                  dice.randrange(1, 9), Decimal(dice.randrange(1, 9999)) / 100) for n in range(count)]


def orders_csv(rows: list[Order]) -> bytes:
    return csv_bytes(ORDER_HEADER, (r.cells() for r in rows))


def label(day: date, grain: str) -> str:
    """The period's label, worked out without the product's calendar."""
    if grain == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return {"day": day.isoformat(), "month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
            "year": f"{day.year}"}[grain]


def added(rows: list[Order], grain: str, *split: str) -> dict[tuple[str, ...], Decimal]:
    """Revenue by period and split, in plain Python."""
    out: dict[tuple[str, ...], Decimal] = {}
    for row in rows:
        at = (label(row.day, grain), *(getattr(row, s) for s in split))
        out[at] = out.get(at, Decimal(0)) + row.revenue
    return out
