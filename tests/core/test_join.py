"""What is told of a join: never all where a row is missing, never none where one is found; one row is singular."""
from __future__ import annotations

import json
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.join import JoinMatch, found_words, match_from_json, missing_words
from dashapp.core.words import Words

WORDS = Words("en_GB")


def match(rows: int, matched: int, *missing: str, distinct: int | None = None, is_there: bool = True) -> JoinMatch:
    return JoinMatch("sku", "catalogue.sku_id", rows, matched, missing,
                     len(missing) if distinct is None else distinct, is_there)


@pytest.mark.parametrize(("found", "said"), [
    (match(1000, 985), "98.5% of 1,000 rows find their row in catalogue."),
    (match(1000, 1000), "100.0% of 1,000 rows find their row in catalogue."),
    (match(100_000, 99_999), "99.9% of 100,000 rows find their row in catalogue."),
    (match(100_000, 1), "0.1% of 100,000 rows find their row in catalogue."),
    (match(1000, 0), "0% of 1,000 rows find their row in catalogue."),
    (match(1, 1), "100.0% of 1 row finds its row in catalogue."),
    (match(1, 0), "0% of 1 row finds its row in catalogue."),
    (match(3, 2), "66.6% of 3 rows find their row in catalogue."),
    (match(2, 1), "50.0% of 2 rows find their row in catalogue."),
    (match(0, 0), "No row looks into catalogue."),
    (match(5, 0, is_there=False), "catalogue is not there yet: no row finds its row until catalogue.sku_id is."),
    (match(0, 0, is_there=False), "catalogue is not there yet: no row finds its row until catalogue.sku_id is."),
])
def test_how_many_rows_find_theirs(found: JoinMatch, said: str) -> None:
    assert found_words(found, WORDS) == said


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_share_is_cut_and_never_rounded_to_all_or_none(pair: tuple[int, int]) -> None:
    rows, matched = pair
    said = re.match(r"([\d.]+)%", found_words(match(rows, matched), WORDS))
    assert said
    share, exact = Fraction(said[1]), Fraction(100 * matched, rows)
    assert (share == 100) is (matched == rows)
    assert (share == 0) is (matched == 0)
    assert abs(share - exact) < Fraction(1, 10)
    assert share <= exact or share == Fraction(1, 10)


@pytest.mark.parametrize(("found", "said"), [
    (match(9, 9), ""), (match(9, 8, "S9"), "Not there: S9."), (match(9, 7, "S9", ""), "Not there: S9, (empty)."),
    (match(9, 6, "S9", "", distinct=5), "Not there: S9, (empty) and 3 more."),
    (match(9, 6, "S9", distinct=2), "Not there: S9 and 1 more."),
    (match(9999, 6, "S9", distinct=5001), "Not there: S9 and 5,000 more."),
    (match(9, 0, "S9", is_there=False), ""),
])
def test_keys_without_a_row_are_named(found: JoinMatch, said: str) -> None:
    assert missing_words(found, WORDS) == said


@given(st.builds(JoinMatch, st.text(), st.text(), st.integers(0), st.integers(0), st.lists(st.text()).map(tuple),
                 st.integers(0), st.booleans()))
def test_a_match_written_and_read_is_the_same(found: JoinMatch) -> None:
    assert match_from_json(json.loads(json.dumps(found.to_json()))) == found
