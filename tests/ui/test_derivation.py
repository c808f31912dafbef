"""Source rows as a table: amounts line up, and nothing of the source is lost."""
from __future__ import annotations

from decimal import Decimal

import pytest

from dashapp.core.series import Compared, Total
from dashapp.ui.derivation import _cell, totals
from tests.figures.cast import WORDS, points, series
from tests.ui.tree import of_type


@pytest.mark.parametrize(("value", "said"), [
    (Decimal("12.0000"), "12.00"), (Decimal("12.5000"), "12.50"), (Decimal("1E+3"), "1000.00"),
    (Decimal("-0.1"), "-0.10"),
    (Decimal("3.1415"), "3.1415"), (Decimal("0.0000"), "0.00"), (3.0, "3"), (None, "—"), (7, "7"),
])
def test_money_has_two_decimals_and_no_digit_less_than_its_source(value, said):
    assert _cell(value) == said


def test_rows_of_a_warehouse_show_their_table_and_no_empty_columns_of_files():
    from dashapp.core.derivation import SourceRow, SourceRows
    from dashapp.ui.derivation import source_rows

    rows = tuple(SourceRow("", "shop: public.orders", None, None, (f"A{n}", n * 0.5)) for n in (1, 2))
    drawn = str(source_rows(SourceRows("sales", ("order_id", "amount"), rows, 2)))
    assert all(word in drawn for word in ("Table", "shop: public.orders", "order_id", "A2"))
    assert not any(f"'{word}'" in drawn for word in ("Sheet", "Row", "Cells"))
def test_a_total_without_a_comparison_says_why_in_the_tooltip_and_to_screen_readers():
    alone = Compared(None, None, None, "2025-01", "There are no rows before 2026.", kind="previous_year")
    whole = Compared(2, 1, 0.5, "2025-01", kind="previous_year")
    split = (("region", "EMEA"),)
    given = series(points([3]), by=("region",), totals=(Total((), 3, None, alone), Total(split, 3, None, whole)))
    cells = of_type(totals(given, WORDS), "Td")
    assert [c.get("title") for c in cells] == [None, *["There are no rows before 2026."] * 2, None, None, None]
    dash, hidden = cells[1]["children"]
    assert (dash, hidden["props"]["className"]) == ("—", "visually-hidden")
    assert hidden["props"]["children"].strip() == "There are no rows before 2026."
