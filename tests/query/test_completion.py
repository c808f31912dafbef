"""Completion: whatever is typed and wherever the caret stands, what is proposed exists, fits and can be finished."""
from __future__ import annotations

import string
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.draft import Completion, Proposal
from dashapp.query.caret import caret_in, tokens
from dashapp.query.completion import MOST, column_of_value, complete
from dashapp.query.formula import FormulaError, parse
from dashapp.query.functions import FUNCTIONS
from dashapp.query.names import bind
from dashapp.query.tree import AGGREGATES, TEXT, TIME, UNITS
from tests.query.shop import DATASETS, columns, kpis
from tests.query.test_random_formulas import BASE, formula

KPIS = BASE | kpis(margin="(revenue - cogs) / revenue", double="2 * margin")
# What may still be written at the caret, and what may follow, until a formula is whole.
FILLS = ("", "x", "1", 'x, 28', 'x, "year"', 'x, "tea"')
TAILS = ("", " == 1")
LACKING = {"rolling": ", 28", "to_date": ', "year"', "contains": ', "tea"'}  # second arguments
TYPED = st.text(alphabet=string.ascii_letters + string.digits + "()[],.+-*/=<>!\"'` _\n“”×", max_size=60)


def at_end(text: str, key: str | None = None) -> Completion:
    return complete(text, len(text), DATASETS, KPIS, key)


def inserts(text: str, key: str | None = None) -> list[str]:
    return [p.insert for p in at_end(text, key).proposals]


def applied(text: str, found: Completion, proposal: Proposal) -> str:
    return text[:found.start] + proposal.insert + text[found.end:]


def closers(text: str) -> str:
    """The arguments and brackets that are still open, innermost first."""
    frames = reversed(caret_in(text, len(text)).frames)
    return "".join(("" if f.place else LACKING.get(f.name, "")) + {"(": ")", "[": "]"}[f.bracket] for f in frames)


def can_be_finished(text: str, at: int) -> bool:
    """Is there an argument that makes it a formula?"""
    for fill, tail in product(FILLS, TAILS):
        whole = text[:at] + fill + text[at:] + tail
        try:
            parse(whole + closers(whole))
        except FormulaError:
            continue
        return True
    return False


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=60), TYPED, formula), st.integers(-5, 70))
def test_no_text_and_no_position_makes_completion_fail(text: str, position: int) -> None:
    found = complete(text, position, DATASETS, KPIS, "margin")
    assert 0 <= found.start <= max(0, min(position, len(text))) <= found.end <= len(text)
    assert len(found.proposals) <= MOST
    assert len({p.insert for p in found.proposals}) == len(found.proposals)
    for proposal in found.proposals:
        assert 0 < proposal.caret <= len(proposal.insert) + 1
        assert proposal.help
        assert proposal.insert != text[found.start:found.end]


@settings(max_examples=250, deadline=None)
@given(formula, st.data())
def test_every_proposal_makes_a_formula_or_leaves_an_argument_to_write(whole: str, data: st.DataObject) -> None:
    """A formula is typed up to somewhere; whatever is taken there, it can be finished."""
    text = whole[:data.draw(st.integers(0, len(whole)))]
    found = at_end(text)
    for proposal in found.proposals:
        done = applied(text, found, proposal)
        assert can_be_finished(done, min(found.start + proposal.caret, len(done))), (text, proposal.insert)


@settings(max_examples=200, deadline=None)
@given(formula, st.data())
def test_a_name_that_is_half_typed_is_among_the_proposals(whole: str, data: st.DataObject) -> None:
    names = [t for t in tokens(whole) if t.kind == "name" and not t.is_word and t.text not in TEXT]
    token = data.draw(st.sampled_from(names)) if names else None
    if token is None:
        return
    text = whole[:token.start + data.draw(st.integers(1, len(token.text)))]
    found = at_end(text)
    wanted = {token.text, f"{token.text}()"}
    is_whole = text.endswith(token.text)
    assert is_whole or wanted & {p.insert for p in found.proposals}, (text, token.text)


