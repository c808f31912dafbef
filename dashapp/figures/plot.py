"""Charts for the screen: a Chart becomes the plain dictionary that plotly.js draws, as SVG and never as WebGL."""

from __future__ import annotations

from html import escape, unescape
from math import ceil
from typing import Any

from dashapp.figures.chart import Chart, Trace
from dashapp.figures.pack import pack
from dashapp.figures.thin import kept
from dashapp.figures.tones import TONES, Theme, Tones

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', sans-serif"
_LABEL = 22
# Columns overlap as finance charts do: the other side peeps out at the left of the actual column.
_PLACE = {"comparison": (-0.40, 0.52), "target": (-0.34, 0.68), "actual": (-0.22, 0.52)}
_WIDTH = {"actual": 2.25, "split": 2.0, "comparison": 1.5, "target": 1.25, "rest": 1.0, "others": 1.75}
_TOP_GAP, _TWO_LINES = 0.065, 1.65


def figure(chart: Chart, theme: Theme = "light") -> dict[str, Any]:
    """The figure `{data, layout}` of a chart. User texts are escaped: plotly reads `<b>` and links in labels.

    Pages leave `theme` alone: the stylesheet maps the light tones to dark ones (see tones).
    """
    tones = TONES[theme]
    draw = _line if chart.kind == "line" else _column
    data = [d for trace in chart.traces for d in draw(trace, tones)]
    return {"data": data, "layout": _layout(chart, tones, theme)}


def template(theme: Theme) -> dict[str, Any]:
    """`ledgerline_light` and `ledgerline_dark`: transparent paper, quiet axes; for figures drawn elsewhere too."""
    tones = TONES[theme]
    axis = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "ticks": "",
        "tickfont": {"color": tones.text, "size": 12},
        "title": {"font": {"color": tones.text}},
    }
    layout = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(tones.splits),
        "font": {"family": FONT, "size": 12, "color": tones.text},
        "dragmode": False,
        "showlegend": False,
        "margin": {"l": 8, "r": 12, "t": 10, "b": 8},
        "modebar": {"bgcolor": "rgba(0,0,0,0)"},
        "hoverlabel": {
            "bgcolor": tones.surface,
            "bordercolor": tones.zero,
            "align": "left",
            "font": {"family": FONT, "size": 12, "color": tones.actual},
        },
        "xaxis": axis,
        "yaxis": axis
        | {
            "showgrid": True,
            "gridcolor": tones.grid,
            "zeroline": True,
            "zerolinecolor": tones.zero,
            "zerolinewidth": 1,
        },
    }
    return {"layout": layout}


def safe(text: str) -> str:
    """A user's text as plotly shows it literally; newlines become line breaks."""
    return escape(text, quote=False).replace("\n", "<br>")


def _layout(chart: Chart, tones: Tones, theme: Theme) -> dict[str, Any]:
    count = max(len(chart.labels), 1)
    half = 0.55 if chart.kind != "line" else 0.25 if count > 1 else 0.5
    top = [h for h, _ in chart.heights] or [0.0, 1.0]
    labels = _labels(chart, tones, max(top) - min(top))
    wide = max((_length(line) for a in labels for line in unescape(a["text"]).split("<br>")), default=0.0)
    return {
        "template": template(theme),
        "uirevision": "keep",
        "barmode": "overlay",
        "hovermode": "closest" if any(t.part in ("split", "rest", "others") for t in chart.traces) else "x",
        "hoverdistance": 60,
        "margin": {"l": 8, "r": 14 + ceil(wide), "t": 10, "b": 8},
        "xaxis": {
            "range": [-half, count - 1 + half],
            "tickmode": "array",
            "tickangle": 0,
            "tickvals": [i for i, _ in chart.ticks],
            "ticktext": [safe(t) for _, t in chart.ticks],
        },
        "yaxis": {
            "range": [min(top), max(top)],
            "tickmode": "array",
            "tickvals": [v for v, _ in chart.heights],
            "ticktext": [safe(t) for _, t in chart.heights],
        },
        "annotations": labels,
    }


def _line(trace: Trace, tones: Tones) -> list[dict[str, Any]]:
    """A solid stretch, a dashed one where periods are unfinished, and unseen points that carry the tooltips."""
    keep = kept(trace.values)
    values = [trace.values[i] for i in keep]
    done = [trace.complete[i] for i in keep]
    colour = _colour(trace, tones)
    where = {"x0": 0, "dx": 1} if len(keep) == len(trace.values) else {"x": pack(keep, "i4")}
    base = {"type": "scatter", "mode": "lines", "name": safe(trace.name), "hoverinfo": "skip", **where}
    stroke = {"color": colour, "width": _WIDTH[trace.part], "shape": "linear"}
    solid = base | {
        "y": pack([v if ok else None for v, ok in zip(values, done, strict=True)]),
        "line": stroke | ({"dash": "dot"} if trace.part == "target" else {}),
    }
    out = [solid]
    if not all(done):
        out.append(base | {"y": pack(_tail(values, done)), "line": stroke | {"dash": "5px,4px"}})
    lonely = _lonely(values)
    if any(v is not None for v in lonely):
        out.append(base | {"mode": "markers", "y": pack(lonely), "marker": {"color": colour, "size": 5}})
    if any(trace.hover):
        out.append(
            base
            | {
                "mode": "markers",
                "y": pack(values),
                "marker": {"color": colour, "size": 8, "opacity": 0},
                "hoverinfo": "text",
                "text": [safe(trace.hover[i]) for i in keep],
                **({"meta": {"href": trace.href}} if trace.href else {}),
            }
        )
    return out


