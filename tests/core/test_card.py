"""Which point a card is about: the last complete one with a value, and the unfinished one after it."""
from __future__ import annotations

from datetime import date

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.card import headline
from dashapp.core.period import DateRange, Grain
from dashapp.core.series import Point

MONTHS = Calendar().periods(DateRange(date(2026, 1, 1), date(2026, 5, 31)), Grain.MONTH)


def points(course: str) -> list[Point]:
    """One point per letter: C complete, U unfinished, c and u the same without a value."""
    return [Point(p, (), None if letter.islower() else 10 * n, letter in "Cc", "no rows" if letter.islower() else None)
            for n, (p, letter) in enumerate(zip(MONTHS, course, strict=False))]


@pytest.mark.parametrize(("course", "about", "so_far"), [
    ("", None, None),
    ("C", 0, None), ("U", 0, None), ("c", 0, None), ("u", 0, None),
    ("CC", 1, None), ("CU", 0, 1), ("Cu", 0, None), ("Cc", 0, None), ("cu", 1, None), ("UU", 1, None), ("Uu", 0, None),
    ("CCU", 1, 2), ("CUU", 0, 2), ("CUC", 2, None), ("UCu", 1, None), ("UC", 1, None), ("CcU", 0, 2), ("uuC", 2, None),
    ("CUuU", 0, 3), ("CUcu", 0, 1), ("CCCUu", 2, 3), ("cUuu", 1, None),
])
def test_a_card_is_about_the_last_complete_figure_and_tells_the_one_under_way(
    course: str, about: int | None, so_far: int | None
) -> None:
    told = points(course)
    want = tuple(None if n is None else told[n] for n in (about, so_far))
    assert headline(told) == want


def test_a_value_of_zero_is_a_value() -> None:
    first, second = points("CC")
    assert headline([first, second])[0] == second
    assert headline([first])[0] == first
    assert first.value == 0
