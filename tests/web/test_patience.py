"""Senders that stop half-way or drip hold a thread for a minute at most, and nobody else waits for them."""
from __future__ import annotations

import io
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from dashapp.web.patience import PIECE, Patience
from tests.web.browser import OWN, headers
from tests.web.live import ADMIN, PASSWORD, Browser, live


class Slow:
    """What gunicorn hands on: reads exactly as much as was asked for, from a line that may never bring it."""

    made: ClassVar[list] = []

    def __init__(self, line):
        self._file = line.makefile("rb")
        self.made.append(self._file)

    def read(self, size=-1):
        return self._file.read(size)

    def readline(self, size=-1):
        return self._file.readline(size)


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    while Slow.made:
        Slow.made.pop().close()
    ours.close()
    theirs.close()


def read_all(pair, how=lambda body: body.read(), seconds=0.1):
    """What an application reads from its input."""
    got = []
    patience = Patience(lambda environ, _: got.append(how(environ["wsgi.input"])) or [], seconds=seconds, tick=0.02)
    patience({"wsgi.input": Slow(pair[0]), "gunicorn.socket": pair[0]}, lambda *_: None)
    assert _until(lambda: not patience._is_watching), "nobody is watched, so nobody watches"
    return got[0]


@pytest.mark.parametrize("how", [lambda b: b.read(), lambda b: b.read(100), lambda b: b.readline(),
                                 b"".join])
def test_d12_a_sender_that_stops_half_way_is_cut_off(pair, how):
    pair[1].sendall(b"half of it")
    assert read_all(pair, how) == b"half of it"


def test_d12_a_sender_that_drips_is_cut_off_though_something_arrives_all_the_time(pair):
    over = threading.Event()

    def drip():
        while not over.wait(0.01):
            try:
                pair[1].send(b"x")
            except OSError:
                return
    with ThreadPoolExecutor(1) as pool:
        dripping = pool.submit(drip)
        got = read_all(pair, lambda b: b.read(10_000))
        over.set()
        dripping.result()
    assert 0 < len(got) < 10_000


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE])
def test_what_arrives_in_time_arrives_whole(pair, size):
    content = bytes(n % 251 for n in range(size))

    def send():
        pair[1].sendall(content)
        pair[1].shutdown(socket.SHUT_WR)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send)
        assert read_all(pair, lambda b: b.read(), seconds=30) == content
        sending.result()


def test_a_long_body_has_a_minute_for_each_piece_not_for_the_whole(pair):
    """Every piece but one is held back until the one before it was read."""
    asked = []

    class Watched(Patience):
        def within(self, line):
            asked.append(line)
            return super().within(line)
    got = []
    patience = Watched(lambda environ, _start: got.append(environ["wsgi.input"].read(3 * PIECE)) or [], seconds=30)
    body = io.BytesIO(b"x" * 3 * PIECE)
    patience({"wsgi.input": body, "gunicorn.socket": pair[0]}, lambda *_: None)
    assert len(got[0]) == 3 * PIECE
    assert len(asked) == 3


def test_behind_another_server_the_input_stays_as_it_is():
    seen = []
    body = io.BytesIO(b"x")
    Patience(lambda environ, _start: seen.append(environ["wsgi.input"]) or [])({"wsgi.input": body}, lambda *_: None)
    assert seen == [body]


@pytest.mark.parametrize(("path", "kind"), [
    ("/upload/orders", "multipart/form-data; boundary=x"), ("/_dash-update-component", "application/json")])
def test_d12_what_was_cut_off_is_told_as_a_body_that_is_not_complete(app, sign_in, monkeypatch, pair, path, kind):
    monkeypatch.setattr(_patience_of(app), "_seconds", 0.1)
    monkeypatch.setattr(_patience_of(app), "_tick", 0.02)
    client = sign_in("admin")
    pair[1].sendall(b'{"output": "data-vers')
    answer = client.post(path, headers=headers(client), content_type=kind, environ_overrides={
        "wsgi.input": Slow(pair[0]), "gunicorn.socket": pair[0], "CONTENT_LENGTH": "5000"})
    assert answer.status_code == 400


def _patience_of(app):
    found = app.wsgi_app
    assert isinstance(found, Patience)
    return found


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2])
def test_d12_ten_uploads_of_a_byte_a_second_disturb_nobody_and_are_cut_off(tmp_path, workers):
    with live(tmp_path, workers=workers) as server:
        person = Browser(server.port)
        assert person.sign_in(ADMIN, PASSWORD) == 303
        person.ask("GET", "/")
        over = threading.Event()
        with ThreadPoolExecutor(10) as pool:
            slow = [pool.submit(_drip, person, over) for _ in range(10)]
            try:
                for _ in range(100):  # ten times the second that is asked for is the time-out
                    assert person.ask("GET", "/_dash-layout", timeout=10)[0] == 200
                assert not any(s.done() for s in slow)
                assert all(400 <= s.result(120) < 500 for s in slow)
            finally:
                over.set()


def _drip(person, over):
    """Begin an upload of a megabyte and send a byte a second; the status that ends it."""
    fields = {**OWN, "Origin": f"http://127.0.0.1:{person.port}", "X-CSRFToken": person.cookies["_csrf_token"],
              "Cookie": "; ".join(f"{k}={v}" for k, v in person.cookies.items()), "Host": f"127.0.0.1:{person.port}",
              "Content-Type": "multipart/form-data; boundary=x", "Content-Length": "1000000"}
    head = "POST /upload/orders HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", person.port), timeout=120) as line:
        line.sendall(head.encode())
        line.settimeout(1)
        for _ in range(150):
            try:
                told = line.recv(100)
                return int(told.split()[1])
            except TimeoutError:
                if over.is_set():
                    return 0
                line.send(b"-")
    return 0


def _until(true):
    over = threading.Event()
    for _ in range(500):
        if true():
            return True
        over.wait(0.02)
    return False
