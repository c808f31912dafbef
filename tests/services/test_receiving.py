"""A file arrives: kept whole under a random name, or not at all."""
from __future__ import annotations

import errno
import hashlib
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound, OutOfSpace, TooLarge, TooMany
from dashapp.services import auditing, uploads
from dashapp.services.receiving import receive
from models import Upload, db

FILE = b"date,revenue\n2026-01-01,5\n"


def _receive(actor, desk, now, data=FILE, name="weekly.csv", dataset="weekly"):
    return receive(actor, desk, io.BytesIO(data), name, dataset, now=now)


def _kept(desk):
    return sorted(desk.originals.iterdir()) if desk.originals.exists() else []


def test_the_bytes_are_kept_and_hashed(database, desk, cast, now):
    found = _receive(cast.finance, desk, now)
    assert (desk.originals / found.id).read_bytes() == FILE
    assert found.source_sha256 == hashlib.sha256(FILE).hexdigest()
    assert (found.state, found.source_bytes, found.dataset) == ("received", len(FILE), "weekly")
    assert uploads.status(cast.finance, desk, found.id) == found
    (line,) = [x for x in auditing.listing(cast.admin) if x.action == "upload.receive"]
    assert line.subject == found.id


@pytest.mark.parametrize(("name", "shown"), [
    ("../../etc/passwd", "passwd"), ("a\r\nb.xlsx", "ab.xlsx"), ("x" * 300 + ".csv", "x" * 200),
    ("evil\u202excod.exe", "evilxcod.exe"), ("=cmd().csv", "=cmd().csv"), ("C:\\secret\\q1.xlsx", "q1.xlsx"),
    ("📈.csv", "📈.csv"), ("", "file"), ("///", "file"),
])
def test_d10_a_file_name_is_shown_and_never_used_as_a_path(sqlite_database, desk, cast, now, name, shown):
    found = _receive(cast.finance, desk, now, name=name)
    assert found.source_name == shown
    assert [p.name for p in _kept(desk)] == [found.id]


def test_d11_a_file_over_the_limit_is_refused_and_nothing_stays(sqlite_database, desk, cast, now):
    small = replace(desk, max_upload=10)
    with pytest.raises(TooLarge):
        _receive(cast.finance, small, now)
    assert _kept(desk) == []
    assert db.session.query(Upload).count() == 0


def test_d8_an_empty_file_is_refused_and_nothing_stays(sqlite_database, desk, cast, now):
    with pytest.raises(Invalid, match="empty"):
        _receive(cast.finance, desk, now, data=b"")
    assert _kept(desk) == []


@pytest.mark.parametrize("key", ["Weekly", "weekly sales", "", "a__b", "x" * 64, "../x", "orders;drop"])
def test_a_dataset_key_is_a_plain_word(sqlite_database, desk, cast, now, key):
    with pytest.raises(Invalid):
        _receive(cast.finance, desk, now, dataset=key)
    assert _kept(desk) == []


def test_executives_bring_no_files(sqlite_database, desk, cast, now):
    with pytest.raises(Forbidden):
        _receive(cast.executive, desk, now)


def test_a_token_without_the_right_to_ingest_brings_no_files(sqlite_database, desk, cast, now):
    with pytest.raises(Forbidden):
        _receive(replace(cast.finance, token_scopes=frozenset({"read"})), desk, now)


def test_e23_the_same_bytes_are_refused_with_a_link_while_they_are_live(database, desk, cast, now):
    first = _receive(cast.finance, desk, now)
    row = db.session.get(Upload, first.id)
    row.state = "committed"
    db.session.commit()
    with pytest.raises(Conflict) as refused:
        _receive(cast.admin, desk, now, name="again.csv")
    assert refused.value.extra["upload"] == first.id
    assert [p.name for p in _kept(desk)] == [first.id]
    db.session.get(Upload, first.id).state = "undone"
    db.session.commit()
    assert _receive(cast.admin, desk, now).state == "received"


def test_the_same_bytes_may_go_into_another_dataset(sqlite_database, desk, cast, now):
    db.session.get(Upload, _receive(cast.finance, desk, now).id).state = "committed"
    db.session.commit()
    assert _receive(cast.finance, desk, now, dataset="other").dataset == "other"


def test_d16_the_daily_quota_says_what_remains_and_a_new_day_brings_a_new_one(sqlite_database, desk, cast, now):
    two = replace(desk, daily_files=2)
    for number in range(2):
        _receive(cast.finance, two, now, data=FILE + b"%d" % number)
    with pytest.raises(TooMany) as refused:
        _receive(cast.finance, two, now)
    assert refused.value.extra["remaining_files"] == 0
    assert _receive(cast.admin, two, now).state == "received"
    assert _receive(cast.finance, two, now + timedelta(days=1, seconds=1)).state == "received"


def test_h2_a_full_disk_is_said_and_leaves_nothing(sqlite_database, desk, cast, now):
    class Full(io.BytesIO):
        def read(self, *_args):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutOfSpace):
        receive(cast.finance, desk, Full(FILE), "x.csv", "weekly", now=now)
    assert _kept(desk) == []
    assert _receive(cast.finance, desk, now).state == "received"


def test_b4_people_with_a_scope_see_their_own_uploads_only(sqlite_database, desk, cast, now):
    theirs = _receive(cast.finance, desk, now)
    scoped = replace(cast.scoped, role=cast.finance.role)
    own = _receive(scoped, desk, now, data=FILE + b"\n")
    assert [u.id for u in uploads.listing(scoped, desk)] == [own.id]
    with pytest.raises(NotFound):
        uploads.status(scoped, desk, theirs.id)

    assert {u.id for u in uploads.listing(cast.finance, desk)} == {own.id, theirs.id}
