"""Choosing light, dark or the system's look."""

from __future__ import annotations

from dash import dcc, html

from dashapp.ui.icon import icon
from dashapp.ui.wild import wild

THEMES = {"system": ("System", "circle-half"), "light": ("Light", "sun"), "dark": ("Dark", "moon-stars")}


def theme_switch(choice: str = "system") -> html.Div:
    """Three buttons; the choice is shown at once and put into the Store `theme-choice` for the server to keep."""
    buttons = [
        html.Button(
            [icon(picture), html.Span(word)],
            type="button",
            title=f"{word} theme",
            className="ll-segment",
            id=f"theme-{key}",
            **wild({"data-ll-theme-choice": key, "aria-pressed": str(key == choice).lower()}),
        )
        for key, (word, picture) in THEMES.items()
    ]
    return html.Div(
        [dcc.Store(id="theme-choice"), *buttons], className="ll-segments", role="group", **wild({"aria-label": "Theme"})
    )


def html_attributes(choice: str, density: str = "comfortable") -> str:
    """Attributes of `<html>` that make the page appear in the person's look from its first paint.

    For `system` the small script in the page's head replaces the look before anything is painted.
    """
    look = choice if choice in ("light", "dark") else "light"
    kept = choice if choice in THEMES else "system"
    dense = "compact" if density == "compact" else "comfortable"
    return (
        f'lang="en" data-ll-theme="{kept}" data-bs-theme="{look}" data-ag-theme-mode="{look}" data-ll-density="{dense}"'
    )
