"""The KPI card: one figure at a glance, and the way to everything about it."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashapp.core.card import Card
from dashapp.core.kpi import Kpi
from dashapp.core.series import Compared
from dashapp.core.words import MINUS, Words
from dashapp.figures.spark import data_uri, sparkline
from dashapp.figures.tell import against, course, other_side, reached
from dashapp.ui.arranging import Size, handles
from dashapp.ui.badge import STATUS, status_badge
from dashapp.ui.icon import hidden_words, icon
from dashapp.ui.moment import as_of
from dashapp.ui.still import Later
from dashapp.ui.wild import wild


def kpi_card(card: Card, words: Words, size: Size = "M", *, query: str = "", hidden: bool = False,
             moment: Later | None = None) -> html.Article:
    """The card of one KPI, id `kpi-card-{key}`. The name is a link that covers the whole card.

    query: the page's URL query (`?range=YTD`), carried along to the KPI page. hidden: shown only while arranging.
    moment: stands for the card's `as_of`, where that is filled in later.
    """
    kpi = card.kpi
    classes = f"ll-card ll-card-{size} ll-status-{card.status}" + (" is-hidden" if hidden else "")
    parts = [
        _head(card, words, query),
        _figure(card, words),
        _delta(card, words),
        _so_far(card, words),
        _total(card, words),
        _course(card, words),
        _target(card, words),
        _foot(card, words, moment),
        handles(kpi, size, hidden),
    ]
    return html.Article(
        [p for p in parts if p is not None],
        id=f"kpi-card-{kpi.key}",
        className=classes,
        **wild(
            {"data-key": kpi.key, "data-name": kpi.name, "data-size": size, "aria-labelledby": f"kpi-name-{kpi.key}"}
        ),
    )


def _head(card: Card, words: Words, query: str) -> html.Header:
    kpi = card.kpi
    about = kpi.description or f"Computed as {kpi.formula}."
    return html.Header(
        [
            html.H3(
                dcc.Link(kpi.name, href=f"/kpi/{kpi.key}{query}", className="stretched-link ll-card-link"),
                id=f"kpi-name-{kpi.key}",
                className="ll-card-name",
                title=about,
            ),
            html.Span(
                [icon("info-circle"), hidden_words(f"Definition: {about}")], className="ll-card-about", title=about
            ),
            status_badge(card.status, _judged_on(card, words), _other_period(card, words))
            if card.status != "none"
            else None,
        ],
        className="ll-card-head",
    )


def _judged_on(card: Card, words: Words) -> str | None:
    return words.period(card.status_period) if card.status_period else None


def _other_period(card: Card, words: Words) -> str | None:
    """The period that was judged where the figure is of another: the limit of a month beside the figure of a week."""
    other = card.status_period
    return words.tick(other, with_year=True) if other and card.period and other != card.period else None


def _figure(card: Card, words: Words) -> html.P:
    kpi = card.kpi
    if card.value is None:
        return html.P(
            [
                html.Span("—", className="ll-card-value", **wild({"aria-hidden": "true"})),
                html.Span(card.reason or "No value.", className="ll-card-reason"),
            ],
            className="ll-card-figure",
        )
    exact = words.full(card.value, kpi.unit, kpi.decimals)
    short = words.number(card.value, kpi.unit, kpi.decimals, compact=True)
    whole = _whole(card, words)
    return html.P(
        [
            html.Span(short, className="ll-card-value", title="\n".join([exact, *([whole] if whole else [])])),
            hidden_words(f"exactly {exact}") if exact != short else None,
            html.Span(_when(card, words), className="ll-card-period") if card.period else None,
        ],
        className="ll-card-figure",
    )


def _when(card: Card, words: Words) -> str:
    """The period the figure is of; an unfinished one and one in which the data begin say so."""
    said = " in part" if _in_part(card) else "" if card.complete else " so far"
    return (words.period(card.period) if card.period else "") + said


def _in_part(card: Card) -> bool:
    return any(p.partial for p in card.points if p.period == card.period)


def _delta(card: Card, words: Words) -> html.P | None:
    compared = card.compare
    if compared is None or card.value is None:
        return None
    kpi = card.kpi
    other = f" vs {against(compared).lower()}"
    versus = html.Span(other, className="ll-card-versus", title=other_side(compared, words))
    if compared.value is None:
        why = compared.reason or "No value to compare with."
        return html.P([html.Span("—"), versus, html.Span(why, className="ll-card-why")], className="ll-card-delta",
                      title=why)
    share = reached(card.value, compared, card.complete and not _in_part(card), words)
    if share is not None:
        return html.P(share, className="ll-card-delta", title=words.full(compared.value, kpi.unit, kpi.decimals))
    text = words.change(compared.change, compared.change_ratio, kpi.unit, kpi.decimals)
    tone, picture, word = _judged(kpi, compared, text)
    exact = (
        f"{words.signed(compared.change, kpi.unit, kpi.decimals)} against "
        f"{words.full(compared.value, kpi.unit, kpi.decimals)}"
    )
    return html.P(
        [
            html.Span(
                [icon(picture), html.Span(text), hidden_words(word)], className=f"ll-delta ll-delta-{tone}", title=exact
            ),
            versus,
            _like_for_like(compared, words),
        ],
        className="ll-card-delta",
    )


def _so_far(card: Card, words: Words) -> html.P | None:
    """The unfinished period in a second line: `Nov so far €151.9K, −2.1% like for like`."""
    point, kpi = card.so_far, card.kpi
    if point is None or point.value is None:
        return None
    value = words.number(point.value, kpi.unit, kpi.decimals, compact=True)
    said = f"{words.tick(point.period)} so far {value}"
    compared = point.compare
    share = reached(point.value, compared, point.whole, words)
    if share is not None:
        said += f", {share}"
    elif compared and compared.value is not None and compared.change is not None:
        change = words.change(compared.change, compared.change_ratio, kpi.unit, kpi.decimals)
        said += f", {change} {_how(compared)}"
    title = f"{words.period(point.period)} is unfinished: {words.full(point.value, kpi.unit, kpi.decimals)}"
    if compared and compared.part_until:
        title += f"; {against(compared).lower()} is counted until {words.day(compared.part_until)}"
    return html.P(said, className="ll-card-sofar", title=title)


def _how(compared: Compared) -> str:
    return "like for like" if compared.part_until else f"vs {against(compared).lower()}"


def _total(card: Card, words: Words) -> html.P | None:
    """The whole range, shown where the card is large."""
    whole = _whole(card, words)
    return html.P(whole, className="ll-card-total") if whole else None


def _whole(card: Card, words: Words) -> str:
    total, kpi = card.total, card.kpi
    if total is None or total.value is None or len(card.points) < 2:
        return ""
    said = f"Whole range {words.number(total.value, kpi.unit, kpi.decimals, compact=True)}"
    compared = total.compare
    if compared is None or compared.value is None or compared.change is None:
        return said
    change = words.change(compared.change, compared.change_ratio, kpi.unit, kpi.decimals)
    return f"{said}, {change} vs {against(compared).lower()}"


def _like_for_like(compared: Compared, words: Words) -> html.Span | None:
    if compared.part_until is None:
        return None
    return html.Span(
        "like for like",
        className="ll-card-part",
        title=f"The period is unfinished: the other side is counted until {words.day(compared.part_until)} only.",
    )


def _judged(kpi: Kpi, compared: Compared, text: str) -> tuple[str, str, str]:
    """Tone, icon and word of a change: favourable by the KPI's direction, never by its sign alone.

    text: the change as it reads; one that reads as nothing (`0.0%`, without a sign) is neither good nor bad.
    """
    change = compared.change or 0
    if change == 0 or not text.startswith(("+", MINUS)):
        return "same", "dash-lg", "unchanged"
    picture = "arrow-up-right" if change > 0 else "arrow-down-right"
    if kpi.direction == "band":
        return "same", picture, "changed"
    is_good = (change > 0) == (kpi.direction == "up")
    return ("good", picture, "favourable") if is_good else ("bad", picture, "unfavourable")


def _course(card: Card, words: Words) -> html.Div | None:
    """Both themes' pictures; the stylesheet shows the one that fits (see figures.spark)."""
    if not any(p.value is not None for p in card.points):
        return None
    values, complete = [p.value for p in card.points], [p.whole for p in card.points]
    told = course(card.kpi.name, card.points, card.kpi.unit, card.kpi.decimals, words)
    pictures = [
        html.Img(
            src=data_uri(sparkline(values, complete, title=told, theme=theme)),
            alt=told,
            className=f"ll-spark-{theme}",
            draggable="false",
        )
        for theme in ("light", "dark")
    ]
    return html.Div(pictures, className="ll-card-spark")


