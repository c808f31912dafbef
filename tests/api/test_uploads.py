"""Bringing data in over the API: files, rows, dry runs, refusals and undo."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
import sqlalchemy as sql

from dashapp.core.rule import Limits
from dashapp.ingest import sandbox
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import importing, limiting
from models import DatasetRow, Upload, db
from tests.api.conftest import Caller, Stage
from tests.services.conftest import read_here

CSV = b"Order ID,Date,Region,Revenue\n001,2026-03-01,EMEA,10.50\n002,2026-03-02,APAC,7.25\n003,not a date,EMEA,1\n"
ROWS = [
    {"order_id": "001", "date": "2026-03-01", "revenue": 10.5},
    {"order_id": "002", "date": "2026-03-02", "revenue": 7},
]


def send(
    caller: Caller, data: bytes = CSV, path: str = "/datasets/orders/uploads", name: str = "orders.csv", **form: str
) -> Any:
    return caller("POST", path, data={"file": (io.BytesIO(data), name), **form}, content_type="multipart/form-data")


def work(stage: Stage) -> int:
    """Do every job that waits; how many there were."""
    desk = stage.app.extensions["ledgerline"]
    worker = Worker(stage.app, lambda: desk, HANDLERS, clock=stage.clock)
    done = 0
    while worker.step():
        done += 1
    return done


def total(caller: Caller, kpi: str = "revenue") -> Any:
    return caller.get(f"/kpis/{kpi}/series", **{"from": "2026-03-01", "to": "2026-03-16"}).get_json()["totals"][0][
        "value"
    ]


def test_a_file_is_checked_at_once_and_committed_by_a_job(stage: Stage) -> None:
    caller = stage.caller("finance")
    answer = send(caller, mode="append")
    assert answer.status_code == 202, answer.get_data(as_text=True)
    queued = answer.get_json()
    assert set(queued) >= {"id", "status"}
    assert queued["status"] == "queued"
    assert caller.get("/datasets").get_json() == []
    assert work(stage) >= 1
    upload = caller.get(f"/uploads/{queued['id']}").get_json()
    assert (upload["status"], upload["live"], upload["rows"], upload["quarantined"]) == ("committed", True, 2, 1)
    (issue,) = [i for i in upload["issues"] if i["severity"] == "error"]
    assert issue["row"] == 4
    (dataset,) = caller.get("/datasets").get_json()
    assert (dataset["key"], dataset["version"], dataset["rows"]) == ("orders", 1, 2)
    roles = {c["key"]: c["role"] for c in dataset["columns"]}
    assert roles["date"] == "date"
    assert roles["revenue"] == "measure"


def test_refused_rows_come_as_csv_with_reasons(stage: Stage) -> None:
    caller = stage.caller("finance")
    upload = send(caller, mode="append").get_json()["id"]
    answer = caller.get(f"/uploads/{upload}/quarantine.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "not a date" in answer.get_data(as_text=True)


def test_without_key_and_mode_nothing_is_assumed(stage: Stage) -> None:
    answer = send(stage.caller("finance"))
    assert answer.status_code == 422
    assert "append" in answer.get_json()["detail"]
    assert answer.get_json()["needs"]
    assert stage.caller("finance").get("/datasets").get_json() == []


def test_a_dry_run_tells_what_would_happen_and_keeps_nothing(stage: Stage) -> None:
    caller = stage.caller("finance")
    answer = send(caller, path="/datasets/orders/uploads?dry_run=true", mode="append")
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["rows"], body["accepted"], body["quarantined"]) == (3, 2, 1)
    assert body["issues"]
    assert work(stage) == 0
    assert caller.get("/datasets").get_json() == []
    assert send(caller, mode="append").status_code == 202


def test_a_dry_run_tells_which_status_of_which_figure_would_change(stage: Stage) -> None:
    caller, analyst = stage.caller("finance"), stage.caller("analyst")
    assert send(caller, mode="append").status_code == 202
    work(stage)
    analyst("PUT", "/kpis/income", json={"name": "Income", "formula": "sum(revenue)", "unit": "currency"})
    with stage.app.app_context():
        limiting.save(stage.cast.analyst, Limits("income", "day", "above", warning=15.0), now=stage.clock.now)
    more = b"Order ID,Date,Region,Revenue\n004,2026-03-01,EMEA,5.25\n"
    answer = send(caller, more, path="/datasets/orders/uploads?dry_run=true", mode="append").get_json()
    (alerts,) = [e for e in answer["consequences"] if e["kind"] == "alerts"]
    assert alerts["summary"] == "1 would fire, 0 would clear."
    assert alerts["rows"] == [{"kpi": "income", "grain": "day", "period": "2026-03-01", "before": "ok",
                               "after": "warning"}]


def test_the_same_bytes_again_are_refused_with_the_former_upload(stage: Stage) -> None:
    caller = stage.caller("finance")
    first = caller("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"}).get_json()
    again = caller("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"})
    assert again.status_code == 409
    assert again.get_json()["upload"] == first["id"]


def test_undo_takes_the_rows_out_again(stage: Stage) -> None:
    caller, analyst = stage.caller("finance"), stage.caller("analyst")
    first = caller("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"}).get_json()
    analyst("PUT", "/kpis/income", json={"name": "Income", "formula": "sum(revenue)", "unit": "currency"})
    assert total(caller, "income") == 17.5
    more = [{"order_id": "003", "date": "2026-03-03", "revenue": 100}]
    second = caller("POST", "/datasets/orders/rows", json=more).get_json()
    assert total(caller, "income") == 117.5
    undone = caller("DELETE", f"/uploads/{second['id']}")
    assert (undone.status_code, undone.get_json()["status"], undone.get_json()["live"]) == (200, "undone", False)
    assert total(caller, "income") == 17.5
    assert caller("DELETE", f"/uploads/{second['id']}").status_code == 409
    assert [u["id"] for u in caller.get("/uploads", dataset="orders").get_json()] == [second["id"], first["id"]]


def test_texts_numbers_and_nothing_arrive_as_they_were_sent(stage: Stage) -> None:
    caller = stage.caller("finance")
    rows = [
        {"code": "00123", "date": "2026-03-01", "note": '=1+1, "x"\nünï', "amount": 1e-4, "count": 12345678901},
        {"code": "007", "date": "2026-03-02", "note": None, "amount": 0.1, "ok": True},
    ]
    answer = caller(
        "POST",
        "/datasets/things/rows",
        json={"rows": rows, "mode": "append", "mapping": {"columns": {"note": {"role": "dimension"}}}},
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.get_json()["rows"] == 2
    (dataset,) = caller.get("/datasets").get_json()
    types = {c["key"]: c["type"] for c in dataset["columns"]}
    assert (types["code"], types["note"], types["date"]) == ("text", "text", "date")


def test_i4_the_same_key_has_one_effect_and_one_answer(stage: Stage) -> None:
    caller = stage.caller("finance")
    key = {"Idempotency-Key": "push-1"}
    first = caller("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"}, headers=key)
    again = caller("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    other = caller("POST", "/datasets/orders/rows", json={"rows": ROWS[:1], "mode": "append"}, headers=key)
    assert other.status_code == 422
    assert len(caller.get("/uploads").get_json()) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rows": []},
        {"rows": [[1]]},
        {"rows": [{}]},
        {"rows": [{"a": {"b": 1}}]},
        {"rows": [{"": 1}]},
        {"rows": "x"},
        {"rows": [{"a": 1}], "mode": "merge"},
        {"rows": [{"a": 1}], "more": 1},
        {"rows": [{"a": 1}], "mapping": {"x": 1}},
        {"rows": [{"a" * 300: 1}]},
    ],
    ids=range(11),
)
def test_rows_that_cannot_be_used_are_refused_and_leave_nothing(stage: Stage, body: dict[str, Any]) -> None:
    caller = stage.caller("finance")
    answer = caller("POST", "/datasets/orders/rows", json=body)
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert caller.get("/datasets").get_json() == []


@pytest.mark.parametrize(
    "form",
    [
        {"mapping": "{"},
        {"mapping": "[]"},
        {"mapping": '{"colour": 1}'},
        {"mapping": "[" * 100_000},
        {"mode": "merge"},
        {"other": "1"},
        {"role": "admin"},
    ],
    ids=range(7),
)
def test_a_form_that_cannot_be_used_is_refused_before_the_file_is_kept(stage: Stage, form: dict[str, str]) -> None:
    caller = stage.caller("finance")
    assert send(caller, **form).status_code == 422
    assert caller.get("/uploads").get_json() == []


def test_a_mapping_and_a_sheet_named_like_a_number_are_taken_as_texts(stage: Stage) -> None:
    caller = stage.caller("finance")
    mapping = '{"key": ["order_id"], "columns": {"Region": {"role": "ignore"}}}'
    answer = send(caller, path="/datasets/orders/uploads?dry_run=true", mapping=mapping)
    assert answer.status_code == 200
    assert answer.get_json()["key"] == ["order_id"]
    answer = send(caller, sheet="2024", mode="append")
    assert answer.status_code in (202, 422)


@pytest.mark.parametrize(
    ("data", "name"), [(b"", "empty.csv"), (b"PK\x03\x04nonsense", "x.xlsx"), (b"\x00" * 100, "x.csv")], ids=range(3)
)
def test_a_file_that_is_none_is_refused_with_a_sentence(stage: Stage, data: bytes, name: str) -> None:
    answer = send(stage.caller("finance"), data, name=name, mode="append")
    assert answer.status_code == 422
    assert answer.get_json()["detail"].endswith(".")


@pytest.mark.parametrize("files", [{}, {"data": b"x"}, {"file": b"a", "file2": b"b"}], ids=range(3))
def test_exactly_one_file_is_asked_for(stage: Stage, files: dict[str, bytes]) -> None:
    caller = stage.caller("finance")
    data = {k: (io.BytesIO(v), "x.csv") for k, v in files.items()} or {"mode": "append"}
    answer = caller("POST", "/datasets/orders/uploads", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422


@pytest.mark.parametrize("key", ["Orders", "or-ders", "o__o", "x" * 70, "%00", "🙂"])
def test_a_dataset_key_is_a_plain_word(stage: Stage, key: str) -> None:
    answer = stage.caller("finance")("POST", f"/datasets/{key}/rows", json={"rows": ROWS, "mode": "append"})
    assert answer.status_code == 422


def test_b4_an_upload_of_somebody_else_is_not_there_for_a_scoped_person(stage: Stage) -> None:
    from dashapp.services import accounts

    finance = stage.caller("finance")
    upload = finance("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"}).get_json()["id"]
    with stage.app.app_context():
        accounts.set_scope(stage.cast.admin, str(stage.cast.analyst.id), ["region=EMEA"], now=stage.clock.now)
    scoped = stage.caller("analyst")
    for method, path in (("GET", ""), ("GET", "/quarantine.csv"), ("DELETE", "")):
        there, nowhere = scoped(method, f"/uploads/{upload}{path}"), scoped(method, f"/uploads/{'0' * 32}{path}")
        assert there.status_code == nowhere.status_code == 404
        assert there.get_data() == nowhere.get_data()


@pytest.mark.parametrize("id", ["%00", "x", "' or 1=1", "../../etc/passwd", "0" * 200])
def test_an_id_that_is_none_is_not_there(stage: Stage, id: str) -> None:
    caller = stage.caller("finance")
    assert caller.get(f"/uploads/{id}").status_code == 404
    assert caller("DELETE", f"/uploads/{id}").status_code == 404


def test_a_key_that_the_demo_company_holds_takes_neither_files_nor_rows(stage: Stage) -> None:
    caller = stage.caller("finance")
    caller("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"})
    with stage.app.app_context():
        db.session.execute(sql.update(DatasetRow).values(is_demo=True))
        db.session.commit()
    tries = (
        send(caller, mode="append"),
        send(caller, path="/datasets/orders/uploads?dry_run=true", mode="append"),
        caller("POST", "/datasets/orders/rows", json={"rows": ROWS[:1], "mode": "append"}),
    )
    for answer in tries:
        assert answer.status_code == 409
        assert answer.get_json()["detail"].startswith("orders belongs to the demo company. Remove the demo company")
    assert (caller.get("/datasets").get_json()[0]["rows"], len(caller.get("/uploads").get_json())) == (2, 1)


def _posted(stage: Stage, count: int, *, start: int = 0) -> list[str]:
    """So many files of one row each into one dataset, none of them worked on yet; their ids in the order they went."""
    caller, ids = stage.regular("finance"), []
    for n in range(start, start + count):
        answer = send(caller, b"Date,Region,Revenue\n2026-03-%02d,EMEA,%d\n" % (n % 15 + 1, n + 1), mode="append")
        assert answer.status_code == 202, answer.get_data(as_text=True)
        ids.append(answer.get_json()["id"])
    return ids


def _stored(stage: Stage, ids: list[str]) -> list[tuple[str, int | None]]:
    with stage.app.app_context():
        found = {u.id: (u.state, u.commit) for u in db.session.scalars(sql.select(Upload))}
    return [found[i] for i in ids]


@pytest.fixture
def read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_supervise", read_here)


@pytest.mark.usefixtures("read_at_once")
def test_every_file_that_was_accepted_before_the_worker_ran_is_committed_in_order(stage: Stage) -> None:
    ids = _posted(stage, 20)
    states = {u["status"] for u in stage.regular("finance").get("/uploads").get_json()}
    assert states == {"queued"}
    work(stage)
    assert _stored(stage, ids) == [("committed", n) for n in range(1, 21)]
    assert total(stage.regular("finance")) == sum(range(1, 21))


@pytest.mark.usefixtures("read_at_once")
def test_two_workers_commit_every_file_that_was_accepted_in_order(stage: Stage) -> None:
    ids = _posted(stage, 20)
    faults: list[BaseException] = []
    pause, still = threading.Event(), stage.clock.now  # a clock that others turn would let leases run out

    def until_done() -> None:
        try:
            worker = Worker(stage.app, lambda: stage.app.extensions["ledgerline"], HANDLERS, clock=lambda: still)
            while {state for state, _ in _stored(stage, ids)} & {"queued", "inspected", "received"}:
                if not worker.step():
                    pause.wait(0.05)
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=until_done) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert faults == []
    assert _stored(stage, ids) == [("committed", n) for n in range(1, 21)]


@pytest.mark.usefixtures("read_at_once")
def test_rows_that_arrive_while_a_file_is_checked_do_not_lose_the_file(
        stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    (waiting,) = _posted(stage, 1)
    caller, real, pushed = stage.regular("finance"), importing.commit, []

    def overtaken(*args: Any, **more: Any) -> Any:
        if args[2] == waiting and len(pushed) < 3:
            pushed.append(len(pushed))
            row = {"date": "2026-03-02", "region": "APAC", "revenue": 100 + pushed[-1]}
            assert caller("POST", "/datasets/orders/rows", json={"rows": [row], "mode": "append"}).status_code == 201
        return real(*args, **more)

    monkeypatch.setattr(importing, "commit", overtaken)
    work(stage)
    assert _stored(stage, [waiting]) == [("committed", 4)]
    assert total(caller) == 1 + 100 + 101 + 102


def test_two_uploads_are_compared_row_by_row(stage: Stage) -> None:
    caller = stage.caller("finance")
    told = {"mapping": {"key": ["order_id"]}, "mode": "upsert"}
    first = caller("POST", "/datasets/orders/rows", json={"rows": ROWS, **told}).get_json()["id"]
    changed = {"rows": [{**ROWS[0], "revenue": 11}], **told}
    second = caller("POST", "/datasets/orders/rows", json=changed).get_json()["id"]
    answer = caller.get(f"/uploads/{second}/compare/{first}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = answer.get_json()
    assert (found["first"], found["same"], found["changed"], found["only_first"], found["only_second"]) == (
        first, 0, 1, 1, 0)
    assert found["sums"]["revenue"] == ["17.5000", "11.0000"]
    assert found["pairs"][0]["cells"] == {"revenue": ["10.5000", "11.0000"]}
    assert caller.get(f"/uploads/{first}/compare/{first}").status_code == 422
    assert caller.get(f"/uploads/{first}/compare/nothing").status_code == 404


def test_uploads_are_listed_by_state_and_text(stage: Stage) -> None:
    caller = stage.caller("finance")
    first = caller("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"}).get_json()["id"]
    assert [u["id"] for u in caller.get("/uploads", status="committed", text="ROWS").get_json()] == [first]
    assert caller.get("/uploads", status="undone").get_json() == []
    assert caller.get("/uploads", text="nobody").get_json() == []
    assert caller.get("/uploads", status="lost").status_code == 422
