"""What the browser loads: versions that match, licences beside the files, nothing from elsewhere, nothing a strict
policy would block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[2] / "assets"
OWN = sorted((ASSETS / "10-app").iterdir())
VENDOR = [p for p in (ASSETS / "00-vendor").iterdir() if p.is_dir()]


def test_the_chart_library_is_the_one_the_server_speaks_to():
    from plotly.offline import get_plotlyjs_version

    head = (ASSETS / "00-vendor" / "plotly" / "plotly-cartesian.min.js").read_text()[:400]
    assert f"v{get_plotlyjs_version()}\n" in head


@pytest.mark.parametrize("folder", VENDOR, ids=lambda p: p.name)
def test_every_foreign_part_has_its_licence_and_version(folder):
    assert (folder / "LICENSE").read_text().strip()
    assert re.match(r"\S+ \d+\.\d+\.\d+, ", (folder / "VERSION").read_text())


@pytest.mark.parametrize("path", OWN, ids=lambda p: p.name)
def test_c9_our_files_name_no_other_host(path):
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|@import|url\(\s*['\"]?//", text)


@pytest.mark.parametrize("path", [p for p in OWN if p.suffix == ".js"], ids=lambda p: p.name)
def test_c7_our_scripts_need_no_eval_and_write_no_markup(path):
    text = path.read_text()
    assert not re.search(
        r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|setTimeout\(['\"]", text
    )
    assert '"use strict";' in text


def test_only_what_every_signed_in_person_may_read_lies_here():
    kinds = {p.suffix for p in ASSETS.rglob("*") if p.is_file()}
    assert kinds <= {".css", ".js", ".woff2", ".svg", ".png", ".ico", ""}


def test_styles_of_the_house_come_after_foreign_ones():
    assert [p.name for p in sorted(ASSETS.iterdir()) if p.is_dir()][:2] == ["00-vendor", "10-app"]
    assert not [p for p in ASSETS.iterdir() if p.is_file() and p.suffix in (".css", ".js")]


def _tokens(selector: str) -> dict[str, str]:
    css = (ASSETS / "10-app" / "00-tokens.css").read_text()
    block = css[css.index(selector) :].partition("{")[2].partition("}")[0]
    return dict(re.findall(r"(--ll-[\w-]+):\s*(#[0-9a-f]{6})", block))


@pytest.mark.parametrize("selector", [':root, [data-bs-theme="light"] {', '[data-bs-theme="dark"] {'])
def test_text_is_legible_in_both_themes(selector):
    from tests.figures.test_tones import contrast

    token = _tokens(selector)
    for text in ("--ll-text", "--ll-muted", "--ll-accent", "--ll-ok-text", "--ll-warning-text", "--ll-critical-text"):
        assert contrast(token[text], token["--ll-page"]) >= 4.5, text
        assert contrast(token[text], token["--ll-surface"]) >= 4.5, text
    for tone in ("ok", "warning", "critical", "info"):
        assert contrast(token[f"--ll-{tone}-text"], token[f"--ll-{tone}-weak"]) >= 4.5, tone
    assert contrast(token["--ll-on-accent"], token["--ll-accent"]) >= 4.5
    assert contrast(token["--ll-muted"], token["--ll-sunken"]) >= 4.5
