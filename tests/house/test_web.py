"""The assembled product: every page has its name and role, every route and callback a policy."""
from __future__ import annotations

import ast

import dash
from flask import Flask

from dashapp.core.actor import Role
from dashapp.web.callback import callback_policies
from dashapp.web.policy import ANYONE, policy_of, undecided
from tests.house.source import product

# `metrics` asks for its own token in production; the style sheet is the sign-in page's.
KNOWN_OPEN = {"csp_report", "healthz", "login", "logout", "metrics", "readyz", "sign_in_look"}


def test_pages_are_called_pages(app: Flask) -> None:
    names = list(dash.page_registry)
    assert names
    assert [n for n in names if not n.startswith("pages.")] == []


def test_every_page_has_a_path_and_a_role(app: Flask) -> None:
    lacking = [n for n, p in dash.page_registry.items()
               if not isinstance(p.get("role"), Role) or not (p.get("path") or p.get("path_template"))]
    assert lacking == []


def test_b1_every_callback_has_a_policy(app: Flask) -> None:
    policies = callback_policies(app.extensions["ledgerline.dash"])
    assert policies
    assert [key for key, role in policies.items() if role is None] == []


def test_b1_every_route_has_a_policy(app: Flask) -> None:
    assert undecided(app) == []


def test_a1_few_routes_are_open_to_anyone(app: Flask) -> None:
    """A new one must be written down here, where somebody will ask why."""
    endpoints = sorted({rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) == ANYONE})
    assert set(endpoints) == KNOWN_OPEN


def test_pages_answer_whatever_the_url_says() -> None:
    """An unknown query key reaches `layout` as an argument: without `**` it would be an error page."""
    bad = [m.name for m in product() if m.path.parts[0] == "pages" for f in m.functions()
           if f.name == "layout" and f.args.kwarg is None]
    assert bad == []


def test_pages_bind_callbacks_through_the_guarded_door_only() -> None:
    bad = [f"{m.name}:{n.lineno}" for m in product() if m.path.parts[0] == "pages" for n in ast.walk(m.tree)
           if isinstance(n, ast.ImportFrom) and n.module == "dash" and {a.name for a in n.names} & {"callback"}]
    assert bad == []
