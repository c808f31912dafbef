"""The frame around every page: navigation by role, the person's menu, toasts, and the check for new data."""
from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Input, Output, State, dcc, html

from dashapp.core.actor import Actor, Role
from dashapp.services import asking, preferences
from dashapp.services.preferences import Preferences
from dashapp.ui.header import skip_link
from dashapp.ui.icon import icon
from dashapp.ui.theme import theme_switch
from dashapp.ui.toast import toast_host
from dashapp.ui.wild import wild
from dashapp.web.callback import callback, here
from dashapp.web.here import current_actor, current_preferences
from dashapp.web.look import FIRST_PAINT, attributes
from dashapp.web.page import Entry, entries

CHECK_EVERY_MS = 5_000
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
{%favicon%}
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


class Shell(dash.Dash):
    """Dash, with the person's look written on `<html>` so that nothing flashes."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        page = super().interpolate_index(**parts)
        page = page.replace('<html lang="en">', f"<html {attributes()}>", 1)
        return page.replace("</title>", f"</title>\n<script>{FIRST_PAINT}</script>", 1)


def layout() -> html.Div:
    """Rendered for each visitor; Dash also asks once for nobody, when it starts."""
    actor = current_actor()
    return html.Div([
        skip_link(), _bar(actor, current_preferences()),
        html.Main(dash.page_container, id="main", className="ll-main", tabIndex=-1),
        toast_host(),
        dcc.Store(id="data-version", data=_version(actor)),
        dcc.Interval(id="data-version-clock", interval=CHECK_EVERY_MS),
    ])


def register(app: dash.Dash) -> None:
    """The frame's own callbacks: they belong to the app, not to a page."""
    callback(Output("data-version", "data"), Input("data-version-clock", "n_intervals"),
             State("data-version", "data"), app=app, prevent_initial_call=True)(check_version)
    callback(Input("theme-choice", "data"), app=app, prevent_initial_call=True)(keep_theme)
    app.clientside_callback("function(clicks, open) { return clicks ? !open : open; }", Output("nav-links", "is_open"),
                            Input("nav-toggle", "n_clicks"), State("nav-links", "is_open"), prevent_initial_call=True)


def check_version(_ticks: int | None, known: str | None) -> Any:
    """The version of the data, only when it moved: whatever listens to it asks again."""
    at = here()
    version = asking.data_version(at.actor, at.desk)
    return dash.no_update if version == known else version


def keep_theme(choice: str | None) -> None:
    """The theme a person chose in their menu is theirs on every device."""
    at = here()
    if choice:
        liked = preferences.load(at.actor)
        wanted = Preferences(theme=choice, density=liked.density, landing=liked.landing)  # type: ignore[arg-type]
        preferences.save(at.actor, wanted, now=at.now)


def _version(actor: Actor) -> str:
    return asking.data_version(actor, here().desk) if actor.is_signed_in else ""


def _bar(actor: Actor, liked: Preferences) -> dbc.Navbar:
    links = dbc.Nav(_links(entries(actor)), className="me-auto", navbar=True)
    return dbc.Navbar(
        dbc.Container([
            dbc.NavbarBrand("Ledgerline", href="/", id="brand"),
            html.Button(icon("list"), id="nav-toggle", type="button", className="navbar-toggler",
                        **wild({"aria-label": "Navigation"})),
            dbc.Collapse([links, _menu(actor, liked)], id="nav-links", navbar=True, is_open=False),
        ], fluid=True),
        dark=False, color=None, className="bg-body-tertiary", expand="lg", id="navigation",
    )


def _links(shown: list[Entry]) -> list[Any]:
    """Pages without a group stand in the bar, the others in one menu per group."""
    out: list[Any] = [_link(e) for e in shown if not e.group]
    for group in dict.fromkeys(e.group for e in shown if e.group):
        members = [e for e in shown if e.group == group]
        items = [dbc.DropdownMenuItem(e.name, href=e.path, id=_id(e)) for e in members]
        out.append(dbc.DropdownMenu(items, label=group, nav=True, in_navbar=True, id=f"nav-group-{group.lower()}"))
    return out


def _link(entry: Entry) -> dbc.NavLink:
    return dbc.NavLink(entry.name, href=entry.path, active="exact", id=_id(entry))


def _id(entry: Entry) -> str:
    return "nav" + (entry.path.replace("/", "-") if entry.path != "/" else "-overview")


def _menu(actor: Actor, liked: Preferences) -> dbc.DropdownMenu:
    who = html.Div([html.Strong(actor.name or actor.email), html.Br(), html.Small(_role(actor))], className="px-3 py-1")
    sign_out = html.Form(html.Button([icon("box-arrow-right"), " Sign out"], type="submit", id="sign-out",
                                     className="dropdown-item"), action="/logout", method="POST")
    return dbc.DropdownMenu(
        [who, html.Div(theme_switch(liked.theme), className="px-3 py-1"),
         dbc.DropdownMenuItem([icon("person"), " Account"], href="/account", id="nav-account"), sign_out],
        label=actor.name or actor.email or "Menu", nav=True, in_navbar=True, align_end=True, id="user-menu",
    )


def _role(actor: Actor) -> str:
    return (actor.role or Role.EXECUTIVE).value.capitalize() + (" · " + ", ".join(map(str, actor.scope))
                                                                if actor.scope else "")
