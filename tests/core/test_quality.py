"""The arithmetic of the five numbers."""
from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashapp.core.quality import DIMENSIONS, NAMES, Quality, share, timeliness, word

NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)


def test_every_number_has_a_name_and_a_definition() -> None:
    assert NAMES == ("completeness", "validity", "uniqueness", "consistency", "timeliness")
    assert all(d.label[0].isupper() and d.help.endswith(".") for d in DIMENSIONS)


@pytest.mark.parametrize(("score", "said"), [(1.0, "good"), (0.98, "good"), (0.9799, "fair"), (0.9, "fair"),
                                             (0.8999, "poor"), (0.0, "poor"), (None, "none")])
def test_a_number_has_a_word(score: float | None, said: str) -> None:
    assert word(score) == said


def test_a_share_of_nothing_is_no_number() -> None:
    assert share(0, 0) is None
    assert (share(3, 4), share(0, 4)) == (0.75, 0.0)


@pytest.mark.parametrize(("age", "score"), [(0, 1.0), (10, 1.0), (11, 0.9), (15, 0.5), (20, 0.0), (400, 0.0)])
def test_data_age_from_the_usual_to_twice_that(age: int, score: float) -> None:
    assert timeliness(age, 3, 7) == pytest.approx(score)


def test_the_lowest_number_leaves_out_those_that_have_no_meaning() -> None:
    scores = {**dict.fromkeys(NAMES, 1.0), "validity": 0.5, "timeliness": None}
    made = Quality("orders", 3, NOW, scores)
    assert made.lowest == 0.5
    assert made.to_json() == {"dataset": "orders", "version": 3, "at": NOW.isoformat(), **scores, "counts": {}}
