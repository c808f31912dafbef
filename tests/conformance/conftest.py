"""A PostgreSQL database with the shop's empty tables, a warehouse over it, and the rows of the matrix."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from dashapp.facts.engines.postgres import Postgres
from tests import postgres
from tests.conformance import matrix
from tests.conformance.asking import Shelves
from tests.conformance.postgres_store import PostgresStore
from tests.query.shop import connect

_serial = count(1)


@pytest.fixture(scope="session")
def store(postgres_server: str) -> Iterator[PostgresStore]:
    """The warehouse of the tests, with empty tables in it."""
    name = f"warehouse_{next(_serial)}"
    postgres.run(postgres_server, f"CREATE DATABASE {name}")
    made = PostgresStore(postgres_server.format(name=name).replace("+psycopg", ""))
    yield made
    made.close()


@pytest.fixture
def warehouse(store: PostgresStore) -> Iterator[Postgres]:
    """As the product opens it."""
    opened = Postgres(store.url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shelves() -> Iterator[Shelves]:
    """The rows of the matrix, and DuckDB with them."""
    tables = matrix.rows()
    connection = connect(tables)
    yield tables, connection
    connection.close()