def _target(card: Card, words: Words) -> html.Div | None:
    """Progress of the one period the target is for: its figure so far against the target."""
    if card.target is None:
        return None
    kpi, when = card.kpi, f" for {words.period(card.target_period)}" if card.target_period else ""
    target = words.number(card.target, kpi.unit, kpi.decimals, compact=True)
    actual = card.target_actual
    share = float(actual) / float(card.target) if actual is not None and card.target else None
    reached = f"{words.number(share, 'percent', 0)} of target" if share is not None else "Target"
    exact = f"{words.full(actual, kpi.unit, kpi.decimals)} of {words.full(card.target, kpi.unit, kpi.decimals)}{when}"
    return html.Div(
        [
            html.Progress(value=f"{min(max(share, 0.0), 1.0):.4f}", max="1", className="ll-progress", title=exact)
            if share is not None
            else None,
            html.Span(f"{reached} {target}{when}", title=exact),
        ],
        className="ll-card-target",
    )


def _foot(card: Card, words: Words, moment: Later | None) -> html.Footer:
    known: list[Any] = [f"data to {words.day(card.data_through)}"] if card.data_through else []
    shown = moment or (as_of(card.as_of, words) if card.as_of else None)
    known += [*([" · "] if known else []), shown] if shown else []
    note = None
    if card.warnings:
        note = html.Span(
            [icon("exclamation-circle"), hidden_words(" ".join(card.warnings))],
            className="ll-card-note",
            title=" ".join(card.warnings),
        )
    when = _judged_on(card, words)
    state = hidden_words(f"Status: {STATUS[card.status][0]}" + (f" in {when}." if when else "."))
    return html.Footer([html.Span(known), note, state], className="ll-card-foot")
