"""The formula language in examples, one per thing it can say: what screens show and `docs/formulas.md` holds.

Every function that the language knows has an example here, every example can be read, and the document has exactly
these rows: tests see to it.
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A formula and what it means; parts of the meaning that stand in backticks are written as formulas are."""

    formula: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Examples of one kind, with a sentence that says what they have in common."""

    title: str
    about: str
    examples: tuple[Example, ...]


ABOUT = (
    "A KPI is a formula over the columns of the uploaded data and over other KPIs. It is written as in a spreadsheet, "
    "without cells: numbers, `+ - * /`, parentheses and the functions below."
)
GUIDE = (
    Chapter("Aggregates", (
        "One column, or an expression of the columns of a row, becomes one figure per period and part."
    ), (
        Example("sum(orders.revenue)", "the sum of a column"),
        Example("sum(qty * orders.price)", "of an expression, computed row by row; money stays exact"),
        Example("avg(orders.price)", "the average of the values that are there"),
        Example("min(orders.price)", "the smallest value"),
        Example("max(orders.price)", "the largest value"),
        Example("median(orders.price)", "the value in the middle"),
        Example("count(orders)", "the rows of a dataset"),
        Example("count(orders.price)", "the rows that have a value"),
        Example("distinct(orders.customer_id)", "how many different values"),
        Example("first(finance.cash)",
                "the value of the first day with values, added up over rows of that day: a balance"),
        Example("last(finance.cash)", "the same, of the last day"),
        Example("new(orders.customer_id)", "who has their first row ever in the period"),
        Example("returning(orders.customer_id)", "who was active before the period and is in it"),
        Example("lost(orders.customer_id)", "who was active in the preceding period and is not in this one"),
    )),
    Chapter("Conditions", (
        "The second place of an aggregate says which rows count. A missing value satisfies only `!=`, `not "
        'in` and the comparison with `""`.'
    ), (
        Example('sum(orders.revenue, channel == "web")', "rows with that text; `!=` for all others"),
        Example("sum(orders.revenue, qty >= 10 and price < 5)", "numbers compare with `<` `<=` `>` `>=`, too"),
        Example('count(orders.region in ["EMEA", "APAC"] or channel not in ["web"])',
                "one of several texts, none of them"),
        Example('sum(orders.revenue, contains(catalogue.category, "tea"))', "a text that holds another"),
        Example('sum(orders.revenue, date >= "2026-01-31")', "dates are written year first, in quotes"),
    )),
    Chapter("Time", (
        "Figures that look back are computed anew over the longer time, never added up. Where the data begin "
        "inside it, there is no value."
    ), (
        Example("previous(revenue)", "the same figure of the period before; of an unfinished period its elapsed part"),
        Example("year_ago(revenue)", "of the same period a year before; a 53rd week has none"),
        Example("growth(revenue)", "the change against the period before, as a share of its size"),
        Example("rolling(revenue, 28)",
                "over the 28 days that end with the period, or with the data where it is unfinished"),
        Example('rolling(basket, 3, "month")', "over weeks, months, quarters or years"),
        Example('to_date(revenue, "year")', "since the start of the (fiscal) year, quarter, month or week"),
    )),
    Chapter("Names", (
        "Names are completed once, when a definition is saved; a dataset uploaded later never changes what "
        "they mean."
    ), (
        Example("(revenue - cogs) / revenue", "other KPIs, by key"),
        Example("sum(orders.revenue)", "a column with its dataset in front; needed where several datasets have it"),
        Example("sum(qty * catalogue.cost)", "a column of a joined dataset"),
        Example('sum(orders.revenue, orders.catalogue.category == "Tea")', "the same, in full"),
        Example('count(class == "A")', "any key is a name; only `and`, `or`, `in` and `not` mean something"),
        Example("sum(`in`)", "these four, where a column, dataset or KPI is called so, stand in backticks"),
        Example("sum(orders.in)", "behind a dataset a column needs none"),
    )),
)
