"""Colours: apart from each other, legible on their surface, and known to the stylesheet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from dashapp.figures.tones import DARK, LIGHT

CSS = Path(__file__).parents[2] / "assets" / "10-app" / "50-charts.css"


def channels(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def contrast(one, other):
    """WCAG 2.2 contrast ratio."""

    def light(colour):
        parts = [c / 255 for c in channels(colour)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tones", [LIGHT, DARK])
def test_no_two_meanings_share_a_colour(tones):
    values = list(asdict(tones).values())
    assert len(set(values)) == len(values)


@pytest.mark.parametrize("tones", [LIGHT, DARK])
def test_text_and_lines_stand_out_from_the_surface(tones):
    assert contrast(tones.text, tones.surface) >= 4.5
    assert contrast(tones.actual, tones.surface) >= 7
    for colour in (*tones.splits, tones.good, tones.bad, tones.target):
        assert contrast(colour, tones.surface) >= 3


def test_the_stylesheet_turns_every_light_tone_into_its_dark_twin():
    css = CSS.read_text()
    for name, light in asdict(LIGHT).items():
        written = "rgb({}, {}, {})".format(*channels(light))
        for what in ("stroke", "fill"):
            assert f'[style*="{what}: {written}"] {{ {what}: {asdict(DARK)[name]} !important; }}' in css, name
