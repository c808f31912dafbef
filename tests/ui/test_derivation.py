"""Source rows as a table: amounts line up, and nothing of the source is lost."""
from __future__ import annotations

from decimal import Decimal

import pytest

from dashapp.ui.derivation import _cell


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
