"""The streamed upload and downloads."""
from __future__ import annotations

import io

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dashapp.core.errors import AppError, TooLarge
from dashapp.web.multipart import MAX_PARTS, FileStream
from tests.web.browser import headers

BOUNDARY = "----boundary"
MEGABYTE = 1024 * 1024


def part(name, content, filename=None):
    file = f'; filename="{filename}"' if filename is not None else ""
    return (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n').encode() + content + b"\r\n"


def whole(*parts):
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def request_of(body, length=None, kind=f"multipart/form-data; boundary={BOUNDARY}"):
    builder = EnvironBuilder(method="POST", input_stream=io.BytesIO(body), content_type=kind)
    environ = builder.get_environ()
    environ["CONTENT_LENGTH"] = str(len(body) if length is None else length)
    return Request(environ)


def read_all(stream):
    out = []
    while chunk := stream.read(1000):
        out.append(chunk)
    return b"".join(out)


@pytest.mark.parametrize("content", [b"", b"a", b"\r\n--", b"a,b\r\n1,2\r\n", bytes(range(256)) * 5000,
                                     b"\r\n" * 400_000, b"\r\n--" * 300_000], ids=len)
def test_the_file_arrives_as_it_was_sent(content):
    stream = FileStream(request_of(whole(part("note", b"x"), part("file", content, "März.csv"))), 10 * MEGABYTE)
    assert stream.filename == "März.csv"
    assert read_all(stream) == content
    assert stream.read(10) == b""


def test_a_file_larger_than_the_cap_is_cut_off_by_counting():
    stream = FileStream(request_of(whole(part("file", b"x" * 3 * MEGABYTE, "big.csv"))), MEGABYTE)
    with pytest.raises(TooLarge):
        read_all(stream)


@pytest.mark.parametrize("where", ["before", "after"])
def test_d11_two_thousand_parts_are_refused(where):
    many, file = [part(f"f{i}", b"x") for i in range(2000)], part("file", b"content", "a.csv")
    body = whole(*many, file) if where == "before" else whole(file, *many)
    with pytest.raises(AppError) as caught:
        read_all(FileStream(request_of(body), MEGABYTE))
    assert caught.value.status in (400, 413)
    assert MAX_PARTS < 2000


@pytest.mark.parametrize("cut", [10, 60, 110, 150])
def test_d11_a_body_that_ends_early_is_refused(cut):
    body = whole(part("file", b"x" * 200, "a.csv"))[:cut]
    with pytest.raises(AppError):
        read_all(FileStream(request_of(body, length=5000), MEGABYTE))


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "multipart/mixed; boundary=x", ""])
def test_other_kinds_of_bodies_are_refused(kind):
    with pytest.raises(AppError):
        FileStream(request_of(b"x", kind=kind), MEGABYTE)


def test_a_form_without_a_file_is_refused():
    with pytest.raises(AppError, match="no part named"):
        FileStream(request_of(whole(part("other", b"x", "a.csv"), part("file", b"no file name"))), MEGABYTE)


def test_headers_that_never_end_are_refused():
    with pytest.raises(AppError):
        FileStream(request_of(f"--{BOUNDARY}\r\nX: {'y' * 1_000_000}".encode()), MEGABYTE)


def test_memory_stays_small_while_a_large_file_passes():
    import tracemalloc

    stream = FileStream(request_of(whole(part("file", b"x" * 20 * MEGABYTE, "a.csv"))), 50 * MEGABYTE)
    tracemalloc.start()
    while stream.read(64 * 1024):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * MEGABYTE


def post(client, path, content=b"date,revenue\n2026-01-01,1\n", name="a.csv", **more):
    return client.post(path, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data",
                       headers={**headers(client), **more})


def test_finance_uploads_and_takes_the_original_back(sign_in):
    client = sign_in("finance")
    answer = post(client, "/upload/upload_route", b"date,revenue\n2026-01-01,77\n", "Jänner \"x\".csv")
    assert answer.status_code == 201
    upload = answer.get_json()
    assert set(upload) == {"id", "status"}
    with client.get(f"/download/uploads/{upload['id']}/original") as taken:
        assert taken.get_data() == b"date,revenue\n2026-01-01,77\n"
        assert "attachment" in taken.headers["Content-Disposition"]
        assert "filename*=UTF-8''J%C3%A4nner" in taken.headers["Content-Disposition"]
        assert taken.mimetype == "application/octet-stream"


@pytest.mark.parametrize("role", ["executive"])
def test_a_role_below_finance_uploads_nothing(sign_in, role):
    assert post(sign_in(role), "/upload/orders").status_code == 403


def test_d11_a_declared_length_over_the_cap_is_refused_unread(sign_in):
    client = sign_in("finance")
    answer = client.post("/upload/orders", headers=headers(client), input_stream=io.BytesIO(b""),
                         content_type=f"multipart/form-data; boundary={BOUNDARY}",
                         environ_overrides={"CONTENT_LENGTH": str(51 * MEGABYTE)})
    assert answer.status_code == 413


def test_d11_fifty_one_megabytes_are_refused(sign_in):
    client, body = sign_in("finance"), whole(part("file", b"x" * 51 * MEGABYTE, "a.csv"))
    for length in (len(body), 40 * MEGABYTE):  # told the truth, and a smaller number
        answer = client.post("/upload/orders", headers=headers(client), input_stream=io.BytesIO(body),
                             content_type=f"multipart/form-data; boundary={BOUNDARY}",
                             environ_overrides={"CONTENT_LENGTH": str(length)})
        assert answer.status_code in (400, 413)


def test_d11_a_body_without_a_length_is_refused(sign_in):
    client = sign_in("finance")
    answer = client.post("/upload/orders", headers={**headers(client), "Transfer-Encoding": "chunked"},
                         content_type=f"multipart/form-data; boundary={BOUNDARY}", input_stream=io.BytesIO(b"x"))
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["../../etc/passwd", "x" * 300 + ".csv", "\u202egnp.csv", "=cmd().csv", "📈.csv"])
def test_d10_odd_file_names_are_shown_and_never_used(app, sign_in, name):
    client = sign_in("finance")
    answer = post(client, "/upload/odd_names", f"date,revenue\n2026-01-01,{len(name)}\n{name!r}".encode(), name)
    assert answer.status_code == 201, answer.text
    upload = answer.get_json()
    with client.get(f"/download/uploads/{upload['id']}/original") as taken:
        told = taken.headers["Content-Disposition"]
    assert taken.status_code == 200
    assert "\n" not in told
    assert "/" not in told.partition("filename")[2]
    assert "%E2%80%AE" not in told
    desk = app.extensions["ledgerline"]
    assert (desk.originals / upload["id"]).is_file()


@pytest.mark.parametrize("key", ["Orders!", "a__b", "..", "x" * 64])
def test_a_dataset_key_is_a_word(sign_in, key):
    assert post(sign_in("finance"), f"/upload/{key}").status_code in (404, 422)


def test_a_stranger_downloads_nothing(sign_in, client):
    upload = post(sign_in("finance"), "/upload/mine", b"date,revenue\n2026-01-01,99\n").get_json()
    path = f"/download/uploads/{upload['id']}/original"
    assert client.get(path).status_code == 302
    assert sign_in("executive").get(path).status_code == 403
