"""Every way a formula can be wrong: the code, the place in what was typed, the reason and the help."""
from __future__ import annotations

import ast

import pytest

from dashapp.core.issue import Issue
from dashapp.query.conditions import Conditions
from dashapp.query.formula import MAX_ROLLING, MAX_TERMS, FormulaError, parse
from dashapp.query.problems import combined, did_you_mean, error
from dashapp.query.tree import UNITS, Time
from dashapp.query.written import MAX_DEPTH, MAX_DIGITS, MAX_LENGTH, MAX_LIST


def refused(text: str) -> Issue:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert len(caught.value.issues) == 1
    return caught.value.issues[0]


@pytest.mark.parametrize(("text", "code", "message", "help"), [
    ("sum(x, §contains(y))", "formula-arguments", 'contains() is written contains(product, "tea").', None),
    ("sum(x, §contains(y, 'a', 'b'))", "formula-arguments", "contains() is written", None),
    ("sum(x, contains(y, §1))", "formula-arguments", "contains() looks for a text.", None),
    ("sum(x, contains(y, §z))", "formula-condition", "'z' is neither a number nor a text.",
     'texts stand in quotes: "z"'),
    ("sum(x, contains(§'y', 'z'))", "formula-syntax", "\"'y'\" is not a column name.", None),
    ("sum(x, 1 == §2)", "formula-condition", "'2' is not a column.", "a condition compares a column with a value"),
    ("sum(x, §'a' in y)", "formula-condition", "\"'a'\" is not a column.",
     "a condition compares a column with a value"),
    ("sum(x, y in §3)", "formula-condition", "in takes a list of 1 to 200 values.", 'write region in ["EMEA", "APAC"]'),
    ("sum(x, §y is z)", "formula-syntax", "The formula cannot be read near 'y is z)'.", None),
    ("sum(x, §y < 3 < 4)", "formula-condition", "'y < 3 < 4' is not one comparison.",
     "write quantity > 0 and quantity < 9"),
    ("sum(x, §y)", "formula-condition", "'y' is not a condition.",
     'write channel == "web", region in ["EMEA", "APAC"] or quantity > 0'),
    ("sum(x, a == 1 and §b)", "formula-condition", "'b' is not a condition.",
     'write channel == "web", region in ["EMEA", "APAC"] or quantity > 0'),
    ("sum(x, y == §None)", "formula-condition", "'None' is neither a number nor a text.",
     'texts stand in quotes: "None"'),
    ("sum(x, y == -§'a')", "formula-number", "is not a number.", "write numbers as 1200 or 0.15"),
    ("sum(x, y == §-z)", "formula-condition", "'-z' is neither a number nor a text.", None),
    ("§sum(x, y, z)", "formula-arguments", "sum() takes a column and, if wanted, a condition.",
     'write sum(revenue) or sum(revenue, channel == "web")'),
    ("§avg()", "formula-arguments", "avg() takes a column and, if wanted, a condition.",
     'write avg(revenue) or avg(revenue, channel == "web")'),
    ("§count(x, y == 1, z)", "formula-arguments", "count() takes a column", None),
    ("count(§a * b)", "formula-arguments", "count() takes one column.", "write count(customer_id)"),
    ("1 + new(§3)", "formula-arguments", "new() takes one column.", "write new(customer_id)"),
    ("sum(§x > 3)", "formula-syntax", "'x > 3' cannot stand inside an aggregate.",
     "the condition is the second argument"),
    ("sum(§[x])", "formula-syntax", "'[x]' cannot stand inside an aggregate.", None),
    ("sum(§growth(x))", "formula-nested", "'growth(x)' stands inside an aggregate.",
     "aggregates and time functions are combined outside: sum(a) / sum(b)"),
    ("sum(§a.b(c))", "formula-nested", "'a.b(c)' stands inside an aggregate.", None),
    ("§x > 3", "formula-syntax", "'x > 3' cannot stand here.",
     'a condition stands inside an aggregate: sum(revenue, channel == "web")'),
    ("§x and y", "formula-syntax", "'x and y' cannot stand here.",
     'a condition stands inside an aggregate: sum(revenue, channel == "web")'),
    ("§{1}", "formula-syntax", "'{1}' cannot stand here.", None),
    ("§not x", "formula-syntax", "'not x' cannot stand here.", None),
    ("§~x", "formula-syntax", "'~x' cannot stand here.", None),
    ("a + §b.c", "column-outside", "The column 'b.c' stands outside an aggregate.", "write for example sum(b.c)"),
    ("§a // b", "formula-operator", "'a // b' uses an operator that is not known.",
     "known are + - * / and parentheses"),
    ("§sum(*x)", "formula-syntax", "A * stands before an argument.", None),
    ("§foo(1)", "unknown-function", "unknown function 'foo'", None),
    ("§summ(x)", "unknown-function", "unknown function 'summ'", "did you mean 'sum'?"),
    ("a + §previos(x)", "unknown-function", "unknown function 'previos'", "did you mean 'previous'?"),
    ("§previous()", "formula-arguments", "previous() is written previous(x).", None),
    ("§previous(x, 2)", "formula-arguments", "previous() is written previous(x).", None),
    ("§to_date(x)", "formula-arguments", 'to_date() is written to_date(x, "year").', None),
    ("§to_date(x, 'year', 2)", "formula-arguments", "to_date() is written", None),
    ("§rolling(x, 3, 'month', 4)", "formula-arguments", "rolling() is written rolling(x, 28) or", None),
    ("rolling(x, 3, §'months')", "formula-arguments", "'months' is not a unit of time.",
     'known are "day", "week", "month", "quarter", "year"'),
    ("rolling(x, 3, §month)", "formula-arguments", "month is not a unit of time.", None),
    ("rolling(x, §'3')", "formula-arguments", "rolling() takes a whole number from 1 to 3700.", None),
    ("rolling(x, §True)", "formula-arguments", "rolling() takes a whole number from 1 to 3700.", None),
    ("rolling(x, §-1)", "formula-arguments", "rolling() takes a whole number from 1 to 3700.", None),
    ("§1_000", "formula-number", "'1_000' is not a number.", "write numbers as 1200 or 0.15"),
    ("§0x10", "formula-number", "'0x10' is not a number.", "write numbers as 1200 or 0.15"),
    ("§3j", "formula-number", "'3j' is not a number.", "write numbers as 1200 or 0.15"),
    ("a + §b'x'", "formula-number", "is not a number.", "write numbers as 1200 or 0.15"),
    ("  = sum(x) + §`two words`", "formula-name", "'`two words`' is no name.", "backticks stand around one name: `in`"),
    ("sum(x) §\x00", "formula-syntax", "A formula holds no null characters.", None),
])
def test_a_problem_says_what_where_and_what_helps(text: str, code: str, message: str, help: str | None) -> None:
    """The mark § stands before the place."""
    found = refused(text.replace("§", ""))
    assert (found.code, found.position) == (code, text.index("§"))
    assert message in found.message
    if help is not None:
        assert found.help == help


