"""Names that mean something to a parser: every key a sheet can bring is usable, bound, suggested and read again."""

from __future__ import annotations

import keyword
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.dataset import Column, Dataset, RoleOf, snake_case
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.query import language
from dashapp.query.formula import FormulaError, parse
from dashapp.query.graph import rename, sources
from dashapp.query.names import bind, references
from dashapp.query.spelling import WORDS, hidden, shown, spelled
from dashapp.query.tree import AGGREGATES, TIME, Agg, Bin, Cmp, Col, Logic, Num, Ref, unparse
from tests.query.shop import DATASETS, ask, columns, kpis

KEYWORDS = sorted({snake_case(k) for k in keyword.kwlist + keyword.softkwlist} - {""})
OWN = ["contains", *AGGREGATES, *TIME]
GUIDE = Path(__file__).parents[2] / "docs" / "formulas.md"


def dataset(key: str, *names: str) -> Dataset:
    numbers = tuple(Column(n, n.title(), RoleOf.MEASURE, "number") for n in names)
    return Dataset(key, key.title(), columns=(*columns(date="date date"), *numbers))


@pytest.mark.parametrize("word", [*KEYWORDS, *OWN])
def test_a_column_of_any_name_can_be_added_up(word: str) -> None:
    data = {"sheet": dataset("sheet", word, "other")}
    for text in (f"sum({spelled(word)})", f"sum(`{word}`)", f"sum(sheet.{word})", f"sum( sheet . {word} )"):
        assert bind(text, data, {}).formula == f"sum(sheet.{word})", text
    bound = bind(f"avg({spelled(word)} * other, {spelled(word)} > 1 and {spelled(word)} not in [2, 3])", data, {})
    assert bound.formula == f"avg(sheet.{word} * sheet.other, sheet.{word} > 1 and sheet.{word} not in [2, 3])"
    assert bind(bound.formula, data, {}).tree == bound.tree
    assert bound.needs == tuple(sorted({f"sheet.{word}", "sheet.other"}))


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_dataset_and_a_kpi_of_any_name_can_be_used(word: str) -> None:
    data, known = {word: dataset(word, "revenue")}, kpis(**{word: f"sum({spelled(word)}.revenue)"})
    bound = bind(f"count({spelled(word)}) + sum(revenue) + {spelled(word)}", data, known)
    assert bound.formula == f"count({spelled(word)}) + sum({spelled(word)}.revenue) + {spelled(word)}"
    assert (bound.datasets, bound.kpis) == ((word,), (word,))
    assert bind(bound.formula, data, known).formula == bound.formula
    assert sources(bound.formula) == (word,)
    assert references(bound.formula) == (word,)
    assert rename(bound.formula, {word: "plain"}).endswith(" + plain")


def test_figures_of_such_columns_are_computed() -> None:
    data = {"sheet": dataset("sheet", "in", "class", "from")}
    rows = [{"date": date(2025, 1, d), "in": 2.0 * d, "class": float(d), "from": 1.0} for d in (1, 2, 3)]
    asked = Question(("a", "b", "not"), Grain.MONTH, DateRange(date(2025, 1, 1), date(2025, 1, 31)))
    known = kpis(**{"a": "sum(`in` - class * from)", "b": "max(class, from == 1 and `in` < 6)", "not": "a + b"})
    assert [s.points[0].value for s in ask(asked, known, {"sheet": rows}, datasets=data)] == [6, 2, 8]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sum(clas)", "did you mean 'class'?"),
        ("sum(inn)", "did you mean '`in`'?"),
        ("sum(None)", "did you mean 'none'?"),
        ("sum(sheet.orr)", "did you mean 'sheet.or'?"),
        ("frm", "did you mean 'from'?"),
        ("nott", "did you mean '`not`'?"),
        ("`in`", "sum(`in`)"),
        ("sum(revenue) + True", "unknown KPI 'True'"),
    ],
)
def test_a_suggestion_is_written_as_it_has_to_be_typed(text: str, words: str) -> None:
    data = {"sheet": dataset("sheet", "class", "in", "none", "or", "revenue")}
    with pytest.raises(FormulaError) as refused:
        bind(text, data, kpis(**{"from": "sum(sheet.in)", "not": "sum(sheet.or)"}))
    assert words in refused.value.message


