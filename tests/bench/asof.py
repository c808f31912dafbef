"""Questions about the past at size, against the same scan of today's serving file: append and keyed datasets.

Run with `python -m tests.bench.asof [rows]`; prints milliseconds and ratios side by side and asserts nothing. "first"
is the first question ever about a moment (finding what was visible only then), "opened" the first one of another
process, "kept" every later one. Wall clock, with the processor time of all threads in brackets: on a busy machine only
that one says how much work it is.
"""
from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dashapp.core.rollup import rollup_of
from dashapp.core.vintage import Vintage
from dashapp.facts.ledger import Ledger
from dashapp.facts.tables import TableAt, Tables
from tests.bench.ledger import BY_ROWS, ORDERS, START, timed, write_orders

KEPT_RATIO, KEYED_SECONDS = 3.0, 1.0  # the goals the figures are printed beside
UPLOADS = 20


def feed(ledger: Ledger, rows: int, mode: str, overlap: int) -> tuple[Vintage, ...]:
    """One large upload and twenty later ones of a hundredth each; `overlap` percent of theirs are corrections."""
    vintages: tuple[Vintage, ...] = ()
    small, first = rows // 100, rows - rows // 100 * UPLOADS
    plan = [(0, first, 700)]
    for n in range(UPLOADS):
        plan.append((first + n * small - small * overlap // 100 * (n + 1), small, 30))
    for number, (start, count, days) in enumerate(plan, start=1):
        name = f"u{number}"
        write_orders(ledger.staging("orders", name), start, count, days)
        filename, digest, written = ledger.seal("orders", name)
        vintages += (Vintage(name, "orders", number, START + timedelta(days=number), filename, digest, written,
                             mode, ("order_id",) if mode == "upsert" else ()),)  # type: ignore[arg-type]
    return vintages


Spent = tuple[float, float]  # milliseconds: on the clock, of the processor


def spent(call: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def least(call: Callable[[], object], times: int = 3) -> Spent:
    """The fastest of several calls, by the clock and by the processor."""
    walls, cpus = zip(*(spent(call) for _ in range(times)), strict=True)
    return min(walls), min(cpus)


def asked(ledger: Ledger, table: TableAt) -> tuple[Spent, Spent]:
    """What the first and the fastest later question about the moment takes, in handles of their own."""
    fresh = Ledger(ledger.root, memory_limit="1GB", threads=2)
    opened: list[Tables] = []

    def first() -> None:
        opened.append(fresh.tables([table]))
        opened[0].fetch(BY_ROWS)
        opened[0].reach("orders")

    return spent(first), least(lambda: opened[0].fetch(BY_ROWS))


def measure(rows: int, mode: str, overlap: int) -> None:
    """One feed, asked about now, and as of before its last upload, before half of them, and right after the first."""
    print(f"{rows:,} rows, {mode}, {overlap} % of each later upload corrects earlier rows")
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder), memory_limit="1GB", threads=2)
        dataset = replace(ORDERS, key_columns=("order_id",) if mode == "upsert" else ())
        with timed("write the uploads"):
            vintages = feed(ledger, rows, mode, overlap)
        with timed("build the serving file"):
            ledger.build(dataset, vintages, rollup_of(dataset))
        serving: Tables = ledger.tables([TableAt(dataset, vintages)])
        base = least(lambda: serving.fetch(BY_ROWS))
        print(f"  {'now, scan of the serving file':<28} {said(base)}")
        goal = f"goal {KEPT_RATIO:g} x" if mode == "append" else f"goal {KEYED_SECONDS:g} s"
        moments = {"before the last upload": UPLOADS, "before half of them": UPLOADS // 2, "first upload": 1}
        for what, at in moments.items():
            tell(what, ledger, TableAt(dataset, vintages, START + timedelta(days=at)), base, goal)
        undone = tuple(replace(v, events=((START + timedelta(days=99), False),)) if v.commit == 3 else v
                       for v in vintages)
        lose_serving_files(ledger)
        ledger.build(dataset, undone, rollup_of(dataset))
        tell("before an undo", ledger, TableAt(dataset, undone, START + timedelta(days=98)), base, goal)
        lose_serving_files(ledger)
        tell("without any serving file", ledger, TableAt(dataset, vintages, START + timedelta(days=UPLOADS)), base, "")


def lose_serving_files(ledger: Ledger) -> None:
    for path in (ledger.root / "orders").glob("*.duckdb"):
        path.unlink()


def said(taken: Spent) -> str:
    return f"{taken[0]:7.0f} ms ({taken[1]:6.0f})"


def tell(what: str, ledger: Ledger, table: TableAt, base: Spent, goal: str) -> None:
    first, _ = asked(ledger, table)
    opened, kept = asked(ledger, table)
    ratios = f"{kept[0] / base[0]:4.1f} x ({kept[1] / base[1]:4.1f} x)"
    print(f"  {what:<28} {said(first)} first {said(opened)} opened {said(kept)} kept {ratios} {goal}", flush=True)


def main(sizes: list[int]) -> None:
    """Measure append and keyed feeds at each size."""
    for rows in sizes or [1_000_000, 10_000_000]:
        for mode, overlap in (("append", 0), ("upsert", 10)):
            measure(rows, mode, overlap)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"  peak memory so far {peak:.0f} MB", flush=True)


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]])
