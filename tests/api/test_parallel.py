"""Files and rows that arrive at the same moment, from several senders, into one dataset: none lost, order kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sql
from openpyxl import Workbook

from dashapp.ingest import sandbox
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from models import AuditLine, Upload, db
from tests.api.conftest import Caller, Clock, Stage
from tests.api.test_uploads import send, total, work
from tests.services.conftest import read_here

SENDERS, EACH = 5, 4


@dataclass
class Shared(Clock):
    """A clock that several threads may read: no two moments are the same, and none runs backwards."""

    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> datetime:
        with self.lock:
            return super().__call__()


@pytest.fixture
def busy(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage whose clock several threads share; files are read in the process."""
    monkeypatch.setattr(sandbox, "_supervise", read_here)
    stage.clock = stage.app.extensions["ledgerline.clock"] = Shared(tick=timedelta(milliseconds=100))
    return stage


def at_once(stage: Stage, act: Callable[[Caller, int], list[str]]) -> list[list[str]]:
    """`act(caller, sender)` in as many threads as there are senders, which begin together; what each came to."""
    callers = [stage.regular("finance") for _ in range(SENDERS)]
    start = threading.Barrier(SENDERS)

    def run(sender: int) -> list[str]:
        start.wait(30)
        return act(callers[sender], sender)

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(run, range(SENDERS)))


def commits(stage: Stage) -> dict[str, tuple[str, int | None]]:
    with stage.app.app_context():
        return {u.id: (u.state, u.commit) for u in db.session.scalars(sql.select(Upload))}


def amount(sender: int, turn: int) -> int:
    """A power of two of its own for each file: the total says which of them count, and whether any counts twice."""
    return 1 << (sender * EACH + turn)


def test_files_posted_at_the_same_time_are_all_committed_each_senders_in_their_order(busy: Stage) -> None:
    def post(caller: Caller, sender: int) -> list[str]:
        found = []
        for turn in range(EACH):
            data = b"Date,Region,Revenue\n2026-03-0%d,R%d,%d\n" % (turn + 1, sender, amount(sender, turn))
            answer = send(caller, data, name=f"{sender}-{turn}.csv", mode="append")
            assert answer.status_code == 202, answer.get_data(as_text=True)
            found.append(answer.get_json()["id"])
        return found

    sent = at_once(busy, post)
    assert {state for state, _ in commits(busy).values()} == {"queued"}
    assert work(busy) >= SENDERS * EACH
    kept = commits(busy)
    assert sorted(kept) == sorted(i for ids in sent for i in ids)
    assert sorted(n for _, n in kept.values() if n) == list(range(1, SENDERS * EACH + 1))
    for ids in sent:
        own = [kept[i][1] or 0 for i in ids]
        assert own == sorted(own)
    assert total(busy.regular("finance")) == (1 << SENDERS * EACH) - 1
    with busy.app.app_context():
        lines = db.session.scalars(sql.select(AuditLine.subject).where(AuditLine.action == "upload.commit")).all()
    assert sorted(lines) == sorted(kept), "one line each"


def test_files_are_posted_while_a_worker_commits_and_none_is_lost(busy: Stage) -> None:
    stop, faults = threading.Event(), list[BaseException]()

    def run() -> None:
        worker = Worker(busy.app, lambda: busy.app.extensions["ledgerline"], HANDLERS, clock=busy.clock)
        try:
            while not stop.is_set():
                if not worker.step():
                    stop.wait(0.02)
        except BaseException as fault:
            faults.append(fault)
            raise

    def post(caller: Caller, sender: int) -> list[str]:
        data = b"Date,Region,Revenue\n2026-03-01,R,%d\n" % amount(sender, 0)
        return [send(caller, data, name=f"{sender}.csv", mode="append").get_json()["id"]]

    thread = threading.Thread(target=run)
    thread.start()
    try:
        ids = [i for found in at_once(busy, post) for i in found]
    finally:
        stop.set()
        thread.join(60)
    work(busy)
    assert faults == []
    assert {i: s for i, (s, _) in commits(busy).items()} == dict.fromkeys(ids, "committed")
    assert total(busy.regular("finance")) == sum(amount(sender, 0) for sender in range(SENDERS))


