"""Charts on the page: the one graph configuration and the frame with title, summary and table."""
from __future__ import annotations

from typing import Any

# plotly 7 offers "Share chart..." (an upload to a cloud service) on every chart unless both keys below say no.
GRAPH_CONFIG: dict[str, Any] = {
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}
