"""The filter grammar: read, written, and read again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.errors import Invalid
from dashapp.core.where import Where, parse_where, parse_wheres

values = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8).map(str.strip)


@settings(max_examples=200, derandomize=True)
@given(
    st.sampled_from(["region", "catalogue.category", "_x1"]),
    st.sampled_from(["=", "!="]),
    st.sets(values, min_size=1, max_size=4),
)
def test_a_condition_written_and_read_again_is_the_same(column: str, op: str, chosen: set[str]) -> None:
    where = Where(column, op, tuple(sorted(chosen)))  # type: ignore[arg-type]
    assert parse_where(str(where)) == where


def test_the_examples_of_the_contract() -> None:
    assert parse_where("region=EMEA") == Where("region", "=", ("EMEA",))
    assert parse_where("region!=B|A") == Where("region", "!=", ("A", "B"))
    assert parse_where("name~=text") == Where("name", "~=", ("text",))
    assert parse_wheres(["b=1", " ", "a=2", "b=1"]) == (Where("a", "=", ("2",)), Where("b", "=", ("1",)))


@pytest.mark.parametrize(
    "text",
    ["region", "=EMEA", "1region=A", "region>3", "name~=a|b", "; drop table x", "r=" + "|".join(map(str, range(501)))],
)
def test_what_does_not_fit_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_where(text)
