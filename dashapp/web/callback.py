"""The only way a page binds a callback: Dash's own, with a role that is checked before it runs."""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import dash
from dash.exceptions import MissingCallbackContextException, PreventUpdate

from dashapp.core.actor import Role
from dashapp.ui.toast import HOST, toast
from dashapp.web.here import Here, current_actor, here

__all__ = ["Here", "callback", "callback_policies", "here", "say"]
Function = TypeVar("Function", bound=Callable[..., Any])
ROUTER = ".._pages_content.children..._pages_store.data.."  # Dash's own; its layouts check roles


def callback(*deps: Any, role: Role = Role.EXECUTIVE, app: dash.Dash | None = None, **options: Any
             ) -> Callable[[Function], Function]:
    """Bind a callback that needs `role`; arguments and options are those of `dash.callback`.

    The decorated function stays as it is, so that tests can call it. Pages leave `app` out; the shell passes its own.
    Any signed-in person can send any callback: the service that it asks checks the actor once more.
    """
    bind = (app or dash).callback(*deps, **options)

    def decorate(function: Function) -> Function:
        @wraps(function)
        def checked(*given: Any, **named: Any) -> Any:
            if not current_actor().may(role) and not _is_asked():
                raise PreventUpdate  # a control has appeared on a page that its reader may not work
            current_actor().require(role)
            return function(*given, **named)
        checked.policy = role  # type: ignore[attr-defined]
        bind(checked)
        return function
    return decorate


def _is_asked() -> bool:
    """Did anything with a value trigger the callback? Controls that were just drawn trigger it with none."""
    try:
        triggered = dash.callback_context.triggered
    except MissingCallbackContextException:
        return True
    return any(t["value"] not in (None, [], 0) for t in triggered)


def say(message: str, tone: str = "info") -> None:
    """Show a toast beside what the callback returns.

    Not as an output: the place for toasts is always there, and Dash asks every callback that has it among its outputs
    as soon as a page with its inputs is drawn, `prevent_initial_call` or not.
    """
    dash.set_props(HOST, {"children": [toast(message, tone)]})


def callback_policies(app: dash.Dash) -> dict[str, Role | None]:
    """Callback id -> role, for everything that a browser can call. None: nobody decided."""
    return {key: _policy(key, bound) for key, bound in app.callback_map.items() if "callback" in bound}


def _policy(key: str, bound: dict[str, Any]) -> Role | None:
    if key == ROUTER:
        return Role.EXECUTIVE
    return getattr(bound["callback"], "policy", None)
