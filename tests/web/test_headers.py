"""What every answer carries, and what the browser may run."""
from __future__ import annotations

import base64
import hashlib
import re

import pytest

from tests.web.browser import headers, page_body, send

PLACES = ["/", "/login", "/healthz", "/readyz", "/metrics", "/_dash-layout", "/_dash-dependencies", "/no/such",
          "/api/v1/none", "/api/v1/openapi.json", "/api/v1/docs", "/assets/none.css",
          "/download/uploads/x/original", "/password"]
EVERY = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("who", [None, "executive", "admin"])
def test_c10_every_answer_carries_the_headers(client, sign_in, path, who):
    browser = sign_in(who) if who else client
    for method in ("GET", "POST", "HEAD"):
        answer = browser.open(path, method=method)
        for name, value in EVERY.items():
            assert answer.headers[name] == value, (method, answer.status)
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server-Timing" not in answer.headers


def test_c10_strict_transport_is_asked_for_under_https_only(client):
    assert "Strict-Transport-Security" not in client.get("/login").headers
    assert "max-age=" in client.get("/login", base_url="https://localhost").headers["Strict-Transport-Security"]


def test_c8_scripts_need_neither_unsafe_inline_nor_eval(client):
    scripts = _directive(client.get("/login"), "script-src")
    assert "unsafe" not in scripts
    assert "http" not in scripts


def test_c8_every_inline_script_of_the_shell_is_allowed_by_its_hash(sign_in):
    answer = sign_in("executive").get("/")
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", answer.get_data(as_text=True), re.S)
    runnable = [code for attributes, code in inline if "application/json" not in attributes and code.strip()]
    allowed = _directive(answer, "script-src")
    assert runnable
    for code in runnable:
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed, code[:200]


def test_c8_inline_script_of_the_sign_in_page_is_allowed_by_its_hash(client):
    answer = client.get("/login")
    code = re.search(r"<script>(.*?)</script>", answer.get_data(as_text=True), re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in _directive(answer, "script-src")


def test_nothing_of_the_shell_comes_from_another_host(sign_in):
    page = sign_in("executive").get("/").get_data(as_text=True)
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page)


def test_fingerprinted_files_are_kept_for_a_year_by_this_browser_alone(sign_in):
    client = sign_in("executive")
    page = client.get("/").get_data(as_text=True)
    suite = re.search(r"src=\"(/_dash-component-suites/dash/dcc/[^\"]*)\"", page).group(1)
    asset = re.search(r"href=\"(/assets/[^\"]*\.css\?m=[^\"]*)\"", page).group(1)
    for path in (suite, asset):
        with client.get(path) as answer:
            assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable", path


def test_scripts_travel_compressed_and_only_once_through_the_compressor(app, sign_in):
    client = sign_in("executive")
    page = client.get("/").get_data(as_text=True)
    suite = re.search(r"src=\"(/_dash-component-suites/dash/dcc/[^\"]*)\"", page).group(1)
    first = client.get(suite, headers={"Accept-Encoding": "gzip"})
    again = client.get(suite, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.get_data() == again.get_data()


def test_pages_that_hold_tokens_are_not_compressed(client):
    assert "Content-Encoding" not in client.get("/login", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_the_look_is_written_before_anything_is_painted(app, sign_in, theme, now):
    client = sign_in("analyst")
    send(client, {"output": _theme_output(app), "outputs": None, "state": [], "changedPropIds": ["theme-choice.data"],
                  "inputs": [{"id": "theme-choice", "property": "data", "value": theme}]})
    page = client.get("/").get_data(as_text=True)
    html = re.search(r"<html[^>]*>", page).group(0)
    assert f'data-ll-theme="{theme}"' in html
    assert f'data-bs-theme="{"dark" if theme == "dark" else "light"}"' in html
    assert page.index("<html") < page.index("matchMedia") < page.index("</head>")


def _theme_output(app):
    from tests.web.browser import output_of

    return output_of(app, "dashapp.web.shell.keep_theme")


def test_the_title_is_ours_and_static(sign_in):
    assert "<title>Ledgerline</title>" in sign_in("executive").get("/").get_data(as_text=True)


def test_the_token_for_scripts_follows_the_session(sign_in):
    client = sign_in("executive")
    assert send(client, page_body("/account")).status_code == 200
    assert headers(client)["X-CSRFToken"]


def _directive(answer, name):
    return next(d for d in answer.headers["Content-Security-Policy"].split("; ") if d.startswith(name))
