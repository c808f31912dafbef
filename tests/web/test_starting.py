"""What must be right before the first request, and what must not be loaded by then."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dash
import pytest

from dashapp.core.actor import ANONYMOUS
from dashapp.core.errors import Invalid, Unavailable
from dashapp.settings import Settings
from dashapp.web import app as trunk
from dashapp.web.starting import refuse_unsafe
from tests.conftest import SECRET, settings_in

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-m", "dashapp", "migrate"], check=True, capture_output=True, cwd="{ROOT}")
from dashapp import create_app
server = create_app()
print(server.test_client().get("/healthz", base_url="https://localhost").status_code)
print(sorted(m for m in ("pandas", "scipy", "statsmodels", "matplotlib", "numpy", "openpyxl", "duckdb", "pyarrow",
                         "ibis", "alembic", "mako", "pygments", "plotly.express", "mcp") if m in sys.modules))
import dash
print(all(name.startswith("pages.") for name in dash.page_registry))
"""


def start(folder, script=SCRIPT, cwd=ROOT, **environ):
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(folder), **environ}
    return subprocess.run([sys.executable, "-c", script], env=given, cwd=cwd, capture_output=True, text=True,
                          timeout=120)


def test_the_app_starts_without_heavy_libraries(tmp_path):
    done = start(tmp_path, LEDGERLINE_ENV="dev")
    assert done.stdout.splitlines() == ["200", "[]", "True"], done.stderr[-2000:]


def test_the_app_starts_from_any_directory(tmp_path):
    done = start(tmp_path / "data", cwd="/", LEDGERLINE_ENV="dev")
    assert done.stdout.splitlines() == ["200", "[]", "True"], done.stderr[-2000:]


def test_wsgi_offers_the_server(tmp_path):
    script = SCRIPT.replace("from dashapp import create_app\nserver = create_app()", "from wsgi import server")
    done = start(tmp_path, script, LEDGERLINE_ENV="dev")
    assert done.stdout.splitlines()[0] == "200", done.stderr[-2000:]
    assert not {"pandas", "scipy", "statsmodels", "matplotlib"} & set(done.stdout.split("'")), done.stdout


@pytest.mark.parametrize("environ", [
    {}, {"SECRET_KEY": "short"}, {"SECRET_KEY": "changeme"}, {"SECRET_KEY": "a" * 64},
    {"SECRET_KEY": SECRET, "FLASK_DEBUG": "1"}, {"SECRET_KEY": SECRET, "LEDGERLINE_FAILPOINT": "import.stored"},
    {"SECRET_KEY": SECRET, "DASH_MCP_ENABLED": "true"}], ids=str)
def test_a16_production_refuses_to_start_with_what_is_unsafe(tmp_path, environ):
    done = start(tmp_path, "from dashapp import create_app; create_app()", **environ)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert "Invalid:" in last
    assert last.rstrip().endswith(".")
    assert SECRET not in done.stderr


def test_a16_dev_makes_its_own_key_which_only_its_owner_reads(tmp_path):
    assert start(tmp_path, LEDGERLINE_ENV="dev").returncode == 0
    key = tmp_path / "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    assert len(before) >= 32
    assert start(tmp_path, LEDGERLINE_ENV="dev").returncode == 0
    assert key.read_bytes() == before


def test_a16_debug_is_for_developers():
    refuse_unsafe(Settings(env="dev"), {"FLASK_DEBUG": "1"})
    with pytest.raises(Invalid, match="debug mode"):
        refuse_unsafe(Settings(env="production", secret_key=SECRET), {"DASH_DEBUG": "true"})


def test_a16_a_key_that_is_given_past_the_parser_is_measured_again():
    with pytest.raises(Invalid, match="SECRET_KEY"):
        refuse_unsafe(Settings(env="production", secret_key="x"), {})


def test_a_database_of_another_version_is_named(tmp_path):
    with pytest.raises(Unavailable, match="migrate"):
        trunk.create_app(settings_in(tmp_path))


@pytest.mark.parametrize(("given", "name", "secure"), [
    ({"LEDGERLINE_ENV": "production"}, "__Host-ledgerline", True),
    ({"LEDGERLINE_ENV": "production", "PUBLIC_URL": "https://kpi.example.org"}, "__Host-ledgerline", True),
    ({"LEDGERLINE_ENV": "production", "PUBLIC_URL": "http://kpi.intern"}, "ledgerline", False),
    ({"LEDGERLINE_ENV": "dev"}, "ledgerline", False)])
def test_a6_the_cookie_has_the_host_prefix_under_https(tmp_path, given, name, secure):
    config = trunk._config(settings_in(tmp_path, **given))
    assert (config["SESSION_COOKIE_NAME"], config["SESSION_COOKIE_SECURE"]) == (name, secure)
    assert (config["SESSION_COOKIE_PATH"], config["SESSION_COOKIE_HTTPONLY"]) == ("/", True)


def test_pages_have_their_own_names_and_layouts_that_take_any_query(app):
    import inspect

    for name, registered in dash.page_registry.items():
        assert name.startswith("pages.")
        layout = sys.modules[name].layout
        kinds = {p.kind for p in inspect.signature(layout).parameters.values()}
        assert inspect.Parameter.VAR_KEYWORD in kinds, name
        assert registered["role"] is not None, name


def test_an_imported_page_is_the_registered_one(app):
    import pages.account

    before = dict(app.extensions["ledgerline.dash"].callback_map)
    assert sys.modules["pages.account"] is pages.account
    assert before == app.extensions["ledgerline.dash"].callback_map


def test_layouts_survive_having_no_user(app):
    from flask import g

    from dashapp.web import shell

    with app.test_request_context("/"):
        g.actor = ANONYMOUS
        assert "Users" not in str(shell.layout())
        for registered in dash.page_registry.values():
            assert "page-refused" in str(registered["layout"]())
