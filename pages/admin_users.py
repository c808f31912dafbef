"""Who may sign in, what may they do, and what do they see?"""
from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.errors import Invalid
from dashapp.services import accounts
from dashapp.ui.dialog import confirm
from dashapp.ui.form import actions, button, field, select, text
from dashapp.ui.header import page_header
from dashapp.ui.people import ROLES, people_list, shown_once
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/admin/users", name="Users", role=Role.ADMIN, order=200, icon="people", group="Admin")
_HELP = "One condition per line, such as region=EMEA. Empty: they see everything."


def layout(**_unknown: Any) -> html.Div:
    scope = field("They see only rows that meet", _conditions("scope-text"), help=_HELP)
    return html.Div([
        page_header("Users", "Roles build on each other: executive, finance, analyst, admin."),
        html.Section([html.H2("Add a user", className="ll-section-title mt-0"),
                      field("E-mail address", text("user-email", type="email", maxLength=254)),
                      field("Name", text("user-name", maxLength=200)),
                      field("Role", select("user-role-new", ROLES, Role.EXECUTIVE.value)),
                      field("Data scope", _conditions("user-scope-new"), help=_HELP),
                      actions(button("Add user", "user-add"))], className="ll-panel"),
        html.Div(id="user-once"),
        html.Section([html.H2("Everybody", className="ll-section-title"), html.Div(id="users")]),
        confirm("scope-edit", "Data scope", scope, "Save", kind="primary"),
        dcc.Store(id="scope-user"), dcc.Store(id="users-changed", data=0),
    ])


@callback(Output("users", "children"), Input("users-changed", "data"), role=Role.ADMIN)
def show(_changed: int) -> Any:
    at = here()
    return people_list(accounts.list_users(at.actor), at.desk.organisation.words, at.actor.id)


@callback(Output("user-once", "children"), Output("user-email", "value"), Output("user-name", "value"),
          Output("users-changed", "data", allow_duplicate=True), Input("user-add", "n_clicks"),
          State("user-email", "value"), State("user-name", "value"), State("user-role-new", "value"),
          State("user-scope-new", "value"), State("users-changed", "data"), role=Role.ADMIN, prevent_initial_call=True)
def add(clicks: int | None, email: Any, name: Any, role: Any, scope: Any, changed: int) -> Any:
    if not clicks:
        return no_update, no_update, no_update, no_update
    at = here()
    person, once = accounts.add_user(at.actor, str(email or ""), _role(role), now=at.now, name=str(name or ""),
                                     scope=_lines(scope))
    return shown_once(f"One-time password of {person.email}.", once or ""), "", "", (changed or 0) + 1


@callback(Output("users-changed", "data", allow_duplicate=True),
          Input({"part": "user-role", "user": ALL}, "value"), State({"part": "user-role", "user": ALL}, "id"),
          State("users-changed", "data"), role=Role.ADMIN, prevent_initial_call=True)
def change_role(values: list[Any], ids: list[dict[str, str]], changed: int) -> Any:
    at = here()
    known = {p.id: p for p in accounts.list_users(at.actor)}
    moved = [(i["user"], _role(v)) for i, v in zip(ids, values, strict=False)
             if i["user"] in known and known[i["user"]].role.value != v]
    if len(moved) != 1:  # the list was drawn, nobody chose
        return no_update
    person = accounts.change_role(at.actor, *moved[0], now=at.now)
    say(f"{person.email} is {person.role.value} now and signs in again.", "ok")
    return (changed or 0) + 1


@callback(Output("users-changed", "data", allow_duplicate=True),
          Input({"part": "user-active", "user": ALL}, "n_clicks"), State("users-changed", "data"), role=Role.ADMIN,
          prevent_initial_call=True)
def toggle(clicks: list[int | None], changed: int) -> Any:
    chosen = ctx.triggered_id
    if not any(clicks) or not isinstance(chosen, dict):
        return no_update
    at = here()
    active = {p.id: p.is_active for p in accounts.list_users(at.actor)}
    verb = accounts.disable_user if active.get(chosen["user"]) else accounts.enable_user
    person = verb(at.actor, chosen["user"], now=at.now)
    said = "can sign in again" if person.is_active else "can no longer sign in"
    say(f"{person.email} {said}.", "ok")
    return (changed or 0) + 1


@callback(Output("user-once", "children", allow_duplicate=True),
          Input({"part": "user-password", "user": ALL}, "n_clicks"), role=Role.ADMIN, prevent_initial_call=True)
def reset_password(clicks: list[int | None]) -> Any:
    chosen = ctx.triggered_id
    if not any(clicks) or not isinstance(chosen, dict):
        return no_update
    at = here()
    return shown_once("The new one-time password.", accounts.reset_password(at.actor, chosen["user"], now=at.now))


@callback(Output("scope-edit", "is_open"), Output("scope-user", "data"), Output("scope-text", "value"),
          Input({"part": "user-scope", "user": ALL}, "n_clicks"), Input("scope-edit-no", "n_clicks"),
          Input("users-changed", "data"), role=Role.ADMIN, prevent_initial_call=True)
def open_scope(clicks: list[int | None], *_closing: Any) -> Any:
    chosen = ctx.triggered_id
    if not isinstance(chosen, dict) or not any(clicks):
        return False, no_update, no_update
    at = here()
    scopes = {p.id: p.scope for p in accounts.list_users(at.actor)}
    return True, chosen["user"], "\n".join(scopes.get(chosen["user"], ()))


@callback(Output("users-changed", "data", allow_duplicate=True),
          Input("scope-edit-yes", "n_clicks"), State("scope-user", "data"), State("scope-text", "value"),
          State("users-changed", "data"), role=Role.ADMIN, prevent_initial_call=True)
def save_scope(clicks: int | None, user: Any, scope: Any, changed: int) -> Any:
    if not clicks or not user:
        return no_update
    at = here()
    person = accounts.set_scope(at.actor, str(user), _lines(scope), now=at.now)
    say(f"{person.email} sees {' and '.join(person.scope) or 'everything'}.", "ok")
    return (changed or 0) + 1


def _conditions(id: str) -> dcc.Textarea:
    return dcc.Textarea(id=id, className="form-control", rows=3)


def _lines(text: Any) -> list[str]:
    return [line for line in str(text or "").splitlines() if line.strip()]


def _role(value: Any) -> Role:
    if not isinstance(value, str) or value not in ROLES:
        raise Invalid("This is not a role.")
    return Role(value)
