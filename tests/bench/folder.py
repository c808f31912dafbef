"""300 small files put into the watched folder in one go: commits per second, serving builds, and a file alone.

Goal: at least 20 commits per second after start-up, with one serving build for the burst. Each file brings 40 orders, a
tenth of them corrections of orders that are known; the dataset has 20,000 orders before, with the KPIs that its
columns support.
"""
from __future__ import annotations

import csv
import io
import json
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench import PrintRow

FILES, ROWS, KNOWN, ALONE = 300, 40, 20_000, 10
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
HEADER = ("order_id", "date", "sku", "region", "customer_id", "qty", "price", "revenue")
MAPPING = {"key": ["order_id"], "mode": "upsert", "grain": "event", "kind": "facts"}


def _order(number: int, dice: random.Random) -> tuple[Any, ...]:
    day = date(2024, 9, 1) + timedelta(days=number * 540 // (KNOWN + FILES * ROWS))
    qty, price = dice.randrange(1, 9), dice.randrange(100, 9900) / 100
    return (f"A{number:06d}", day.isoformat(), f"S{dice.randrange(40):02d}", dice.choice(("EMEA", "APAC", "AMER")),
            f"C{dice.randrange(900):04d}", qty, f"{price:.2f}", f"{qty * price:.2f}")


def _csv(numbers: list[int], dice: random.Random) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows(_order(n, dice) for n in numbers)
    return out.getvalue().encode()


def _files(dice: random.Random, first: int, count: int) -> Iterator[bytes]:
    for number in range(count):
        start = first + number * ROWS
        yield _csv([*range(start, start + ROWS - ROWS // 10), *dice.sample(range(KNOWN), ROWS // 10)], dice)


@contextmanager
def _installation(folder: Path) -> Iterator[Any]:
    from dashapp.core.organisation import Organisation
    from dashapp.services import keeping

    app = keeping.state_app(f"sqlite:///{folder / 'state.db'}")
    with app.app_context():
        keeping.migrate()
        yield app, keeping.open_desk(folder, folder / "facts", b"x" * 40, Organisation())


def run(print_row: PrintRow) -> None:
    """One installation: the history, ten files that come alone, then the burst and what the worker does after it."""
    with tempfile.TemporaryDirectory() as made, _installation(Path(made) / "data") as (app, desk):
        orders = Path(made) / "watched" / "orders"
        orders.mkdir(parents=True)
        (orders / "mapping.json").write_text(json.dumps(MAPPING))
        dice = random.Random(7)
        _history(desk, orders, dice)
        took, _ = _worked(app, desk)
        print_row(f"the worker serves {KNOWN:,} orders", took)
        _alone(print_row, desk, orders, dice)
        _worked(app, desk)
        _burst(print_row, app, desk, orders, dice)


def _history(desk: Any, orders: Path, dice: random.Random) -> None:
    from dashapp.services.folder import Watch

    (orders / "known.csv").write_bytes(_csv(list(range(KNOWN)), dice))
    watch = Watch(orders.parent)
    watch(desk, NOW), watch(desk, NOW)
    _expect(orders, 1)


def _session() -> Any:
    from models import db

    return db.session


def _alone(print_row: PrintRow, desk: Any, orders: Path, dice: random.Random) -> None:
    """Files that come one by one, each with a look of its own."""
    from dashapp.services.folder import Watch

    watch, took = Watch(orders.parent), 0.0
    for number, data in enumerate(_files(dice, KNOWN, ALONE)):
        (orders / f"alone{number}.csv").write_bytes(data)
        watch(desk, NOW)
        begun = time.perf_counter()
        watch(desk, NOW)
        took += time.perf_counter() - begun
    _expect(orders, 1 + ALONE)
    print_row(f"{ALONE} files one by one", took, note=f"{ALONE / took:.1f} commits/s")


def _burst(print_row: PrintRow, app: Any, desk: Any, orders: Path, dice: random.Random) -> None:
    from dashapp.core import failpoint
    from dashapp.services.arriving import GROUP
    from dashapp.services.folder import Watch

    for number, data in enumerate(_files(dice, KNOWN + ALONE * ROWS, FILES)):
        (orders / f"day{number:03d}.csv").write_bytes(data)
    watch, moments = Watch(orders.parent), list[float]()
    watch(desk, NOW)
    failpoint.arm("arriving.committed", lambda: moments.append(time.perf_counter()))
    begun = time.perf_counter()
    done = watch(desk, NOW)
    took = time.perf_counter() - begun
    failpoint.disarm("arriving.committed")
    _expect(orders, 1 + ALONE + FILES)
    print_row(f"{done} files of {ROWS} rows in one go", took, note=f"{done / took:.1f} commits/s with start-up")
    after = len(moments) * GROUP - GROUP
    print_row("  after start-up (the first group)", moments[-1] - moments[0],
              note=f"{after / (moments[-1] - moments[0]):.1f} commits/s; the goal is 20")
    took, kinds = _worked(app, desk)
    print_row("the worker after the burst", took, note=", ".join(f"{n} x {k}" for k, n in sorted(kinds.items())))
    _check(desk)


def _worked(app: Any, desk: Any) -> tuple[float, dict[str, int]]:
    """Everything that is queued, done: (seconds, jobs by kind)."""
    from collections import Counter

    from dashapp.jobs.table import HANDLERS
    from dashapp.jobs.worker import Worker
    from models import Job

    session = _session()
    session.query(Job).filter(Job.state == "done").delete()
    session.commit()
    begun = time.perf_counter()
    worker = Worker(app, lambda: desk, HANDLERS, clock=lambda: NOW + timedelta(minutes=1))
    while worker.step():
        session.remove()
    took = time.perf_counter() - begun
    return took, dict(Counter(j.kind for j in session.query(Job).filter(Job.state == "done")))


def _expect(orders: Path, done: int) -> None:
    there = list((orders / "done").iterdir()) if (orders / "done").is_dir() else []
    failed = sorted((orders / "failed").glob("*.reason.txt")) if (orders / "failed").is_dir() else []
    if len(there) != done or failed:
        raise RuntimeError(f"{len(there)} of {done} files are done; {[f.read_text() for f in failed[:3]]}")


def _check(desk: Any) -> None:
    """Every file is a vintage of its own, and the figure is that of the rows read anew from all vintages."""
    from dashapp.facts.effect import effect_of
    from dashapp.services.scene import load_scene

    scene = load_scene()
    vintages = scene.vintages["orders"]
    if [v.commit for v in vintages] != list(range(1, 2 + ALONE + FILES)):
        raise RuntimeError("a vintage is missing or counted twice")
    last = desk.ledger.root / "orders" / vintages[-1].filename
    found = effect_of(desk.ledger.root, scene.datasets["orders"], vintages, last, mode="upsert", key=("order_id",),
                      slices=(), scope=(), calendar=desk.organisation.calendar, config={"threads": 1})
    if (found.new, found.changed) != (0, 0):
        raise RuntimeError(f"the rows of the last file are not what is known: {found}")
