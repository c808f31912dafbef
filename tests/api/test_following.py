"""A token that may only bring data in: it follows what it brought itself, and sees nothing else."""

from __future__ import annotations

from tests.api.conftest import Caller, Stage
from tests.api.test_uploads import CSV, ROWS, send, work


def brought(caller: Caller, data: bytes = CSV) -> str:
    answer = send(caller, data, mode="append")
    assert answer.status_code == 202, answer.get_data(as_text=True)
    upload: str = answer.get_json()["id"]
    return upload


def test_a_token_follows_the_upload_it_made_to_its_end(stage: Stage) -> None:
    nightly = stage.caller("finance", ("ingest",))
    upload = brought(nightly)
    assert nightly.get(f"/uploads/{upload}").get_json()["status"] == "queued"
    assert work(stage) >= 1
    found = nightly.get(f"/uploads/{upload}").get_json()
    assert (found["status"], found["rows"], found["quarantined"]) == ("committed", 2, 1)
    assert "not a date" in nightly.get(f"/uploads/{upload}/quarantine.csv").get_data(as_text=True)
    assert nightly("DELETE", f"/uploads/{upload}").get_json()["status"] == "undone"


def test_it_pushes_rows_and_is_told_what_came_of_them(stage: Stage) -> None:
    nightly = stage.caller("finance", ("ingest",))
    answer = nightly("POST", "/datasets/orders/rows", json={"rows": ROWS, "mode": "append"})
    assert (answer.status_code, answer.get_json()["status"]) == (201, "committed")
    assert nightly.get(f"/uploads/{answer.get_json()['id']}").get_json()["rows"] == 2


def test_whatever_else_there_is_is_not_there_for_it(stage: Stage) -> None:
    nightly, other, reader = (stage.caller("finance", s) for s in (("ingest",), ("ingest", "export"), ("read",)))
    mine = brought(nightly)
    theirs = brought(other, CSV.replace(b"10.50", b"10.60"))
    work(stage)
    for upload, callers in {mine: (other,), theirs: (nightly,)}.items():
        for caller in callers:
            for call in (("GET", f"/uploads/{upload}"), ("GET", f"/uploads/{upload}/quarantine.csv"),
                         ("DELETE", f"/uploads/{upload}")):
                assert caller(*call).status_code == 404, call
        assert reader.get(f"/uploads/{upload}").status_code == 200
    for path in ("/uploads", "/datasets", "/datasets/orders", "/kpis", "/overview", "/kpis/revenue/series",
                 "/kpis/revenue/rows?period=2026-03", "/export/kpis.csv?kpis=revenue"):
        assert nightly.get(path).status_code == 403, path
    assert stage.caller("finance", ("export",)).get(f"/uploads/{mine}").status_code == 403


def test_a_dry_run_tells_it_no_figures(stage: Stage) -> None:
    brought(stage.caller("finance"))
    work(stage)
    more, path = CSV.replace(b"001,", b"004,"), "/datasets/orders/uploads?dry_run=true"
    full = send(stage.caller("finance"), more, path, mode="append").get_json()
    assert full["moves"]
    told = send(stage.caller("finance", ("ingest",)), more, path, mode="append").get_json()
    assert told["moves"] is None
    assert {k: told[k] for k in ("rows", "accepted", "quarantined")} == {"rows": 3, "accepted": 2, "quarantined": 1}


def test_a_demoted_owner_follows_nothing_any_more(stage: Stage) -> None:
    from dashapp.core.actor import Role
    from models import User, db

    nightly = stage.caller("finance", ("ingest",))
    upload = brought(nightly)
    with stage.app.app_context():
        db.session.get(User, stage.cast.finance.id).role = Role.EXECUTIVE.value
        db.session.commit()
    assert nightly.get(f"/uploads/{upload}").status_code == 403
