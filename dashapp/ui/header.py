"""The top of a page: its title, what it is about, and what can be done with it."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashapp.ui.icon import icon
from dashapp.ui.wild import wild


def page_header(title: Any, subtitle: Any = None, actions: list[Any] | None = None, id: str = "page-title") -> html.Div:
    """One level-1 heading per page; actions stand at the right, below the title on phones."""
    said = html.P(subtitle, className="ll-page-subtitle", id=f"{id}-sub") if subtitle is not None else None
    return html.Div(
        [
            html.Div([html.H1(title, id=id, className="ll-page-title"), said]),
            html.Div(actions or [], className="ll-page-actions"),
        ],
        className="ll-page-head",
    )


def section(title: str, *inside: Any, id: str | None = None) -> html.Section:
    """A part of a page in a panel of its own, under a level-2 heading."""
    named: dict[str, Any] = {"id": id} if id else {}
    return html.Section([html.H2(title, className="ll-section-title"), *inside], className="ll-panel", **named)


def skip_link(target: str = "main") -> html.A:
    """The first thing the keyboard reaches: past the navigation."""
    return html.A("Skip to content", href=f"#{target}", className="ll-skip")


def export_buttons(prefix: str) -> html.Div:
    """Buttons `{prefix}-xlsx`, `{prefix}-csv` and the download `{prefix}-download` they feed."""
    buttons = [
        html.Button(
            [icon(picture), f" {word}"],
            id=f"{prefix}-{kind}",
            type="button",
            className="btn btn-quiet",
            title=f"Take what this screen shows to {word}",
        )
        for kind, word, picture in (("xlsx", "Excel", "file-earmark-spreadsheet"), ("csv", "CSV", "filetype-csv"))
    ]
    return html.Div([*buttons, dcc.Download(id=f"{prefix}-download")], className="ll-export")


def evidence_button(prefix: str) -> html.Div:
    """The button `{prefix}-evidence` in the box `{prefix}-evidence-box`, and `{prefix}-evidence-download` it feeds."""
    button = html.Button(
        [icon("file-earmark-check"), " Evidence (Excel)"],
        id=f"{prefix}-evidence",
        type="button",
        className="btn btn-quiet",
        title="The rows behind this figure and live formulas that recompute it, as an Excel file",
    )
    return html.Div([button, dcc.Download(id=f"{prefix}-evidence-download")], id=f"{prefix}-evidence-box",
                    className="ll-actions", style={"display": "none"})


def breadcrumbs(trail: list[tuple[str, str | None]]) -> html.Nav:
    """Where this page lies: (words, address), the last without an address."""
    items = [
        html.Li(dcc.Link(text, href=href) if href else html.Span(text, **wild({"aria-current": "page"})))
        for text, href in trail
    ]
    return html.Nav(html.Ol(items), className="ll-crumbs", **wild({"aria-label": "Breadcrumb"}))