def test_rows_pushed_at_the_same_time_all_count_and_nobody_is_turned_away(busy: Stage) -> None:
    first = busy.regular("finance")("POST", "/datasets/orders/rows", json={
        "rows": [{"date": "2026-03-01", "revenue": 0}], "mode": "append"})
    assert first.status_code == 201, first.get_data(as_text=True)

    def push(caller: Caller, sender: int) -> list[str]:
        rows = [{"date": "2026-03-02", "revenue": amount(sender, 0)}]
        answer = caller("POST", "/datasets/orders/rows", json={"rows": rows, "mode": "append"})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return [answer.get_json()["id"]]

    sent = at_once(busy, push)
    kept = commits(busy)
    assert sorted(n for _, n in kept.values() if n) == list(range(1, SENDERS + 2))
    assert {kept[i][0] for ids in sent for i in ids} == {"committed"}
    assert total(busy.regular("finance")) == sum(amount(sender, 0) for sender in range(SENDERS))


def test_the_same_file_from_all_at_once_counts_once_and_the_others_are_told_where_it_is(busy: Stage) -> None:
    def push(caller: Caller, _sender: int) -> list[str]:
        answer = caller("POST", "/datasets/orders/rows", json={"rows": [{"date": "2026-03-02", "revenue": 5}],
                                                                "mode": "append"})
        assert answer.status_code in (201, 409), answer.get_data(as_text=True)
        return [str(answer.status_code), answer.get_json().get("upload") or answer.get_json()["id"]]

    answers = at_once(busy, push)
    assert sorted(status for status, _ in answers) == ["201"] + ["409"] * (SENDERS - 1)
    assert len({upload for _, upload in answers}) == 1
    assert total(busy.regular("finance")) == 5


def two_sheets(path: Path) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, value in (("Jan", 10), ("Feb", 32)):
        sheet = book.create_sheet(name)
        sheet.append(["Date", "Revenue"])
        sheet.append([f"2026-03-0{1 + (name == 'Feb')}", value])
    book.save(path)
    return path.read_bytes()


def test_a_second_sheet_of_the_same_workbook_is_another_upload(busy: Stage, tmp_path: Path) -> None:
    caller, data = busy.regular("finance"), two_sheets(tmp_path / "book.xlsx")
    first = send(caller, data, name="book.xlsx", sheet="Jan", mode="append")
    assert first.status_code == 202, first.get_data(as_text=True)
    work(busy)
    assert total(caller) == 10
    again = send(caller, data, name="book.xlsx", sheet="Jan", mode="append")
    assert (again.status_code, again.get_json()["upload"]) == (409, first.get_json()["id"])
    assert "The sheet Jan of these very bytes is already in orders" in again.get_json()["detail"]
    assert "Choose another sheet" in again.get_json()["detail"]
    rehearsed = send(caller, data, path="/datasets/orders/uploads?dry_run=true", name="book.xlsx", sheet="Feb")
    assert (rehearsed.status_code, rehearsed.get_json()["sheets"]) == (200, ["Jan", "Feb"])
    second = send(caller, data, name="book.xlsx", mapping='{"sheet": "Feb"}')
    assert second.status_code == 202, second.get_data(as_text=True)
    work(busy)
    assert total(caller) == 42
    every = send(caller, data, name="book.xlsx", mode="append")
    assert (every.status_code, every.get_json()["upload"]) == (409, first.get_json()["id"])
    assert {s for s, _ in commits(busy).values()} == {"committed", "rejected"}


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(busy: Stage, tmp_path: Path) -> None:
    answer = send(busy.regular("finance"), two_sheets(tmp_path / "b.xlsx"), name="b.xlsx", sheet="Mar", mode="append")
    assert (answer.status_code, "Jan, Feb" in answer.get_json()["detail"]) == (422, True), answer.get_json()
