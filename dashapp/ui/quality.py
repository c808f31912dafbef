"""The quality of datasets: a table of all, and one with its five numbers, their definitions, trend and history."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import floor
from typing import Any, Protocol

from dash import dcc, html

from dashapp.core.dataset import Dataset
from dashapp.core.quality import DIMENSIONS, Dimension, Quality, Trend, word
from dashapp.core.words import NO_VALUE, Words
from dashapp.figures.grid import Grid
from dashapp.figures.spark import data_uri, sparkline
from dashapp.ui.badge import badge
from dashapp.ui.states import empty
from dashapp.ui.table import boxed, table

TONES = {"good": ("ok", "check-circle-fill"), "fair": ("warning", "exclamation-triangle-fill"),
         "poor": ("critical", "x-octagon-fill")}
SHOWN = 60  # measurements in the table


class ViewLike(Protocol):
    """What a view of the service tells."""

    @property
    def dataset(self) -> Dataset: ...
    @property
    def quality(self) -> Quality | None: ...
    @property
    def trends(self) -> Mapping[str, Trend]: ...


class CheckLike(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def severity(self) -> str: ...


def percent(score: float | None, words: Words) -> str:
    """`98.5 %`, cut to a tenth: never rounded up to all."""
    return words.number(floor(score * 1000 + 1e-9) / 1000, "percent", 1) if score is not None else NO_VALUE


def score_badge(score: float | None, words: Words) -> Any:
    """The number with a word and a picture; a dash where there is none."""
    said = word(score)
    if said == "none":
        return html.Span(NO_VALUE, title="This number has no meaning here.")
    tone, picture = TONES[said]
    return badge(f"{percent(score, words)} {said}", tone, picture)


def quality_list(found: Sequence[ViewLike], words: Words, chosen: str = "") -> html.Div:
    """Every dataset with its numbers; its name leads to the details."""
    if not found:
        return empty("No datasets yet", "Upload a file; the quality of its dataset is measured with it.",
                     dcc.Link("Upload a file", href="/data", className="btn btn-primary"))
    heads = ["Dataset", *(d.label for d in DIMENSIONS), "Measured"]
    rows = [_line(v, words, v.dataset.key == chosen) for v in found]
    head = html.Thead(html.Tr([html.Th(h, scope="col") for h in heads]))
    return boxed(html.Table([head, html.Tbody(rows)], className="ll-table"), "Quality of the datasets")


def _line(view: ViewLike, words: Words, is_chosen: bool) -> html.Tr:
    made = view.quality
    link = dcc.Link(view.dataset.name, href=f"/data/quality?dataset={view.dataset.key}")
    scores = [html.Td(score_badge(made.scores.get(d.name), words) if made else NO_VALUE) for d in DIMENSIONS]
    when = words.moment(made.at) if made else "not yet"
    return html.Tr([html.Th(html.Strong(link) if is_chosen else link, scope="row"), *scores, html.Td(when)])


def quality_detail(view: ViewLike, history: Sequence[Quality], words: Words) -> html.Div:
    """The five numbers of one dataset: definition, counts, trend and course; then the columns and the history."""
    made = view.quality
    if made is None:
        return empty("Not measured yet", "The worker measures a dataset after each commit and once a day.")
    parts = [_number(d, made, view.trends.get(d.name, Trend(None, None)), history, words) for d in DIMENSIONS]
    return html.Div([
        html.H2(view.dataset.name, className="ll-section-title"), html.Div(parts, className="ll-quality"),
        html.H3("Columns", className="ll-section-title"), _columns(made, words),
        html.H3("History", className="ll-section-title"), _history(history, words)])


def _number(one: Dimension, made: Quality, trend: Trend, history: Sequence[Quality], words: Words) -> html.Section:
    score = made.scores.get(one.name)
    told = [html.Li(line) for line in _told(one.name, made, words)]
    return html.Section([
        html.H3(one.label), html.Div([score_badge(score, words), " ", html.Span(_trend(trend, words),
                                                                               className="ll-quiet")]),
        _course(one, history, words), html.P(one.help, className="ll-quiet"), html.Ul(told) if told else None,
    ], className="ll-panel", id=f"quality-{one.name}")


def _trend(trend: Trend, words: Words) -> str:
    if trend.since is None:
        return "first measurement"
    if trend.change is None:
        return f"no comparison with {words.day(trend.since)}"
    if abs(trend.change) < 0.0005:
        return f"as on {words.day(trend.since)}"
    return f"{words.change(trend.change, None, 'percent', 1)} since {words.day(trend.since)}"


def _course(one: Dimension, history: Sequence[Quality], words: Words) -> html.Div | None:
    values = [q.scores.get(one.name) for q in history]
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return None
    told = f"{one.label}: {percent(known[0], words)} at first, {percent(known[-1], words)} now"
    pictures = [html.Img(src=data_uri(sparkline(values, [True] * len(values), title=told, theme=theme,
                                             least=0.1)), alt=told,
                         className=f"ll-spark-{theme}", draggable="false") for theme in ("light", "dark")]
    return html.Div(pictures, className="ll-card-spark")


def _told(name: str, made: Quality, words: Words) -> list[str]:
    """What a number comes from, in words."""
    c = made.counts
    if name == "completeness":
        days = f"{words.number(c['present'])} of {words.number(c['expected'])} expected periods have rows."
        lacking = [words.day(date.fromisoformat(d)) for d in c["missing"][-6:]]
        before = c["expected"] - c["present"] - len(lacking)
        more = f" and {words.number(before)} before" if before else ""
        gaps = f"Missing: {', '.join(lacking)}{more}." if lacking else ""
        return [f"{words.number(c['filled'])} of {words.number(c['cells'])} cells have a value.",
                *([days] if c["expected"] else []), *([gaps] if gaps else [])]
    if name == "validity":
        return [f"{words.counted(c['refused'], 'row')} of {words.number(c['arrived'])} refused, "
                f"{words.number(c['implausible'])} outside of a plausible range."]
    if name == "uniqueness":
        return [f"{words.counted(c['repeated'], 'row')} of {words.number(c['rows'])} repeat another."]
    if name == "consistency":
        headers = {column["key"]: column["header"] for column in c["columns"]}
        lost = [f"{words.counted(u['rows'], 'row')} name a {headers.get(u['column'], u['column'])} that "
                f"{u['target'].partition('.')[0]} does not have." for u in c["unmatched"] if u["rows"]]
        spelled = [f"{v['usual']!r} in {headers.get(v['column'], v['column'])} is also written "
                   f"{', '.join(map(repr, v['others']))}." for v in c["variants"]]
        whole = "Every key is found." if c["unmatched"] else "No list is joined."
        return [*(lost or [whole]), *spelled]
    if c.get("age") is None:
        return []
    through = words.day(date.fromisoformat(c["through"]))
    return [f"The data reach to {through}, {words.counted(c['age'], 'day')} ago; up to "
            f"{words.counted(c['usual'], 'day')} is usual."]


def _columns(made: Quality, words: Words) -> html.Div:
    rows = made.counts["rows"]
    cells = tuple((c["header"], words.number(c["filled"]), words.number(rows - c["filled"]),
                   percent(c["filled"] / rows if rows else None, words)) for c in made.counts["columns"])
    return table(Grid(("Column", "With a value", "Empty", "Share"), cells, frozenset({1, 2, 3})), "Cells by column")


def _history(history: Sequence[Quality], words: Words) -> html.Div:
    """Newest first."""
    rows = tuple((words.moment(q.at), str(q.version), words.number(q.counts["rows"]),
                  *(percent(q.scores.get(d.name), words) for d in DIMENSIONS)) for q in reversed(history[-SHOWN:]))
    heads = ("Measured", "Version", "Rows", *(d.label for d in DIMENSIONS))
    return table(Grid(heads, rows, frozenset(range(1, 8))), "History of the quality", id="quality-history")


def check_list(checks: Sequence[CheckLike]) -> html.Details:
    """Every check that a file goes through, with what it does at worst."""
    rows = tuple((c.label, c.help, {"error": "refuses", "warning": "warns", "info": "tells"}[c.severity])
                 for c in checks)
    return html.Details([html.Summary("What every file is checked for"),
                         table(Grid(("Check", "Looks for", "And"), rows), "Checks")])
