"""Charts on the page: the one graph configuration and the frame with title, summary and table."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashapp.figures.chart import Chart
from dashapp.figures.plot import figure
from dashapp.ui.table import as_table
from dashapp.ui.wild import wild

# plotly 7 offers "Share chart..." (an upload to a cloud service) on every chart unless both first keys say no.
GRAPH_CONFIG: Any = {
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}


def graph(id: str, picture: dict[str, Any], height: int = 340) -> dcc.Graph:
    """A bare chart of fixed height."""
    return dcc.Graph(id=id, figure=picture, config=GRAPH_CONFIG, className="ll-graph", style={"height": f"{height}px"})


def chart_frame(id: str, chart: Chart, height: int = 340, *, actions: Any = None) -> html.Section:
    """The chart under the sentence it proves: heading `{id}-title`, summary, graph `{id}`, legend and table.

    Always drawn in the light tones: the stylesheet recolours it, so a change of theme asks nobody.
    """
    return html.Section(
        [
            html.Div(
                [html.H2(chart.title, id=f"{id}-title", className="ll-chart-title"), actions], className="ll-chart-head"
            ),
            html.P(chart.summary, className="ll-chart-summary"),
            html.Div(graph(id, figure(chart), height), role="img", **wild({"aria-label": f"Chart. {chart.summary}"})),
            as_table(chart.grid, chart.title) if chart.grid else None,
        ],
        className="ll-chart ll-chart-leads" if any(t.href for t in chart.traces) else "ll-chart",
        **wild({"aria-labelledby": f"{id}-title"}),
    )