def _tail(values: list[float | None], done: list[bool]) -> list[float | None]:
    """The unfinished points and the point each stretch of them starts from."""
    return [v if not done[i] or (i + 1 < len(done) and not done[i + 1]) else None for i, v in enumerate(values)]


def _lonely(values: list[float | None]) -> list[float | None]:
    """Points between two gaps: a line would not show them."""
    padded = [None, *values, None]
    return [v if padded[i] is None and padded[i + 2] is None else None for i, v in enumerate(values)]


def _column(trace: Trace, tones: Tones) -> list[dict[str, Any]]:
    offset, width = (-0.3, 0.6) if trace.feet else _PLACE[trace.part]
    colour = _colour(trace, tones)
    is_target = trace.part == "target"
    marker: dict[str, Any] = {
        "color": "rgba(0,0,0,0)" if is_target else colour,
        "line": {"color": colour, "width": 1.25 if is_target else 0},
    }
    if not all(trace.complete):
        marker |= {
            "pattern": {
                "shape": ["" if ok else "/" for ok in trace.complete],
                "fillmode": "replace",
                "size": 6,
                "solidity": 0.35,
                "bgcolor": tones.surface,
                "fgcolor": colour,
            },
            "line": {"color": colour, "width": [0 if ok else 1.25 for ok in trace.complete]},
        }
    hover = (
        {"hoverinfo": "text", "hovertext": [safe(h) for h in trace.hover]}
        if any(trace.hover)
        else {"hoverinfo": "skip"}
    )
    return [
        {
            "type": "bar",
            "name": safe(trace.name),
            "x0": 0,
            "dx": 1,
            "y": pack(trace.values),
            **({"base": pack(trace.feet)} if trace.feet else {}),
            "offset": offset,
            "width": width,
            "marker": marker,
            "cliponaxis": False,
            **hover,
        }
    ]


def _colour(trace: Trace, tones: Tones) -> str:
    if trace.part == "split":
        return tones.splits[trace.rank % len(tones.splits)]
    meant = {"gain": tones.split_1, "loss": tones.split_2, "others": tones.comparison}
    return meant.get(trace.part) or str(getattr(tones, trace.part))


def _labels(chart: Chart, tones: Tones, size: float) -> list[dict[str, Any]]:
    """Names beside the ends of lines, moved apart; columns name the other side the same way."""
    ends = []
    for trace in chart.traces:
        end = next((i for i in reversed(range(len(trace.values))) if trace.values[i] is not None), None)
        if end is not None and trace.part in ("split", "comparison", "target", "others"):
            ends.append((trace.values[end] or 0.0, end, trace))
    ends.sort(key=lambda e: e[0])
    lines = max((_folded(_cut(t.name)).count("\n") + 1 for _, _, t in ends), default=1)
    heights = apart([e[0] for e in ends], size * _TOP_GAP * (1 if lines == 1 else _TWO_LINES))
    return [
        {
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "xshift": 6,
            "y": height,
            "yref": "y",
            "yanchor": "middle",
            "showarrow": False,
            "text": safe(_folded(_cut(trace.name))),
            "align": "left",
            "font": {"color": _name_colour(trace, tones), "size": 12},
        }
        for height, (_, _, trace) in zip(heights, ends, strict=True)
    ]


def _length(text: str) -> float:
    """Room for a label in pixels: as wide as the widest of the fonts draws it, capitals above all."""
    return sum(12.0 if c in "MW@%" or ord(c) > 0x2E7F else 9.0 if c.isupper() else 7.4 for c in text)


def _name_colour(trace: Trace, tones: Tones) -> str:
    return _colour(trace, tones) if trace.part == "split" else tones.text


def apart(values: list[float], gap: float) -> list[float]:
    """Ascending values moved up as little as keeps neighbours `gap` apart, then shifted back to their middle."""
    out: list[float] = []
    for value in values:
        out.append(max(value, out[-1] + gap) if out else value)
    shift = sum(o - v for o, v in zip(out, values, strict=True)) / len(out) if out else 0.0
    return [o - shift for o in out]


def _folded(name: str) -> str:
    """Two short lines instead of a long one: phones have little room beside a chart."""
    return name.replace(" ", "\n", 1) if len(name) > 9 else name


def _cut(name: str) -> str:
    return name if len(name) <= _LABEL else name[: _LABEL - 1] + "…"
