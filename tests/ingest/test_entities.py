"""A customer column names customers; one that counts them is a measure."""
from __future__ import annotations

import pytest

from dashapp.core.dataset import RoleOf
from dashapp.ingest.guess import _guess


@pytest.mark.parametrize(("key", "texts"), [
    ("neue_kunden", ("3", "5", "0")), ("kunden", ("120", "131", "120")), ("new_customer", ("3", "5", "4")),
    ("active_user", ("2050", "2051")), ("customer", ("0", "2", "1")), ("kunde", ("1.5", "2.25"))])
def test_numbers_that_count_customers_are_a_measure(key: str, texts: tuple[str, ...]) -> None:
    assert _guess(key, texts)[:2] == (RoleOf.MEASURE, "number")


@pytest.mark.parametrize(("key", "texts", "sure"), [
    ("customer_id", ("1", "2", "2"), 0.95), ("kundennr", ("4", "5"), 0.95), ("customer", ("17850", "13047"), 0.95),
    ("customer", ("007", "012"), 0.95), ("kunde", ("C1", "C2"), 0.95), ("neue_kunden", ("Meyer", "Schulz"), 0.95),
    ("user", ("1", "2", "2"), 0.6)])
def test_names_of_customers_are_an_entity_and_small_numbers_only_perhaps(key: str, texts: tuple[str, ...],
                                                                       sure: float) -> None:
    assert _guess(key, texts) == (RoleOf.ENTITY, "text", sure)
