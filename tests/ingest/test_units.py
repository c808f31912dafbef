"""Units written beside the numbers, and what they make of each column."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashapp.core.errors import Invalid
from dashapp.ingest.units import of_title, split, unit_of
from tests.ingest.conftest import Room, codes, issue


@pytest.mark.parametrize(
    ("text", "scale", "currency"),
    [
        ("EUR thousand", 1e3, "EUR"), ("k€", 1e3, "EUR"), ("TEUR", 1e3, "EUR"), ("in T€", 1e3, "EUR"),
        ("USD '000", 1e3, "USD"), ("$ 000", 1e3, "USD"), ("Angaben in Tausend Euro", 1e3, "EUR"),
        ("in thousands", 1e3, None), ("Mio. EUR", 1e6, "EUR"), ("€m", 1e6, "EUR"), ("millions of euros", 1e6, "EUR"),
        ("in millions", 1e6, None), ("Mrd. €", 1e9, "EUR"), ("GBP bn", 1e9, "GBP"), ("crores", 1e7, None),
        ("lakhs", 1e5, None), ("EUR", 1.0, "EUR"), ("in US$", 1.0, "USD"),
    ],
)  # fmt: skip
def test_a_unit_is_read_as_people_write_it(text: str, scale: float, currency: str | None) -> None:
    found = unit_of(text)
    assert found is not None
    assert (found.scale, found.currency) == (scale, currency)


@pytest.mark.parametrize("text", ["k", "m", "in m", "pieces", "March", "", "EUR per unit", "2025", "thousand islands"])
def test_what_could_be_anything_is_no_unit(text: str) -> None:
    assert unit_of(text) is None


@pytest.mark.parametrize(
    ("header", "rest", "scale"),
    [
        ("Revenue (EUR thousand)", "Revenue", 1e3), ("Revenue [k€]", "Revenue", 1e3), ("Umsatz in TEUR", "Umsatz", 1e3),
        ("Cost, in millions", "Cost", 1e6), ("revenue_keur", "revenue", 1e3), ("Revenue (EUR)", "Revenue", 1.0),
        ("Margin %", "Margin %", None), ("Length m", "Length m", None), ("Price EUR", "Price EUR", None),
        ("Time in months", "Time in months", None), ("Orders", "Orders", None), ("EUR thousand", "EUR thousand", 1e3),
    ],
)  # fmt: skip
def test_a_header_is_its_name_and_its_unit(header: str, rest: str, scale: float | None) -> None:
    found, unit = split(header)
    assert (found, unit.scale if unit else None) == (rest, scale)


@pytest.mark.parametrize(
    ("line", "scale"),
    [
        ("Sales 2025 (in EUR thousand)", 1e3),
        ("P&L, EUR million", 1e6),
        ("Unit: TEUR", 1e3),
        ("All figures in thousands", 1e3),
        ("in thousands, except per share data", 1e3),
        ("Report in March", None),
        ("Sales in EUR", None),
        ("Stand 1.1.2025", None),
    ],
)
def test_a_line_beside_the_table_may_speak_of_a_unit(line: str, scale: float | None) -> None:
    found = of_title(line)
    assert (found.scale if found else None) == scale


ROWS = "2025-01-01,1.23456,7\n2025-02-01,-2.5,8\n"


def test_a_unit_in_a_header_multiplies_to_the_last_digit_and_is_told(room: Room) -> None:
    done, rows = room.csv(f"Date,Revenue (EUR thousand),Orders\n{ROWS}")
    assert [(r["revenue"], r["orders"]) for r in rows] == [(Decimal("1234.56"), 7), (Decimal("-2500"), 8)]
    assert issue(done, "scale-applied").severity == "warning"
    assert "Revenue (EUR thousand)" in issue(done, "scale-applied").message
    assert done.mapping.columns["Revenue (EUR thousand)"].scale == 1000
    assert done.mapping.columns["Orders"].scale is None


def test_a_declared_scale_wins_over_the_header(room: Room) -> None:
    mapping = {"columns": {"Revenue (EUR thousand)": {"scale": 1}, "Orders": {"scale": 1000}}}
    done, rows = room.csv(f"Date,Revenue (EUR thousand),Orders\n{ROWS}", mapping)
    assert [(r["revenue"], r["orders"]) for r in rows] == [(1.23456, 7000), (-2.5, 8000)]
    assert "money-fine" in codes(done)  # more digits than money keeps
    assert "Orders" in issue(done, "scale-applied").message


@pytest.mark.parametrize("text", ["0.0012345678", "12345678.9", "-7", "1e-3", "1.5E4", ".5"])
@pytest.mark.parametrize("scale", [1000, 1000000, 0.01])
def test_scaling_moves_the_decimal_mark_and_nothing_else(room: Room, text: str, scale: float) -> None:
    mapping = {"columns": {"Revenue": {"scale": scale, "type": "money"}}, "key": ["date"], "mode": "upsert"}
    _, rows = room.csv(f"Date,Revenue\n2025-01-01,{text}\n", mapping)
    exact = Decimal(text) * Decimal(str(scale))
    assert abs(rows[0]["revenue"] - exact) <= Decimal("0.00005")


def test_a_title_holds_for_money_and_asks_for_what_may_be_money(room: Room) -> None:
    path = room.file(
        "t.csv",
        f"All figures in EUR thousand,,,\nDate,Revenue,Orders,Marketing\n{ROWS.replace(chr(10), ',3' + chr(10))}",
    )
    found = room.inspect(path)
    assert {c: m.scale for c, m in found.mapping.columns.items()} == {
        "Date": None,
        "Revenue": 1000,
        "Orders": None,
        "Marketing": None,
    }
    assert [(q.code, q.column, [c.value for c in q.choices]) for q in found.questions] == [
        ("scale", "Marketing", ["1000", "1"])
    ]
    with pytest.raises(Invalid, match="Marketing"):
        room.convert(path)
    done, table = room.convert(path, {"columns": {"Marketing": {"scale": 1}}})
    assert table.column("marketing").to_pylist() == [3, 3]
    assert table.column("revenue").to_pylist() == [Decimal("1234.56"), Decimal("-2500")]
    assert done.accepted == 2


def test_a_unit_below_the_table_counts_as_well(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n2025-01-01,5\n2025-02-01,6\n\nAmounts in millions of euros\n")
    assert [r["revenue"] for r in rows] == [5_000_000, 6_000_000]
    assert "excluded-note" in codes(done)


def test_lines_that_name_different_units_apply_none(room: Room) -> None:
    done, rows = room.csv("in EUR thousand,\nin EUR million,\nDate,Revenue\n2025-01-01,5\n2025-02-01,6\n")
    assert [r["revenue"] for r in rows] == [5, 6]
    assert issue(done, "unit-several").severity == "warning"


def test_a_unit_in_another_currency_refuses_the_file(room: Room) -> None:
    path = room.file("t.csv", f"Date,Revenue (USD thousand),Orders\n{ROWS}")
    with pytest.raises(Invalid, match="is in USD"):
        room.convert(path)


@pytest.mark.parametrize(
    ("cells", "stored", "said"),
    [
        (("12.5", "45"), (0.125, 0.45), "scale-applied"),
        (("0.125", "0.45"), (0.125, 0.45), "scale-ratio"),
        (("12.5 %", "45 %"), (0.125, 0.45), None),
    ],
)
def test_percents_are_kept_as_shares(
    room: Room, cells: tuple[str, str], stored: tuple[float, float], said: str | None
) -> None:
    done, rows = room.csv(f"Date,Margin %\n2025-01-01,{cells[0]}\n2025-02-01,{cells[1]}\n")
    assert [r["margin_pct"] for r in rows] == list(stored)
    assert {c for c in codes(done) if c.startswith("scale")} == ({said} if said else set())


@pytest.mark.parametrize("total", ["783,000", "1.000", "Total;783,000", "12 000", "783,000 EUR"])
def test_the_zeros_of_an_amount_beside_the_table_are_no_unit(room: Room, total: str) -> None:
    assert of_title(total.replace(";", " ")) is None
    lines = "".join(f"2025-01-{n:02d};{n},5\n" for n in range(1, 9))
    done, rows = room.csv(f"Date;Revenue\n{lines};{total.replace(';', ' ')}\n", {"header_row": 1})
    assert "scale-applied" not in codes(done)
    assert [r["revenue"] for r in rows if r["date"]] == [Decimal(n) + Decimal("0.5") for n in range(1, 9)]


@pytest.mark.parametrize("header", ["Orders over 10,000", "Revenue 1.000", "from 5,000 to 10,000"])
def test_the_zeros_of_a_number_in_a_header_are_no_unit(header: str) -> None:
    assert split(header) == (header, None)
