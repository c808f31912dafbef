"""The page of an upload looks after its job: one look at a time, and the outcome is there whenever the job ends."""
from __future__ import annotations

from typing import Any

import pytest

from dashapp.core.actor import SYSTEM
from dashapp.core.mapping import mapping_from_json
from dashapp.ingest import sandbox
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import queueing
from tests.services.conftest import read_here
from tests.web.browser import body_for, output_of, send
from tests.web.test_upload import post

ROWS = b"date,revenue\n2026-01-01,1\n2026-01-02,%d\n"
MAPPING = {"mode": "append", "key": []}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_supervise", read_here)


def bring(app, client, dataset: str, number: int) -> str:
    """A file that arrived and whose check waits for a worker; the upload's id."""
    upload = post(client, f"/upload/{dataset}", ROWS % number).get_json()["id"]
    with app.app_context():
        queueing.queue_check(SYSTEM, app.extensions["ledgerline"], upload, mapping_from_json(MAPPING),
                             now=app.extensions["ledgerline.clock"]())
    return upload


def work(app) -> None:
    worker = Worker(app, lambda: app.extensions["ledgerline"], HANDLERS, clock=app.extensions["ledgerline.clock"])
    while worker.step():
        pass


def look(app, client, upload: str, ticks: int | None = None) -> dict[str, Any]:
    body = body_for(app, output_of(app, "pages.data_upload.watch"))
    for entry in body["inputs"]:
        entry["value"] = {"upload-id": upload, "upload-tick": ticks}.get(entry["id"], 0)
    answer = send(client, body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["response"]


def test_a_waiting_job_allows_one_more_look_and_no_other(app, sign_in):
    client = sign_in("finance")
    upload = bring(app, client, "watch_waits", 2)
    for ticks in (None, 1, 7):
        told = look(app, client, upload, ticks)
        assert told["upload-tick"] == {"disabled": False, "max_intervals": (ticks or 0) + 1}
        assert told["upload-pulse"] == {"disabled": False}
        assert (told["upload-outcome"]["children"], told["upload-commit"]["hidden"]) == (None, True)
    work(app)
    told = look(app, client, upload, 8)
    assert (told["upload-tick"]["disabled"], told["upload-pulse"]["disabled"]) == (True, True)
    assert told["upload-decision"]["className"] == "ll-panel"


def test_a_job_that_ends_between_two_looks_of_one_answer_is_seen_with_its_outcome(app, sign_in, monkeypatch):
    """The answer reads job and upload. A job over, and the upload as it was before, would end the looking for ever."""
    client = sign_in("finance")
    upload = bring(app, client, "watch_late", 3)
    real, asked = queueing.job_of, []

    def late(*args: Any) -> Any:
        asked.append(args)
        work(app)
        return real(*args)

    monkeypatch.setattr(queueing, "job_of", late)
    told = look(app, client, upload, 1)
    assert asked
    assert (told["upload-tick"]["disabled"], told["upload-decision"]["className"]) == (True, "ll-panel")
    assert told["upload-commit"]["hidden"] is False
    assert told["upload-outcome"]["children"] is not None
