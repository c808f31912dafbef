"""Between two builds: former serving file plus newer uploads, with the answers of the vintages."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from dashapp.core.rollup import rollup_of
from dashapp.facts import delta
from dashapp.facts.delta import find_base
from dashapp.facts.tables import TableAt
from tests.facts.ground import COLUMNS, Ground, checksum, order, write

DAY = date(2026, 3, 1)
MANY = [order(f"o{n}", DAY + timedelta(n % 5), ["EMEA", "APAC", None][n % 3], f"{n}") for n in range(200)]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    made.upload([*MANY, order(None, DAY, None, "1")])
    made.ledger.build(made.dataset, made.vintages, rollup_of(made.dataset))
    return made


def base_of(ground: Ground) -> object:
    return find_base(ground.root, ground.dataset, TableAt(ground.dataset, ground.vintages).live)


def plain(ground: Ground) -> str:
    """The rows without any serving file."""
    for path in (ground.root / "orders").glob("*.duckdb"):
        path.rename(path.with_suffix(".away"))
    found = checksum(Ground(ground.root, ground.dataset, ground.vintages).tables())
    for path in (ground.root / "orders").glob("*.away"):
        path.rename(path.with_suffix(".duckdb"))
    return found


@pytest.mark.parametrize(("mode", "key", "slices"), [
    ("upsert", ("order_id",), ()), ("upsert", ("order_id", "region"), ()), ("append", (), ()),
    ("replace-period", (), ()), ("replace-period", (), ("region",)), ("replace-period", ("order_id",), ("region",)),
])
def test_small_uploads_are_added_to_the_former_file(ground: Ground, mode: str, key: tuple[str, ...],
                                                    slices: tuple[str, ...]) -> None:
    ground.upload([order("o1", DAY, "APAC", "9"), order(None, DAY + timedelta(1), None, "2")], mode, key=key,
                  slices=slices)
    ground.upload([order("o1", DAY, "APAC", "8"), order("new", DAY, "LATAM", "3")], mode, key=key, slices=slices)
    assert base_of(ground) is not None
    handle = ground.tables()
    assert not handle.rollups
    assert checksum(handle) == plain(ground)
    assert handle.fetch("SELECT count(*) AS n FROM orders WHERE region = 'LATAM'").to_pylist() == [{"n": 1}]
    assert handle.profile("orders").rows == len(handle.rows("orders"))
    ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
    assert ground.tables() is not handle
    assert checksum(ground.tables()) == checksum(handle)


def test_a_large_upload_or_many_are_read_from_the_vintages(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.upload(MANY[:50])
    assert base_of(ground) is None
    ground.switch("u2", live=False)
    for n in range(4):
        ground.upload([order(f"x{n}", DAY)])
    assert base_of(ground) is not None
    monkeypatch.setattr(delta, "NEWER", 3)
    assert base_of(ground) is None


def test_other_columns_or_another_past_have_no_base(ground: Ground) -> None:
    ground.upload([order("x", DAY)])
    changed = replace(ground.dataset, columns=tuple(c for c in COLUMNS if c.key != "region"))
    assert find_base(ground.root, changed, ground.vintages) is None
    ground.switch("u1", live=False)
    assert base_of(ground) is None


def test_a_key_that_is_no_column_any_more_is_looked_up_in_the_vintages(ground: Ground) -> None:
    ground.dataset = replace(ground.dataset, columns=tuple(c for c in COLUMNS if c.key != "order_id"))
    ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
    ground.upload([order("o1", DAY)])
    assert base_of(ground) is None
    assert len(ground.seen()) == 201


def test_a_damaged_base_is_passed_over(ground: Ground) -> None:
    ground.upload([order("o1", DAY, "APAC", "9")])
    for path in (ground.root / "orders").glob("*.duckdb"):
        path.write_bytes(b"junk")
    assert len(ground.seen()) == 201


@pytest.mark.parametrize("served", [True, False])
def test_a_staged_file_can_be_looked_at_as_if_it_were_committed(ground: Ground, served: bool) -> None:
    if not served:
        for path in (ground.root / "orders").glob("*.duckdb"):
            path.unlink()
    seen = []
    for revenue in ("5", "6"):
        staged = write(ground.ledger.staging("orders", "try"), "try", [order("o1", DAY, "APAC", revenue)])
        guess = replace(ground.vintages[0], id="try", commit=2, filename=str(staged.resolve()), sha256="", rows=0,
                        committed_at=ground.now)
        handle = ground.ledger.tables([TableAt(ground.dataset, (*ground.vintages, guess))])
        seen += handle.rows("orders", "\"order_id\" = 'o1'").to_pylist()
    assert [(int(r["revenue"]), r["_vintage"]) for r in seen] == [(5, "try"), (6, "try")]
    assert len(ground.seen()) == 201
