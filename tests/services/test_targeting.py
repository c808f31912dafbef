"""Targets: versions, periods of the organisation's calendar, and who may set them."""
from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.errors import Forbidden, Invalid, NotFound
from dashapp.core.organisation import Organisation
from dashapp.core.period import Grain
from dashapp.services import auditing, defining, targeting
from tests.services.stage import define


@pytest.fixture(autouse=True)
def _kpis(database, now):
    define(now, "revenue", "churn")


def test_a_typed_target_is_found_for_exactly_its_period(desk, cast, now):
    targeting.save(cast.finance, desk, "revenue", "2026-03", 1_000_000.0, now=now)
    found = targeting.listing(cast.executive, desk)
    assert [(t.kpi, t.period, t.value, t.version) for t in found] == [("revenue", "2026-03", 1_000_000.0, 1)]
    march, week = Calendar().parse("2026-03"), Calendar().parse("2026-W10")
    assert targeting.for_period(found, "revenue", march) == 1_000_000.0
    assert targeting.for_period(found, "revenue", week) is None
    assert targeting.for_period(found, "churn", march) is None


def test_a_changed_target_is_a_new_version_and_the_old_one_stays_in_the_trail(desk, cast, now):
    targeting.save(cast.finance, desk, "revenue", "2026-Q1", 3.0, now=now)
    targeting.save(cast.finance, desk, "revenue", "2026-Q1", 4.0, now=now)
    (found,) = targeting.listing(cast.executive, desk)
    assert (found.value, found.version, found.start, found.end) == (4.0, 2, date(2026, 1, 1), date(2026, 3, 31))
    line = next(x for x in auditing.listing(cast.admin) if x.action == "target.save")
    assert (line.before, line.after) == ({"value": 3.0}, {"value": 4.0})


def test_a_removed_target_is_no_target(desk, cast, now):
    targeting.save(cast.finance, desk, "revenue", "2026", 5.0, now=now)
    targeting.save(cast.finance, desk, "revenue", "2026", None, now=now)
    assert targeting.listing(cast.executive, desk) == ()
    targeting.save(cast.finance, desk, "churn", "2026", None, now=now)
    assert targeting.listing(cast.executive, desk) == ()


def test_periods_are_those_of_the_organisation(desk, cast, now):
    fiscal = replace(desk, organisation=Organisation(fiscal_month=4))
    targeting.save(cast.finance, fiscal, "revenue", "FY2026-Q4", 9.0, now=now)
    (found,) = targeting.listing(cast.executive, fiscal)
    assert (found.period, found.start) == ("FY2026-Q4", date(2026, 1, 1))


@pytest.mark.parametrize(("kpi", "period", "value", "error"), [
    ("nothing", "2026-03", 1.0, NotFound), ("revenue", "March", 1.0, Invalid), ("revenue", "2026-13", 1.0, Invalid),
    ("revenue", "2026-03", math.nan, Invalid), ("revenue", "2026-03", math.inf, Invalid),
])
def test_what_is_no_target_is_refused(desk, cast, now, kpi, period, value, error):
    with pytest.raises(error):
        targeting.save(cast.finance, desk, kpi, period, value, now=now)
    assert targeting.listing(cast.executive, desk) == ()


def test_executives_and_people_with_a_scope_set_no_targets(desk, cast, now):
    with pytest.raises(Forbidden):
        targeting.save(cast.executive, desk, "revenue", "2026-03", 1.0, now=now)
    with pytest.raises(Invalid, match="whole company"):
        targeting.save(replace(cast.finance, scope=cast.scoped.scope), desk, "revenue", "2026-03", 1.0, now=now)


def test_people_with_a_data_scope_see_no_target_of_the_whole_company(desk, cast, now):
    targeting.save(cast.finance, desk, "revenue", "2026-03", 140_000.0, now=now)
    assert targeting.listing(cast.scoped, desk) == targeting.listing(cast.scoped, desk, "revenue") == ()
    assert [t.value for t in targeting.listing(cast.executive, desk, "revenue")] == [140_000.0]


def test_a_figure_is_compared_with_its_target_and_never_divided_by_zero():
    met = targeting.compared(110.0, 100.0)
    assert met is not None
    assert (met.change, met.change_ratio, met.reason) == (10.0, pytest.approx(0.1), None)
    loss = targeting.compared(-50.0, -100.0)
    assert loss is not None
    assert (loss.change, loss.change_ratio) == (50.0, pytest.approx(0.5))
    zero = targeting.compared(5.0, 0.0)
    assert zero is not None
    assert zero.change_ratio is None
    assert zero.reason
    assert targeting.compared(5.0, None) is None
    missing = targeting.compared(None, 3.0)
    assert missing is not None
    assert missing.change is None


def test_an_unfinished_period_is_not_held_against_the_target_of_the_whole_one():
    open_ = targeting.compared(40.0, 100.0, whole=False)
    assert open_ is not None
    assert (open_.value, open_.change, open_.change_ratio) == (100.0, None, None)
    assert (open_.kind, open_.reason) == ("target", "the period is not whole")
    assert targeting.compared(40.0, None, whole=False) is None


def test_a_target_of_a_month_says_nothing_about_a_quarter(desk, cast, now):
    targeting.save(cast.finance, desk, "revenue", "2026-01", 1.0, now=now)
    found = targeting.listing(cast.executive, desk, "revenue")
    assert targeting.for_period(found, "revenue", Calendar().period(date(2026, 1, 1), Grain.QUARTER)) is None


def test_a_target_beyond_what_the_definition_calls_plausible_is_refused(desk, cast, now):
    kpi = defining.get(cast.analyst, desk, "churn").kpi
    defining.save(cast.analyst, desk, replace(kpi, unit="percent", min_value=0.0, max_value=1.0), now=now)
    for value, said in ((-0.1, "at least 0%"), (1.5, "at most 100%")):
        with pytest.raises(Invalid, match=said):
            targeting.save(cast.finance, desk, "churn", "2026-03", value, now=now)
    assert targeting.listing(cast.executive, desk, "churn") == ()
    for period, value in (("2026-03", 0.0), ("2026-04", 1.0)):
        targeting.save(cast.finance, desk, "churn", period, value, now=now)
    targeting.save(cast.finance, desk, "revenue", "2026-03", -5.0, now=now)
    assert [t.value for t in targeting.listing(cast.executive, desk)] == [0.0, 1.0, -5.0]