@pytest.mark.parametrize("name", AGGREGATES)
def test_every_column_that_an_aggregate_is_offered_can_be_bound_in_it(name: str) -> None:
    found = inserts(f"{name}(")
    assert found
    for insert in found:
        assert bind(f"{name}({insert})", DATASETS, KPIS).datasets


def test_columns_of_every_dataset_are_proposed_and_joined_ones_too() -> None:
    every = set(inserts("distinct("))
    own = {f"{d.key}.{c.key}" for d in DATASETS.values() for c in d.columns}
    joined = {f"orders.catalogue.{c.key}" for c in DATASETS["catalogue"].columns}
    assert every == own | joined
    (tea,) = [p for p in at_end("sum(orders.qty, cat").proposals if p.insert == "orders.catalogue.category"]
    assert tea.help == "Category: texts in Catalogue, joined to Orders."


@pytest.mark.parametrize(("typed", "first"), [
    ("sum(rev", "orders.revenue"), ("sum(orders.re", "orders.revenue"), ("sum(catalogue.co", "catalogue.cost"),
    ("sum(COG", "finance.cogs"), ("new(cus", "orders.customer_id"), ("new(", "orders.customer_id"),
    ("rev", "revenue"), ("roll", "rolling()"), ("marg", "margin"), ("count(ord", "orders"), ("1 + pre", "previous()"),
    ('to_date(revenue, "mo', '"month"'), ("to_date(revenue, ", '"day"'), ('rolling(revenue, 3, "q', '"quarter"'),
    ("sum(orders.revenue, con", "contains()"), ("cust", "distinct(orders.customer_id)"),
    ("sum(orders.qty, contains(catalogue.cat", "orders.catalogue.category"), ("“", None), ("previous(mar", "margin"),
    ("sum(orders.qty * (pri", "orders.price"), ("sum(orders.qty, channel == \"web\" and reg", "orders.region"),
])
def test_what_is_meant_stands_first(typed: str, first: str | None) -> None:
    assert next(iter(inserts(typed)), None) == first


@pytest.mark.parametrize("typed", [
    "revenue ", "sum(orders.revenue) ", "3", "12.", "sum(orders.revenue, channel == ",
    'sum(orders.revenue, channel == "w', "count(orders.region in [", "nothing_known(", "rolling(revenue, ",
    "rolling(revenue, 2", "sum(orders.revenue, x, ",
])
def test_nothing_is_proposed_where_only_a_sign_or_a_value_can_stand(typed: str) -> None:
    assert inserts(typed) == []


def test_one_aggregate_is_offered_columns_of_one_dataset() -> None:
    assert {i.split(".")[0] for i in inserts("sum(orders.qty * ")} == {"orders"}
    assert {i.split(".")[0] for i in inserts("sum(finance.cogs) + sum(orders.qty * ")} == {"orders"}
    text = "sum( * finance.cogs)"
    behind = complete(text, 4, DATASETS, KPIS).proposals
    assert {p.insert for p in behind} == {"finance.cogs", "finance.cash"}


def test_numbers_are_wanted_by_sums_and_dates_by_balances() -> None:
    assert "orders.region" in inserts("distinct(")
    assert "orders.region" not in inserts("sum(")
    assert "catalogue.cost" in inserts("sum(")
    assert "catalogue.cost" not in inserts("last(")


def test_a_kpi_is_never_offered_what_stands_on_it() -> None:
    assert {"margin", "double", "basket", "revenue"} <= set(inserts("", "cogs") + inserts(""))
    assert not {"revenue", "basket", "margin", "double"} & set(inserts("", "revenue"))
    assert "people" in inserts("", "revenue")


def test_time_functions_are_not_offered_where_they_cannot_stand() -> None:
    assert not [i for i in inserts("rolling(") if i.rstrip("()") in TIME]
    assert "previous()" in inserts("growth(")


