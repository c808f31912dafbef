"""Rows against each other and against what is known: keys, duplicates, remembered columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.period import Grain
from dashapp.ingest.checks import Check
from dashapp.ingest.reading import CHECKS
from tests.ingest.conftest import Room

ORDERS = Dataset(
    "orders",
    "Orders",
    grain=Grain.EVENT,
    key_columns=("order_id",),
    mode="upsert",
    columns=(
        Column("order_id", "order_id", RoleOf.ID, "text"),
        Column("date", "date", RoleOf.DATE, "date"),
        Column("store", "store", RoleOf.DIMENSION, "text"),
        Column("revenue", "revenue", RoleOf.MEASURE, "number"),
    ),
)


def test_rows_that_repeat_are_told_and_kept_without_a_key(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n2025-01-01,5\n2025-01-01,5\n2025-01-02,6\n", {"mode": "append", "key": []})
    assert (len(rows), done.duplicates, done.accepted) == (3, 1, 3)
    assert "duplicate-rows" in {i.code for i in done.issues}


def test_rows_that_repeat_are_kept_once_under_a_key(room: Room) -> None:
    done, rows = room.csv(
        "order_id,date,revenue\nA,2025-01-01,5\nA,2025-01-01,5\nB,2025-01-02,6\n", {"key": ["order_id"]}
    )
    assert (len(rows), done.duplicates, done.rows, done.accepted, done.quarantined) == (2, 1, 3, 2, 0)


def test_different_rows_of_one_key_are_all_set_aside(room: Room) -> None:
    done, rows = room.csv(
        "order_id,date,revenue\nA,2025-01-01,5\nA,2025-01-01,7\nB,2025-01-02,6\n", {"key": ["order_id"]}
    )
    assert ([r["order_id"] for r in rows], done.quarantined) == (["B"], 2)
    assert [i.row for i in done.issues if i.code == "key-duplicate"] == [2, 3]


def test_a_row_without_its_key_is_set_aside(room: Room) -> None:
    done, rows = room.csv("order_id,date,revenue\nA,2025-01-01,5\n,2025-01-01,7\n", {"key": ["order_id"]})
    assert (len(rows), done.quarantined) == (1, 1)
    assert next(i for i in done.issues if i.code == "key-missing").cell == "A3"


def test_a_key_of_a_column_that_is_not_there_is_refused(room: Room) -> None:
    with pytest.raises(Invalid, match="key names columns"):
        room.csv("order_id,date,revenue\nA,2025-01-01,5\n", {"key": ["invoice"]})


def test_a_key_may_be_written_as_the_header(room: Room) -> None:
    done, _ = room.csv("Order ID,date,revenue\nA,2025-01-01,5\n", {"key": ["Order ID"]})
    assert done.mapping.key == ("order_id",)


def test_known_columns_win_over_guesses(room: Room) -> None:
    done, rows = room.csv("order_id,date,store,revenue\n1,2025-01-01,7,5.5\n2,2025-01-02,8,6\n", known=ORDERS)
    assert [(c.key, c.type) for c in done.columns] == [
        ("order_id", "text"),
        ("date", "date"),
        ("store", "text"),
        ("revenue", "number"),
    ]
    assert rows[0] == {"order_id": "1", "date": date(2025, 1, 1), "store": "7", "revenue": 5.5}
    assert (done.mapping.key, done.mapping.mode, done.mapping.grain) == (("order_id",), "upsert", Grain.EVENT)


def test_missing_and_new_columns_are_told(room: Room) -> None:
    done, rows = room.csv("order_id,date,revenue,channel\n1,2025-01-01,5.5,web\n", known=ORDERS)
    assert {"column-missing", "column-new"} <= {i.code for i in done.issues}
    assert [c.key for c in done.columns] == ["order_id", "date", "store", "revenue", "channel"]
    assert rows[0]["store"] is None


@pytest.mark.parametrize("text", ["date,store,revenue\n2025-01-01,a,5\n", "order_id,store,revenue\nA,a,5\n"])
def test_a_file_without_the_key_or_the_date_is_refused(room: Room, text: str) -> None:
    with pytest.raises(Invalid, match=r"not in the file|key names"):
        room.csv(text, known=ORDERS)


def test_a_file_without_date_and_key_is_refused_in_words(room: Room) -> None:
    with pytest.raises(Invalid, match="No column holds dates"):
        room.csv("region,revenue\nEMEA,5\nEMEA,6\nAPAC,7\nAPAC,7\n")


def test_ignored_columns_are_not_written(room: Room) -> None:
    _, rows = room.csv("Date,Notes,Revenue\n2025-01-01,x,5\n", {"columns": {"Notes": {"role": "ignore"}}})
    assert rows == [{"date": date(2025, 1, 1), "revenue": Decimal(5)}]


def test_a_declared_type_and_key_are_used(room: Room) -> None:
    _, rows = room.csv(
        "Date,Store,Sales\n2025-01-01,7,5\n",
        {
            "columns": {
                "store": {"role": "dimension"},
                "Sales": {"role": "measure", "type": "number", "key": "net_sales"},
            }
        },
    )
    assert rows == [{"date": date(2025, 1, 1), "store": "7", "net_sales": 5.0}]


def test_many_bad_cells_are_capped_but_counted(room: Room) -> None:
    text = "Date,Revenue\n" + "".join(f"2025-01-01,{'x' if i % 4 == 0 else i}\n" for i in range(8_000))
    done, rows = room.csv(text, {"mode": "append", "key": []})
    assert (len(rows), done.quarantined, done.counts["number-unreadable"]) == (6_000, 2_000, 2_000)
    assert len(done.issues) <= 1_000
    assert sum(i.count for i in done.issues if i.code == "number-unreadable") == 2_000


def test_a_conversion_travels_as_json(room: Room) -> None:
    done, _ = room.csv("Date,Revenue\n2025-01-01,5\n2025-01-02,x\n")
    assert type(done).from_json(done.to_json()) == done


def test_an_inspection_travels_as_json(room: Room) -> None:
    found = room.inspect(room.file("a.csv", "Date,Revenue\n03/04/2025,1.234\n"))
    assert type(found).from_json(found.to_json()) == found


def test_every_check_says_what_it_does() -> None:
    checks = list(CHECKS)
    assert len(checks) >= 14
    for check in checks:
        assert isinstance(check, Check)
        assert check.label
        assert check.help.endswith(".")


def test_customers_and_orders_get_their_roles(room: Room) -> None:
    found = room.inspect(
        room.file(
            "a.csv",
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
            + "".join(
                f"53636{i // 3},8512{i},LAMP {i % 4},{i},2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
                for i in range(12)
            ),
        )
    )
    assert {c.key: c.role.value for c in found.columns} == {
        "invoice_no": "id",
        "stock_code": "id",
        "description": "dimension",
        "quantity": "measure",
        "invoice_date": "date",
        "unit_price": "measure",
        "customer_id": "entity",
        "country": "dimension",
    }
