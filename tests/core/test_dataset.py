"""Datasets: their columns and keys, how far they reach, and the settings of the house."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, Dataset, RoleOf, snake_case
from dashapp.core.datastate import DataState, data_through, state_of
from dashapp.core.job import JobView
from dashapp.core.kpi import CATEGORIES, CATEGORY_NAMES, DIRECTIONS, UNITS, Kpi
from dashapp.core.organisation import Organisation
from dashapp.core.people import Verdict
from dashapp.core.period import Grain

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


# datasets -------------------------------------------------------------------------------------------------------------
SHEET = Dataset("sheet", "Sheet", columns=(
    Column("a", "A", RoleOf.MEASURE, "money"), Column("d", "D", RoleOf.DATE, "date"),
    Column("e", "E", RoleOf.DATE, "date"), Column("b", "B", RoleOf.DIMENSION, "text"),
    Column("x", "X", RoleOf.IGNORE, "text"), Column("c", "C", RoleOf.ENTITY, "text"),
))


def test_a_dataset_finds_its_columns_by_key_and_by_role() -> None:
    assert SHEET.column("b") == SHEET.columns[3]
    assert SHEET.column("nothing") is None
    assert SHEET.keys_of(RoleOf.DATE) == ("d", "e")
    assert SHEET.keys_of(RoleOf.ENTITY, RoleOf.MEASURE) == ("a", "c")
    assert (SHEET.date_column, SHEET.entity_column) == ("d", "c")
    bare = replace(SHEET, columns=SHEET.columns[:1])
    assert (bare.date_column, bare.entity_column) == (None, None)
    assert replace(SHEET, id="other") == SHEET


@pytest.mark.parametrize(("header", "key"), [
    ("UnitPrice", "unit_price"), ("Sub-Category", "sub_category"), ("  Order  ID ", "order_id"), ("%", "pct"),
    ("Margin %", "margin_pct"), ("Umsatz Größe", "umsatz_grosse"), ("Straße", "strasse"), ("Prénom", "prenom"),
    ("2024 total", "c_2024_total"), ("HTTPStatus", "http_status"), ("orderID", "order_id"), ("SKU", "sku"),
    ("a__b", "a_b"), ("---", ""), ("", ""), ("\u6570\u91cf", ""), ("Q1Revenue", "q1_revenue"), ("x", "x"),
    ("Net (EUR)", "net_eur"), ("I\u0307stanbul", "istanbul"), ("_private_", "private"), ("9", "c_9"),
])
def test_a_header_has_this_key(header: str, key: str) -> None:
    assert snake_case(header) == key


@given(st.text(max_size=30))
def test_a_key_is_a_name_or_empty_and_its_own_key(header: str) -> None:
    key = snake_case(header)
    assert key == "" or (key.isidentifier() and key.isascii() and key == key.lower())
    assert "__" not in key
    assert snake_case(key) == key


# how far data reach ---------------------------------------------------------------------------------------------------
TODAY = date(2026, 3, 16)


@pytest.mark.parametrize(("grain", "last", "declared", "reached"), [
    (Grain.EVENT, date(2026, 3, 10), None, date(2026, 3, 10)), (Grain.DAY, date(2026, 3, 10), None, date(2026, 3, 10)),
    (Grain.WEEK, date(2026, 3, 3), None, date(2026, 3, 8)), (Grain.WEEK, date(2026, 3, 10), None, date(2026, 3, 15)),
    (Grain.MONTH, date(2026, 2, 1), None, date(2026, 2, 28)), (Grain.MONTH, date(2026, 3, 1), None, TODAY),
    (Grain.QUARTER, date(2025, 10, 1), None, date(2025, 12, 31)),
    (Grain.YEAR, date(2025, 1, 1), None, date(2025, 12, 31)),
    (Grain.EVENT, date(2026, 3, 10), date(2026, 3, 12), date(2026, 3, 12)),
    (Grain.EVENT, date(2026, 3, 10), date(2026, 3, 1), date(2026, 3, 1)),
    (Grain.EVENT, None, date(2026, 3, 1), date(2026, 3, 1)), (Grain.EVENT, None, date(2026, 4, 1), TODAY),
    (Grain.EVENT, date(2026, 4, 10), None, TODAY), (Grain.EVENT, None, None, None),
])
def test_data_reach_to_what_was_declared_or_the_end_of_the_last_row_but_never_beyond_today(
    grain: Grain, last: date | None, declared: date | None, reached: date | None
) -> None:
    dataset = Dataset("d", "D", grain=grain)
    assert data_through(dataset, last, declared, Calendar(), TODAY) == reached
    state = state_of(dataset, last, last, {0: 3}, declared, Calendar(), TODAY)
    assert state == DataState(last, last, reached, {0: 3})


# the rest -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("state", "over"), [("queued", False), ("running", False), ("done", True), ("failed", True),
                                             ("cancelled", True)])
def test_a_job_is_over_when_nothing_more_will_come_of_it(state: str, over: bool) -> None:
    job = JobView("1", "import", state, 0.5, "", None, None, 1, T0, None, None, False)
    assert job.is_over is over


def test_a_trail_is_whole_when_no_line_is_named() -> None:
    assert Verdict(3).is_whole
    assert not Verdict(3, 0, "changed").is_whole


@pytest.mark.parametrize(("zone", "day"), [("UTC", 15), ("Europe/Berlin", 16), ("America/New_York", 15),
                                           ("Pacific/Kiritimati", 16)])
def test_the_business_date_is_that_of_the_organisations_zone(zone: str, day: int) -> None:
    found = Organisation(timezone=zone)
    assert found.today(datetime(2026, 3, 15, 23, 30, tzinfo=UTC)) == date(2026, 3, day)
    assert found.words.zone == zone
    assert Organisation(**found.to_json()) == found


def test_an_organisation_hands_its_settings_on() -> None:
    found = Organisation("Shop", "UTC", "de_DE", "CHF", 4, 6, "4-4-5")
    assert found.calendar == Calendar(4, 6, "4-4-5")
    assert (found.words.locale, found.words.currency, found.words.zone) == ("de_DE", "CHF", "UTC")


def test_a_kpi_that_says_nothing_else_is_a_plain_number_where_more_is_better() -> None:
    found = Kpi("a", "A", "1")
    assert (found.unit, found.direction, found.decimals, found.category) == ("number", "up", 0, "other")
    assert found.weight == 0
    assert (found.version, found.absent_is_zero, found.anomaly_threshold) == (0, False, 2.0)
    assert found.unit in UNITS
    assert found.direction in DIRECTIONS
    assert CATEGORIES[-1] == found.category
    assert set(CATEGORIES) == set(CATEGORY_NAMES)
