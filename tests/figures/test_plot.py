"""Plotly dictionaries, decoded: values where they belong, nothing live in labels, never WebGL."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise

import pytest

from dashapp.core.period import Grain
from dashapp.core.series import Total
from dashapp.figures.pack import unpack
from dashapp.figures.periods import chart
from dashapp.figures.plot import apart, figure, template
from dashapp.figures.tones import DARK, LIGHT
from tests.figures.cast import WORDS, points, series


def ys(trace):
    return [None if math.isnan(v) else v for v in unpack(trace["y"])]


def line(values, **more):
    return figure(chart(series(points(values, grain=Grain.DAY), unit="percent", **more), WORDS))


def test_it_is_plain_json():
    text = json.dumps(figure(chart(series(points([1, 2, 3], [1, 1, 1])), WORDS)))
    assert "NaN" not in text
    assert len(text) < 8_000


def test_the_unfinished_stretch_of_a_line_is_dashed():
    solid, dashed, tips = line([1, 2, 3])["data"]
    assert ys(solid) == [1, 2, None]
    assert ys(dashed) == [None, 2, 3]
    assert dashed["line"]["dash"]
    assert "dash" not in solid["line"]
    assert ys(tips) == [1, 2, 3]
    assert tips["marker"]["opacity"] == 0


def test_a_point_between_gaps_is_a_dot():
    data = line([1, None, 3, None, 5])["data"]
    dots = next(d for d in data if d["mode"] == "markers" and d["marker"].get("size") == 5)
    assert ys(dots) == [1, None, 3, None, 5]


def test_unfinished_columns_are_hatched():
    bar = figure(chart(series(points([1, 2, 3])), WORDS))["data"][-1]
    assert bar["type"] == "bar"
    assert bar["marker"]["pattern"]["shape"] == ["", "", "/"]
    assert ys(bar) == [1, 2, 3]


def test_targets_are_outlines_and_comparisons_grey():
    given = points([1, 2, 3])
    target, actual = figure(chart(series(given), WORDS, {p.period: 2 for p in given}))["data"]
    assert target["marker"]["color"] == "rgba(0,0,0,0)"
    assert target["marker"]["line"]["color"] == LIGHT.target
    assert actual["marker"]["color"] == LIGHT.actual
    other = figure(chart(series(points([1, 2], [2, 2])), WORDS))["data"][0]
    assert other["marker"]["color"] == LIGHT.comparison


def test_columns_begin_at_zero():
    low, high = figure(chart(series(points([90, 100])), WORDS))["layout"]["yaxis"]["range"]
    assert low == 0
    assert high >= 100


@pytest.mark.parametrize("count", [3, 5_000])
def test_everything_is_drawn_as_svg(count):
    kinds = {d["type"] for d in line([float(i % 9) for i in range(count)])["data"]}
    assert kinds == {"scatter"}


def test_long_lines_are_thinned_and_keep_their_positions():
    values = [math.sin(i / 40) for i in range(6_000)]
    values[777] = 50.0
    solid = line(values)["data"][0]
    xs, drawn = unpack(solid["x"]), ys(solid)
    assert len(xs) == len(drawn) <= 2_010
    assert xs[drawn.index(50.0)] == 777


def test_markup_in_names_is_shown_and_not_obeyed():
    evil = "<a href='https://evil.example'>x</a> & <b>"
    given = points([1, 2], split=(("region", evil),))
    asked = series(given, by=("region",), totals=(Total((("region", evil),), 3),))
    said = json.dumps(figure(chart(asked, WORDS)))
    assert "<a" not in said
    assert "<b>" not in said
    assert "&lt;b&gt;" in said or "&lt;a" in said


def test_split_lines_are_named_at_their_ends():
    names = ["EMEA", "APAC", "LATAM"]
    given = tuple(p for n in names for p in points([5, 5], split=(("region", n),)))
    totals = tuple(Total((("region", n),), 5) for n in names)
    marks = figure(chart(series(given, by=("region",), totals=totals), WORDS))["layout"]["annotations"]
    assert sorted(m["text"] for m in marks) == sorted(names)
    heights = sorted(m["y"] for m in marks)
    assert min(b - a for a, b in pairwise(heights)) > 0


def test_labels_move_apart_no_more_than_they_must():
    assert apart([1.0, 5.0, 9.0], 2.0) == [1.0, 5.0, 9.0]
    moved = apart([5.0, 5.0, 5.0], 1.0)
    assert moved == pytest.approx([4.0, 5.0, 6.0])
    assert apart([], 1.0) == []


@pytest.mark.parametrize(("theme", "tones"), [("light", LIGHT), ("dark", DARK)])
def test_templates_are_transparent_in_both_themes(theme, tones):
    layout = template(theme)["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert layout["modebar"]["bgcolor"] == "rgba(0,0,0,0)"
    assert layout["font"]["color"] == tones.text


def test_the_dark_figure_differs_in_colours_only():
    drawn = chart(series(points([1, 2, 3], [1, 1, 1])), WORDS)
    light, dark = figure(drawn), figure(drawn, "dark")
    assert [d["y"] for d in light["data"]] == [d["y"] for d in dark["data"]]
    assert dark["data"][-1]["marker"]["color"] == DARK.actual


def test_names_of_two_lines_are_farther_apart_than_short_ones():
    def gaps(names):
        given = tuple(p for n in names for p in points([5, 5], split=(("region", n),)))
        totals = tuple(Total((("region", n),), 5) for n in names)
        layout = figure(chart(series(given, by=("region",), totals=totals), WORDS))["layout"]
        heights = sorted(m["y"] for m in layout["annotations"])
        return min(b - a for a, b in pairwise(heights)) / (layout["yaxis"]["range"][1] - layout["yaxis"]["range"][0])

    assert gaps(["Desks EMEA", "Desks APAC"]) > 1.5 * gaps(["EMEA", "APAC"])


def test_others_are_drawn_in_the_grey_of_comparisons():
    given = replace(points([5, 5])[0], others=2), replace(points([5, 5])[1], others=2)
    drawn = figure(chart(series(given, by=("region",), totals=(Total((), 5, others=2),)), WORDS))
    assert {d["line"]["color"] for d in drawn["data"] if "line" in d} == {LIGHT.comparison}
    assert [a["text"] for a in drawn["layout"]["annotations"]] == ["Others\n(2)".replace("\n", "<br>")]
@pytest.mark.parametrize(("member", "wide"), [("EMEA", 35), ("MMMM", 42), ("東京支社", 48), ("web", 20)])
def test_the_room_beside_a_split_chart_holds_its_labels_as_a_wide_font_draws_them(member, wide):
    split = (("region", member),)
    given = series(points([1, 2], split=split), by=("region",), totals=(Total(split, 3),))
    layout = figure(chart(given, WORDS))["layout"]
    assert layout["margin"]["r"] >= layout["annotations"][0]["xshift"] + wide + 2


def test_the_line_of_a_split_leads_where_its_segment_does_and_nothing_else_does():
    given = tuple(p for name, value in (("EMEA", 3), ("<b>", 1)) for p in points([value, 2], split=(("region", name),)))
    totals = tuple(Total((("region", name),), value) for name, value in (("EMEA", 5), ("<b>", 3)))
    asked = series(given, by=("region",), totals=totals)
    drawn = figure(chart(asked, WORDS, None, lambda point: f"/kpi/x?where=region={point.split[0][1]}"))["data"]
    leads = {d["name"]: d["meta"]["href"] for d in drawn if "meta" in d}
    assert leads == {"EMEA": "/kpi/x?where=region=EMEA", "&lt;b&gt;": "/kpi/x?where=region=<b>"}
    assert all(d["hoverinfo"] == "text" for d in drawn if "meta" in d), "what shows a tooltip takes the click"
    assert not [d for d in figure(chart(asked, WORDS))["data"] if "meta" in d]
    assert not [d for d in line([1, 2, 3])["data"] if "meta" in d]