def test_the_whole_word_under_the_caret_is_replaced() -> None:
    text = "sum(orders.reXX) + 1"
    found = complete(text, 13, DATASETS, KPIS)
    assert text[found.start:found.end] == "orders.reXX"
    best = found.proposals[0]
    assert applied(text, found, best) == "sum(orders.revenue) + 1"
    assert not complete(text, 4, DATASETS, KPIS).proposals, "right before a word nothing is inserted"


def test_a_text_longer_than_formulas_are_gets_no_proposals() -> None:
    assert at_end("1 + " * 499 + "re").proposals
    assert at_end("1 + " * 500 + "re") == Completion(0, 0)


def test_brackets_that_are_there_are_not_written_twice() -> None:
    found = complete("su(orders.qty)", 2, DATASETS, KPIS)
    (best,) = [p for p in found.proposals if p.label.startswith("sum(")]
    assert (best.insert, best.caret) == ("sum", 4)


def test_a_name_that_means_something_to_the_language_comes_in_backticks() -> None:
    from dashapp.core.dataset import Dataset

    odd = {"stock": Dataset("stock", "Stock", columns=columns(date="date date", **{"in": "measure number"}))}
    (only,) = complete("sum(", 4, odd, {}).proposals
    assert bind(f"sum({only.insert})", odd, {}).needs == ("stock.in",)
    named = complete("", 0, {}, kpis(**{"or": "1", "fine": "2"})).proposals
    assert {p.insert for p in named if p.kind == "kpi"} == {"`or`", "fine"}


def test_the_function_at_the_caret_tells_its_signature_and_the_place_that_is_written() -> None:
    told = at_end("1 + rolling(revenue, ").signature
    assert told is not None
    assert (told.text, told.places[told.place]) == ("rolling(figure, count[, unit])", "count")
    assert at_end("revenue").signature is None
    inner = complete("rolling(sum(orders.qty), 3)", 14, DATASETS, KPIS).signature
    assert inner is not None
    assert inner.text == "sum(column[, condition])"


def test_every_function_of_the_language_is_described() -> None:
    assert set(FUNCTIONS) == {*AGGREGATES, *TIME, *TEXT}
    assert all(f.help.endswith(".") and f.needed <= len(f.places) for f in FUNCTIONS.values())
    assert FUNCTIONS["count"].signature == "count([column][, condition])"
    assert [p.insert.strip('"') for p in at_end("to_date(revenue, ").proposals] == list(UNITS)


# values and signs ------------------------------------------------------------------------------------------------
REGIONS = ("APAC", "EMEA", 'La "Mancha"', "back\\slash", "two\nlines", "L’Aquila", "nul\x00", "")


def valued(text: str, behind: str = "") -> Completion:
    """What is proposed between the two halves of a formula, the values of whatever column being REGIONS."""
    return complete(text + behind, len(text), DATASETS, KPIS, None, REGIONS)


@pytest.mark.parametrize(("typed", "path"), [
    ('sum(orders.revenue, region == "', ("orders", "region")), ("sum(revenue, region == ", ("orders", "region")),
    ('sum(revenue, orders.catalogue.category != "T', ("orders", "catalogue", "category")),
    ('sum(revenue, qty > 1 and region in ["EMEA", "', ("orders", "region")),
    ("sum(revenue, region not in [", ("orders", "region")), ("sum(cogs, region == '", ("finance", "region")),
    ("count(orders, (`region` == ", ("orders", "region")),
    ("sum(revenue, qty == ", None), ("sum(revenue, region ", None), ('sum(revenue, region < "', None),
    ('sum(revenue, contains(region, "', None), ('region == "', None), ("sum(region == ", None), ("[", None),
    ('to_date(revenue, "', None), ("sum(revenue, nothing == ", None), ('sum(revenue, 1 in ["', None), ("", None),
    ("x" * 3000, None),
])
def test_the_column_whose_value_is_written_is_known(typed: str, path: tuple[str, ...] | None) -> None:
    found = column_of_value(typed, len(typed), DATASETS)
    assert (found.path if found else None) == path


