"""Binding names: every refusal with its place and help, every choice between datasets, counts, joins and cycles."""
from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.core.dataset import Dataset
from dashapp.core.issue import Issue
from dashapp.core.period import Grain
from dashapp.query.formula import FormulaError
from dashapp.query.names import bind
from tests.query.shop import CATALOGUE, DATASETS, FINANCE, ORDERS, columns, kpis

KPIS = kpis(revenue="sum(orders.revenue)", basket="revenue / count(orders)")
NOTES = Dataset("notes",
"Notes", kind="reference", key_columns=("id",), columns=columns(id="id text", score="measure number"))


def issues(text: str, datasets=None, known=None, **more) -> tuple[Issue, ...]:
    with pytest.raises(FormulaError) as refused:
        bind(text.replace("§",
        ""), DATASETS if datasets is None else datasets, KPIS if known is None else known, **more)
    return refused.value.issues


@pytest.mark.parametrize(("text", "code", "message", "help"), [
    ("§revnue + 1", "unknown-kpi", "unknown KPI 'revnue'", "did you mean 'revenue'?"),
    ("1 + §xyzzy", "unknown-kpi", "unknown KPI 'xyzzy'", None),
    ("1 + §cogs", "column-outside", "The column 'cogs' stands outside an aggregate.", "write for example sum(cogs)"),
    ("sum(§revnue)", "unknown-column", "unknown column 'revnue'", "did you mean 'revenue'?"),
    ("sum(orders.qty * §orders.prise)", "unknown-column", "unknown column 'orders.prise'",
    "did you mean 'orders.price'?"),
    ("sum(§xyzzy)", "unknown-column", "unknown column 'xyzzy'", None),
    ('sum(revenue, §chanel == "web")', "unknown-column", "unknown column 'chanel'", "did you mean 'channel'?"),
    ("sum(§qty * cogs)", "mixed-datasets", "One aggregate uses columns of several datasets: qty, cogs.",
     "aggregate each dataset by itself, or join them"),
    ("sum(§region, qty > 1)", "needs-number", "sum() needs numbers; 'region' is text.",
     "count it with distinct() or count()"),
    ("max(§orders.date)", "needs-number", "max() needs numbers; 'orders.date' is date.",
     "count it with distinct() or count()"),
    ("avg(price * §catalogue.category)", "needs-number", "avg() needs numbers; 'catalogue.category' is text.",
     "count it with distinct() or count()"),
    ("§first(catalogue.cost)", "needs-date", "first() needs dated rows; catalogue has no date.", None),
    ("1 + §new(sku_id)", "needs-date", "new() needs dated rows; catalogue has no date.", None),
    ('sum(revenue, §qty == "1")', "condition-type", "'qty' holds numbers and is compared with a text.", None),
    ('sum(revenue, §price in [1, "2"])', "condition-type", "'price' holds numbers and is compared with a text.", None),
    ("sum(revenue, §channel == 1)", "condition-type", "'channel' holds texts and is compared with a number.",
     'write channel == "1"'),
    ("sum(revenue, §orders.date == 2026)", "condition-type", "'orders.date' holds dates and is compared with a number.",
     'write orders.date == "2026"'),
    ('sum(revenue, §channel >= "a")', "condition-type", "'channel' is text: it has no order.",
     "use == != in or contains()"),
    ('sum(revenue, §orders.date >= "soon")', "condition-type", "'orders.date' is a date.",
     'write orders.date >= "2026-01-31"'),
    ('sum(revenue, §contains(orders.date, "2026"))', "condition-type", "'orders.date' is a date.",
     'write orders.date >= "2026-01-31"'),
    ('sum(revenue, §orders.date in ["2026-01-01", "x"])', "condition-type", "'orders.date' is a date.",
     'write orders.date >= "2026-01-31"'),
    ("growth(rolling(§previous(revenue), 3))", "time-nested", "previous() stands inside rolling().",
     "write previous(rolling(...)) instead"),
    ('to_date(1 + §rolling(revenue, 3), "year")', "time-nested", "rolling() stands inside to_date().",
    "use one of them"),
    ('1 + §count()', "count-dataset", "count() does not say of which dataset.", "write count(catalogue)"),
])
def test_a_name_that_cannot_be_bound_is_told_with_its_place(
    text: str, code: str, message: str, help: str | None
) -> None:
    """The mark § stands before the place."""
    [found] = issues(text)
    assert (found.code, found.message, found.position) == (code, message, text.index("§"))
    assert found.help == help


def test_a_column_a_dataset_lacks_is_told_with_the_dataset() -> None:
    [found] = issues("count(orders) + sum(qty, nothing > 1)")
    assert (found.code, found.message) == ("unknown-column", "unknown column 'nothing'")
    bound = replace(ORDERS, key="sales")
    [found] = issues("sum(revenue * profit)", {"sales": bound})
    assert found.message == "unknown column 'profit'"


def test_every_unknown_name_has_its_own_issue_in_the_order_of_writing() -> None:
    found = issues("sum(aaa) + bbb * sum(qty, ccc == 1) + sum(aaa)")
    assert [(i.code, i.position) for i in found] == [
        ("unknown-column", 4), ("unknown-kpi", 11), ("unknown-column", 26), ("unknown-column", 42)]


# which dataset ---------------------------------------------------------------------------------------------------
WEEKLY = replace(ORDERS, key="weekly", grain=Grain.WEEK, joins=())
PLAN = replace(ORDERS, key="plan", kind="snapshot", joins=())
SEVERAL = {"weekly": WEEKLY, "plan": PLAN, "orders": ORDERS, "catalogue": CATALOGUE}


