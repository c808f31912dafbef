"""Signing in through the real server: the count of guesses holds over all workers, hashing costs no memory."""
from __future__ import annotations

import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from dashapp.core.actor import SYSTEM, Role
from dashapp.services import accounts
from tests.conftest import state
from tests.web.live import ADMIN, PASSWORD, Browser, live

MEBIBYTE = 1024 * 1024
HASH = 19 * MEBIBYTE


@pytest.mark.parametrize(("workers", "guesses"), [(2, 150), pytest.param(4, 1000, marks=pytest.mark.long)])
def test_a8_guesses_from_fifty_addresses_are_counted_over_all_workers(tmp_path, workers, guesses):
    """Every guess that is looked at answers 401. The owner's browser, known before, gets in all the while."""
    with live(tmp_path, workers=workers) as server:
        home = Browser(server.port, "192.168.0.7")
        assert home.sign_in(ADMIN, PASSWORD) == 303
        home.cookies = {k: v for k, v in home.cookies.items() if k == "ledgerline-device"}  # the next morning
        home.token = ""
        browsers = [Browser(server.port, f"10.9.0.{n}") for n in range(50)]
        numbers = count()

        def guess(browser: Browser) -> Counter[int]:
            told: Counter[int] = Counter()
            while next(numbers) < guesses:
                told[browser.sign_in(ADMIN, "not the right password")] += 1
            return told
        with ThreadPoolExecutor(16) as pool:
            told = sum(pool.map(guess, browsers), Counter())
            assert home.sign_in(ADMIN, PASSWORD) == 303
    assert set(told) == {401, 429}
    assert sum(told.values()) == guesses
    assert 5 <= told[401] <= 20


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory of a process from Linux's /proc")
def test_a10_sixteen_people_who_sign_in_at_once_cost_four_hashes_of_memory_and_disturb_nobody(tmp_path):
    with live(tmp_path, workers=1) as server:
        (worker,) = server.workers()
        people = _people(tmp_path / "data" / "ledgerline.db", 16)
        assert Browser(server.port).sign_in(ADMIN, PASSWORD) == 303
        before = _memory(worker, "VmRSS")
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak counts from here
        with ThreadPoolExecutor(17) as pool:
            tries = [pool.submit(Browser(server.port, f"10.8.0.{n}").sign_in, email, PASSWORD, 30)
                     for n, email in enumerate(people)]
            others = [Browser(server.port).ask("GET", "/healthz", timeout=10)[0] for _ in range(20)]
            answers = [t.result() for t in tries]
        grown = _memory(worker, "VmHWM") - before
    assert answers == [303] * 16
    assert others == [200] * 20
    assert grown <= 4 * HASH, f"{grown / MEBIBYTE:.1f} MiB"


def _people(database: Path, number: int) -> list[str]:
    """Addresses of people of their own, added beside the running server."""
    emails = [f"person-{n}@example.org" for n in range(number)]
    with state(f"sqlite:///{database}"):
        for email in emails:
            accounts.add_user(SYSTEM, email, Role.EXECUTIVE, now=datetime.now(UTC), password=PASSWORD)
    return emails


def _memory(pid: int, name: str) -> int:
    """Bytes by the kernel's count."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    assert found is not None
    return int(found.group(1)) * 1024


@pytest.mark.long
def test_a7_two_hundred_sign_ins_of_each_kind_take_the_same_work(app):
    """Known, unknown and disabled people, in a random order, each an account of its own.

    Measured in processor time of this process: waiting for others is not in it. Medians differ by 5 % at most,
    and the Mann-Whitney test cannot tell known people from the others (p > 0.01).
    """
    import random
    import time
    from datetime import timedelta
    from statistics import median

    from scipy.stats import mannwhitneyu

    from models import User, db
    from tests.cast import _hash, email_of
    from tests.conftest import _csrf
    from tests.web.browser import OWN

    clock = app.extensions["ledgerline.clock"]
    with app.app_context():
        for n in range(200):
            for kind in ("known", "disabled"):
                db.session.add(User(email=email_of(f"a7-{kind}-{n}"), name="", role="executive", scope=[],
                                    password_hash=_hash(), created_at=clock(), is_active=kind == "known"))
        db.session.commit()
    client = app.test_client()
    token = _csrf(client.get("/login").get_data(as_text=True))
    tries = [(kind, n) for kind in ("known", "unknown", "disabled") for n in range(200)]
    random.Random(20260316).shuffle(tries)
    taken: dict[str, list[float]] = {"known": [], "unknown": [], "disabled": []}
    answers = set()
    app.extensions["ledgerline.clock"] = lambda: clock() + timedelta(hours=1)
    try:
        for kind, n in tries:
            password = PASSWORD if kind == "disabled" else "not the right one"
            form = {"email": email_of(f"a7-{kind}-{n}"), "password": password, "csrf_token": token}
            began = time.process_time()
            answer = client.post("/login", data=form, headers=OWN,
                                 environ_overrides={"REMOTE_ADDR": f"10.7.{n % 40}.{n % 25}"})
            taken[kind].append(time.process_time() - began)
            text = answer.get_data(as_text=True)
            same = text.replace(_csrf(text), "").replace(form["email"], "")  # the form keeps what was typed
            answers.add((answer.status_code, same))
    finally:
        app.extensions["ledgerline.clock"] = clock
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401
    for kind in ("unknown", "disabled"):
        assert abs(median(taken[kind]) / median(taken["known"]) - 1) <= 0.05, kind
        assert mannwhitneyu(taken["known"], taken[kind]).pvalue > 0.01, kind
