"""The KPI card as the browser gets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest

from dashapp.core.card import Card
from dashapp.core.kpi import Kpi
from dashapp.core.series import Compared, Point, Total
from dashapp.ui.arranging import arrange_button, arrange_store, board
from dashapp.ui.card import kpi_card
from tests.figures.cast import CALENDAR, WORDS, points
from tests.ui.tree import by_id, of_type, sent, text, with_class

KPI = Kpi("net_revenue", "Net revenue", "sum(orders.revenue)", "currency", "up", 2, description="Money for goods sold.")
FEB, FEB_2025 = CALENDAR.parse("2026-02"), CALENDAR.parse("2025-02")
CARD = Card(
    KPI,
    1_234_567.89,
    None,
    Compared(1_200_000, 34_567.89, 0.0288, "2025-02", kind="previous_year", between=(FEB_2025, FEB_2025)),
    points([1, 2, 3]),
    status="warning",
    status_period=FEB,
    data_through=date(2026, 3, 14),
    period=FEB,
)


def test_the_card_is_found_by_its_key_and_leads_to_its_page():
    card = kpi_card(CARD, WORDS, query="?range=YTD")
    props = sent(card)["props"]
    assert props["id"] == "kpi-card-net_revenue"
    assert props["aria-labelledby"] == "kpi-name-net_revenue"
    link = of_type(card, "Link")[0]
    assert link["href"] == "/kpi/net_revenue?range=YTD"
    assert "stretched-link" in link["className"]


def test_the_value_is_short_and_its_tooltip_exact():
    value = with_class(kpi_card(CARD, WORDS), "ll-card-value")[0]
    assert value["children"] == "€1.23M"
    assert value["title"] == "€1,234,567.89"


def test_the_definition_is_told_to_eye_and_ear():
    card = kpi_card(CARD, WORDS)
    assert by_id(card, "kpi-name-net_revenue")["title"] == "Money for goods sold."
    assert "Definition: Money for goods sold." in text(card)
    bare = replace(CARD, kpi=replace(KPI, description=""))
    assert "Computed as sum(orders.revenue)." in text(kpi_card(bare, WORDS))


def test_the_change_says_against_what():
    delta = with_class(kpi_card(CARD, WORDS), "ll-card-delta")[0]
    assert text({"props": delta}) == "+2.9% favourable vs previous year"


@pytest.mark.parametrize(
    ("direction", "change", "tone"),
    [
        ("up", 5, "good"),
        ("up", -5, "bad"),
        ("down", 5, "bad"),
        ("down", -5, "good"),
        ("band", 5, "same"),
        ("up", 0, "same"),
        ("down", 0.01, "same"),
    ],
)
def test_a_change_is_judged_by_the_direction(direction, change, tone):
    card = replace(CARD, kpi=replace(KPI, direction=direction), compare=Compared(100, change, change / 100, "previous"))
    assert with_class(kpi_card(card, WORDS), f"ll-delta-{tone}")


def test_the_value_says_which_period_it_is_of():
    assert with_class(kpi_card(CARD, WORDS), "ll-card-period")[0]["children"] == "Feb 2026"
    unfinished = replace(CARD, period=CALENDAR.parse("2026-03"), complete=False)
    assert with_class(kpi_card(unfinished, WORDS), "ll-card-period")[0]["children"] == "Mar 2026 so far"


def test_an_unfinished_period_is_a_second_line_compared_like_for_like():
    march = Point(CALENDAR.parse("2026-03"), (), 151_900, False, None,
                  Compared(155_158, -3_258, -0.021, "2025-03", None, date(2025, 3, 14), "previous_year"))
    line = with_class(kpi_card(replace(CARD, so_far=march), WORDS), "ll-card-sofar")[0]
    assert text({"props": line}) == "Mar so far €152K, −2.1% like for like"
    assert line["title"] == "Mar 2026 is unfinished: €151,900.00; previous year is counted until 14 Mar 2025"
    whole = replace(march, compare=replace(march.compare, part_until=None))
    line = with_class(kpi_card(replace(CARD, so_far=whole), WORDS), "ll-card-sofar")[0]
    assert text({"props": line}).endswith("−2.1% vs previous year")
    alone = with_class(kpi_card(replace(CARD, so_far=replace(march, compare=None)), WORDS), "ll-card-sofar")[0]
    assert text({"props": alone}) == "Mar so far €152K"
    assert not with_class(kpi_card(replace(CARD, so_far=replace(march, value=None)), WORDS), "ll-card-sofar")


def test_the_whole_range_is_told_apart_from_the_period():
    total = Total((), 14_000_000, None, Compared(13_000_000, 1_000_000, 1 / 13, "", kind="previous_year"))
    card = kpi_card(replace(CARD, total=total), WORDS)
    assert with_class(card, "ll-card-total")[0]["children"] == "Whole range €14M, +7.7% vs previous year"
    assert with_class(card, "ll-card-value")[0]["title"].splitlines() == [
        "€1,234,567.89", "Whole range €14M, +7.7% vs previous year"]
    bare = kpi_card(replace(CARD, total=Total((), None, "No rows.")), WORDS)
    assert not with_class(bare, "ll-card-total")


def test_percentages_change_by_points():
    card = replace(
        CARD,
        kpi=replace(KPI, unit="percent", decimals=1),
        value=0.342,
        compare=Compared(0.33, 0.012, 0.036, "previous year"),
    )
    assert "+1.2 pp" in text(kpi_card(card, WORDS))


def test_like_for_like_is_said_with_its_last_day():
    compared = Compared(1, 1, 1.0, "previous year", None, date(2025, 3, 14))
    part = with_class(kpi_card(replace(CARD, compare=compared), WORDS), "ll-card-part")[0]
    assert part["children"] == "like for like"
    assert "14 Mar 2025" in part["title"]


def test_nothing_to_compare_with_has_a_reason():
    compared = Compared(None, None, None, "2024-02", "Data begin on 17 Sep 2025.", kind="previous_year")
    delta = with_class(kpi_card(replace(CARD, compare=compared), WORDS), "ll-card-delta")[0]
    assert delta["title"] == "Data begin on 17 Sep 2025."
    assert text({"props": delta}) == "— vs previous year Data begin on 17 Sep 2025."


def test_no_value_is_a_dash_with_its_reason_and_never_zero():
    card = kpi_card(Card(KPI, None, "The survey has no answers."), WORDS)
    assert with_class(card, "ll-card-value")[0]["children"] == "—"
    assert with_class(card, "ll-card-reason")[0]["children"] == "The survey has no answers."
    assert not with_class(card, "ll-card-delta")
    assert not of_type(card, "Img")


def test_the_status_is_word_icon_and_colour():
    badge = with_class(kpi_card(CARD, WORDS), "ll-badge")[0]
    assert "ll-tone-warning" in badge["className"]
    assert badge["title"] == "Warning in Feb 2026"
    assert text({"props": badge}) == "Warning"
    assert badge["children"][0]["props"]["className"].startswith("bi bi-")
    assert "Status: Warning in Feb 2026." in text(kpi_card(CARD, WORDS))


def test_the_badge_names_the_period_that_was_judged_where_the_figure_is_of_another():
    """By week, a monthly limit has judged the last whole month: `Warning` alone would speak of the week."""
    def said(**more):
        return text(with_class(kpi_card(replace(CARD, **more), WORDS), "ll-badge")[0]["children"])

    week = CALENDAR.parse("2026-W10")
    assert said(period=FEB) == "Warning"
    assert said(period=week) == "Warning · Feb 2026"
    assert said(period=week, status_period=week) == "Warning"
    assert said(period=FEB, status_period=week) == "Warning · W10 2026"
    assert said(period=None, value=None) == "Warning"


def test_a_sparkline_comes_in_both_themes_with_words_for_it():
    light, dark = of_type(kpi_card(CARD, WORDS), "Img")
    assert light["className"] == "ll-spark-light"
    assert dark["className"] == "ll-spark-dark"
    assert light["src"] != dark["src"]
    assert (
        light["alt"]
        == dark["alt"]
        == (
            "Net revenue from Jan 2026 to Mar 2026: lowest €1.00 in Jan 2026, highest €3.00 in Mar 2026, last €3.00, "
            "unfinished."
        )
    )
    assert "stroke-dasharray" in unquote(light["src"])


@pytest.mark.parametrize(
    ("actual", "value", "words"), [(50, "0.5000", "50%"), (150, "1.0000", "150%"), (-5, "0.0000", "−5%")]
)
def test_progress_towards_the_target_stays_in_its_bar(actual, value, words):
    card = kpi_card(replace(CARD, target=100, target_actual=actual, target_period=CALENDAR.parse("2026-03")), WORDS)
    assert of_type(card, "Progress")[0]["value"] == value
    assert f"{words} of target €100.00 for Mar 2026" in text(card)


@pytest.mark.parametrize(("target", "actual"), [(0, 5), (100, None)])
def test_a_target_without_a_share_is_only_named(target, actual):
    card = kpi_card(replace(CARD, target=target, target_actual=actual), WORDS)
    assert not of_type(card, "Progress")
    assert "Target €" in text(card)


def test_the_foot_says_how_fresh_it_is():
    assert "data to 14 Mar 2026" in text(kpi_card(CARD, WORDS))
    past = replace(CARD, as_of=datetime(2026, 2, 1, 7, 40, tzinfo=UTC), warnings=("Two weeks are missing.",))
    assert "data to 14 Mar 2026 · as of 1 Feb 2026, 07:40" in text(kpi_card(past, WORDS))
    (time,) = of_type(kpi_card(past, replace(WORDS, zone="America/New_York")), "Time")
    assert (time["children"], time["dateTime"]) == ("1 Feb 2026, 02:40", "2026-02-01T02:40:00-05:00")
    assert time["title"] == "1 Feb 2026, 02:40 (America/New_York)"
    assert "Two weeks are missing." in text(kpi_card(past, WORDS))


@pytest.mark.parametrize("size", ["S", "M", "L"])
def test_sizes_can_be_chosen_by_button(size):
    card = kpi_card(CARD, WORDS, size)
    assert f"ll-card-{size}" in sent(card)["props"]["className"]
    pressed = {b["data-ll-size"]: b["aria-pressed"] for b in of_type(card, "Button") if "data-ll-size" in b}
    assert pressed == {s: str(s == size).lower() for s in "SML"}


def test_a_hidden_card_is_there_for_arranging_only():
    card = kpi_card(CARD, WORDS, hidden=True)
    assert "is-hidden" in sent(card)["props"]["className"]
    assert next(b for b in of_type(card, "Button") if "data-ll-hide" in b)["aria-pressed"] == "true"


def test_every_handle_has_a_name_and_help():
    card = kpi_card(CARD, WORDS)
    grip = by_id(card, "kpi-move-net_revenue")
    assert grip["aria-describedby"] == by_id(arrange_store(), "board-help")["id"]
    assert text({"props": grip}) == "Move Net revenue"


def test_boards_are_grids_with_a_heading():
    shown = board([kpi_card(CARD, WORDS)], "financial", "Financial")
    assert by_id(shown, "board-financial")["data-ll-board"] == "financial"
    assert sent(shown)["props"]["aria-labelledby"] == "board-title-financial"
    assert by_id(arrange_button(), "board-arrange")["aria-pressed"] == "false"
    assert by_id(arrange_store(), "board-layout") is not None


def test_c6_markup_in_a_kpi_name_stays_text():
    evil = '<img src=x onerror="window.__pwn=1">'
    card = kpi_card(replace(CARD, kpi=replace(KPI, name=evil, description=evil)), WORDS)
    assert of_type(card, "Link")[0]["children"] == evil
    assert all("<img" not in unquote(i["src"]).replace("&lt;img", "") for i in of_type(card, "Img"))
    assert not any("dangerously" in key for n in of_type(card, "Span") for key in n)
