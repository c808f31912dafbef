"""One company of two years and its twin without incidents, made once for all tests of the room."""
from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dashapp.demo.company import Company, generate

SIZE = {"seed": 11, "days": 730, "orders": 30_000, "end": date(2026, 3, 18)}


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return generate(tmp_path_factory.mktemp("company"), **SIZE)


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The same company, had nothing gone wrong."""
    return generate(tmp_path_factory.mktemp("calm"), **SIZE, incidents=False)


@pytest.fixture(scope="session")
def orders(company: Company) -> list[dict]:
    return rows(company, "orders")


@pytest.fixture(scope="session")
def calm_orders(calm: Company) -> list[dict]:
    return rows(calm, "orders")


def rows(company: Company, key: str) -> list[dict]:
    """A sheet's rows as plain Python values."""
    return pa.concat_tables(company.sheet(key).tables()).to_pylist()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo"
