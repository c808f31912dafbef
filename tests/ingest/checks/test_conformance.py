"""What every check promises, whoever adds the next one: a test of its own, silence on good rows, no stumbling."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashapp.core.dataset import RoleOf
from dashapp.core.mapping import mapping_from_json
from dashapp.ingest import checks
from dashapp.ingest.checks import Check
from dashapp.ingest.reading import CHECKS, read
from tests.ingest.conftest import Room

HERE, THERE = Path(__file__).parent, Path(checks.__file__).parent
CLEAN = "order_id,date,region,currency,revenue,cost,units\n" + "".join(
    f"A{n},2025-01-{n:02d},EMEA,EUR,{n}.50,{n}.25,{n}\n" for n in range(1, 9)
)
ODD = {
    "one row": "Date,Revenue\n2025-01-01,5\n",
    "no measure": "Date,Region\n2025-01-01,a\n2025-01-02,b\n",
    "no date": "sku_id,price\nS1,5\nS2,6\n",
    "no cell of a column": "Date,Region,Revenue\n2025-01-01,,\n2025-01-02,,\n",
    "an open date": "Date,Revenue\n03/04/2025,5\n",
    "an open number": "Date;Revenue\n2025-01-01;1.234\n",
    "quotes and braces": 'Date,"O\'Neill {x} ""y""",Revenue {net}\n2025-01-01,a,-5\n2025-01-01,a,x\n',
    "every row refused": "order_id,date,revenue\nA,2025-02-30,5\nB,2025-02-31,6\n",
    "one column": "sku_id\nA1\nA2\n",
}


@pytest.mark.parametrize("path", sorted(THERE.glob("[!_]*.py")), ids=lambda p: p.stem)
def test_a_check_is_called_like_its_file_and_has_a_test_of_that_name(path: Path) -> None:
    check = CHECKS[path.stem]
    assert isinstance(check, Check)
    assert check.label[0].isupper()
    assert check.help.endswith(".")
    assert (HERE / f"test_{path.stem}.py").is_file(), f"write tests/ingest/checks/test_{path.stem}.py"


def test_refusals_come_before_what_is_told_of_the_kept_rows() -> None:
    order = {c.name: c.order for c in CHECKS}
    refusing = {"ragged_rows", "cell_errors", "unreadable_dates", "unreadable_numbers", "required_date",
                "unwanted_future"}
    keyed = {"required_key", "duplicate_rows", "unique_key"}
    telling = {"future_dates", "negative_amounts", "zero_costs", "rounded_money", "missing_values"}
    assert max(order[n] for n in refusing) < 40 <= min(order[n] for n in keyed)
    assert order["required_key"] < order["duplicate_rows"] < order["unique_key"]
    assert max(order[n] for n in keyed) < min(order[n] for n in telling)


def test_good_rows_are_told_nothing(room: Room) -> None:
    done, table = room.convert(room.file("a.csv", CLEAN), {"key": ["order_id"]})
    assert (done.issues, done.counts, table.num_rows) == ((), {}, 8)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
@pytest.mark.parametrize("mapping", [{}, {"key": []}], ids=["guessed", "no key"])
def test_no_check_stumbles_over_an_odd_table(room: Room, text: str, mapping: dict) -> None:
    """The whole reading with all checks: what it says are issues, each with words and a place that exists."""
    path = room.file("a.csv", text)
    found = read(path, "a.csv", mapping_from_json(mapping), None, room.context(), lambda part, rows: None)
    lines = text.count("\n")
    for said in (*found.stage.issues, *found.problems):
        assert said.message
        assert "{" not in said.message.replace("{x}", "").replace("{net}", "")
        assert said.row is None or 1 <= said.row <= lines
        assert said.count >= 1
    rows = found.stage.number("SELECT count(*) FROM typed")
    assert found.stage.number("SELECT count(DISTINCT _row) FROM refused") <= rows
    assert found.stage.number("SELECT count(*) FROM refused WHERE reason IS NULL") == 0


def test_columns_that_are_ignored_are_checked_by_nobody(room: Room) -> None:
    text = CLEAN.replace("3.50,3.25", "x,-5").replace("EUR,4.50", "USD,4.50")
    ignored = {h: {"role": "ignore"} for h in ("revenue", "cost", "currency")}
    done, table = room.convert(room.file("a.csv", text), {"key": ["order_id"], "columns": ignored})
    assert (done.issues, table.num_rows) == ((), 8)
    assert {c.role for c in done.columns} == {RoleOf.ID, RoleOf.DATE, RoleOf.DIMENSION, RoleOf.MEASURE}
