"""The editor's parts: proposals as a listbox, flaws under their place, the form as a definition, what a change does."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashapp.core.definition import KpiChange
from dashapp.core.difference import differences
from dashapp.core.draft import Checked, Completion, Flaw, Mend, Proposal, Signature
from dashapp.core.effect import Cell, Effect, Effects
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.kpi import Kpi
from dashapp.core.words import Words
from dashapp.services.versioning import Version
from dashapp.ui.editor import FIELDS, field_id, key_of, meaning_fields, typed
from dashapp.ui.effects import member_in_words, review, version_list
from dashapp.ui.formula import flaws, formula_field, offers
from tests.ui.tree import nodes, sent, text

REVENUE = Kpi("revenue", "Revenue", "sum(orders.revenue)", "currency", decimals=2, weight=0.15, min_value=1000.5,
              owner="Ann", description="Money.", version=3)
WORDS = Words("en_GB", "EUR", "UTC")
AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)


def with_prop(component: Any, name: str) -> list[dict[str, Any]]:
    return [p for p in props(component) if p.get(name) is not None]


def props(component: Any) -> list[dict[str, Any]]:
    return [n["props"] for n in nodes(sent(component))]


def tags(component: Any, *names: str) -> list[dict[str, Any]]:
    return [n for n in nodes(sent(component)) if n["type"].lower() in names]


def form_of(kpi: Kpi, locale: str = "en_GB", *, is_new: bool = False, **changes: Any) -> dict[str, Any]:
    """What the browser would send of the form as it is drawn, with some fields typed anew."""
    drawn = {p["id"]: p.get("value") for p in with_prop(meaning_fields(kpi, locale, is_new=is_new), "id")}
    return {name: drawn[field_id(name)] for name in FIELDS} | changes


# the formula -----------------------------------------------------------------------------------------------------
def test_proposals_are_options_of_a_listbox_with_what_they_insert() -> None:
    found = Completion(4, 7, (Proposal("orders.revenue", "column", "orders.revenue", "Money in Orders.", 14),
                              Proposal("sum()", "function", "sum(column[, condition])", "The sum.", 4)))
    drawn = offers(found, 7, True)
    (box,) = [p for p in with_prop(drawn, "role") if p["role"] == "listbox"]
    assert (box["id"], box["data-turn"], box["data-start"], box["data-end"], box["data-wanted"]) == (
        "kpi-list", "7", "4", "7", "yes")
    options = [p for p in with_prop(drawn, "role") if p["role"] == "option"]
    assert [(o["id"], o["data-insert"], o["data-caret"], o["aria-selected"]) for o in options] == [
        ("kpi-offer-0", "orders.revenue", "14", "false"), ("kpi-offer-1", "sum()", "4", "false")]
    assert "Money in Orders." in text(drawn)
    assert "Function" in text(drawn)


def test_the_place_that_is_written_is_marked_in_the_signature() -> None:
    drawn = offers(Completion(0, 0, (), Signature("rolling(figure, count[, unit])", ("figure", "count", "unit"), 1,
                                                  "Over some days.")), 1, False)
    assert [n["props"]["children"] for n in tags(drawn, "strong")] == ["count"]
    assert "".join(text(drawn).split()) == "rolling(figure,count[,unit])Oversomedays."


@pytest.mark.parametrize("at", [0, 8, 60, 119])
def test_the_caret_stands_under_the_character_that_is_meant(at: int) -> None:
    formula = "".join(chr(97 + n % 26) for n in range(120))
    drawn = flaws(Checked(formula, flaws=(Flaw(Issue("x", "wrong here", position=at)),)))
    (place,) = [n["props"]["children"] for n in tags(drawn, "pre")]
    line, caret = place.split("\n")
    assert line[caret.index("^")] == formula[at]
    assert len(line) < 50, "as wide as a phone"
    assert f"At character {at + 1}." in text(drawn)


def test_a_formula_of_several_lines_has_its_flaw_on_one() -> None:
    drawn = flaws(Checked("1 +\n\tx", flaws=(Flaw(Issue("x", "wrong", position=5)),)))
    (place,) = [n["props"]["children"] for n in tags(drawn, "pre")]
    assert place == "1 +  x\n     ^"


def test_a_mend_is_a_button_that_says_what_it_writes() -> None:
    formula = "1 + revenu"
    issue = Issue("unknown-kpi", "unknown KPI 'revenu'", position=4, help="did you mean 'revenue'?")
    drawn = flaws(Checked(formula, flaws=(Flaw(issue, (Mend(4, 10, "revenue"), Mend(9, 10, ""), Mend(10, 10, ")"))),)))
    found = with_prop(drawn, "data-ll-mend")
    assert [(p["data-ll-mend"], p["data-end"], p.get("data-insert", "")) for p in found] == [
        ("4", "10", "revenue"), ("9", "10", ""), ("10", "10", ")")]
    assert "Write revenue instead of revenu" in text(drawn)
    assert "Leave out u" in text(drawn)
    assert "did you mean" not in text(drawn), "the button says it"
    (listed,) = with_prop(drawn, "data-for")
    assert listed["data-for"] == formula


def test_a_usable_formula_is_told_in_full_where_names_were_completed() -> None:
    assert "In full: sum(orders.qty)" in text(flaws(Checked("sum(qty)", "sum(orders.qty)")))
    assert "In full" not in text(flaws(Checked("sum(orders.qty)", "sum(orders.qty)")))


def test_the_field_has_a_label_and_its_list_at_hand() -> None:
    drawn = formula_field("sum(orders.qty)")
    assert any(p.get("htmlFor") == "kpi-formula" for p in with_prop(drawn, "htmlFor"))
    assert any(p.get("value") == "sum(orders.qty)" for p in with_prop(drawn, "value"))
    assert {"kpi-offers", "kpi-flaws", "kpi-list"} <= {p["id"] for p in with_prop(drawn, "id")}


# the form --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("locale", ["en_GB", "de_DE", "fr_FR", "de_CH"])
@pytest.mark.parametrize("kpi", [
    REVENUE, replace(REVENUE, unit="percent", min_value=0.125, max_value=0.5, direction="band", absent_is_zero=True),
    replace(REVENUE, unit="ratio", min_value=None, max_value=-2.75, weight=0.0, owner=None, anomaly_threshold=2.5),
])
def test_a_form_that_nobody_touched_says_the_definition_it_was_made_of(kpi: Kpi, locale: str) -> None:
    assert typed(form_of(kpi, locale), kpi.formula, kpi, locale) == kpi


def test_what_is_typed_is_read_in_the_locale_and_percent_as_fractions() -> None:
    form = form_of(REVENUE, "de_DE", unit="percent", min="12,5", max="80 %", weight="25", sensitivity="3,5")
    found = typed(form, "1", REVENUE, "de_DE")
    assert (found.min_value, found.max_value, found.weight, found.anomaly_threshold) == (0.125, 0.8, 0.25, 3.5)


@pytest.mark.parametrize(("field", "value", "said"), [
    ("min", "abc", "Plausible from"), ("max", "1.2.3", "Plausible to"), ("weight", "x", "Weight"),
    ("sensitivity", "?", "Anomaly threshold"), ("name", "  ", "name"),
])
def test_a_field_that_cannot_be_read_is_named(field: str, value: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        typed(form_of(REVENUE, **{field: value}), "1", REVENUE, "en_GB")


def test_a_new_definition_takes_its_key_from_the_name_and_an_old_one_keeps_its_own() -> None:
    new = form_of(Kpi("", "", ""), is_new=True, name="Nét Revenue (2026)", key="")
    assert typed(new, "1", None, "en_GB").key == "net_revenue_2026"
    assert typed({**new, "key": "mine"}, "1", None, "en_GB").key == "mine"
    assert typed(form_of(REVENUE, key="other"), "1", REVENUE, "en_GB").key == "revenue"
    assert key_of("a__b  c") == "a_b_c"
    assert len(key_of("x" * 200)) == 63


# what it changes -------------------------------------------------------------------------------------------------
def _effects(**changes: Any) -> Effects:
    after = replace(REVENUE, **changes)
    figures = Effect("figures", "Figures of the past", "1 of 2 months with a figure changes.",
                     (("period", "Period"), ("before", "Now")), ((Cell("2026-01", "Jan 2026"), Cell(1.0, "€1.00")),), 1,
                     frozenset({1}))
    worse = Cell("critical", "Critical", "critical")
    flips = Effect("statuses", "Statuses", "One.", (("after", "After"),), ((worse,),), 1)
    return Effects(REVENUE, after, differences(REVENUE, after), (figures, flips))


def test_the_review_shows_members_tables_and_the_button_that_saves() -> None:
    drawn = review(_effects(formula="sum(orders.price)", weight=0.2), WORDS)
    said = text(drawn)
    assert "Figures of the past 1 of 2 months with a figure changes." in " ".join(said.split())
    assert "Weight:" in said
    assert [n["type"].lower() for n in tags(drawn, "del", "ins")] == ["del", "ins"] * 2
    assert find_id(drawn, "kpi-save")
    heads = [n["props"] for n in tags(drawn, "th")]
    assert {h.get("scope") for h in heads} == {"col", "row"}
    assert any("ll-tone-critical" in p.get("className", p.get("class", "")) for p in props(drawn))


def find_id(component: Any, id: str) -> bool:
    return any(p["id"] == id for p in with_prop(component, "id"))


def test_a_review_of_nothing_offers_nothing_to_save() -> None:
    drawn = review(_effects(), WORDS)
    assert "Nothing is changed yet." in text(drawn)
    assert not find_id(drawn, "kpi-save")


def test_members_are_told_as_the_form_words_them() -> None:
    told = [member_in_words(n, v, REVENUE, WORDS) for n, v in (
        ("unit", "currency"), ("direction", "band"), ("category", "customer"), ("min_value", 1000.5), ("weight", 0.15),
        ("owner", None), ("absent_is_zero", True), ("decimals", 2), ("max_value", None))]
    assert told == ["Money", "Within a band is best", "Customers", "€1,000.50", "15 %", "—", "yes", "2", "—"]


def test_versions_offer_to_restore_old_ones_only_to_who_may() -> None:
    old = replace(REVENUE, formula="sum(orders.price)", version=2)
    versions = [Version(KpiChange(REVENUE, AT, "ann@example.org", "better", False), differences(old, REVENUE), True),
                Version(KpiChange(old, AT, "ben@example.org", "", True), (), False),
                Version(KpiChange(replace(old, version=1), AT, "ben@example.org", "", False), (), False)]
    drawn = version_list(versions, WORDS, True)
    ids = [p["id"] for p in with_prop(drawn, "id") if isinstance(p["id"], dict)]
    assert ids == [{"part": "kpi-restore", "version": 1}]
    said = text(drawn)
    assert "Version 3, 16 Mar 2026, 08:00 by ann@example.org" in said
    assert "better" in said
    assert "deleted" in said
    assert "kpi-restore" not in json.dumps([str(p) for p in props(version_list(versions, WORDS, False))])


def test_the_list_leads_to_the_editor_only_who_may() -> None:
    from dashapp.core.definition import KpiView
    from dashapp.ui.definitions import definition_list

    links = [p["href"] for p in with_prop(definition_list([KpiView(REVENUE)], True), "href")]
    assert links == ["/kpi/revenue", "/kpis?edit=revenue"]
    assert [p["href"] for p in with_prop(definition_list([KpiView(REVENUE)]), "href")] == ["/kpi/revenue"]
