"""Fields with a label, help and error that screen readers hear together."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component


def field(label: str, control: Any, *, help: str | None = None, error: str | None = None) -> html.Div:
    """A control that has a plain text id, under its label. `error` marks the field as invalid."""
    id = control.id
    notes = [
        html.Div(help, className="form-text", id=f"{id}-help") if help is not None else None,
        html.Div(error or "", className="ll-field-error", id=f"{id}-error", role="alert"),
    ]
    return html.Div(
        [html.Label(label, htmlFor=id, className="form-label"), control, *notes],
        className="ll-field" + (" is-invalid" if error else ""),
    )


def select(id: str, options: dict[str, str], value: str | None, **more: Any) -> dbc.Select:
    """The browser's own select: value -> words. The empty value is what stands there before anything is chosen.

    It cannot be chosen again: an option that people come back to ("All") needs a value of its own.
    """
    shown = [{"value": k, "label": v} for k, v in options.items() if k]
    if "" in options:
        more["placeholder"] = options[""]
    return dbc.Select(id=id, options=shown, value=value, **more)


def text(id: str, value: str = "", **more: Any) -> dbc.Input:
    return dbc.Input(id=id, value=value, type=more.pop("type", "text"), **more)


def actions(*buttons: Component) -> html.Div:
    """Buttons at the end of a form, the main one first."""
    return html.Div(list(buttons), className="ll-actions")


def button(text: Any, id: Any, kind: str = "primary", **more: Any) -> html.Button:
    """kind: `primary` (one per form), `quiet` or `danger`."""
    return html.Button(text, id=id, type="button", className=f"btn btn-{kind}", **more)
