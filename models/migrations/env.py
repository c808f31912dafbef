"""How Alembic runs here: on the connection it is handed, in one transaction, on both databases.

Used by `python -m dashapp migrate` (services.keeping) and by `flask --app wsgi db ...` through Flask-Migrate.
"""
from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from models import db
from models.base import UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types as what they are in the database: a revision must not change when a class does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Any) -> None:
    # SQLite does roll DDL back when the transaction is begun by us (models.engine): a killed migration leaves nothing.
    context.configure(connection=connection, target_metadata=db.metadata, render_item=render_item, compare_type=True,
                      render_as_batch=connection.dialect.name == "sqlite", transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with db.engine.connect() as opened:
        run(opened)