def test_two_datasets_with_such_a_column_are_told_apart_by_prefix() -> None:
    data = {"one": dataset("one", "in"), "in": dataset("in", "in")}
    with pytest.raises(FormulaError, match=r"write one\.in or `in`\.in"):
        bind("sum(`in`)", data, {})
    assert bind("sum(`in`.in) + sum(one.in)", data, {}).formula == "sum(`in`.in) + sum(one.in)"


def test_words_of_the_language_keep_their_meaning() -> None:
    assert parse('sum(x, a in ["if"] or not_b == "class" and c not in [1])') == Agg(
        "sum",
        Col(("x",)),
        Logic("or", (
            Cmp("in", Col(("a",)), ("if",)),
            Logic("and", (Cmp("==", Col(("not_b",)), ("class",)), Cmp("not in", Col(("c",)), (Decimal(1),)))),
        )),
    )
    assert parse("from - class") == Bin("-", Ref("from"), Ref("class"))
    assert parse("1.5e3") == Num(Decimal("1500"))


def test_texts_are_never_touched() -> None:
    for text in ('"class"', "'from `x` in'", '"a \\" class"', "'it\\'s class'"):
        assert hidden(text) == text
    assert parse('count(x == "`in` class .or")') == Agg("count", None, Cmp("==", Col(("x",)), ("`in` class .or",)))


@given(st.text(alphabet="in classfrom.`\"'or()1 ", max_size=40))
def test_hiding_keeps_every_offset(text: str) -> None:
    try:
        found = hidden(text)
    except FormulaError as bad:
        found, at = text, bad.issues[0].position
        assert at is not None
        assert text[at] == "`"
    assert len(found) == len(text)
    assert shown(found.replace("`", "")).replace(" ", "") == text.replace("`", "").replace(" ", "")


def test_the_place_of_a_problem_behind_a_quoted_name_is_right() -> None:
    with pytest.raises(FormulaError) as refused:
        parse("sum(`in`) + sum(class, from == web)")
    assert refused.value.issues[0].position == 31


@given(st.sampled_from([*WORDS, "class", "revenue"]), st.sampled_from([*WORDS, "lambda", "sheet"]))
def test_what_is_spelled_reads_back(name: str, other: str) -> None:
    assert parse(spelled(name)) == Ref(name)
    assert parse(f"sum({spelled(f'{other}.{name}')})") == Agg("sum", Col((other, name)))
    assert parse(unparse(Agg("count", None, None, other))) == Agg("count", Col((other,)))


def test_every_formula_of_the_guide_can_be_used() -> None:
    formulas = [line.split("`` ")[1] for line in GUIDE.read_text().splitlines() if line.startswith("| `` ")]
    shop = {**DATASETS, "orders": replace(DATASETS["orders"], columns=(
        *DATASETS["orders"].columns, *columns(**{"class": "dimension text", "in": "measure number"})))}
    known = kpis(revenue="sum(orders.revenue)", cogs="sum(finance.cogs)", basket="revenue / count(orders)")
    assert len(formulas) > 25
    used = " ".join(formulas)
    assert all(f"{name}(" in used for name in (*AGGREGATES, *TIME, "contains"))
    for text in formulas:
        assert bind(text, shop, known).formula, text


def test_the_screens_and_the_guide_have_the_same_examples() -> None:
    rows = re.findall(r"^\| `` (.*?) `` \| (.*?) \|$", GUIDE.read_text(), re.M)
    chapters = re.findall(r"^## (.*)$", GUIDE.read_text(), re.M)
    assert [(e.formula, e.meaning) for c in language.GUIDE for e in c.examples] == rows
    assert [c.title for c in language.GUIDE] == chapters
    assert language.ABOUT in GUIDE.read_text().replace("\n", " ")
    assert all(m.count("`") % 2 == 0 for m in [m for _, m in rows] + [c.about for c in language.GUIDE])
