"""The text of a value: it stands for that value alone, and brings it back to the last digit and its kind of number."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.canonical import canonical, restored
from dashapp.core.period import DateRange, Grain, Period
from dashapp.core.question import Question
from dashapp.core.series import Compared, Point, Series, Total
from dashapp.core.where import Where

CLASSES = (Series, Point, Total, Compared, Period, Grain, Question, DateRange, Where)
TEXTS = st.text(max_size=4)
DAYS = st.dates(date(2024, 1, 1), date(2024, 1, 4))
WHERES = st.lists(st.builds(Where, TEXTS, st.sampled_from(("=", "!=", "~=")),
                            st.lists(TEXTS, max_size=2).map(tuple)), max_size=2).map(tuple)
SPANS = st.tuples(DAYS, DAYS).map(lambda d: DateRange(min(d), max(d)))
QUESTIONS = st.builds(
    Question, st.lists(TEXTS, max_size=2).map(tuple), st.sampled_from((Grain.DAY, Grain.MONTH)), SPANS,
    st.lists(TEXTS, max_size=2).map(tuple), WHERES, st.sampled_from(("none", "previous")),
    st.none() | st.sampled_from((datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))), WHERES)
LEAVES = (st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | DAYS
          | st.decimals(allow_nan=False, allow_infinity=False)
          | st.datetimes(timezones=st.just(UTC)) | st.sampled_from(list(Grain)))
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4).map(tuple)
                      | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=12)


@given(QUESTIONS, QUESTIONS)
def test_different_questions_have_different_texts_and_equal_ones_the_same(one: Question, other: Question) -> None:
    assert (canonical(one) == canonical(other)) is (one == other)


@given(QUESTIONS, WHERES)
def test_b6_a_condition_of_the_scope_is_none_of_the_filter(question: Question, wheres: tuple[Where, ...]) -> None:
    asked, confined = replace(question, where=wheres, scope=()), replace(question, where=(), scope=wheres)
    assert (canonical(asked) == canonical(confined)) is (not wheres)


@given(VALUES)
def test_every_value_comes_back_of_its_kind(value: object) -> None:
    back = restored(canonical(value), CLASSES)
    assert back == value
    assert canonical(back) == canonical(value)
    assert type(back) is type(value)


@given(QUESTIONS)
def test_a_question_comes_back(question: Question) -> None:
    assert restored(canonical(question), CLASSES) == question


@pytest.mark.parametrize(("one", "other"), [
    (1, "1"), (1, 1.0), (1, Decimal(1)), (1, True), (0, None), ("", None), ((), None), ((), ""), (("a",), "a"),
    (("a", "b"), ("ab",)), ((("a",), "b"), ("a", ("b",))), (Decimal("1.0"), Decimal("1.00")), (("d", "1"), Decimal(1)),
    (Grain.DAY, "day"), (("Grain", "day"), Grain.DAY), ({"a": 1}, (("a", 1),)), (date(2024, 1, 1), "2024-01-01"),
    (date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)), (0.1, 0.1 + 2**-56), ("\ud800", "\ud801")])
def test_what_looks_alike_has_different_texts(one: object, other: object) -> None:
    assert canonical(one) != canonical(other)


def test_a_moment_has_one_text_in_all_zones() -> None:
    moment = datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert canonical(moment) == canonical(moment.astimezone(timezone(timedelta(hours=5))))
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1})


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", datetime(2024, 1, 1), Question])
def test_what_has_no_text_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize("text", [
    "", "{", "{}", "[]", '["Where"]', '["Where","a","="]', '["Unknown",1]', '["Grain","never"]', '["t","2024-13-01"]',
    '["l",{}]', '["d","x"]', '["d"]', '["d","1","2"]', '["os.system","id"]', "[[]]", '["o",1]', "[" * 100_000])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the text, it is this one error
        restored(text, CLASSES)


def test_classes_that_nobody_named_are_not_made() -> None:
    with pytest.raises(ValueError, match="not the text"):
        restored(canonical(Where("a", "=", ("b",))), (Period,))