# as much as fits, and one more -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("fits", "too_much", "code"), [
    ("1".ljust(MAX_LENGTH), "1".ljust(MAX_LENGTH + 1), "formula-length"),
    ("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH, "(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1), "formula-depth"),
    ("-" * MAX_DEPTH + "1", "-" * (MAX_DEPTH + 1) + "1", "formula-depth"),
    ("- " * MAX_DEPTH + "1", "- " * (MAX_DEPTH + 1) + "1", "formula-depth"),
    ("+".join(["a"] * (MAX_TERMS + 1)), "+".join(["a"] * (MAX_TERMS + 2)), "formula-depth"),
    ("9" * MAX_DIGITS, "9" * (MAX_DIGITS + 1), "formula-number"), ("1" + "0" * 14, "1" + "0" * 15, "formula-number"),
    ("0." + "0" * 14 + "1", "0." + "0" * 15 + "1", "formula-number"), ("1e14", "1e15", "formula-number"),
    ("1.23456789012345", "1.234567890123456", "formula-number"),
    (f"rolling(x, {MAX_ROLLING})", f"rolling(x, {MAX_ROLLING + 1})", "formula-arguments"),
    (f"sum(x, y in {[1] * MAX_LIST})", f"sum(x, y in {[1] * (MAX_LIST + 1)})", "formula-condition"),
    ("rolling(x, 1)", "rolling(x, 0)", "formula-arguments"),
    ('sum(x, y == "\\\\")', 'sum(x, y == "\\z")', "formula-syntax"),
    ('sum(x, y == "\\n\\"\\t")', 'sum(x, y == "\\x41")', "formula-syntax"),
])
def test_so_much_fits_and_no_more(fits: str, too_much: str, code: str) -> None:
    assert parse(fits)
    assert refused(too_much).code == code


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_of_time_is_known(unit: str) -> None:
    assert parse(f'rolling(x, 2, "{unit}")') == Time("rolling", parse("x"), 2, unit)  # type: ignore[arg-type]
    assert parse(f'to_date(x, "{unit}")') == Time("to_date", parse("x"), 0, unit)  # type: ignore[arg-type]


def test_a_condition_that_nests_too_deep_by_words_is_refused() -> None:
    reader = Conditions("sum(x)")
    node: ast.expr = ast.parse('y == 1', mode="eval").body
    for _ in range(MAX_DEPTH):
        node = ast.copy_location(ast.BoolOp(ast.And(), [node, node]), node)
    with pytest.raises(FormulaError, match="40 deep"):
        reader._condition(ast.copy_location(ast.BoolOp(ast.And(), [node]), node), 0)


# how problems are put into words ---------------------------------------------------------------------------------
def test_several_problems_are_one_exception_with_all_of_them() -> None:
    found = combined([Issue("a", "First.", help="do this"), Issue("b", "Second."), Issue("c", "third", help="or that")])
    assert found.message == "First - do this Second. third - or that"
    assert [i.code for i in found.issues] == ["a", "b", "c"]
    alone = error("code", "Words.", 7, "help")
    assert alone.issues == (Issue("code", "Words.", position=7, help="help"),)
    assert error("code", "Words.").issues[0].position is None


@pytest.mark.parametrize(("word", "known", "said"), [
    ("revnue", ["revenue", "region"], "did you mean 'revenue'?"), ("xyz", ["revenue"], None), ("a", [], None),
    ("revenue", ["revenues", "revenue_"], "did you mean 'revenues'?"), ("abcde", ["abcxy"], "did you mean 'abcxy'?"),
    ("abcde", ["abxyz"], None),
])
def test_a_suggestion_is_close_or_there_is_none(word: str, known: list[str], said: str | None) -> None:
    assert did_you_mean(word, known) == said


def test_a_suggestion_is_written_as_it_has_to_be_typed() -> None:
    assert did_you_mean("inn", ["in"], lambda name: f"`{name}`") == "did you mean '`in`'?"
