"""Status and severity as word, icon and colour together."""

from __future__ import annotations

from dash import html

from dashapp.core.issue import Severity
from dashapp.core.rule import STATUS_NAMES, Status
from dashapp.ui.icon import icon

_PICTURES: dict[Status, str] = {
    "ok": "check-circle-fill",
    "warning": "exclamation-triangle-fill",
    "critical": "x-octagon-fill",
    "none": "dash-circle",
}
STATUS: dict[str, tuple[str, str]] = {status: (STATUS_NAMES[status], picture) for status, picture in _PICTURES.items()}
SEVERITY: dict[str, tuple[str, str, str]] = {
    "error": ("Error", "x-octagon-fill", "critical"),
    "warning": ("Warning", "exclamation-triangle-fill", "warning"),
    "info": ("Note", "info-circle-fill", "info"),
}


def badge(text: str, tone: str = "none", picture: str | None = None, title: str | None = None) -> html.Span:
    """A small label; tone: `ok warning critical info none`."""
    return html.Span(
        [icon(picture) if picture else None, html.Span(text)], className=f"ll-badge ll-tone-{tone}", title=title or ""
    )


def status_badge(status: Status, when: str | None = None, beside: str | None = None) -> html.Span:
    """The status in a word; when: the period it was judged for, told in the tooltip.

    beside: that period in short, where it is another one than the figure beside the badge is of.
    """
    word, picture = STATUS[status]
    return badge(f"{word} · {beside}" if beside else word, status, picture, f"{word} in {when}" if when else None)


def severity_badge(severity: Severity) -> html.Span:
    word, picture, tone = SEVERITY[severity]
    return badge(word, tone, picture)
