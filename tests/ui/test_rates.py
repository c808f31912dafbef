"""What a list of exchange rates is, told where files are brought, and which data have currencies."""
from __future__ import annotations

from dataclasses import replace

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.ui.imports import _kept
from dashapp.ui.rates import COLUMNS, about_rates
from tests.ui.tree import of_type, text

DAY, CODE = Column("date", "Date", RoleOf.DATE, "date"), Column("currency", "Code", RoleOf.CURRENCY, "text")
FX = Dataset("fx", "Fx", "reference", key_columns=("date", "currency"),
             columns=(DAY, CODE, Column("rate", "Rate", RoleOf.MEASURE, "number")))
SALES = Dataset("sales", "Sales", columns=(DAY, CODE, Column("paid", "Paid", RoleOf.MEASURE, "money")))


def test_e22_the_columns_of_the_rates_are_told_beside_the_upload() -> None:
    said = text(about_rates())
    assert len(of_type(about_rates(), "Tr")) == len(COLUMNS) + 1
    assert all(word in said for word in ("fx", "date", "currency", "rate", "at most 7 days old", "no value"))


def test_e22_a_dataset_says_that_it_has_currencies_or_that_it_is_the_rates() -> None:
    assert [str(d.children) for d in _kept(SALES)] == ["amounts in the currencies of Code"]
    assert [str(d.children) for d in _kept(FX)] == ["exchange rates of all figures"]
    assert _kept(replace(FX, key="rates")) == []
