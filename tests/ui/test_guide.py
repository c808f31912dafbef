"""The guide to formulas on the screen says what the language can, and shows code as code."""

from __future__ import annotations

from dashapp.query.language import GUIDE
from dashapp.query.tree import AGGREGATES, TEXT, TIME
from dashapp.ui.guide import formula_guide
from tests.ui.tree import of_type, text


def test_every_function_and_every_chapter_is_on_the_screen() -> None:
    shown = text(formula_guide())
    assert shown.startswith("How formulas are written A KPI is a formula over the columns")
    for name in (*AGGREGATES, *TIME, *TEXT):
        assert f"{name}(" in shown, name
    assert [h["children"] for h in of_type(formula_guide(), "H3")] == [c.title for c in GUIDE]
    assert len(of_type(formula_guide(), "Table")) == len(GUIDE)


def test_what_stands_in_backticks_is_code_and_formulas_keep_theirs() -> None:
    codes = [c["children"] for c in of_type(formula_guide(), "Code")]
    for formula in (e.formula for c in GUIDE for e in c.examples):
        assert formula in codes
    assert {"!=", "not in", '""', "and", "in"} <= set(codes)
    assert "sum(`in`)" in codes


def test_it_is_closed_until_somebody_wants_to_know() -> None:
    (details,) = of_type(formula_guide(), "Details")
    assert "open" not in details
    assert formula_guide().id == "formula-guide"
