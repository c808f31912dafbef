"""The authorisation matrix: every route, page and callback with the role it needs, as a file that people read.

`python -m tests.web.matrix` writes it anew; the difference is what a reviewer looks at.
"""
from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import dash
from flask import Flask

from dashapp.web.callback import callback_policies
from dashapp.web.policy import policy_of
from tests.web.browser import callbacks, name_of

FILE = Path(__file__).resolve().parents[1] / "authz_matrix.txt"


def lines_of(app: Flask) -> list[str]:
    """One line per thing that can be reached: kind, name, role."""
    routes = {f"route {m} {rule.rule} {policy_of(app, rule.endpoint)}" for rule in app.url_map.iter_rules()
              for m in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    pages = {f"page {p['path_template'] or p['path']} {p.get('role')}" for p in dash.page_registry.values()}
    policies, bound = callback_policies(app.extensions["ledgerline.dash"]), callbacks(app)
    calls = {f"callback {name_of(bound[key])} {role}" for key, role in policies.items()}
    return sorted(routes | pages | calls)


if __name__ == "__main__":
    from dashapp import create_app
    from dashapp.services import keeping
    from tests.conftest import settings_in

    settings = settings_in(Path(tempfile.mkdtemp()))
    with keeping.state_app(settings.database_url).app_context():
        keeping.migrate()
    FILE.write_text("\n".join(lines_of(create_app(settings))) + "\n")
    sys.stdout.write(f"{FILE}\n")
