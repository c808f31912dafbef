"""What monitors read: alive, ready, and numbers in the notation of Prometheus."""
from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from dashapp.core.errors import Unavailable
from dashapp.services import keeping, working
from dashapp.services.unit import writing
from dashapp.web import health
from models.work import JOB_STATES

LINE = r"# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\})? [\d.]+"


def test_alive_asks_nothing_of_the_database(client, monkeypatch):
    monkeypatch.setattr(keeping, "revision", lambda: pytest.fail("the database was asked"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_ready_tells_each_part(app, client, now, monkeypatch):
    monkeypatch.setattr(keeping, "is_worker_alive", lambda **_: True)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "ok", "checks": {"database": "ok", "facts": "ok", "queue": "ok"}}


def test_a_silent_worker_is_told_and_does_not_stop_the_web(app, client, monkeypatch):
    monkeypatch.setattr(keeping, "is_worker_alive", lambda **_: False)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "no worker" in answer.get_json()["checks"]["queue"]


@pytest.mark.parametrize(("error", "said"), [
    (Unavailable("The database belongs to an older version. Run: python -m dashapp migrate"), "migrate"),
    (OperationalError("SELECT 'hunter2'", {}, Exception("password=hunter2")), "OperationalError")])
def test_a_database_that_is_away_or_of_another_version_is_503_without_its_secrets(client, monkeypatch, error, said):
    def fail():
        raise error
    monkeypatch.setattr(keeping, "require_schema", fail)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert said in answer.get_json()["checks"]["database"]
    assert "hunter2" not in answer.get_data(as_text=True)


def test_a_facts_folder_that_cannot_be_written_is_503(app, client, monkeypatch):
    monkeypatch.setattr(health.os, "access", lambda path, _mode: False)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "facts" in answer.get_json()["checks"]["facts"]


def lines_of(client):
    return client.get("/metrics").get_data(as_text=True).splitlines()


def test_every_line_of_the_metrics_is_in_the_notation(client):
    for line in lines_of(client):
        assert re.fullmatch(LINE, line), line
    named = {line.split()[2] for line in lines_of(client) if line.startswith("# TYPE")}
    told = {re.split(r"[{ ]", line)[0] for line in lines_of(client) if not line.startswith("#")}
    assert told == named


def test_answers_are_counted_by_class(client):
    def refused():
        found = [line for line in lines_of(client) if 'status="4xx"' in line]
        return int(found[0].rpartition(" ")[2]) if found else 0
    before = refused()
    client.get("/_dash-layout")
    assert refused() == before + 1


def test_the_queue_is_told_by_state(app, client, now):
    assert health.JOB_STATES == JOB_STATES
    with app.app_context():
        with writing() as session:
            job = working.enqueue(session, "nothing", {}, now=now)
        told = dict(line.rsplit(" ", 1) for line in lines_of(client) if line.startswith("ledgerline_jobs{"))
        assert set(told) == {f'ledgerline_jobs{{state="{state}"}}' for state in JOB_STATES}
        assert int(told['ledgerline_jobs{state="queued"}']) >= 1
        from dashapp.core.actor import SYSTEM

        working.cancel(SYSTEM, job, now=now)


def test_metrics_are_there_when_the_database_is_not(client, monkeypatch):
    def fail():
        raise Unavailable("away")
    monkeypatch.setattr(keeping, "require_schema", fail)
    told = lines_of(client)
    assert 'ledgerline_ready{part="database"} 0' in told
    assert not [line for line in told if line.startswith("ledgerline_jobs")]


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("executive", 403), ("analyst", 403), ("admin", 200)])
def test_in_production_metrics_are_for_admins(app, client, sign_in, monkeypatch, who, status):
    monkeypatch.setitem(app.extensions, "ledgerline.settings",
                        replace(app.extensions["ledgerline.settings"], env="production"))
    assert (sign_in(who) if who else client).get("/metrics").status_code == status
