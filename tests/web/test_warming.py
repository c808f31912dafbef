"""Warming beside the start: it harms nobody, and a process that is stopped meanwhile ends in order."""
from __future__ import annotations

import subprocess
import sys

import pytest

from dashapp.core.actor import SYSTEM
from dashapp.core.errors import Unavailable
from dashapp.core.filters import Filters
from dashapp.web import warming
from tests.house.source import ROOT

STOPPED = """
import contextlib, threading
from types import SimpleNamespace
import duckdb
from dashapp.web import warming
inside = threading.Event()
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
connection.create_function("hold", lambda n: inside.set() or n, ["BIGINT"], "BIGINT")

def ask(*given, **named):
    connection.execute("SELECT sum(hold(i) * i) FROM range(400000) t(i)").fetchall()
    import concurrent.futures.thread, asyncio.runners
    print("warmed", flush=True)

warming.overviewing.overview = ask
warming.current_desk = lambda: None
app = SimpleNamespace(app_context=contextlib.nullcontext, extensions={warming.CLOCK: lambda: None})
warming.start(app)
assert inside.wait(60)
"""


def test_a_process_stopped_while_it_warms_ends_without_an_abort():
    done = subprocess.run([sys.executable, "-c", STOPPED], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "warmed\n", "")


def test_it_asks_what_the_first_visitor_of_the_whole_company_will_ask(app, monkeypatch):
    asked = []
    monkeypatch.setattr(warming.overviewing, "overview", lambda *given, **named: asked.append((given, named)))
    warming.start(app).join()
    (actor, desk, filters), named = asked[0]
    assert (actor, filters) == (SYSTEM, Filters())
    assert desk.ledger is app.extensions["ledgerline"].ledger
    assert named["now"].tzinfo is not None


def test_figures_that_cannot_be_had_are_one_line_and_no_failure(app, monkeypatch, caplog):
    def fail(*_given, **_named):
        raise Unavailable("The database is busy.")
    lines = []
    monkeypatch.setattr(warming.overviewing, "overview", fail)
    monkeypatch.setattr(warming.log, "warning", lambda *given: lines.append(given[0] % given[1:]))
    warming.start(app).join()
    assert lines == ["the overview could not be warmed: The database is busy."]


@pytest.mark.parametrize("path", ["/healthz", "/login"])
def test_the_process_answers_while_it_warms(app, client, monkeypatch, path):
    import threading

    go, begun = threading.Event(), threading.Event()
    monkeypatch.setattr(warming.overviewing, "overview", lambda *_given, **_named: begun.set() or go.wait(60))
    thread = warming.start(app)
    try:
        assert begun.wait(60)
        assert client.get(path).status_code == 200
        assert thread.is_alive()
    finally:
        go.set()
        thread.join()
