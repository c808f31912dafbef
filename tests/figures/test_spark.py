"""Sparklines are read back as XML: what is drawn is where the arithmetic says."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from dashapp.figures.spark import HEIGHT, MARGIN, WIDTH, data_uri, sparkline
from dashapp.figures.tones import DARK, LIGHT

NS = "{http://www.w3.org/2000/svg}"


def strokes(svg):
    """(points, dashed, colour) of each line of the picture; dots have one point."""
    root = ElementTree.fromstring(svg)
    out = []
    for path in root.iter(f"{NS}path"):
        text = path.get("d").removeprefix("M").removesuffix("h0")
        points = [tuple(float(n) for n in pair.split()) for pair in text.split("L")]
        out.append((points, "stroke-dasharray" in path.attrib, path.get("stroke")))
    return out


def test_it_runs_from_left_to_right_with_the_highest_at_the_top():
    line, dot = strokes(sparkline([1, 3, 2], [True] * 3))
    assert line[0] == [(MARGIN, HEIGHT - MARGIN), (WIDTH / 2, MARGIN), (WIDTH - MARGIN, HEIGHT / 2)]
    assert dot[0] == [(WIDTH - MARGIN, HEIGHT / 2)]


def test_a_hairs_breadth_does_not_look_like_a_fall():
    line, _dot = strokes(sparkline([0.999, 1.0], [True] * 2, least=0.1))
    (_, first), (_, last) = line[0]
    assert 0 < first - last < HEIGHT / 50
    assert abs((first + last) / 2 - HEIGHT / 2) < 0.2
    assert strokes(sparkline([0.5, 1.0], [True] * 2, least=0.1)) == strokes(sparkline([0.5, 1.0], [True] * 2))


def test_the_unfinished_period_is_dashed_and_its_end_is_open():
    solid, dashed, dot, core = strokes(sparkline([1, 2, 3, 1], [True, True, True, False]))
    assert not solid[1]
    assert dashed[1]
    assert solid[0][-1] == dashed[0][0]
    assert core[2] == LIGHT.surface
    assert dot[0] == core[0]


def test_a_missing_period_is_a_gap():
    first, second, _dot = strokes(sparkline([1, 2, None, 2, 1], [True] * 5))
    assert len(first[0]) == len(second[0]) == 2
    assert first[0][-1][0] < second[0][0][0]


def test_a_lonely_point_between_gaps_is_still_drawn():
    lines = strokes(sparkline([1, None, 3, None, 2], [True] * 5))
    assert len(lines) == 4


@pytest.mark.parametrize("values", [[], [None], [None, None, float("nan")]])
def test_nothing_gives_an_empty_picture(values):
    assert strokes(sparkline(values, [True] * len(values), 5)) == []


@pytest.mark.parametrize("values", [[7], [7, 7, 7], [0, 0]])
def test_a_constant_course_runs_through_the_middle(values):
    line = strokes(sparkline(values, [True] * len(values)))[0]
    assert {y for _, y in line[0]} == {HEIGHT / 2}


def test_extreme_numbers_stay_inside_the_picture():
    values = [1e308, -1e308, Decimal("1e400"), float("inf"), 5e-324, 10**400]
    for line, _, _ in strokes(sparkline(values, [True] * 6)):
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in line)


def test_the_target_is_inside_the_scale():
    target, line, _dot = strokes(sparkline([1, 2], [True, True], 4))
    assert target[1]
    assert {y for _, y in target[0]} == {MARGIN}
    assert line[0][0] == (MARGIN, HEIGHT - MARGIN)


def test_the_title_is_escaped():
    svg = sparkline([1, 2], [True, True], title='</title><script>alert("1")</script>\x00')
    root = ElementTree.fromstring(svg)
    assert root.find(f"{NS}title").text == '</title><script>alert("1")</script>'
    assert not list(root.iter(f"{NS}script"))


def test_the_dark_picture_differs_in_colours_only():
    light, dark = sparkline([1, 2], [True, False]), sparkline([1, 2], [True, False], theme="dark")
    assert light.replace(LIGHT.actual, DARK.actual).replace(LIGHT.surface, DARK.surface) == dark


def test_a_long_course_is_thinned_but_keeps_its_peak_and_its_end():
    values = [0.0] * 3000
    values[1234], values[-1] = 9.0, 4.0
    line = strokes(sparkline(values, [True] * 3000))[0][0]
    assert len(line) <= 130
    assert min(y for _, y in line) == MARGIN
    assert line[-1][0] == WIDTH - MARGIN


def test_the_address_holds_no_character_that_ends_an_attribute():
    svg = sparkline([1, 2], [True, False], title="a'b\"c#d%e<f>")
    address = data_uri(svg)
    assert address.startswith("data:image/svg+xml,")
    assert not set('"<>#') & set(address)
    ElementTree.fromstring(unquote(address.partition(",")[2]))
