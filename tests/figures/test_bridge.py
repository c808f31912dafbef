"""A restatement drawn: columns that stand on each other, a sentence, a table whose last line is the exact sum."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dashapp.core.bridge import Bridge, Step, parts_of
from dashapp.core.calendar import Calendar
from dashapp.core.kpi import Kpi
from dashapp.core.series import Number, Point
from dashapp.core.words import Words
from dashapp.figures.bridge import chart, sentence, table, title
from dashapp.figures.plot import figure

KPI = Kpi("revenue", "Revenue", "sum(orders.revenue)", unit="currency", decimals=2)
WHEN, WORDS = Calendar().parse("2026-03"), Words()
STEPS = (Step("new", "orders", Decimal("130.50"), None, 3), Step("changed", "orders", Decimal("120.25"), None, 2, 2),
         Step("changed", "catalogue", Decimal("121")), Step("removed", "orders", None, "Division by zero: x is 0."),
         Step("definition", None, Decimal("90")))


def bridge(before: Number | None = Decimal(100), steps: tuple[Step, ...] = STEPS) -> Bridge:
    def side(value: Number | None) -> Point:
        return Point(WHEN, (), value, True, None if value is not None else "No rows in this period.")

    return Bridge(KPI, WHEN, (), datetime(2026, 4, 1, tzinfo=UTC), None, side(before),
                  side(steps[-1].value if steps else before), parts_of(before, steps))


def test_each_column_begins_where_the_one_before_it_ends() -> None:
    found = chart(bridge(), WORDS)
    assert found is not None
    assert found.kind == "waterfall"
    ends = {t.part: [(f, None if f is None or v is None else f + v) for f, v in zip(t.feet, t.values, strict=True)]
            for t in found.traces}
    assert [e for e in ends["actual"] if e[0] is not None] == [(0, 100), (0, 90)]
    assert ends["gain"][1] == (100, 130.5)
    assert ends["loss"][2] == (130.5, 120.25)
    assert ends["gain"][3] == (120.25, 121)
    assert ends["loss"][4] == (None, None)
    assert ends["loss"][5] == (121, 90)
    drawn = figure(found)["data"]
    assert [d["type"] for d in drawn] == ["bar"] * 3
    assert all("base" in d for d in drawn)
    assert found.labels[2] == "Changed rows in orders"


def test_the_sentence_and_the_table_tell_the_same_shares() -> None:
    found = bridge()
    assert title(found, WORDS) == "Revenue Mar 2026 was restated by \u2212€10.00"
    assert "new rows +€30.50, changed rows \u2212€9.50, definition \u2212€31.00" in sentence(found, WORDS)
    rows = table(found, WORDS).rows
    assert rows[1] == ("New rows in orders", "+€30.50", "€130.50", "3")
    assert rows[2][3] == "2 before, 2 after"
    assert rows[4][1:3] == ("—", "— Division by zero: x is 0.")
    assert "steps before it" in rows[5][1]
    assert rows[-1][:3] == ("After", "\u2212€10.00", "€90.00")


def test_a_share_too_small_for_the_decimals_is_told_with_more_of_them() -> None:
    rows = table(bridge(steps=(Step("new", "orders", Decimal("100.0003"), None, 1),)), WORDS).rows
    assert rows[1][1] == "+€0.0003"


@pytest.mark.parametrize("found", [bridge(None), bridge(steps=(Step("removed", "orders", None, "No rows."),))])
def test_where_a_side_has_no_value_nothing_is_drawn_and_the_reason_is_told(found: Bridge) -> None:
    assert chart(found, WORDS) is None
    assert "there was no value: No rows in this period." in title(found, WORDS)
    assert found.difference is None
    assert found.open_because


def test_nothing_moved_is_said_so() -> None:
    still = replace(bridge(steps=()), parts=())
    assert title(still, WORDS) == "Revenue Mar 2026 was not restated"
    assert "Of this" not in sentence(still, WORDS)
