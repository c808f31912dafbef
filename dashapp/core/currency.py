"""Amounts in several currencies: which data have them, and where the rates stand that make one currency of them.

A row of facts with a column of codes keeps its amounts as they were written. A question converts them: by the rate of
the row's code on the row's date, the latest one that is at most `DAYS` days old. An empty code is the reporting
currency. What has no rate has no value.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashapp.core.dataset import Column, Dataset, RoleOf

RATES = "fx"
DAYS = 7  # how old a rate may be: a weekend with holidays on both sides
DIGITS = 12  # decimals of a rate that count
LARGEST = 10**8  # what a rate must be below
CODE = re.compile(r"[A-Z]{3}")
_NAMES = ("date", "currency", "rate", "to")


@dataclass(frozen=True, slots=True)
class RateColumns:
    """Where a list of rates has what: the day, the code, what one unit of it is worth, and in which currency.

    to: None where every rate is in the reporting currency.
    """

    date: str = "date"
    currency: str = "currency"
    rate: str = "rate"
    to: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What identifies a rate."""
        return (self.date, self.currency, *((self.to,) if self.to else ()))


@dataclass(frozen=True, slots=True)
class Covered:
    """Days, both included, on which a currency has a rate into the reporting currency."""

    code: str
    first: date
    last: date


def rate_columns(columns: Iterable[Column]) -> RateColumns | None:
    """The columns of a list of rates - date, currency, rate, perhaps to - or None where they are something else."""
    found = {c.key: c for c in columns if c.role is not RoleOf.IGNORE}
    day, code, rate, to = (found.get(name) for name in _NAMES)
    if not (day and day.type == "date" and code and code.type == "text" and rate and rate.type in ("number", "money")):
        return None
    if to is not None and to.type != "text":
        return None
    return RateColumns(to="to" if to else None)


def is_list_of_rates(columns: Iterable[Column]) -> bool:
    """Are they the columns of a list of rates and nothing besides?"""
    kept = [c for c in columns if c.role is not RoleOf.IGNORE]
    return rate_columns(kept) is not None and {c.key for c in kept} <= set(_NAMES)


def rates_in(datasets: Mapping[str, Dataset]) -> RateColumns | None:
    """The columns of the dataset of rates: called `fx`, here, with the right columns and a key that names each rate.

    None where there is no such dataset.
    """
    dataset = datasets.get(RATES)
    if dataset is None or dataset.place is not None or dataset.kind == "snapshot":
        return None
    columns = rate_columns(dataset.columns)
    return columns if columns and set(dataset.key_columns) == set(columns.key) else None


def code_column(dataset: Dataset) -> str | None:
    """The column that says which currency the amounts of a row are in; None where all are in the reporting one."""
    if not any(c.type == "money" and c.role is not RoleOf.IGNORE for c in dataset.columns) \
            or is_list_of_rates(dataset.columns):
        return None
    return next((c.key for c in dataset.columns if c.role is RoleOf.CURRENCY), None)


def converts(dataset: Dataset) -> bool:
    """Are the amounts of the rows converted? Those of facts that are here; a warehouse's are refused."""
    return dataset.kind == "facts" and dataset.place is None and dataset.date_column is not None \
        and code_column(dataset) is not None


def read_with(dataset: Dataset, datasets: Mapping[str, Dataset]) -> tuple[str, ...]:
    """The dataset of rates, where figures of `dataset` need it and it is there."""
    return (RATES,) if converts(dataset) and rates_in(datasets) else ()


def refusal(dataset: Dataset) -> str | None:
    """Why no figure can be made of the amounts of rows in a warehouse that has a column of codes; None elsewhere:
    what is uploaded is converted, or has but one currency."""
    if dataset.place is None or code_column(dataset) is None:
        return None
    return (f"{dataset.key} has amounts in the currencies of {code_column(dataset)!r}, and amounts of rows in a "
            "warehouse are not converted.")


def without_rate(code: str, day: date, *, has_rates: bool) -> str:
    """Why a figure has no value: there is no rate for an amount of it."""
    on = f"{day.day} {day:%b %Y}"
    if not has_rates:
        return f"Amounts in {code} on {on} cannot be converted: there is no dataset {RATES} with rates."
    return f"There is no rate for {code} on {on}, nor in the {DAYS} days before, in {RATES}."


def covered(days: Iterable[tuple[str, date]]) -> tuple[Covered, ...]:
    """The days each code has a rate on, from the days of its rates: each holds for `DAYS` days more."""
    out: list[Covered] = []
    for code, day in sorted(set(days)):
        last = day + timedelta(DAYS)
        if out and out[-1].code == code and day <= out[-1].last + timedelta(1):
            out[-1] = Covered(code, out[-1].first, last)
        else:
            out.append(Covered(code, day, last))
    return tuple(out)
