"""What differs between two definitions, and inside their formulas."""
from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.difference import LABELS, differences, marked
from dashapp.core.kpi import Kpi

BASE = Kpi("revenue", "Revenue", "sum(orders.revenue)", "currency", decimals=2)


def test_every_member_but_key_and_version_can_differ() -> None:
    assert set(LABELS) == {f.name for f in fields(Kpi)} - {"key", "version"}


@pytest.mark.parametrize(("name", "value"), [
    ("name", "Sales"), ("formula", "1"), ("unit", "number"), ("direction", "down"), ("decimals", 0),
    ("category", "market"), ("weight", 0.5), ("min_value", 0.0), ("max_value", 9.0), ("anomaly_threshold", 3.0),
    ("description", "x"), ("owner", "ann"), ("absent_is_zero", True),
])
def test_one_member_that_changes_is_the_only_difference(name: str, value: object) -> None:
    (found,) = differences(BASE, replace(BASE, version=7, **{name: value}))  # type: ignore[arg-type]
    assert (found.name, found.before, found.after) == (name, getattr(BASE, name), value)
    assert found.to_json() == {"member": name, "before": getattr(BASE, name), "after": value}
    assert found.label == LABELS[name]


def test_the_same_definition_of_another_version_has_no_difference() -> None:
    assert differences(BASE, replace(BASE, version=3)) == ()


def test_a_new_definition_differs_in_what_it_says() -> None:
    found = differences(None, BASE)
    assert {d.name: d.before for d in found} == dict.fromkeys(("name", "formula", "unit", "decimals"))


def test_formulas_are_marked_by_whole_names() -> None:
    found = marked("sum(orders.revenue) / count(orders)", "sum(orders.price) / count(orders)")
    assert found == (("same", "sum("), ("gone", "orders.revenue"), ("new", "orders.price"),
                     ("same", ") / count(orders)"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_marks_hold_both_texts_whole(before: str, after: str) -> None:
    found = marked(before, after)
    assert "".join(t for m, t in found if m != "new") == before
    assert "".join(t for m, t in found if m != "gone") == after
