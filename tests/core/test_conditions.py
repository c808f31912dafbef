"""The filter grammar at its edges: blanks, escapes, the three operators, and what does not fit."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.errors import Invalid
from dashapp.core.where import MAX_VALUES, Where, parse_where, parse_wheres


@pytest.mark.parametrize(("text", "column", "op", "values"), [
    ("region=EMEA", "region", "=", ("EMEA",)), ("  region = EMEA ", "region", "=", ("EMEA",)),
    ("region=", "region", "=", ("",)), ("region=|", "region", "=", ("",)),
    ("region=A||B", "region", "=", ("", "A", "B")),
    ("region= A | B ", "region", "=", ("A", "B")), ("region=B|A|B", "region", "=", ("A", "B")),
    ("region!=A", "region", "!=", ("A",)), ("region!==A", "region", "!=", ("=A",)),
    ("region==A", "region", "=", ("=A",)),
    ("name~=a b", "name", "~=", ("a b",)), ("name~= a ", "name", "~=", ("a",)), ("name~=", "name", "~=", ("",)),
    ("catalogue.category=Tea", "catalogue.category", "=", ("Tea",)), ("_x1=1", "_x1", "=", ("1",)),
    (r"region=A\|B", "region", "=", ("A|B",)), (r"region=A\\", "region", "=", ("A\\",)),
    (r"region=\ A", "region", "=", (" A",)), (r"region=A\ ", "region", "=", ("A ",)),
    (r"region=A \ ", "region", "=", ("A  ",)),
    (r"region=\ ", "region", "=", (" ",)), (r"region=A\B", "region", "=", ("AB",)),
    (r"region=A\\|B", "region", "=", ("A\\", "B")),
    ("region=a\nb", "region", "=", ("a\nb",)), ("region=A  B", "region", "=", ("A  B",)),
])
def test_a_condition_means(text: str, column: str, op: str, values: tuple[str, ...]) -> None:
    assert parse_where(text) == Where(column, op, values)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "region", "=A", "1a=A", "a-b=A", "a b=A", ".a=A", "region~A", "region<A",
                                  "region!A"])
def test_a_condition_that_is_none_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_where(text)
    assert refused.value.message == f"Cannot read the filter {text!r}."
    [issue] = refused.value.issues
    assert (issue.code, issue.help, issue.position) == ("where-syntax", "Write region=EMEA.", None)


def test_as_many_values_as_a_filter_may_name_and_one_more() -> None:
    most = [f"{n:03d}" for n in range(MAX_VALUES)]
    assert parse_where("r=" + "|".join(most)).values == tuple(most)
    with pytest.raises(Invalid, match=f"at most {MAX_VALUES} values"):
        parse_where("r=" + "|".join([*most, "more"]))
    with pytest.raises(Invalid, match="one text"):
        parse_where("r~=a|b")
    assert parse_where(r"r~=a\|b").values == ("a|b",)


def test_a_long_filter_is_cut_where_it_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        parse_where("?" * 200)
    assert refused.value.message == f"Cannot read the filter {'?' * 80!r}."


@pytest.mark.parametrize(("where", "text"), [
    (Where("a", "=", ("x", "y")), "a=x|y"), (Where("a", "!=", ("x|y",)), r"a!=x\|y"), (Where("a", "=", ("",)), "a="),
    (Where("a", "~=", ("\\",)), r"a~=\\"), (Where("a", "=", (" x ",)), r"a=\ x\ "),
    (Where("a", "=", ("x y",)), "a=x y"),
])
def test_a_condition_is_written(where: Where, text: str) -> None:
    assert str(where) == text
    assert parse_where(text) == where


values = st.text(alphabet=" ab|\\=!~\n\t", max_size=6)


@given(st.sampled_from(["=", "!="]), st.sets(values, min_size=1, max_size=4))
def test_values_of_blanks_bars_and_backslashes_come_back(op: str, chosen: set[str]) -> None:
    where = Where("region", op, tuple(sorted(chosen)))  # type: ignore[arg-type]
    assert parse_where(str(where)) == where


@given(values)
def test_a_text_to_look_for_comes_back(text: str) -> None:
    where = Where("name", "~=", (text,))
    assert parse_where(str(where)) == where


def test_several_conditions_are_sorted_and_each_is_there_once() -> None:
    found = parse_wheres(["b=1", "", "a=2", " ", "b= 1 ", "a!=2"])
    assert found == (Where("a", "!=", ("2",)), Where("a", "=", ("2",)), Where("b", "=", ("1",)))
    assert parse_wheres([]) == ()
