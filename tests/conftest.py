"""Shared fixtures: a moment, folders, both databases, the cast, the assembled app and signed-in clients.

`database` runs a test on SQLite and on PostgreSQL; where no server can be had, its half is skipped and says why.
"""
from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from dashapp.settings import Settings, from_environment
from tests import postgres
from tests.cast import PASSWORD, Cast, email_of, seat

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from dashapp.services.desk import Desk

pytest_plugins = ["tests.suites"]
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)  # a Monday morning, the first quarter unfinished
SECRET = "an-unguessable-secret-for-the-tests-0123456789"
hypothesis_settings.register_profile("house", derandomize=True, deadline=None, print_blob=True)
hypothesis_settings.load_profile("house")
_serial = count(1)


@pytest.fixture(autouse=True)
def _fixed_seed() -> None:
    random.seed(20260316)


@pytest.fixture
def caplog(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """Hears the product's log too where an app of an earlier test has turned its propagation off."""
    monkeypatch.setattr(logging.getLogger("ledgerline"), "propagate", True)
    return caplog


@pytest.fixture(scope="session")
def now() -> datetime:
    """The moment every test happens at. Nothing in the product reads a clock below web, jobs and commands."""
    return NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings over a fresh data folder and SQLite; nothing of the developer's environment leaks in."""
    return settings_in(tmp_path)


def settings_in(folder: Path, **more: str) -> Settings:
    given = {"SECRET_KEY": SECRET, "DATA_DIR": str(folder / "data"), "LEDGERLINE_ENV": "dev", **more}
    return from_environment(given, dotenv=None)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "ledgerline.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL pattern of a running server that holds a migrated database named `template`."""
    reason = postgres.why_missing()
    if reason:
        pytest.skip(reason)
    with postgres.server() as url:
        postgres.run(url, "CREATE DATABASE template")
        _migrated(url.format(name="template"))
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated, empty database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "ledgerline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, name = request.getfixturevalue("postgres_server"), f"test_{next(_serial)}"
    postgres.run(server, f"CREATE DATABASE {name} TEMPLATE template STRATEGY file_copy")
    yield server.format(name=name)
    postgres.run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Flask]:
    """The bare state app of that database, with its context pushed: what services need to run."""
    with state(database_url) as app:
        yield app


@pytest.fixture
def sqlite_database(tmp_path: Path, sqlite_template: Path) -> Iterator[Flask]:
    """As `database`, on SQLite only: for what does not depend on the kind of database."""
    path = tmp_path / "ledgerline.db"
    shutil.copy(sqlite_template, path)
    with state(f"sqlite:///{path}") as app:
        yield app


@pytest.fixture
def cast(request: pytest.FixtureRequest, now: datetime) -> Cast:
    """The people, seated in the test's database (`database` when the test asks for it, else SQLite)."""
    if "database" not in request.fixturenames and "sqlite_database" not in request.fixturenames:
        request.getfixturevalue("sqlite_database")
    return seat(now)


@pytest.fixture
def desk(tmp_path: Path, cast: Cast) -> Desk:
    """A desk over fresh folders and the test's database, with the cast seated."""
    from dashapp.core.organisation import Organisation
    from dashapp.services import keeping

    return keeping.open_desk(tmp_path / "data", tmp_path / "data" / "facts", SECRET.encode(), Organisation())


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The whole product, assembled once: Dash drains its page callbacks into the first app of a process."""
    from dashapp import create_app
    from dashapp.services import keeping

    settings = settings_in(tmp_path_factory.mktemp("app"))
    with keeping.state_app(settings.database_url).app_context():
        keeping.migrate()
        seat(NOW)
        _close()
    built = create_app(settings)
    built.config["TESTING"] = False  # errors are translated as in production
    yield built
    with built.app_context():
        _close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has not signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """`sign_in("finance")` gives a client signed in through the login form as that member of the cast."""
    def act(name: str, password: str = PASSWORD) -> FlaskClient:
        browser = app.test_client()
        form = browser.get("/login").get_data(as_text=True)
        answer = browser.post("/login", data={"email": email_of(name), "password": password,
                                              "csrf_token": _csrf(form)},
                              headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:500]
        return browser
    return act


def _csrf(form: str) -> str:
    import re

    tag = re.search(r"<input[^>]*name=\"csrf_token\"[^>]*>", form)
    value = re.search(r"value=\"([^\"]*)\"", tag.group(0)) if tag else None
    return value.group(1) if value else ""


@contextmanager
def state(url: str) -> Iterator[Flask]:
    """A state app with its context pushed; connections are closed on the way out."""
    from dashapp.services import keeping

    app = keeping.state_app(url)
    with app.app_context():
        try:
            yield app
        finally:
            _close()


def _migrated(url: str) -> None:
    from dashapp.services import keeping

    with state(url):
        keeping.migrate()


def _close() -> None:
    from models import db

    db.session.remove()
    db.engine.dispose()
