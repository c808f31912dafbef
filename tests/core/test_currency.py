"""Which data have amounts in several currencies, which is the list of rates, and the days it covers."""
from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dashapp.core.currency import (
    Covered,
    RateColumns,
    code_column,
    converts,
    covered,
    is_list_of_rates,
    rate_columns,
    rates_in,
    refusal,
    without_rate,
)
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.place import Place

DAY = Column("date", "Date", RoleOf.DATE, "date")
CODE = Column("currency", "Currency", RoleOf.CURRENCY, "text")
RATE = Column("rate", "Rate", RoleOf.MEASURE, "number")
TO = Column("to", "To", RoleOf.DIMENSION, "text")
MONEY = Column("revenue", "Revenue", RoleOf.MEASURE, "money")
FX = Dataset("fx", "Fx", "reference", key_columns=("date", "currency"), columns=(DAY, CODE, RATE))
SALES = Dataset("sales", "Sales", columns=(DAY, CODE, MONEY))
PLACE = Place("shop", "postgres", ("sales",), ())


def test_e22_a_list_of_rates_is_known_by_its_columns() -> None:
    assert rate_columns((DAY, CODE, RATE)) == RateColumns()
    assert rate_columns((DAY, CODE, RATE, TO, MONEY)) == RateColumns(to="to")
    assert (is_list_of_rates((DAY, CODE, RATE, TO)), is_list_of_rates((DAY, CODE, RATE, MONEY))) == (True, False)
    assert RateColumns(to="to").key == ("date", "currency", "to")


@pytest.mark.parametrize("columns", [
    (DAY, CODE), (CODE, RATE), (DAY, RATE), (DAY, CODE, replace(RATE, type="text")),
    (replace(DAY, type="text"), CODE, RATE), (DAY, CODE, replace(RATE, role=RoleOf.IGNORE)),
    (DAY, CODE, RATE, replace(TO, type="number")),
])
def test_e22_anything_else_is_no_list_of_rates(columns: tuple[Column, ...]) -> None:
    assert rate_columns(columns) is None


@pytest.mark.parametrize(("dataset", "is_used"), [
    (FX, True), (replace(FX, kind="facts"), True), (replace(FX, key_columns=("currency", "date")), True),
    (replace(FX, kind="snapshot"), False), (replace(FX, key_columns=("date",)), False),
    (replace(FX, columns=(DAY, CODE, RATE, TO)), False), (replace(FX, place=PLACE), False),
])
def test_e22_rates_are_used_where_the_key_names_each_of_them(dataset: Dataset, is_used: bool) -> None:
    assert (rates_in({"fx": dataset}) is not None) is is_used
    assert rates_in({"rates": dataset}) is None


def test_e22_facts_with_codes_and_money_convert_and_nothing_else() -> None:
    assert (code_column(SALES), converts(SALES), refusal(SALES)) == ("currency", True, None)
    for other in (replace(SALES, kind="reference"), replace(SALES, columns=(CODE, MONEY)),
                  replace(SALES, columns=(DAY, CODE)), replace(SALES, columns=(DAY, MONEY))):
        assert (converts(other), refusal(other)) == (False, None)
    there = replace(SALES, place=PLACE)
    assert not converts(there)
    assert "a warehouse are not converted" in (refusal(there) or "")
    assert code_column(replace(FX, kind="facts", columns=(DAY, CODE, replace(RATE, type="money")))) is None


def test_e22_each_rate_covers_its_day_and_seven_more_and_neighbours_join() -> None:
    found = covered([("USD", date(2025, 3, 20)), ("USD", date(2025, 3, 1)), ("USD", date(2025, 3, 9)),
                     ("GBP", date(2025, 3, 1)), ("USD", date(2025, 3, 1))])
    assert found == (Covered("GBP", date(2025, 3, 1), date(2025, 3, 8)),
                     Covered("USD", date(2025, 3, 1), date(2025, 3, 16)),
                     Covered("USD", date(2025, 3, 20), date(2025, 3, 27)))
    assert covered([]) == ()


def test_e22_the_reason_names_currency_and_day() -> None:
    assert without_rate("USD", date(2026, 3, 2), has_rates=True) == (
        "There is no rate for USD on 2 Mar 2026, nor in the 7 days before, in fx.")
    assert "no dataset fx" in without_rate("USD", date(2026, 3, 2), has_rates=False)
