"""Icons: decoration beside words, never instead of them."""

from __future__ import annotations

from dash import html

from dashapp.ui.wild import wild


def icon(name: str, class_name: str = "") -> html.I:
    """A Bootstrap icon by its name (`arrow-up-right`), hidden from screen readers."""
    return html.I(className=f"bi bi-{name} {class_name}".strip(), **wild({"aria-hidden": "true"}))


def hidden_words(text: str) -> html.Span:
    """Words for screen readers only."""
    return html.Span(text, className="visually-hidden")
