"""Registering a page: Dash's own registration plus who may see it and where the navigation shows it."""
from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash
from dash import html

from dashapp.core.actor import Actor, Role
from dashapp.web.here import current_actor


@dataclass(frozen=True)
class Entry:
    """One line of the navigation."""

    name: str
    path: str
    icon: str
    group: str


def page(module: str, path: str | None = None, *, name: str | None = None, path_template: str | None = None,
         role: Role = Role.EXECUTIVE, nav: bool = True, order: int = 100, icon: str = "", group: str = "",
         title: str | None = None) -> None:
    """Register the calling module (`page(__name__, path="/trends", ...)`) as a page.

    name: word in the navigation and (with the product's name) in the browser's title; role: least role that may see
    it; nav=False keeps it out of the navigation; order: place in it, gaps of ten; icon: name of a Bootstrap icon;
    group: heading under which it stands (none for the first five).
    """
    word = name or module.rpartition(".")[2].replace("_", " ").capitalize()
    dash.register_page(
        module, path=path, path_template=path_template, name=word, order=order, title=title or f"{word} · Ledgerline",
        description="", role=role, nav=nav, icon=icon, group=group,
    )


def entries(actor: Actor) -> list[Entry]:
    """The pages this actor may see, in order, as lines of the navigation."""
    pages = sorted(dash.page_registry.values(), key=lambda p: (p["order"] or 0, p["name"]))
    return [Entry(p["name"], p["path"], p["icon"], p["group"]) for p in pages if p.get("nav") and may_see(actor, p)]


def may_see(actor: Actor, registered: dict[str, Any]) -> bool:
    """Does the actor's role include the page's? A page that named none is seen by nobody."""
    role = registered.get("role")
    return role is not None and actor.may(role)


def load_pages(folder: Path) -> None:
    """Import every page in `folder` under its own name (`pages.overview`) and let its layout refuse the wrong role.

    Dash would execute the files itself, under names that depend on where it was started, and once more for whoever
    imports one. Callbacks go to the app that was made last: for a second app in one process the pages run again.
    A file may hold a part of a page alone, which the page imports.
    """
    names = [f"{folder.name}.{file.stem}" for file in sorted(folder.glob("[!_]*.py"))]
    known = {name: sys.modules[name] for name in names if name in sys.modules}
    for name in names:
        module = importlib.reload(known[name]) if name in known else importlib.import_module(name)
        registered = dash.page_registry.get(name)
        if registered is not None:
            registered["layout"] = _guarded(registered, module.layout)


def _guarded(registered: dict[str, Any], layout: Any) -> Callable[..., Any]:
    def guarded(**given: Any) -> Any:
        if not may_see(current_actor(), registered):
            return refusal()
        if not callable(layout):
            return layout
        return layout(**{**given, **_path_variables()})
    return guarded


def _path_variables() -> dict[str, str]:
    """Variables of the path itself: Dash lets a query key of the same name win, which a link could abuse."""
    try:
        pathname = dash.callback_context.inputs.get("_pages_location.pathname") or ""
    except dash.exceptions.MissingCallbackContextException:
        return {}
    from dash._pages import _path_to_page

    return _path_to_page(pathname.strip("/"))[1] or {}


def refusal() -> html.Div:
    """What somebody sees who followed a link to a page that is not theirs."""
    return html.Div([
        html.H1("403", className="display-6"),
        html.P("Your role does not open this page. An administrator can change that."),
        html.A("To the overview", href="/"),
    ], className="ll-refused", id="page-refused")