def test_values_are_written_so_that_the_formula_means_them() -> None:
    found = valued("sum(orders.revenue, orders.region == ")
    kept = [r for r in REGIONS if r not in ("L’Aquila", "nul\x00")]  # no formula holds these two
    assert {p.label for p in found.proposals} == {r or "(empty)" for r in kept}
    meant = {parse(f"sum(orders.revenue, orders.region == {p.insert})").cond.values[0]  # type: ignore[union-attr]
             for p in found.proposals}
    assert meant == set(kept)


@pytest.mark.parametrize(("before", "behind", "whole"), [
    ('sum(revenue, region == "E', ")", 'sum(revenue, region == "EMEA")'),
    ('sum(revenue, region == "E', 'X")', 'sum(revenue, region == "EMEA")'),
    ("sum(revenue, region == 'e", "", 'sum(revenue, region == "EMEA"'),
    ('sum(revenue, region in ["APAC", "', '"])', 'sum(revenue, region in ["APAC", "EMEA"])'),
    ('sum(revenue, region == "E', ") / 2 + units", 'sum(revenue, region == "EMEA") / 2 + units'),
    ("sum(revenue, region == ", " and qty > 1)", 'sum(revenue, region == "EMEA" and qty > 1)'),
])
def test_a_value_takes_the_place_of_what_was_typed_and_of_nothing_behind_it(before: str, behind: str, whole: str
                                                                            ) -> None:
    found = valued(before, behind)
    (emea,) = [p for p in found.proposals if p.label == "EMEA"]
    assert applied(before + behind, found, emea) == whole
    assert (emea.kind, emea.caret, emea.help) == ("value", 6, "Region: texts in Orders.")


def test_values_that_begin_with_what_was_typed_stand_first() -> None:
    assert [p.label for p in valued('sum(revenue, region == "a').proposals] == [
        "APAC", "EMEA", 'La "Mancha"', "back\\slash"]
    assert valued('sum(revenue, region == "nowhere').proposals == ()
    assert valued('sum(revenue, region == ', '"EMEA")').proposals == (), "it would run into the text that stands there"


@pytest.mark.parametrize(("typed", "signs"), [
    ("sum(revenue, region ", ["==", "!=", "in", "not in"]), ("sum(revenue, region n", ["not in"]),
    ("sum(revenue, qty ", ["==", "!=", "in", "not in", ">", ">=", "<", "<="]),
    ("sum(revenue, qty > 1 ", ["and", "or"]), ('sum(revenue, region == "x" a', ["and"]),
    ('sum(revenue, region in ["x"] ', ["and", "or"]), ('sum(revenue, qty > 1 and region i', ["in"]),
    ("sum(revenue, date ", []), ("sum(revenue, 1 < qty ", []), ("sum(revenue ", []), ("revenue ", []),
    ("sum(revenue, nothing ", []), ("sum(revenue, 2 ", []), ('sum(revenue, region in ["x" ', []),
])
def test_signs_are_proposed_where_a_column_is_compared(typed: str, signs: list[str]) -> None:
    found = at_end(typed).proposals
    assert [p.label for p in found] == signs
    assert all(p.kind == "operator" and p.help for p in found)
    behind = complete(f"{typed}== 1)", len(typed), DATASETS, KPIS)
    assert behind.proposals == (), "something stands there already"


def test_a_sign_leaves_the_caret_where_its_value_goes() -> None:
    left = {p.label: p.insert[:p.caret] + "|" + p.insert[p.caret:] for p in at_end("sum(revenue, region ").proposals}
    assert left == {"==": '== "|"', "!=": '!= "|"', "in": 'in ["|"]', "not in": 'not in ["|"]'}
    left = {p.label: p.insert[:p.caret] + "|" + p.insert[p.caret:] for p in at_end("sum(revenue, qty ").proposals}
    assert (left["=="], left["in"], left["<="]) == ("== |", "in [|]", "<= |")
