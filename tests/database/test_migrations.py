"""Migrations on both databases: the schema of the models, a guarded trail, newer schemas refused, kills harmless."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DatabaseError

from dashapp.core.errors import Unavailable
from dashapp.services import auditing, keeping
from models import AuditLine, db
from tests.cast import Cast
from tests.conftest import NOW, state
from tests.postgres import run


def test_the_models_and_the_revisions_agree(database: Flask) -> None:
    """When this fails, the models changed: python -m dashapp migrate --draft "what changed"."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_a_migrated_database_equals_one_made_from_the_models(database: Flask, empty_url: str) -> None:
    with state(empty_url):
        db.create_all()
        made = _described()
    assert _described() == made


def test_migrating_again_changes_nothing(database: Flask) -> None:
    before = _described()
    assert keeping.migrate() == (keeping.revision(), keeping.revision())
    assert _described() == before
    keeping.require_schema()


def test_an_empty_database_is_not_served(empty_url: str) -> None:
    with state(empty_url), pytest.raises(Unavailable, match="python -m dashapp migrate"):
        keeping.require_schema()


def test_h8_a_newer_schema_is_refused_with_a_message(database: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for verb in (keeping.require_schema, keeping.migrate):
        with pytest.raises(Unavailable, match="newer version of Ledgerline"):
            verb()


def test_the_names_of_the_revision_files_are_the_revisions_in_their_order() -> None:
    """Web processes trust the file names, so that they need not load Alembic."""
    _, head = keeping._alembic()
    walked = [r.revision for r in ScriptDirectory(str(keeping.MIGRATIONS)).walk_revisions()]
    assert list(keeping._revisions()) == walked[::-1]
    assert keeping._revisions()[-1] == head


def test_h8_an_older_schema_is_not_served_before_it_is_migrated(database: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    with pytest.raises(Unavailable, match="older version"):
        keeping.require_schema()


def test_h8_a_migration_that_dies_half_way_leaves_the_old_schema(
        empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    made: list[str] = []
    create = op.create_table

    def create_and_die(name: str, *columns: Any, **more: Any) -> Any:
        made.append(name)
        if len(made) == 5:
            raise KeyboardInterrupt
        return create(name, *columns, **more)

    with state(empty_url):
        monkeypatch.setattr(op, "create_table", create_and_die)
        with pytest.raises(KeyboardInterrupt):
            keeping.migrate()
        monkeypatch.setattr(op, "create_table", create)
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        assert keeping.migrate()[0] is None
        keeping.require_schema()


def test_every_revision_can_be_taken_back(empty_url: str) -> None:
    with state(empty_url):
        keeping.migrate()
        config, _ = keeping._alembic()
        with db.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        keeping.migrate()


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'nothing'", "DELETE FROM audit"])
def test_i9_the_trail_refuses_changes_in_the_database_itself(database: Flask, cast: Cast, statement: str) -> None:
    auditing.record(cast.admin, "test", "something", now=NOW)
    with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(statement))
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT action FROM audit")) == "test"


def test_i9_the_trail_cannot_be_emptied_on_postgresql(database: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {AuditLine.__tablename__}"))


@pytest.fixture
def empty_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a table, of the same kind as `database_url`."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    name = database_url.rpartition("/test_")[2].partition("?")[0]
    server = database_url.replace(f"/test_{name}?", "/{name}?")
    run(server, f"CREATE DATABASE empty_{name}")
    yield server.format(name=f"empty_{name}")
    run(server, f"DROP DATABASE empty_{name} WITH (FORCE)")


def _described() -> dict[str, Any]:
    """The schema as the database tells it: columns, types, keys, indexes, checks, and its own guards."""
    with _looked_at() as engine:
        found = inspect(engine)
        tables = {name: {
            "columns": sorted((c["name"], str(c["type"]), c["nullable"], str(c["default"]))
                              for c in found.get_columns(name)),
            "key": (found.get_pk_constraint(name)["name"], found.get_pk_constraint(name)["constrained_columns"]),
            "foreign": sorted((str(f["name"]), tuple(f["constrained_columns"]), f["referred_table"],
                               str(f["options"])) for f in found.get_foreign_keys(name)),
            "indexes": sorted((str(i["name"]), tuple(i["column_names"]), bool(i["unique"]))
                              for i in found.get_indexes(name)),
            "unique": sorted((str(u["name"]), tuple(u["column_names"])) for u in found.get_unique_constraints(name)),
            "checks": sorted(str(c["name"]) for c in found.get_check_constraints(name)),
        } for name in found.get_table_names() if name != "alembic_version"}
        guards = ("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
                  if engine.dialect.name == "sqlite" else
                  "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname")
        with engine.connect() as connection:
            tables["guards"] = {"all": [tuple(r) for r in connection.execute(text(guards))]}
    return tables


@contextmanager
def _looked_at() -> Iterator[Any]:
    engine = create_engine(db.engine.url)
    try:
        yield engine
    finally:
        engine.dispose()


