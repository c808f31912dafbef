"""Lists of people, browsers, tokens and lines of the trail, with what can be done to each."""
from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashapp.core.actor import Role
from dashapp.core.people import Person, SessionView, TokenView, TrailLine
from dashapp.core.words import Words
from dashapp.ui.badge import badge
from dashapp.ui.form import button
from dashapp.ui.icon import hidden_words
from dashapp.ui.states import empty
from dashapp.ui.still import still
from dashapp.ui.wild import wild

ROLES = {role.value: role.value for role in Role}
# The first sign that fits: browsers also name the ones they descend from.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
            ("Linux", "Linux"))


def people_list(people: Sequence[Person], words: Words, me: str | None) -> html.Div:
    """One row per person; nobody is offered to take their own rights. Ids `{"part": "user-...", "user": id}`."""
    head = ("Person", "Role", "Sees", "Last seen", "State", "")
    return _table(head, [_person(p, words, p.id == me) for p in people], "People who may sign in")


def session_list(sessions: Sequence[SessionView], words: Words) -> html.Div:
    """Signed-in browsers; ids `{"part": "session-revoke", "session": id}`."""
    rows = [[html.Span(browser(s.user_agent), title=s.user_agent), s.ip, words.moment(s.created_at),
             words.moment(s.last_seen_at), badge("this browser", "info") if s.is_current
             else button("Sign out", {"part": "session-revoke", "session": s.id}, "quiet")] for s in sessions]
    return _table(("Browser", "Address", "Since", "Last seen", ""), rows, "Signed-in browsers")


def browser(agent: str) -> str:
    """What people call the browser behind a User-Agent: `Firefox on Windows`."""
    kind = next((word for sign, word in _BROWSERS if sign in agent), "")
    system = next((word for sign, word in _SYSTEMS if sign in agent), "")
    return " on ".join(word for word in (kind, system) if word) or agent[:60] or "unknown browser"


def token_list(tokens: Sequence[TokenView], words: Words) -> html.Div:
    """Tokens without their secrets; ids `{"part": "token-revoke", "token": id}`."""
    if not tokens:
        return empty("No tokens", "Programs sign in with a token instead of your password.", picture="key")
    rows = [[t.name, html.Code(t.prefix), ", ".join(t.scopes), words.moment(t.expires_at) if t.expires_at else "never",
             words.moment(t.last_used_at) if t.last_used_at else "—", badge("live", "ok") if t.is_live
             else badge("expired", "warning"), button("Revoke", {"part": "token-revoke", "token": t.id}, "quiet")]
            for t in tokens]
    return _table(("Name", "Begins with", "Rights", "Expires", "Last used", "State", ""), rows, "API tokens")


def trail(lines: Sequence[TrailLine], words: Words) -> html.Div:
    """Lines of the audit trail, newest first, with what was before and after."""
    if not lines:
        return empty("Nothing found", "No line of the trail fits these words.", picture="search")
    rows = [[str(line.number), words.moment(line.at), line.email, line.action, line.subject,
             f"{line.via} {line.ip or ''}", _change(line)] for line in lines]
    return still(_table(("No.", "When", "Who", "What", "On what", "From", "Change"), rows, "Audit trail"))


def shown_once(what: str, secret: str) -> html.Div:
    """A secret that nobody can show again, with a button that copies it."""
    copy = html.Button("Copy", type="button", className="btn btn-quiet", **wild({"data-ll-copy": secret}))
    return html.Div([html.P(f"{what} Copy it now: it is not shown again."),
                     html.P([html.Code(secret, className="ll-secret", id="secret-once"), " ", copy])],
                    className="alert alert-warning mt-3", role="status")


def _person(person: Person, words: Words, is_me: bool) -> list[Any]:
    role = person.role.value if is_me else _role(person)
    state = badge("active", "ok") if person.is_active else badge("disabled", "none")
    seen = words.moment(person.last_seen_at) if person.last_seen_at else "never"
    verbs = [button("Scope", _id("user-scope", person), "quiet"),
             button("New password", _id("user-password", person), "quiet")]
    if not is_me:
        verbs.append(button("Disable" if person.is_active else "Enable", _id("user-active", person), "quiet"))
    who = html.Div([person.email, html.Br(), html.Small(person.name)] if person.name else person.email)
    return [who, role, " and ".join(person.scope) or "everything", seen, state, html.Div(verbs, className="ll-actions")]


def _role(person: Person) -> html.Label:
    roles = [{"value": value, "label": label} for value, label in ROLES.items()]
    choice = dbc.Select(id=_id("user-role", person), options=roles, value=person.role.value, size="sm",
                        style={"minWidth": "7rem"})
    return html.Label([hidden_words(f"Role of {person.email}"), choice])


def _id(part: str, person: Person) -> dict[str, str]:
    return {"part": part, "user": person.id}


def _change(line: TrailLine) -> Any:
    if line.before is None and line.after is None:
        return ""
    told = "\n".join(f"{word}: {json.dumps(value, ensure_ascii=False, sort_keys=True)}"
                     for word, value in (("before", line.before), ("after", line.after)) if value is not None)
    return html.Details([html.Summary("Show"), html.Pre(told[:4000])])


def _table(head: tuple[str, ...], rows: list[list[Any]], caption: str) -> html.Div:
    cells = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(c) for c in row[1:])]) for row in rows]
    top = html.Thead(html.Tr([html.Th(h, scope="col") for h in head]))
    said = html.Caption(caption, className="visually-hidden")
    inner = html.Table([said, top, html.Tbody(cells)], className="ll-table")
    return html.Div(inner, className="ll-table-box", tabIndex=0, role="region", **wild({"aria-label": caption}))
