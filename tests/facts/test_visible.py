"""Which rows count: by key, by replaced period, after undo, and as known at an earlier moment."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashapp.core.dataset import Column, RoleOf
from dashapp.core.period import Grain
from dashapp.core.rollup import rollup_of
from dashapp.core.where import parse_where
from tests.facts.ground import COLUMNS, Ground, checksum, order

D1, D2, D3 = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def test_a_dataset_without_uploads_is_an_empty_table_of_the_right_shape(ground: Ground) -> None:
    table = ground.tables().fetch("SELECT * FROM orders")
    assert table.num_rows == 0
    assert table.column_names == [*(c.key for c in COLUMNS), "_vintage", "_sheet", "_row"]
    assert str(table.schema.field("revenue").type) == "decimal128(18, 4)"


def test_a_later_row_of_the_same_key_supersedes(ground: Ground) -> None:
    ground.upload([order("a", D1, revenue="1"), order("b", D1, revenue="2")])
    ground.upload([order("b", D2, revenue="3")])
    assert ground.seen() == [("u1", 2), ("u2", 2)]


def test_missing_values_in_keys_compare_as_equal(ground: Ground) -> None:
    key = ("order_id", "region")
    ground.upload([order(None, D1, "EMEA"), order(None, D1, None)], key=key)
    ground.upload([order(None, D1, None, "5")], key=key)
    assert ground.seen() == [("u1", 2), ("u2", 2)]


def test_rows_of_one_file_never_hide_each_other(ground: Ground) -> None:
    ground.upload([order("a", D1), order("a", D1)])
    assert ground.seen() == [("u1", 2), ("u1", 3)]


def test_appended_rows_hide_nothing(ground: Ground) -> None:
    ground.upload([order("a", D1)], "append")
    ground.upload([order("a", D1)], "append")
    assert len(ground.seen()) == 2


def test_an_upload_that_updates_supersedes_appended_rows_of_its_key(ground: Ground) -> None:
    ground.upload([order("a", D1)], "append")
    ground.upload([order("a", D1)], "upsert")
    assert ground.seen() == [("u2", 2)]


def test_a_replaced_period_hides_its_earlier_rows_only(ground: Ground) -> None:
    ground.upload([order("a", D1), order("b", D2), order("c", D3), order("d", None)], "append", key=())
    ground.upload([order("x", D1), order("y", D2)], "replace-period", key=())
    assert ground.seen() == [("u1", 4), ("u1", 5), ("u2", 2), ("u2", 3)]


def test_a_monthly_sheet_replaces_whole_months(ground: Ground) -> None:
    ground.dataset = replace(ground.dataset, grain=Grain.MONTH)
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31))
    ground.upload([order("a", day) for day in days], "append", key=())
    made = ground.upload([order("x", date(2026, 3, 15))], "replace-period", key=())
    assert made.replaced == (date(2026, 3, 1), date(2026, 3, 31))
    assert ground.seen() == [("u1", 2), ("u2", 2)]


def test_a_file_for_one_region_does_not_erase_the_others(ground: Ground) -> None:
    ground.upload([order("a", D1, "EMEA"), order("b", D1, "APAC"), order("c", D1, None)], "append", key=())
    ground.upload([order("x", D1, "EMEA")], "replace-period", key=(), slices=("region",))
    assert ground.seen() == [("u1", 3), ("u1", 4), ("u2", 2)]


def test_a_slice_without_value_replaces_rows_without_value(ground: Ground) -> None:
    ground.upload([order("a", D1, "EMEA"), order("c", D1, None)], "append", key=())
    ground.upload([order("x", D1, None)], "replace-period", key=(), slices=("region",))
    assert ground.seen() == [("u1", 2), ("u2", 2)]


@pytest.mark.parametrize(("scope", "left"), [
    (("region=EMEA",), [3, 4, 5]), (("region=EMEA|APAC",), [4, 5]), (("region!=EMEA",), [2]), (("region~=A",), [4, 5]),
    (("region!=EMEA", "region!=APAC"), [2, 3]), (("planet=Earth",), [2, 3, 4, 5]),
])
def test_a_scoped_replacement_is_confined_to_the_scope(ground: Ground, scope: tuple[str, ...], left: list[int]) -> None:
    ground.upload([order("a", D1, region) for region in ("EMEA", "APAC", None, "us")], "append", key=())
    ground.upload([order("x", D1, "EMEA")], "replace-period", key=(), scope=tuple(parse_where(s) for s in scope))
    assert [row for vintage, row in ground.seen() if vintage == "u1"] == left


def test_scope_and_slice_of_one_column_both_hold(ground: Ground) -> None:
    ground.upload([order("a", D1, "EMEA"), order("b", D1, "APAC")], "append", key=())
    made = ground.upload([order("x", D1, "EMEA"), order("y", D1, "APAC")], "replace-period", key=(), slices=("region",),
                         scope=(parse_where("region=APAC|NA"),))
    assert made.replaced_slices == (("region", ("APAC",)),)
    assert ("u1", 2) in ground.seen()


def test_undo_and_redo_are_dated_and_every_moment_can_be_asked(ground: Ground) -> None:
    first = ground.upload([order("a", D1, revenue="1")])
    second = ground.upload([order("a", D1, revenue="2")])
    ground.switch("u2", live=False)
    undone = ground.now
    ground.switch("u2", live=True)
    assert ground.seen() == [("u2", 2)]
    assert ground.seen(undone) == [("u1", 2)]
    assert ground.seen(second.committed_at) == [("u2", 2)]
    assert ground.seen(first.committed_at) == [("u1", 2)]
    assert ground.seen(first.committed_at - timedelta(seconds=1)) == []


def test_e24_a_correction_leaves_the_old_value_auditable(ground: Ground) -> None:
    first = ground.upload([order("a", D1, revenue="100")])
    ground.upload([order("a", D1, revenue="90")])
    total = "SELECT sum(revenue) AS s FROM orders"
    assert ground.tables().fetch(total).to_pylist() == [{"s": Decimal("90")}]
    assert ground.tables(first.committed_at).fetch(total).to_pylist() == [{"s": Decimal("100")}]


@pytest.mark.parametrize("mode", ["upsert", "append", "replace-period"])
def test_e25_undo_leaves_the_state_as_it_was_bit_for_bit(ground: Ground, mode: str) -> None:
    ground.upload([order("a", D1, "EMEA", "1.1", 2.5, "c1"), order("b", D2, None, None)])
    ground.upload([order("b", D2, "NA", "3")])
    before = checksum(ground.tables())
    served = ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
    rolled = checksum(ground.tables(), "orders__day")
    gone = ground.upload([order("a", D1, "APAC", "7"), order("z", D2)], mode)
    assert checksum(ground.tables()) != before
    ground.switch(gone.id, live=False)
    assert checksum(ground.tables()) == before
    again = ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
    assert checksum(ground.tables()) == before
    assert checksum(ground.tables(), "orders__day") == rolled
    assert again.profile == served.profile
    undone_file = ground.root / "orders" / gone.filename
    assert ground.ledger.effect(ground.dataset, ground.vintages, undone_file, "append").rows == 2


def test_columns_may_come_and_go_between_uploads(ground: Ground) -> None:
    more = (*COLUMNS, Column("channel", "Channel", RoleOf.DIMENSION, "text"))
    fewer = [c for c in COLUMNS if c.key in ("order_id", "day")]
    ground.upload([order("a", D1, "EMEA", "1")])
    ground.dataset = replace(ground.dataset, columns=more)
    ground.upload([{**order("b", D1, "EMEA", "2"), "channel": "web"}], columns=more)
    ground.upload([order("c", D1)], columns=fewer)
    rows = ground.tables().rows("orders").to_pylist()
    assert [(r["order_id"], r["channel"], r["revenue"]) for r in rows] == [
        ("a", None, Decimal(1)), ("b", "web", Decimal(2)), ("c", None, None)]


def test_a_key_column_that_the_dataset_dropped_still_identifies_rows(ground: Ground) -> None:
    ground.upload([order("a", D1, revenue="1"), order("b", D1, revenue="2")])
    ground.upload([order("a", D1, revenue="3")])
    ground.dataset = replace(ground.dataset, columns=tuple(c for c in COLUMNS if c.key != "order_id"))
    assert ground.seen() == [("u1", 3), ("u2", 2)]


def test_an_ignored_column_is_no_fact(ground: Ground) -> None:
    ground.dataset = replace(ground.dataset, columns=tuple(
        replace(c, role=RoleOf.IGNORE) if c.key == "customer" else c for c in COLUMNS))
    ground.upload([order("a", D1)])
    assert "customer" not in ground.tables().schema("orders")


def test_quotes_in_names_and_values_do_no_harm(tmp_path: Path) -> None:
    ground = Ground(tmp_path / "it's; drop table")
    odd = Column('we"ird\'; --', "x", RoleOf.DIMENSION, "text")
    ground.dataset = replace(ground.dataset, columns=(*COLUMNS, odd))
    row = {**order("a", D1), odd.key: "O'Neil\"; DROP"}
    ground.upload([row], columns=ground.dataset.columns, mode="append", key=())
    ground.upload([row], columns=ground.dataset.columns, mode="replace-period", key=(), slices=(odd.key,))
    ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
    assert ground.seen() == [("u2", 2)]
    assert ground.tables().rows("orders").to_pylist()[0][odd.key] == row[odd.key]
