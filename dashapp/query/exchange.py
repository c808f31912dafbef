"""Converting amounts: the rate of every row's currency on its date, and the amounts in the reporting currency.

Rates come from the dataset `fx` as it is known at the moment of the question. A rate holds on its own day and the days
after it, up to the next one. Amount times rate is not rounded: four decimals and twelve give sixteen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dashapp.core.currency import DAYS, DIGITS, RATES, RateColumns, code_column, converts, rates_in
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.query.atoms import epoch_day, listed
from dashapp.query.columns import Field
from dashapp.query.tables import schema_of, unbound

RATE = f"{RATES}__rate"
_RATE = f"decimal({8 + DIGITS}, {DIGITS})"
_RATE_OF_SUM, _WIDE = f"decimal(38, {DIGITS})", f"decimal(38, {4 + DIGITS})"


@dataclass(frozen=True, slots=True)
class Exchange:
    """How the amounts of one dataset are converted. code, day: its columns; own: the reporting currency.

    rates: the columns of `fx`, whose table has the given schema (column, stored type); None where there is none.
    """

    dataset: str
    code: str
    day: str
    own: str
    rates: RateColumns | None = None
    schema: tuple[tuple[str, str], ...] = ()

    @property
    def rate(self) -> Field:
        """The rate of a row, as if it were a joined column."""
        return Field(self.dataset, Column("rate", "rate", RoleOf.MEASURE, "number"), (self.code, RATES, "currency"))

    def is_amount(self, field: Field) -> bool:
        """Is the column converted? The dataset's own amounts are."""
        return field.join is None and field.column.type == "money"

    def name(self, field: Field) -> str:
        """The name of an amount in the reporting currency, in the table of rows."""
        return f"{field.name}__{self.own or 'converted'}"

    def amounts(self, fields: Iterable[Field]) -> tuple[Field, ...]:
        """Those of the columns that are converted, in the order of their names."""
        return tuple(sorted((f for f in fields if self.is_amount(f)), key=lambda f: f.name))

    def rated(self, table: Any) -> Any:
        """The rows with the rate of each: 1 in the reporting currency, none where none is known."""
        import ibis

        pairs = self.pairs(table)
        table = table.left_join(pairs, [table[self.code] == pairs["__said"], table[self.day] == pairs["__on"]])
        rate = ibis.ifelse(table[self.code].isnull(), ibis.literal(1, _RATE), table["__rate"])
        return table.mutate(**{RATE: rate}).drop("__said", "__on", "__rate")

    def unrated(self, table: Any) -> Any:
        """Those of the rows that have no rate."""
        pairs = self.pairs(table)
        pairs = pairs.filter(pairs["__rate"].isnull())
        table = table.inner_join(pairs, [table[self.code] == pairs["__said"], table[self.day] == pairs["__on"]])
        return table.drop("__said", "__on", "__rate")

    def pairs(self, table: Any) -> Any:
        """(__said, __on, __rate): what is written as code and date in the rows, each pair once, with its rate.

        Rows are many and pairs are few: texts are folded, and rates looked up, pair by pair.
        """
        import ibis

        pairs = table.select(**{"__said": table[self.code], "__on": table[self.day]}).distinct()
        code, one = spelled(pairs["__said"]), ibis.literal(1, _RATE)
        is_own = (code == "") | (code == self.own)
        if self.rates is None:
            return pairs.mutate(**{"__rate": ibis.ifelse(is_own, one, ibis.null(_RATE))})
        known = daily(self.rates, self.schema, self.own)
        found = pairs.left_join(known, [code == known["__code"], epoch_day(pairs["__on"]) == known["__day"]])
        is_own = (spelled(found["__said"]) == "") | (spelled(found["__said"]) == self.own)
        return found.select("__said", "__on", **{"__rate": ibis.ifelse(is_own, one, found["__rate"])})

    def converted(self, table: Any, fields: Iterable[Field]) -> Any:
        """Rated rows with these amounts in the reporting currency."""
        return table.mutate(**{self.name(f): multiplied(table[f.name], table[RATE]) for f in self.amounts(fields)})


def exchange_of(dataset: Dataset, datasets: Mapping[str, Dataset], own: str | None) -> Exchange | None:
    """How the amounts of a dataset are converted; None where they are all in one currency, or stay as they are (own is
    None)."""
    if own is None or not converts(dataset):
        return None
    code, day, rates = code_column(dataset), dataset.date_column, rates_in(datasets)
    assert code is not None
    assert day is not None
    return Exchange(dataset.key, code, day, own, rates, schema_of(datasets[RATES]) if rates else ())


def multiplied(amount: Any, rate: Any) -> Any:
    """An amount, or a sum of amounts of one currency on one day, in the reporting currency: with all its digits."""
    is_sum = amount.type().precision > 8 + DIGITS
    return (amount * (rate.cast(_RATE_OF_SUM) if is_sum else rate)).cast(_WIDE)


def spelled(code: Any) -> Any:
    """A code as it is compared: blanks and small letters make no other currency."""
    return code.strip().upper()


@lru_cache(maxsize=32)
def daily(rates: RateColumns, schema: tuple[tuple[str, str], ...], own: str) -> Any:
    """(__code, __day, __rate): the rate of every currency on every day that has one, each day (from 1970-01-01) once.

    Where two rates are said of a code and day, neither is right: that rate is missing, on the days it would hold, too.
    """
    import ibis

    table = unbound(RATES, schema)
    rate = table[rates.rate].cast("string").try_cast(_RATE)  # a double as it is written, not as it is stored
    tests = [table[rates.date].notnull(), table[rates.currency].notnull(), rate > 0]
    if rates.to:
        tests.append(spelled(table[rates.to]) == own)
    said = table.filter(tests).select(code=spelled(table[rates.currency]), day=table[rates.date], rate=rate)
    said = said.group_by("code", "day").aggregate(low=said.rate.min(), high=said.rate.max())
    said = said.select("code", "day", rate=ibis.ifelse(said.low == said.high, said.low, ibis.null(_RATE)))
    said = said.select("code", "rate", start=epoch_day(said.day))
    said = said.mutate(until=said.start.lead().over(ibis.window(group_by=said.code, order_by=said.start)))
    each = said.cross_join(listed(((i,) for i in range(DAYS + 1)), "step"))
    each = each.mutate(day=each.start + each.step)
    each = each.filter(each.until.isnull() | (each.day < each.until))
    return each.select(__code=each.code, __day=each.day, __rate=each.rate)
