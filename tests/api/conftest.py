"""The API behind the real gate, over its own database and folders, without Dash; a clock that the tests turn."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect
from werkzeug.test import TestResponse

from dashapp import api
from dashapp.core.actor import Actor
from dashapp.core.organisation import Organisation
from dashapp.services import keeping, tokens
from dashapp.settings import Settings
from dashapp.web import errors, guard, people
from tests.cast import Cast, seat
from tests.conftest import NOW, SECRET, settings_in

SCOPES = ("read", "ingest", "export")
HEADER = ("order_id", "date", "region", "sku", "qty", "revenue")


@dataclass
class Clock:
    """Moves on by a tick with every request, so that a long test is not taken for a flood."""

    now: datetime = NOW
    tick: timedelta = timedelta(seconds=1)

    def __call__(self) -> datetime:
        self.now += self.tick
        return self.now


@dataclass
class Caller:
    """A program with a token."""

    client: FlaskClient
    secret: str
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}", **self.headers, **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self("GET", path, query_string=query or None)


@dataclass
class Stage:
    """The API under test and the people who call it."""

    app: Flask
    cast: Cast
    clock: Clock
    kept: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def token(self, name: str, scopes: tuple[str, ...] = SCOPES) -> str:
        actor: Actor = getattr(self.cast, name)
        with self.app.app_context():
            return tokens.add_token(actor, f"{name} {scopes}", scopes, now=self.clock.now)[1]

    def caller(self, name: str, scopes: tuple[str, ...] = SCOPES) -> Caller:
        return Caller(self.app.test_client(), self.token(name, scopes))

    def regular(self, name: str, scopes: tuple[str, ...] = SCOPES) -> Caller:
        """As `caller`, with one token for all calls: a person has at most fifty."""
        if (name, scopes) not in self.kept:
            self.kept[name, scopes] = self.token(name, scopes)
        return Caller(self.app.test_client(), self.kept[name, scopes])


def assemble(folder: Path, template: Path) -> Stage:
    """An API over a fresh database, with the cast seated."""
    settings = settings_in(folder)
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    database.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, database)
    app, clock = assembled(settings), Clock()
    app.extensions["ledgerline.clock"] = clock
    with app.app_context():
        return Stage(app, seat(NOW), clock)


def assembled(settings: Settings) -> Flask:
    """State, gate, errors and API, in the order of the product; the clock is the caller's."""
    app = Flask("dashapp.web", static_folder=None)
    app.config.update(SECRET_KEY=SECRET, WTF_CSRF_CHECK_DEFAULT=False, MAX_FORM_MEMORY_SIZE=1024 * 1024)
    keeping.attach(app, settings.database_url)
    with app.app_context():
        app.extensions["ledgerline"] = keeping.open_desk(
            settings.data_dir, settings.facts_dir, SECRET.encode(), Organisation()
        )
    app.extensions["ledgerline.settings"] = settings
    errors.register(app)
    CSRFProtect(app)
    people.register(app)
    guard.register(app)
    api.register(app)
    return app


@pytest.fixture
def stage(tmp_path: Path, sqlite_template: Path) -> Iterator[Stage]:
    """An API without data."""
    stage = assemble(tmp_path, sqlite_template)
    yield stage
    _close(stage)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Stage]:
    """An API with orders, brought in and measured through itself. Tests only read it."""
    stage = assemble(tmp_path_factory.mktemp("api"), sqlite_template)
    bring(stage)
    yield stage
    _close(stage)


def bring(stage: Stage) -> None:
    """Orders of three regions through `POST rows`, and two KPIs through `PUT`."""
    finance, analyst = stage.caller("finance"), stage.caller("analyst")
    answer = finance(
        "POST",
        "/datasets/orders/rows",
        json={
            "rows": [dict(zip(HEADER, row, strict=True)) for row in as_sent()],
            "mapping": {"key": ["order_id"], "mode": "upsert", "columns": {"region": {"role": "dimension"}}},
        },
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    for key, body in KPIS.items():
        answer = analyst("PUT", f"/kpis/{key}", json=body)
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)


KPIS: dict[str, dict[str, Any]] = {
    "sales": {
        "name": "Sales",
        "formula": "sum(orders.revenue)",
        "unit": "currency",
        "decimals": 2,
        "category": "financial",
    },
    "per_unit": {"name": "Sales per unit", "formula": "sales / sum(orders.qty)", "unit": "ratio", "decimals": 3},
}


def orders() -> list[tuple[str, date, str, str, int, Decimal]]:
    """Ninety days of orders up to the day before NOW; regions take turns, texts try to be formulas."""
    out = []
    for n in range(270):
        day = date(2025, 12, 16) + timedelta(n // 3)
        region = ("EMEA", "APAC", "=cmd|' /C calc'!A0")[n % 3]
        out.append((f"{n:05d}", day, region, f"sku-{n % 7}", n % 5 + 1, Decimal(1000 + n * 37 % 991) / 100))
    return out


def as_sent() -> list[tuple[Any, ...]]:
    return [(i, d.isoformat(), r, s, q, float(v)) for i, d, r, s, q, v in orders()]


@pytest.fixture
def caller(told: Stage) -> Callable[..., Caller]:
    """`caller("finance")`: a program of that person over the told stage."""
    return told.regular


def _close(stage: Stage) -> None:
    from models import db

    with stage.app.app_context():
        db.session.remove()
        db.engine.dispose()
