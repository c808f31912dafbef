"""The rooms under Data, as a line of links that every one of them shows."""
from __future__ import annotations

from dash import dcc, html

from dashapp.ui.wild import wild

ROOMS = (
    ("/data", "Datasets"), ("/data/quality", "Quality"), ("/data/vintages", "Vintages"),
    ("/data/deliveries", "Deliveries"), ("/data/closing", "Closed periods"), ("/data/senders", "Senders"),
    ("/data/feeds", "Feeds"),
)


def data_rooms(path: str) -> html.Nav:
    """Links to all of them; `path` is where the reader is."""
    links = [html.Span(word, className="ll-room is-here", **wild({"aria-current": "page"})) if href == path else
             dcc.Link(word, href=href, className="ll-room") for href, word in ROOMS]
    return html.Nav(links, className="ll-rooms", **wild({"aria-label": "Data"}))
