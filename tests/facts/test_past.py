"""The past of a large dataset: read from today's serving file and from rows kept as files, and never another answer."""
from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dashapp.core.rollup import rollup_of
from dashapp.facts import delta, remembered, source
from dashapp.facts.ledger import Ledger
from dashapp.facts.profile import Profile
from tests.facts.ground import Ground, checksum, order

DAY = date(2026, 3, 2)


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """Two uploads, a correction, a replacement and an undo; served as of now; nothing small enough for memory."""
    for module, name, value in ((source, "SMALL", -1), (delta, "SHARE", 10**9), (remembered, "WORTH", -1)):
        monkeypatch.setattr(module, name, value)
    made = Ground(tmp_path)
    made.upload([order(k, DAY, "EMEA", "1.10") for k in "abc"])
    second = made.upload([order(k, DAY, "APAC", "2.20") for k in "cde"])
    made.upload([order("f", DAY, "EMEA", "3.30")], "replace-period", slices=("region",))
    made.switch(second.id, live=False)
    made.ledger.build(made.dataset, made.vintages, rollup_of(made.dataset))
    return made


def moments(ground: Ground) -> list[datetime]:
    return [v.committed_at for v in ground.vintages]


def fresh(ground: Ground) -> Ground:
    """As another process would ask: nothing is open."""
    ground.ledger = Ledger(ground.root, memory_limit="512MB", threads=2)
    return ground


def kept(ground: Ground) -> list[Path]:
    return sorted((ground.root / "orders").glob("l*.lost"))


def test_the_past_read_from_the_file_served_now_is_that_of_the_vintages(ground: Ground) -> None:
    served = [checksum(fresh(ground).tables(at)) for at in moments(ground)]
    for path in (ground.root / "orders").glob("*.duckdb"):
        path.unlink()
    assert served == [checksum(fresh(ground).tables(at)) for at in moments(ground)]
    assert fresh(ground).seen(moments(ground)[1]) == [("u1", 2), ("u1", 3), ("u2", 2), ("u2", 3), ("u2", 4)]


def test_rows_of_the_past_are_kept_as_files_and_asked_again(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    first = [checksum(fresh(ground).tables(at)) for at in moments(ground)]
    assert kept(ground)
    monkeypatch.setattr(remembered, "make_lost", None)  # nobody looks for them a second time
    assert [checksum(fresh(ground).tables(at)) for at in moments(ground)] == first


@pytest.mark.parametrize("at", range(4))
def test_how_far_the_rows_of_the_past_reach_is_counted_from_the_rows_themselves(ground: Ground, at: int) -> None:
    ground.upload([order("g", None, "LATAM"), order("h", DAY + timedelta(6), "LATAM")])
    tables = fresh(ground).tables(moments(ground)[at])
    days = [r["day"] for r in tables.rows("orders").to_pylist()]
    known = sorted({d for d in days if d})
    weekdays = {d.weekday(): sum(e.weekday() == d.weekday() for e in known) for d in known}
    assert tables.reach("orders") == Profile(len(days), known[0], known[-1], weekdays, len(known))


@pytest.mark.parametrize("damage", [b"", b"PAR1 not really"])
def test_a_damaged_or_deleted_file_of_kept_rows_changes_no_answer(ground: Ground, damage: bytes) -> None:
    first = [checksum(fresh(ground).tables(at)) for at in moments(ground)]
    for path in kept(ground):
        path.write_bytes(damage) if damage else path.unlink()
    assert [checksum(fresh(ground).tables(at)) for at in moments(ground)] == first


def test_a_past_that_does_not_fit_into_memory_is_read_from_the_vintages(
        ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    first = [checksum(fresh(ground).tables(at)) for at in moments(ground)]

    def small(connection: duckdb.DuckDBPyConnection, name: str, *_: object) -> None:
        connection.execute(f"CREATE TABLE {name} AS SELECT 1")
        raise duckdb.OutOfMemoryException("could not allocate")

    monkeypatch.setattr(source, "find_lost", small)
    assert [checksum(fresh(ground).tables(at)) for at in moments(ground)] == first


def test_only_the_files_used_last_are_kept_and_the_sweep_leaves_them(
        ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "KEPT", 2)
    for at in moments(ground):
        fresh(ground).tables(at)
    names = [p.name for p in kept(ground)]
    assert len(names) == 2
    ground.ledger.sweep("orders", [v.filename for v in ground.vintages], datetime.max.replace(tzinfo=ground.now.tzinfo))
    assert [p.name for p in kept(ground)] == names


def test_a_folder_that_cannot_be_written_only_keeps_nothing(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert fresh(ground).seen(moments(ground)[0]) == [("u1", 2), ("u1", 3), ("u1", 4)]
    assert not kept(ground)
    assert not list((ground.root / "orders").glob(".lost-*"))
