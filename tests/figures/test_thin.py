"""Thinning keeps extremes, ends and gaps; scales cover what they must; packed numbers come back."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.figures.pack import pack, unpack
from dashapp.figures.scale import bounds, ticks
from dashapp.figures.thin import floats, kept


def test_short_lines_are_kept_whole():
    assert kept([1.0, None, 2.0]) == [0, 1, 2]


def test_long_lines_keep_ends_and_extremes():
    values = [math.sin(i / 50) for i in range(10_000)]
    values[5_000], values[7_000] = 9.0, -9.0
    indices = kept(values, 500)
    assert len(indices) <= 520
    assert indices == sorted(set(indices))
    assert {0, 5_000, 7_000, 9_999} <= set(indices)


def test_gaps_survive_thinning():
    values = [float(i % 7) for i in range(5_000)]
    values[2_000:2_100] = [None] * 100
    drawn = [values[i] for i in kept(values, 300)]
    assert drawn.count(None) == 1


def test_what_cannot_be_drawn_is_a_gap():
    assert floats([1, Decimal("2.5"), None, math.nan, math.inf, Decimal("NaN"), 10**400]) == [
        1.0,
        2.5,
        None,
        None,
        None,
        None,
        None,
    ]


numbers = st.floats(-1e12, 1e12).filter(lambda v: v == 0 or abs(v) > 1e-9)


@settings(max_examples=300, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=20), st.booleans())
def test_ticks_cover_every_value_with_a_handful_of_round_steps(values, from_zero):
    low, high = bounds(values, from_zero)
    marks = ticks(low, high)
    slack = (marks[-1] - marks[0]) * 1e-6
    assert marks[0] <= min(values) + slack
    assert marks[-1] >= max(values) - slack
    assert 2 <= len(marks) <= 8
    if from_zero:
        assert marks[0] <= slack
        assert marks[-1] >= -slack


@pytest.mark.parametrize(
    ("values", "from_zero", "marks"),
    [
        ([3, 9.7], True, [0, 2.5, 5, 7.5, 10]),
        ([90, 100], True, [0, 25, 50, 75, 100]),
        ([90, 100], False, [90, 92.5, 95, 97.5, 100]),
        ([-4, 4], True, [-4, -2, 0, 2, 4]),
        ([-90, -100], True, [-100, -75, -50, -25, 0]),
        ([0, 0], True, [0, 0.25, 0.5, 0.75, 1]),
    ],
)
def test_ticks_are_round(values, from_zero, marks):
    assert ticks(*bounds(values, from_zero)) == pytest.approx(marks)


def test_packed_numbers_come_back():
    back = unpack(pack([1.5, None, -3.0]))
    assert back[0] == 1.5
    assert math.isnan(back[1])
    assert unpack(pack([1, 2, 70_000], "i4")) == [1, 2, 70_000]
