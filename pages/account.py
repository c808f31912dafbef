"""Who am I here, where am I signed in, and how do I like my screens?"""
from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import TOKEN_SCOPES
from dashapp.services import accounts, preferences, sessions, tokens
from dashapp.services.preferences import Preferences
from dashapp.ui.form import actions, button, field, select, text
from dashapp.ui.header import page_header
from dashapp.ui.people import session_list, shown_once, token_list
from dashapp.web.callback import callback, here, say
from dashapp.web.page import entries, page

page(__name__, path="/account", name="Account", nav=False, order=900, icon="person")


def layout(**_unknown: Any) -> html.Div:
    return html.Div([
        page_header("Account", html.Span(id="account-who")),
        _section("Screens", field("Theme", select("like-theme", {t: t for t in preferences.THEMES}, None)),
                 field("Density", select("like-density", {d: d for d in preferences.DENSITIES}, None)),
                 field("First page", select("like-landing", {}, None)), actions(button("Save", "account-save"))),
        _section("Password", field("Current password", _secret("password-old", "current-password")),
                 field("New password", _secret("password-new", "new-password"),
                       help="At least 12 characters; several words in a row work well."),
                 actions(button("Change password", "password-change"))),
        _section("Signed-in browsers", html.Div(id="account-sessions")),
        _section("API tokens", html.Div(id="token-once"), html.Div(id="account-tokens"),
                 field("Name", text("token-name", maxLength=100, placeholder="what it is for")),
                 field("Rights", dbc.Checklist(list(TOKEN_SCOPES), ["read"], id="token-scopes", inline=True),
                       help="read: figures; ingest: whatever changes data or definitions; export: files."),
                 field("Days", text("token-days", "90", type="number", min=1, max=tokens.MAX_DAYS)),
                 actions(button("Create token", "token-add"))),
        dcc.Store(id="account-changed", data=0),
    ])


@callback(Output("account-who", "children"), Output("like-theme", "value"), Output("like-density", "value"),
          Output("like-landing", "options"), Output("like-landing", "value"), Input("account-changed", "data"))
def show_likes(_changed: int) -> tuple[Any, ...]:
    at = here()
    liked = preferences.load(at.actor)
    landings = [{"value": e.path, "label": e.name} for e in entries(at.actor)]
    landing = liked.landing if liked.landing in [e["value"] for e in landings] else "/"
    sees = " and ".join(map(str, at.actor.scope)) or "everything"
    role = at.actor.role.value if at.actor.role else ""
    return f"{at.actor.email} · {role} · sees {sees}", liked.theme, liked.density, landings, landing


@callback(Input("account-save", "n_clicks"),
          State("like-theme", "value"), State("like-density", "value"), State("like-landing", "value"),
          prevent_initial_call=True)
def save_likes(clicks: int | None, theme: Any, density: Any, landing: Any) -> None:
    if not clicks:
        return
    at = here()
    preferences.save(at.actor, Preferences(theme, density, landing), now=at.now)
    say("Saved. Density and theme show with the next page you load.", "ok")


@callback(Output("password-old", "value"),
          Output("password-new", "value"), Output("account-changed", "data", allow_duplicate=True),
          Input("password-change", "n_clicks"), State("password-old", "value"), State("password-new", "value"),
          State("account-changed", "data"), prevent_initial_call=True)
def change_password(clicks: int | None, old: str | None, new: str | None, changed: int) -> Any:
    if not clicks:
        return no_update, no_update, no_update
    at = here()
    accounts.change_password(at.actor, str(old or ""), str(new or ""), now=at.now)
    say("Your password is changed. Other browsers were signed out.", "ok")
    return "", "", (changed or 0) + 1


@callback(Output("account-sessions", "children"), Input("account-changed", "data"))
def show_sessions(_changed: int) -> Any:
    at = here()
    return session_list(sessions.listing(at.actor, now=at.now), at.desk.organisation.words)


@callback(Output("account-changed", "data", allow_duplicate=True),
          Input({"part": "session-revoke", "session": ALL}, "n_clicks"),
          Input({"part": "token-revoke", "token": ALL}, "n_clicks"), State("account-changed", "data"),
          prevent_initial_call=True)
def revoke(browsers: list[Any], programs: list[Any], changed: int) -> Any:
    chosen = ctx.triggered_id
    if not any((*browsers, *programs)) or not isinstance(chosen, dict):
        return no_update
    at = here()
    if chosen["part"] == "session-revoke":
        sessions.revoke(at.actor, chosen["session"], now=at.now)
    else:
        tokens.revoke_token(at.actor, chosen["token"], now=at.now)
    return (changed or 0) + 1


@callback(Output("account-tokens", "children"), Input("account-changed", "data"))
def show_tokens(_changed: int) -> Any:
    at = here()
    return token_list(tokens.list_tokens(at.actor, now=at.now), at.desk.organisation.words)


@callback(Output("token-once", "children"), Output("token-name", "value"),
          Output("account-changed", "data", allow_duplicate=True), Input("token-add", "n_clicks"),
          State("token-name", "value"), State("token-scopes", "value"), State("token-days", "value"),
          State("account-changed", "data"), prevent_initial_call=True)
def add_token(clicks: int | None, name: Any, scopes: Any, days: Any, changed: int) -> Any:
    if not clicks:
        return no_update, no_update, no_update
    at = here()
    life = int(days) if str(days or "").isdecimal() and len(str(days)) < 5 else 0
    _, secret = tokens.add_token(at.actor, str(name or ""), [str(s) for s in scopes or []], now=at.now, days=life)
    return shown_once("This is the new token.", secret), "", (changed or 0) + 1


def _secret(id: str, autocomplete: str) -> Any:
    return text(id, type="password", autocomplete=autocomplete)


def _section(title: str, *inside: Any) -> html.Section:
    return html.Section([html.H2(title, className="ll-section-title mt-0"), *inside], className="ll-panel")
