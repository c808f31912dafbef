"""What is wrong with a formula, and changes that really settle it."""
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.query.caret import tokens
from dashapp.query.formula import FormulaError
from dashapp.query.mending import check
from dashapp.query.names import bind
from dashapp.query.tree import TEXT
from tests.query.shop import DATASETS
from tests.query.test_completion import KPIS, TYPED
from tests.query.test_random_formulas import formula


@pytest.mark.parametrize(("text", "mended"), [
    ("sum(orders.revenu)", "sum(orders.revenue)"),
    ("sum(revenu)", "sum(revenue)"),
    ("2 * revenu", "2 * revenue"),
    ("summ(orders.qty)", "sum(orders.qty)"),
    ("cnt(orders)", "count(orders)"),
    ("qty", "sum(qty)"),
    ("sum(orders.qty", "sum(orders.qty)"),
    ("(revenue + 1", "(revenue + 1)"),
    ("revenue + 1)", "revenue + 1"),
    ('sum(orders.qty, channel = "web")', 'sum(orders.qty, channel == "web")'),
    ('sum(orders.qty, channel <> "web")', 'sum(orders.qty, channel != "web")'),
    ("sum(orders.qty, channel == web)", 'sum(orders.qty, channel == "web")'),
    ("sum(orders.qty, channel == 5)", 'sum(orders.qty, channel == "5")'),
    ('sum(orders.qty, qty > "5")', "sum(orders.qty, qty > 5)"),
    ("sum(orders.channel)", "distinct(orders.channel)"),
    ("revenue +", "revenue"),
    ("sum(orders.qty, region == \"EMEA\") / revenu", 'sum(orders.qty, region == "EMEA") / revenue'),
])
def test_a_flaw_is_mended_by_one_change(text: str, mended: str) -> None:
    found = check(text, DATASETS, KPIS)
    assert not found.is_usable
    assert mended in [m.applied(text) for f in found.flaws for m in f.mends]
    assert check(mended, DATASETS, KPIS).is_usable


def test_a_column_of_several_datasets_is_mended_by_each_of_them() -> None:
    (flaw,) = check("count(region)", DATASETS, KPIS).flaws
    assert flaw.issue.code == "ambiguous-column"
    assert [m.insert for m in flaw.mends] == ["orders.region", "finance.region"]


def test_several_flaws_are_mended_one_by_one() -> None:
    text = "sum(orders.revenu) / sum(orders.qtty)"
    found = check(text, DATASETS, KPIS)
    assert [text[f.issue.position or 0:][:10] for f in found.flaws] == ["orders.rev", "orders.qtt"]
    first = found.flaws[0].mends[0].applied(text)
    (left,) = check(first, DATASETS, KPIS).flaws
    assert check(left.mends[0].applied(first), DATASETS, KPIS).is_usable


def test_a_function_is_mended_although_a_name_is_wrong_too() -> None:
    """Names are looked at once the text can be read: the change helps, and the next flaw shows."""
    text = "sum(orders.revenu) / cnt(orders)"
    (flaw,) = check(text, DATASETS, KPIS).flaws
    assert text[flaw.issue.position or 0:] == "cnt(orders)"
    mended = flaw.mends[0].applied(text)
    assert mended == "sum(orders.revenu) / count(orders)"
    assert [f.issue.code for f in check(mended, DATASETS, KPIS).flaws] == ["unknown-column"]


def test_a_cycle_is_told_with_its_path_and_has_no_mend() -> None:
    from dashapp.core.kpi import Kpi

    text = "basket * 2"
    (flaw,) = check(text, DATASETS, {**KPIS, "revenue": Kpi("revenue", "Revenue", text)}, "revenue").flaws
    assert flaw.issue.code == "kpi-cycle"
    assert "revenue -> basket -> revenue" in flaw.issue.message
    assert flaw.mends == ()


def test_a_usable_formula_says_what_it_uses_with_full_names() -> None:
    found = check("sum(qty * price) / revenue", DATASETS, KPIS)
    assert (found.formula, found.datasets, found.kpis) == ("sum(orders.qty * orders.price) / revenue", ("orders",),
                                                           ("revenue",))
    assert found.columns == ("orders.price", "orders.qty")
    assert found.to_json() == {"usable": True, "formula": found.formula, "datasets": ["orders"], "kpis": ["revenue"],
                               "columns": ["orders.price", "orders.qty"], "issues": []}


def test_the_place_and_the_mends_travel_as_json() -> None:
    (issue,) = check("1 + revenu", DATASETS, KPIS).to_json()["issues"]
    assert (issue["code"], issue["position"]) == ("unknown-kpi", 4)
    assert issue["mends"] == [{"start": 4, "end": 10, "insert": "revenue"}]


def hides(code: str) -> bool:
    """Is it a flaw of the text itself, before names are looked at?"""
    return code.startswith("formula-") or code == "unknown-function"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), TYPED))
def test_no_text_makes_the_check_fail_and_every_mend_helps(text: str) -> None:
    found = check(text, DATASETS, KPIS)
    before = [f.issue.code for f in found.flaws]
    assert found.is_usable == (not before)
    for flaw in found.flaws:
        for mend in flaw.mends:
            assert 0 <= mend.start <= mend.end <= len(text)
            after = [f.issue.code for f in check(mend.applied(text), DATASETS, KPIS).flaws]
            assert len(after) < len(before) or (hides(flaw.issue.code) and not any(map(hides, after)))


@settings(max_examples=150, deadline=None)
@given(formula, st.data())
def test_a_slip_of_a_key_in_a_name_is_mended(whole: str, data: st.DataObject) -> None:
    """One letter of a long name is lost: one of the changes offered makes a formula of it again."""
    try:
        bind(whole, DATASETS, KPIS)
    except FormulaError:
        return
    long = [t for t in tokens(whole) if t.kind == "name" and len(t.text) > 7 and t.text not in TEXT]
    if not long:
        return
    token = data.draw(st.sampled_from(long))
    at = data.draw(st.integers(token.start + 1, token.end - 2).filter(lambda n: whole[n] not in "._"))
    slipped = whole[:at] + whole[at + 1:]
    found = check(slipped, DATASETS, KPIS)
    offered = [m.applied(slipped) for f in found.flaws for m in f.mends]
    assert found.is_usable or any(check(o, DATASETS, KPIS).is_usable for o in offered), slipped
