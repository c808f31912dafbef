"""Errors as people and programs read them; secrets are in none of them."""
from __future__ import annotations

import errno
import json
import logging

import pytest

from dashapp.core.errors import Conflict, Invalid, TooMany
from dashapp.core.issue import Issue
from dashapp.web import logs
from tests.web.browser import OWN, body_for, send

SECRET = "hunter2-the-database-password"


@pytest.fixture
def told(monkeypatch):
    """What is logged during the test, as the lines that would be written."""
    lines = []
    monkeypatch.setattr(logs.LOG, "handle", lambda record: lines.append(logs.JsonLines().format(record)))
    return lines


@pytest.fixture
def failing(app):
    """Make a route fail with the given exception for one test."""
    kept = {}

    def fail(endpoint, error):
        view = kept[endpoint] = app.view_functions[endpoint]

        def raising(**_given):
            raise error
        raising.policy = view.policy
        app.view_functions[endpoint] = raising
    yield fail
    app.view_functions.update(kept)


@pytest.mark.parametrize(("endpoint", "path"), [
    ("download_original", "/download/uploads/x/original"), ("api_nothing", "/api/v1/none"), ("healthz", "/healthz")])
def test_c11_an_unexpected_error_is_an_id_and_nothing_else(sign_in, failing, told, endpoint, path):
    client = sign_in("admin")
    failing(endpoint, RuntimeError(f"could not connect with {SECRET}"))
    answer = client.get(path)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert SECRET not in text + "".join(told)
    line = next(json.loads(t) for t in told if "unexpected" in t)
    assert line["error_id"] in text
    assert line["error"] == ["RuntimeError"]


def test_c11_an_unexpected_error_of_a_callback_is_a_toast_with_an_id(app, sign_in, told, monkeypatch):
    from dashapp.services import asking

    client = sign_in("admin")
    client.get("/")

    def fail(*_given):
        raise RuntimeError(SECRET)
    monkeypatch.setattr(asking, "data_version", fail)
    answer = send(client, body_for(app, "data-version.data"))
    toast = json.dumps(answer.get_json()["sideUpdate"]["toasts"])
    line = next(json.loads(t) for t in told if "unexpected" in t)
    assert answer.status_code == 200
    assert line["error_id"] in toast
    assert SECRET not in toast + "".join(told)


def test_what_a_person_can_fix_is_said_in_the_toast(app, sign_in, monkeypatch):
    from dashapp.services import asking

    def refuse(*_given):
        raise Invalid("This cannot be used.", issues=[Issue("x", "Column revnue is unknown.")])
    client = sign_in("admin")
    client.get("/")
    monkeypatch.setattr(asking, "data_version", refuse)
    toast = json.dumps(send(client, body_for(app, "data-version.data")).get_json()["sideUpdate"]["toasts"])
    assert "This cannot be used. Column revnue is unknown." in toast
    assert "Error id" not in toast


def test_h2_a_full_disk_is_said_to_people_and_programs_wherever_it_is_noticed(app, sign_in, failing, monkeypatch):
    from dashapp.services import asking

    client, full = sign_in("admin"), OSError(errno.ENOSPC, "No space left on device")
    failing("download_original", full)
    page = client.get("/download/uploads/x/original", headers=OWN)
    assert (page.status_code, "The disk is full" in page.get_data(as_text=True)) == (507, True)
    failing("api_nothing", full)
    answer = client.get("/api/v1/none")
    assert (answer.status_code, answer.get_json()["detail"].startswith("The disk is full")) == (507, True)
    client.get("/")

    def fail(*_given):
        raise full
    monkeypatch.setattr(asking, "data_version", fail)
    toast = json.dumps(send(client, body_for(app, "data-version.data")).get_json()["sideUpdate"]["toasts"])
    assert ("The disk is full" in toast, "Error id" in toast) == (True, False)


def test_programs_get_problem_json_with_issues_and_members(sign_in, failing):
    failing("api_nothing", Conflict("These bytes are there.", issues=[Issue("same", "seen")], upload="abc"))
    answer = sign_in("admin").get("/api/v1/none")
    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == 409
    assert answer.get_json() | {"issues": None} == {
        "type": "about:blank", "title": "Conflict", "status": 409, "detail": "These bytes are there.", "upload": "abc",
        "issues": None}


def test_a_wait_is_told_in_the_header_too(sign_in, failing):
    failing("api_nothing", TooMany("Slower, please.", retry_after=7))
    assert sign_in("admin").get("/api/v1/none").headers["Retry-After"] == "7"


def test_people_get_a_page(sign_in):
    answer = sign_in("finance").get("/download/uploads/none/original")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "There is no such upload." in answer.get_data(as_text=True)


def test_strangers_of_the_api_are_told_how_to_sign_in(client):
    answer = client.get("/api/v1/kpis")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_unknown_paths_of_the_api_are_json_404(sign_in):
    answer = sign_in("admin").get("/api/v1/nothing/here")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_i10_whatever_a_path_contains_a_request_is_one_line_of_json(client, told):
    client.get("/a%0d%0ab%1b[31mred")
    client.get("/x", headers={"User-Agent": "evil\x1b[0m"})
    assert len(told) == 2
    for line in told:
        assert "\n" not in line
        assert "\x1b" not in line
        assert json.loads(line)["event"] == "request"


def test_i10_messages_with_line_breaks_stay_one_line():
    record = logging.LogRecord("x", logging.INFO, "f", 1, "a\nb %s", ("\x1b[31m\r\n",), None)
    line = logs.JsonLines().format(record)
    assert "\n" not in line
    assert "\x1b" not in line


def test_i2_tokens_in_addresses_are_not_logged(client, told):
    secret = "ll_0123456789ab_" + "A" * 43
    client.get(f"/x/{secret}?token={secret}")
    assert secret not in "".join(told)
    assert "token=" not in "".join(told)


def test_the_browser_may_report_violations_of_the_policy(client, told):
    report = {"csp-report": {"violated-directive": "script-src", "blocked-uri": "inline\nx", "other": SECRET}}
    answer = client.post("/csp-report", json=report, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 204
    assert "script-src" in told[0]
    assert SECRET not in "".join(told)


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"csp-report": 1}', b"\xff"])
def test_odd_reports_are_swallowed(client, body):
    assert client.post("/csp-report", data=body, content_type="application/csp-report").status_code == 204


def test_a_method_that_does_not_exist_says_which_do(sign_in):
    answer = sign_in("admin").put("/login", headers=OWN)
    assert answer.status_code in (400, 405)