@pytest.mark.parametrize(("prefer", "bound"), [(None, "orders"), ("weekly", "weekly"), ("plan", "plan"),
("catalogue", "orders")])
def test_a_proposal_takes_the_preferred_or_the_finest_rows(prefer: str | None, bound: str) -> None:
    assert bind("sum(revenue)", SEVERAL, {}, prefer_finest=True, prefer=prefer).formula == f"sum({bound}.revenue)"


def test_of_two_as_fine_the_first_by_name_is_taken() -> None:
    twins = {k: replace(ORDERS, key=k, joins=()) for k in ("zeta", "alpha")}
    assert bind("sum(revenue)", twins, {}, prefer_finest=True).datasets == ("alpha",)


def test_several_datasets_are_offered_up_to_four() -> None:
    many = {k: replace(ORDERS, key=k, joins=()) for k in "abcdef"}
    [found] = issues("sum(revenue)", many)
    assert (found.code, found.position) == ("ambiguous-column", 4)
    assert found.message == "'revenue' is a column of several datasets."
    assert found.help == "write a.revenue or b.revenue or c.revenue or d.revenue"


def test_a_prefix_of_one_column_decides_for_the_whole_aggregate() -> None:
    assert bind("sum(weekly.qty * price)", SEVERAL, {}).formula == "sum(weekly.qty * weekly.price)"
    assert bind('sum(revenue, weekly.qty > 1)', SEVERAL, {}).datasets == ("weekly",)


@pytest.mark.parametrize(("text", "bound"), [
    ("sum(catalogue.cost)", "sum(catalogue.cost)"),
    ("sum(qty * catalogue.cost)", "sum(orders.qty * orders.catalogue.cost)"),
    ("sum(orders.qty * catalogue.cost)", "sum(orders.qty * orders.catalogue.cost)"),
    ('count(catalogue.category == "Tea" and channel == "web")',
     'count(orders, orders.catalogue.category == "Tea" and orders.channel == "web")'),
])
def test_a_joined_column_is_written_in_full_unless_it_stands_alone(text: str, bound: str) -> None:
    assert bind(text, DATASETS, {}).formula == bound


# counts ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "datasets", "bound"), [
    ("count()", {"orders": ORDERS}, "count(orders)"),
    ("sum(cogs) / count()", DATASETS, "sum(finance.cogs) / count(finance)"),
    ("count(orders)", DATASETS, "count(orders)"), ("count(orders, qty > 1)", DATASETS, "count(orders, orders.qty > 1)"),
    ("count(qty > 1)", DATASETS, "count(orders, orders.qty > 1)"), ("count(qty)", DATASETS, "count(orders.qty)"),
    ("count() + count()", {"finance": FINANCE}, "count(finance) + count(finance)"),
])
def test_rows_are_counted_of_the_dataset_that_is_meant(text: str, datasets, bound: str) -> None:
    assert bind(text, datasets, {}).formula == bound


def test_without_data_nothing_is_suggested() -> None:
    [found] = issues("count()", {}, {})
    assert (found.code, found.help) == ("count-dataset", None)
    [found] = issues("sum(x)", {}, {})
    assert (found.code, found.help) == ("unknown-column", None)


# what is bound ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "datasets", "used", "needs"), [
    ("3", (), (), ()), ("revenue", (), ("revenue",), ()),
    ("revenue + basket - revenue", (), ("basket", "revenue"), ()),
    ("sum(qty) + sum(cogs) + sum(qty)", ("finance", "orders"), (), ("finance.cogs", "orders.qty")),
    ("sum(qty * catalogue.cost)", ("orders",), (), ("orders.catalogue.cost", "orders.qty")),
    ("growth(count(orders, region != \"\"))", ("orders",), (), ("orders.region",)),
])
def test_a_bound_formula_lists_what_it_uses_sorted_and_once(text: str, datasets, used, needs) -> None:
    found = bind(text, DATASETS, KPIS)
    assert (found.datasets, found.kpis, found.needs) == (datasets, used, needs)
    assert bind(found.formula, DATASETS, KPIS) == found


def test_a_dataset_without_dates_takes_what_needs_none() -> None:
    for func in ("sum", "avg", "min", "max", "median", "count", "distinct"):
        assert bind(f"{func}(score)", {"notes": NOTES}, {}).formula == f"{func}(notes.score)"
    for func in ("first", "last", "new", "returning", "lost"):
        assert issues(f"{func}(score)", {"notes": NOTES})[0].code == "needs-date"


@pytest.mark.parametrize(("key", "text", "path"), [
    ("a", "b + 1", "a -> b -> c -> a"), ("c", "growth(a)", "c -> a -> b -> c"), ("a", "a", "a -> a"),
    ("x", "a", "x -> a -> b -> c -> a"),
    (None, "a", "a -> b -> c -> a"),
])
def test_a_formula_that_comes_back_to_itself_is_told_the_way(key: str | None, text: str, path: str) -> None:
    known = kpis(a="b * 2", b="c + 1", c="a - 1", x="3")
    [found] = issues(text, None, known, key=key)
    assert (found.code, found.message) == ("kpi-cycle", f"The formula comes back to itself: {path}.")


def test_a_column_of_a_dataset_that_is_gone_is_never_taken_for_a_strangers() -> None:
    (gone,) = issues("sum(bad_orders.price)")
    assert (gone.message, gone.help, gone.column) == (
        "unknown column 'bad_orders.price'", None, "bad_orders.price")
    (misspelt,) = issues("sum(orderss.price)")
    assert misspelt.help == "did you mean 'orders.price'?"
