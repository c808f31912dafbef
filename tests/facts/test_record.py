"""Files of the record: sealed once, swept when nobody points at them, safe against a kill at any point."""
from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dashapp.core.errors import Invalid, NotFound
from dashapp.core.failpoint import arm, disarm, failpoint
from dashapp.core.rollup import rollup_of
from dashapp.facts.ledger import Ledger
from tests.facts.ground import Ground, checksum, order, write

ROWS = [order("a", date(2026, 3, 1), "EMEA", "1"), order("b", date(2026, 3, 2), "NA", "2")]
LATER = datetime.now(UTC) + timedelta(hours=1)


def test_a_sealed_file_carries_its_hash_and_row_count(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    write(ledger.staging("orders", "u1"), "u1", ROWS)
    name, digest, rows = ledger.seal("orders", "u1")
    sealed = tmp_path / "orders" / name
    assert rows == 2
    assert digest == hashlib.sha256(sealed.read_bytes()).hexdigest()
    assert name == f"u1-{digest[:16]}.parquet"
    assert not ledger.staging("orders", "u1").exists()


def test_sealing_again_never_changes_a_file_that_may_be_committed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    write(ledger.staging("orders", "u1"), "u1", ROWS)
    name, _, _ = ledger.seal("orders", "u1")
    before = (tmp_path / "orders" / name).read_bytes()
    write(ledger.staging("orders", "u1"), "u1", ROWS[:1])
    other, _, _ = ledger.seal("orders", "u1")
    assert other != name
    assert (tmp_path / "orders" / name).read_bytes() == before


def test_nothing_staged_cannot_be_sealed(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Ledger(tmp_path).seal("orders", "u1")


def test_a_discarded_file_is_gone_and_discarding_nothing_is_no_error(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    write(ledger.staging("orders", "u1"), "u1", ROWS)
    ledger.discard("orders", "u1")
    ledger.discard("orders", "u1")
    assert list((tmp_path / "orders").iterdir()) == []


@pytest.mark.parametrize("key", ["../x", "", "Orders", "a/b", "orders; --", "a__b", "é", ".x", "a" * 200])
def test_a_dataset_key_that_is_no_word_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(Invalid):
        Ledger(tmp_path).staging(key, "u1")


@pytest.mark.parametrize("vintage", ["../x", "", "a/b", ".hidden", "a b", "x" * 100])
def test_an_upload_id_that_is_no_word_is_refused(tmp_path: Path, vintage: str) -> None:
    with pytest.raises(Invalid):
        Ledger(tmp_path).staging("orders", vintage)


def test_orphans_are_swept_but_never_what_is_recorded_or_being_committed(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    kept = ground.upload(ROWS)
    write(ground.ledger.staging("orders", "lost"), "lost", ROWS)
    write(ground.ledger.staging("orders", "orphan"), "orphan", ROWS)
    ground.ledger.seal("orders", "orphan")
    known = {kept.filename}
    assert ground.ledger.sweep("orders", known, LATER - timedelta(days=1)) == 0
    assert ground.ledger.sweep("orders", known, LATER) == 2
    assert ground.seen() == [("u1", 2), ("u1", 3)]
    assert ground.ledger.sweep("no_such_folder", known, LATER) == 0


def test_a_dropped_dataset_leaves_nothing_and_its_key_starts_anew(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload(ROWS)
    ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
    ground.ledger.drop("orders")
    ground.ledger.drop("orders")
    assert not (tmp_path / "orders").exists()
    anew = Ground(tmp_path)
    anew.upload(ROWS[:1])
    assert anew.seen() == [("u1", 2)]


def test_a_failpoint_runs_what_is_armed_until_it_is_disarmed() -> None:
    seen: list[str] = []
    arm("here", lambda: seen.append("x"))
    failpoint("here")
    disarm("here")
    disarm("here")
    failpoint("here")
    assert seen == ["x"]


CHILD = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from datetime import date
from dashapp.core.failpoint import arm
from dashapp.core.rollup import rollup_of
from tests.facts.ground import Ground, order
point, root = sys.argv[1], Path(sys.argv[2])
ground = Ground(root)
ground.upload([order("a", date(2026, 3, 1), "EMEA", "1"), order("b", date(2026, 3, 2), "NA", "2")])
ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
arm(point, lambda: os.kill(os.getpid(), signal.SIGKILL))
ground.upload([order("b", date(2026, 3, 2), "NA", "9")])
ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
print("survived")
"""
POINTS = ["facts.seal.written", "facts.seal.renamed", "facts.build.rows", "facts.build.written", "facts.build.renamed"]


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_any_point_leaves_the_old_or_the_new_state(tmp_path: Path, point: str) -> None:
    twin = Ground(tmp_path / "twin")
    twin.upload(ROWS)
    old = checksum(twin.tables())
    twin.upload([order("b", date(2026, 3, 2), "NA", "9")])
    new = checksum(twin.tables())
    root = tmp_path / "killed"
    done = subprocess.run([sys.executable, "-c", CHILD, point, str(root)], cwd=Path(__file__).parents[2],
                          env={**os.environ}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (-9, ""), done.stderr

    # The state database decides what was committed: nothing after a kill in `seal`, both uploads after one in `build`.
    after = Ground(root)
    after.vintages, after.dataset = twin.vintages, twin.dataset
    if point.startswith("facts.seal"):
        after.vintages = twin.vintages[:1]
    assert checksum(after.tables()) == (old if point.startswith("facts.seal") else new)
    after.ledger.build(after.dataset, after.vintages, rollup_of(after.dataset))
    assert "orders" in after.tables().rollups
    assert checksum(after.tables()) == (old if point.startswith("facts.seal") else new)
    after.ledger.sweep("orders", {v.filename for v in after.vintages}, LATER)
    left = sorted(p.suffix for p in (root / "orders").iterdir())
    assert left.count(".parquet") == len(after.vintages)
    assert not [p.name for p in (root / "orders").iterdir() if p.name.startswith(".")]
    assert checksum(after.tables()) == (old if point.startswith("facts.seal") else new)
