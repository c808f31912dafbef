"""Keeping the installation: binding the state database, bringing it to this version, marks and heartbeats.

These verbs have no actor: they run before anybody can sign in, from commands and worker processes only.
"""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import inspect, text

from dashapp.core.errors import Unavailable
from dashapp.core.organisation import Organisation
from dashapp.services.caching import DEFAULT_LIMIT, Answers
from dashapp.services.desk import Desk
from dashapp.services.unit import reading, writing
from dashapp.typed import typed
from models import Mark, db
from models.engine import engine_options, prepare_engine

MIGRATIONS = Path(__file__).resolve().parents[2] / "models" / "migrations"
HEARTBEAT, DEMO_LOADED = "worker-heartbeat", "demo-loaded"
HEARTBEAT_LIMIT = timedelta(seconds=60)
_MIGRATION_LOCK = 7_413_001  # any number, the same in every version


def attach(app: Flask, url: str) -> Flask:
    """Bind the state database at `url` to a Flask app. Opens no connection; a SQLite file's folder is made."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    return app


def state_app(url: str) -> Flask:
    """A bare Flask app around the state database: what commands and workers need of the web, which is its context."""
    return attach(Flask("ledgerline"), url)


def open_desk(folder: Path, facts: Path, secret: bytes, seed: Organisation, *, cache: int = DEFAULT_LIMIT,
              **limits: int) -> Desk:
    """The desk of this process. Makes the folders; the organisation is `seed` until a version was saved.

    cache: bytes of answers to keep in `folder/cache`, for all processes together; 0 keeps none.
    """
    from dashapp.facts.ledger import Ledger
    from dashapp.services import organising

    answers = Answers(folder / "cache", secret, cache)
    desk = Desk(Ledger(facts), organising.current(seed)[0], folder, secret, answers=answers, **limits)
    for path in (facts, desk.originals, desk.quarantine, desk.scratch):
        path.mkdir(parents=True, exist_ok=True)
    return desk


def with_organisation(desk: Desk, seed: Organisation) -> Desk:
    """The same desk with the organisation as it is now: another process may have saved a new version."""
    from dashapp.services import organising

    return replace(desk, organisation=organising.current(seed)[0])


def migrate() -> tuple[str | None, str]:
    """Bring the database to this version; (revision before, revision now). All or nothing, one process at a time.

    Raises Unavailable when a newer version of the product wrote the database.
    """
    from alembic import command

    config, head = _alembic()
    before = revision()
    _refuse_newer(before)
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})"))
            connection.commit()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        finally:
            if connection.dialect.name == "postgresql":
                connection.rollback()
                connection.execute(text(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})"))
                connection.commit()
    return before, head


def draft_revision(message: str) -> Path:
    """Write a new revision file with what the models have and the database of this process has not. For maintainers."""
    from alembic import command

    config, head = _alembic()
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        made = command.revision(config, message=message, autogenerate=True, rev_id=f"{int(head) + 1:04d}")
    if made is None or isinstance(made, list):
        raise RuntimeError("Alembic wrote no revision")
    return Path(made.path)


def revision() -> str | None:
    """The schema revision the database stands at; None for an empty one."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


def require_schema() -> None:
    """Raise Unavailable unless the database stands exactly at this version's schema.

    Asked by every process and by each look at readiness: it needs the names of the revisions, not Alembic, whose
    modules weigh ten megabytes in a web process that never migrates.
    """
    found = revision()
    _refuse_newer(found)
    if found != _revisions()[-1]:
        said = "There is no database yet" if found is None else "The database belongs to an older version"
        raise Unavailable(f"{said}. Run: {typed('migrate')}")


def put_mark(name: str, content: dict[str, Any], *, now: datetime) -> None:
    """Write a named fact about the installation, replacing what was there."""
    with writing() as session:
        insert = _insert(session.connection().dialect.name)
        row = {"name": name, "content": content, "at": now}
        statement: Any = insert(Mark).values(row)
        session.execute(statement.on_conflict_do_update(index_elements=[Mark.name],
                                                        set_={"content": content, "at": now}))


def get_mark(name: str) -> tuple[dict[str, Any], datetime] | None:
    """A named fact and when it was written; None where it never was."""
    with reading() as session:
        row = session.get(Mark, name, populate_existing=True)
        return (dict(row.content), row.at) if row else None


def beat(worker: str, *, now: datetime) -> None:
    """Say that a worker is alive."""
    put_mark(HEARTBEAT, {"worker": worker}, now=now)


def is_worker_alive(*, now: datetime) -> bool:
    """Did any worker say so within the last minute?"""
    mark = get_mark(HEARTBEAT)
    return mark is not None and now - mark[1] <= HEARTBEAT_LIMIT


def _insert(dialect: str) -> Any:
    """The insert that can replace; a process loads the dialect it speaks."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        return insert
    from sqlalchemy.dialects.sqlite import insert as insert_here

    return insert_here


def _refuse_newer(found: str | None) -> None:
    if found is not None and found not in _revisions():
        raise Unavailable(
            f"The database was written by a newer version of Ledgerline (schema {found}). "
            "Start that version, or restore a backup made before the upgrade."
        )


@cache
def _revisions() -> tuple[str, ...]:
    """Revisions of this version, first to last: each file is named by its own, `0002_calls_of_programs.py`."""
    return tuple(sorted(f.name.partition("_")[0] for f in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def _alembic() -> tuple[Any, str]:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise RuntimeError("models/migrations holds no revision")
    return config, head
