"""Writing formulas: no parenthesis too few, none too many, and every node visited in the order of writing."""
from __future__ import annotations

from decimal import Decimal

import pytest

from dashapp.query.formula import parse
from dashapp.query.tree import Agg, Bin, Cmp, Col, Logic, Neg, Num, Ref, Time, unparse, walk

A, B, C = Ref("a"), Ref("b"), Ref("c")


@pytest.mark.parametrize(("tree", "text"), [
    (Bin("+", A, Bin("+", B, C)), "a + (b + c)"), (Bin("+", Bin("+", A, B), C), "a + b + c"),
    (Bin("-", A, Bin("-", B, C)), "a - (b - c)"), (Bin("-", Bin("-", A, B), C), "a - b - c"),
    (Bin("*", Bin("+", A, B), C), "(a + b) * c"), (Bin("+", Bin("*", A, B), C), "a * b + c"),
    (Bin("*", A, Bin("+", B, C)), "a * (b + c)"), (Bin("+", A, Bin("*", B, C)), "a + b * c"),
    (Bin("/", A, Bin("/", B, C)), "a / (b / c)"), (Bin("/", A, Bin("*", B, C)), "a / (b * c)"),
    (Bin("/", Bin("*", A, B), C), "a * b / c"), (Bin("-", A, Bin("*", B, C)), "a - b * c"),
    (Neg(A), "-a"), (Neg(Neg(A)), "-(-a)"), (Neg(Bin("+", A, B)), "-(a + b)"), (Neg(Bin("*", A, B)), "-(a * b)"),
    (Bin("*", Neg(A), B), "-a * b"), (Bin("*", A, Neg(B)), "a * (-b)"), (Bin("+", A, Neg(B)), "a + -b"),
    (Bin("-", Neg(A), B), "-a - b"), (Num(Decimal("0.10")), "0.10"), (Num(Decimal("1E+3")), "1000"),
    (Num(Decimal("1E-7")), "0.0000001"), (Time("growth", A), "growth(a)"),
    (Time("rolling", A, 28, "day"), "rolling(a, 28)"),
    (Time("rolling", A, 1, "week"), 'rolling(a, 1, "week")'), (Time("to_date", A, 0, "day"), 'to_date(a, "day")'),
    (Agg("count", None), "count()"), (Agg("count", None, None, "orders"), "count(orders)"),
    (Agg("count", None, Cmp("==", Col(("x",)), ("w",))), 'count(x == "w")'),
    (Agg("count", None, Cmp("==", Col(("x",)), ("w",)), "orders"), 'count(orders, x == "w")'),
    (Agg("sum", Col(("o", "x")), Cmp("in", Col(("y",)), (Decimal(1), "z"))), 'sum(o.x, y in [1, "z"])'),
    (Agg("sum", Col(("x",)), Cmp("contains", Col(("y",)), ('"',))), 'sum(x, contains(y, "\\""))'),
    (Cmp(">=", Col(("x",)), (Decimal("-1.5"),)), "x >= -1.5"), (Cmp("not in", Col(("x",)), ("a",)), 'x not in ["a"]'),
    (Cmp("==", Col(("x",)), ("a\\b\n\r\t",)), 'x == "a\\\\b\\n\\r\\t"'),
])
def test_a_tree_is_written(tree: object, text: str) -> None:
    assert unparse(tree) == text  # type: ignore[arg-type]


X, Y, Z = (Cmp("==", Col((n,)), (n,)) for n in "xyz")


@pytest.mark.parametrize(("cond", "text"), [
    (Logic("and", (X, Y, Z)), 'x == "x" and y == "y" and z == "z"'),
    (Logic("or", (X, Logic("and", (Y, Z)))), 'x == "x" or (y == "y" and z == "z")'),
    (Logic("and", (Logic("or", (X, Y)), Z)), '(x == "x" or y == "y") and z == "z"'),
])
def test_conditions_are_written_so_that_nobody_has_to_know_which_word_binds(cond: Logic, text: str) -> None:
    assert unparse(cond) == text
    found = parse(f"count({text})")
    assert isinstance(found, Agg)
    assert found.cond == cond


@pytest.mark.parametrize(("text", "again"), [
    ("a+b*c", "a + b * c"), ("((a))", "a"), ("+a", "a"), ("a - (b + c)", "a - (b + c)"), ("(a - b) + c", "a - b + c"),
    ("-a * b", "-a * b"), ("-(a * b)", "-(a * b)"), ("2e3", "2000"), (".5", "0.5"), ("5.", "5"), ("1.50", "1.50"),
    ("count( orders )", "count(orders)"), ("rolling(a, 7, 'day')", "rolling(a, 7)"),
    ("sum(x, 3 >= y)", "sum(x, y <= 3)"),
    ("sum(x, 3 == y)", "sum(x, y == 3)"), ("sum(x, 'a' != y)", 'sum(x, y != "a")'), ("sum(x, 3 > y)", "sum(x, y < 3)"),
    ("sum(x, y in (1, 2))", "sum(x, y in [1, 2])"), ("sum(x, y in {1})", "sum(x, y in [1])"),
    ("sum(x, -1 <= y)", "sum(x, y >= -1)"), ("sum(x, 3 <= y)", "sum(x, y >= 3)"),
])
def test_what_people_write_is_written_again_in_one_way(text: str, again: str) -> None:
    assert unparse(parse(text)) == again
    assert unparse(parse(again)) == again
    assert parse(again) == parse(text)


def test_every_node_is_visited_in_the_order_of_writing() -> None:
    tree = parse('growth(sum(a + -b, c == "x" and d in [1])) / (e - 2)')
    names = [n.path[0] if isinstance(n, Col) else n.key for n in walk(tree) if isinstance(n, Col | Ref)]
    assert names == ["a", "b", "c", "d", "e"]
    kinds = [type(n).__name__ for n in walk(tree)]
    assert kinds == ["Bin", "Time", "Agg", "Bin", "Col", "Neg", "Col", "Logic", "Cmp", "Col", "Cmp", "Col", "Bin",
    "Ref",
                     "Num"]


def test_where_a_node_stood_makes_it_no_other() -> None:
    assert parse("a + b") == parse("  a  +  b")
    assert [n.at for n in walk(parse("= a + sum(b)"))] == [2, 2, 6, 10]
