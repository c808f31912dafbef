"""Formulas are read into trees, written back, and refused with a position, a reason and help."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.issue import Issue
from dashapp.query.formula import FormulaError, parse
from dashapp.query.tree import PLAIN, TIME, UNITS, Agg, Bin, Cmp, Col, Logic, Neg, Num, Ref, Time, unparse

names = st.sampled_from(["revenue", "orders.revenue", "orders.catalogue.category", "é_1"]).map(
    lambda n: Col(tuple(n.split(".")))
)
numbers = st.decimals(0, 10**6, places=3).map(Num)
texts = st.text(
    st.characters(
        codec="utf-8",
        exclude_characters="\x00“”„’‘−×÷\u00a0\n\r\t\f\v\x1c\x1d\x1e\x85\u2028\u2029",
        exclude_categories=("Cs", "Cc"),
    ),
    max_size=8,
)


def arithmetic(leaf: st.SearchStrategy) -> st.SearchStrategy:  # type: ignore[type-arg]
    return st.recursive(
        leaf,
        lambda x: st.one_of(st.builds(Bin, st.sampled_from("+-*/"), x, x).filter(can_have_a_value), st.builds(Neg, x)),
        max_leaves=5,
    )


def can_have_a_value(node: Bin) -> bool:
    """A division by the number zero is refused."""
    return node.op != "/" or not isinstance(node.right, Num) or node.right.value != 0


tests = st.one_of(
    st.builds(Cmp, st.sampled_from(["==", "!="]), names, st.tuples(texts)),
    st.builds(Cmp, st.sampled_from(["<", "<=", ">", ">="]), names, st.tuples(st.integers(-9, 9).map(Decimal))),
    st.builds(Cmp, st.sampled_from(["in", "not in"]), names, st.tuples(texts, texts)),
    st.builds(Cmp, st.just("contains"), names, st.tuples(texts)),
)
conditions = st.one_of(
    st.none(),
    tests,
    st.builds(Logic, st.sampled_from(["and", "or"]), st.tuples(tests, tests)),
    st.builds(lambda a, b, c: Logic("and", (a, Logic("or", (b, c)))), tests, tests, tests),
)
aggregates = st.one_of(
    st.builds(Agg, st.sampled_from(("sum", "avg", "median", "min")), arithmetic(st.one_of(names, numbers)), conditions),
    st.builds(Agg, st.sampled_from(("count", "distinct", "new", "lost")), names, conditions),
)
figures = arithmetic(
    st.one_of(
        aggregates,
        numbers,
        st.builds(Ref, st.sampled_from(["margin", "x1"])),
        st.builds(Time, st.sampled_from(["growth", "previous", "year_ago"]), aggregates),
        st.builds(Time, st.just("rolling"), aggregates, st.integers(1, 400), st.sampled_from(UNITS)),
        st.builds(Time, st.just("to_date"), aggregates, st.just(0), st.sampled_from(UNITS)),
    )
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(figures)
def test_a_formula_written_and_read_again_is_the_same(tree: object) -> None:
    text = unparse(tree)  # type: ignore[arg-type]
    assert parse(text) == tree
    assert unparse(parse(text)) == text


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(max_size=60) | st.text(alphabet="sum(revn)+-*/\"'.,0123 =<>[]\\é", max_size=60))
def test_any_text_is_read_or_refused_with_issues(text: str) -> None:
    issues: tuple[Issue, ...] | None = None
    try:
        parse(text)
    except FormulaError as bad:
        issues = bad.issues
    assert issues != ()
    assert all(i.message and (i.position is None or 0 <= i.position <= len(text)) for i in issues or ())


@pytest.mark.parametrize(
    ("text", "code", "position", "words"),
    [
        ("", "formula-empty", 0, "empty"),
        ("sum(revenue", "formula-syntax", 3, "cannot be read"),
        ("= sum(revenue) + ", "formula-syntax", 16, "near 'the end'"),
        ('sum(revenue, channel = "web")', "formula-syntax", 13, "write == to compare"),
        ("1 <> 2", "formula-syntax", 2, "!="),
        ("sum(a) % 2", "formula-operator", 0, "+ - * /"),
        ("2 ** 999999", "formula-operator", 0, "operator"),
        ("revenue / 0", "formula-zero", 10, "division by zero"),
        ("revenue / 0.00", "formula-zero", 10, "no value"),
        ("sum(qty / 0)", "formula-zero", 10, "no value"),
        ("growht(x)", "unknown-function", 0, "did you mean 'growth'"),
        ("__import__('os').system('id')", "unknown-function", 0, "known are"),
        ("(1).__class__", "formula-syntax", 1, "not a column"),
        ("[x for x in y]", "formula-syntax", 1, "cannot be read near 'x for"),
        ("lambda: 1", "formula-syntax", 6, "cannot be read near ': 1'"),
        ("[1]", "formula-syntax", 0, "cannot stand here"),
        ("sum(x, a == True)", "formula-condition", 12, 'in quotes: "True"'),
        ("sum(in)", "formula-syntax", 4, "written `in`"),
        ("1 + and", "formula-syntax", 4, "with its dataset in front"),
        ("sum(`two words`)", "formula-name", 4, "around one name"),
        ("sum(x) + `y", "formula-name", 9, "'`y' is no name"),
        ("sum(``)", "formula-name", 4, "no name"),
        ("orders.revenue", "column-outside", 0, "sum(orders.revenue)"),
        ("sum(sum(x))", "formula-nested", 4, "outside"),
        ("1e308 * 10", "formula-number", 0, "not a number"),
        ("1234567890123456", "formula-number", 0, "digits"),
        ('"text"', "formula-number", 0, "not a number"),
        ("sum(x, 1 < qty < 9)", "formula-condition", 7, "one comparison"),
        ("sum(x, a == web)", "formula-condition", 12, '"web"'),
        ("sum(x, not a)", "formula-condition", 7, "not a condition"),
        ("sum(x, a in [])", "formula-condition", 12, "list"),
        ("distinct(a + b)", "formula-arguments", 9, "one column"),
        ("rolling(x, 0)", "formula-arguments", 11, "whole number"),
        ("rolling(x, 1.5)", "formula-arguments", 11, "whole number"),
        ('to_date(x, "decade")', "formula-arguments", 11, '"year"'),
        ("rolling(x)", "formula-arguments", 0, "rolling(x, 28)"),
        ("sum(é, x = 1)", "formula-syntax", 7, "=="),
        ("(" * 60 + "1" + ")" * 60, "formula-depth", None, "40 deep"),
        ("-" * 500 + "1", "formula-depth", None, "40 deep"),
        ("1" + "+1" * 1500, "formula-length", None, "2000"),
        ('sum(x, a == "\\d")', "formula-syntax", 13, "twice"),
    ],
)
def test_what_cannot_be_used_says_where_and_why(text: str, code: str, position: int | None, words: str) -> None:
    with pytest.raises(FormulaError) as refused:
        parse(text)
    issue = refused.value.issues[0]
    assert (issue.code, issue.position) == (code, position)
    assert words in refused.value.message


def test_spreadsheet_habits_are_understood() -> None:
    assert parse("= sum(revenue)\n− sum( cogs )") == parse("sum(revenue) - sum(cogs)")
    assert parse("sum(revenue, channel == “web”)") == parse('sum(revenue, channel == "web")')
    assert parse('count(channel == "web")') == Agg("count", None, Cmp("==", Col(("channel",)), ("web",)))
    assert unparse(parse("sum(x, 3 < qty)")) == "sum(x, qty > 3)"


def test_a_long_sum_is_not_too_deep() -> None:
    with pytest.raises(FormulaError, match="120 terms"):
        parse("+".join(["a"] * 200))
    assert parse("+".join(["sum(a)"] * 100))


def test_every_function_is_known_to_the_reader() -> None:
    for name in PLAIN:
        assert parse(f"{name}(x)")
    for name in TIME:
        extra = {"rolling": ", 7", "to_date": ', "month"'}.get(name, "")
        assert parse(f"{name}(x{extra})")
