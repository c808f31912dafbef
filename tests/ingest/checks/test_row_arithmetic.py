"""What nearly all rows follow is found, and the row that breaks it is told; nothing is told where there is no rule."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tests.ingest.conftest import Room, codes, issue

Row = list[Decimal]


def cents(number: float) -> Decimal:
    return Decimal(f"{number:.2f}")


def table(*, kind: str, count: int = 40) -> tuple[str, list[Row]]:
    """Header and rows: quantity, price and their product; or net, tax and their sum."""
    dice, rows = random.Random(5), []
    for _ in range(count):
        one, other = (Decimal(dice.randint(2, 9)), cents(dice.uniform(3, 90))) if kind == "product" else (
            cents(dice.uniform(50, 900)), cents(dice.uniform(5, 90)))
        rows.append([one, other, one * other if kind == "product" else one + other])
    return ("qty,price,revenue" if kind == "product" else "net,tax,gross"), rows


def text(head: str, rows: list[Row]) -> str:
    lines = (f"2025-01-{n % 28 + 1:02d},{','.join(map(str, r))}" for n, r in enumerate(rows))
    return f"date,{head}\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("kind", ["product", "sum"])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_one_wrong_cell_of_a_rule_is_told_with_its_row(room: Room, kind: str, column: int) -> None:
    head, rows = table(kind=kind)
    assert "row-arithmetic" not in codes(room.csv(text(head, rows))[0])
    rows[17][column] *= 10
    done, kept = room.csv(text(head, rows))
    found = issue(done, "row-arithmetic")
    assert (found.row, found.cell, found.severity, len(kept)) == (19, "D19", "warning", 40)
    one, other, target = head.split(",")
    assert f"{target!r} is not {one!r} {'×' if kind == 'product' else '+'} {other!r}" in found.message


def test_a_hair_of_rounding_breaks_nothing_and_a_cent_too_much_does(room: Room) -> None:
    head, rows = table(kind="product")
    for row in rows:
        row[2] = row[2].quantize(Decimal("0.1"))
    assert "row-arithmetic" not in codes(room.csv(text(head, rows))[0]), "rounded to ten cents: no rule any more"
    head, rows = table(kind="sum")
    rows[3][2] += Decimal("0.02")
    assert issue(room.csv(text(head, rows))[0], "row-arithmetic").row == 5


def test_discounts_are_no_rule_and_few_rows_make_none(room: Room) -> None:
    head, rows = table(kind="product")
    for row in rows[::5]:
        row[2] *= Decimal("0.9")
    assert "row-arithmetic" not in codes(room.csv(text(head, rows))[0])
    head, rows = table(kind="product", count=11)
    rows[4][2] *= 10
    assert "row-arithmetic" not in codes(room.csv(text(head, rows))[0])


def test_ones_and_zeros_make_no_rule(room: Room) -> None:
    rows = [[Decimal(1), Decimal(n), Decimal(n)] for n in range(30)]
    rows[7][2] = Decimal(500)
    assert "row-arithmetic" not in codes(room.csv(text("qty,price,revenue", rows))[0])


def test_missing_cells_break_nothing(room: Room) -> None:
    head, rows = table(kind="product")
    lines = text(head, rows).splitlines()
    lines[6] = lines[6].rpartition(",")[0] + ","
    assert "row-arithmetic" not in codes(room.csv("\n".join(lines) + "\n")[0])
