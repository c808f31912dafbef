"""Plain limits: bands in order, an optimistic lock, and the status that follows from them."""
from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from dashapp.core.rule import Limits
from dashapp.services import limiting
from tests.services.stage import define

LOW = Limits("revenue", "month", "below", warning=900.0, critical=800.0)


@pytest.fixture(autouse=True)
def _kpis(database, now):
    define(now, "revenue")


@pytest.mark.parametrize(("value", "status"), [
    (901.0, "ok"), (900.0, "warning"), (801.0, "warning"), (800.0, "critical"), (-5.0, "critical"), (None, "none"),
])
def test_low_values_are_bad_when_the_side_is_below(value, status):
    assert LOW.status(value) == status


@pytest.mark.parametrize(("value", "status"), [(0.01, "ok"), (0.05, "warning"), (0.08, "critical"), (1.0, "critical")])
def test_high_values_are_bad_when_the_side_is_above(value, status):
    assert Limits("churn", "month", "above", warning=0.05, critical=0.08).status(value) == status


def test_one_limit_alone_is_enough_and_none_says_nothing():
    assert Limits("x", "day", "below", critical=1.0).status(0.5) == "critical"
    assert Limits("x", "day", "below", critical=1.0).status(2.0) == "ok"
    assert Limits("x", "day", "below", warning=1.0).status(1.0) == "warning"
    assert Limits("x", "day", "below").status(1.0) == "none"


def test_saved_limits_are_in_force_with_a_version(cast, now):
    saved = limiting.save(cast.analyst, LOW, now=now)
    assert saved.version == 1
    assert limiting.listing(cast.executive) == (saved,)


def test_h5_a_second_editor_gets_the_other_version_and_overwrites_nothing(cast, now):
    first = limiting.save(cast.analyst, LOW, now=now)
    limiting.save(cast.admin, Limits("revenue", "month", "below", 950.0, 850.0, first.version), now=now)
    with pytest.raises(Conflict) as refused:
        limiting.save(cast.analyst, Limits("revenue", "month", "below", 1.0, 0.0, first.version), now=now)
    assert refused.value.extra["theirs"]["warning"] == 950.0
    assert refused.value.extra["yours"]["warning"] == 1.0
    assert limiting.listing(cast.executive)[0].warning == 950.0


def test_h5_two_new_rows_for_the_same_kpi_do_not_overwrite_each_other(cast, now):
    limiting.save(cast.analyst, LOW, now=now)
    with pytest.raises(Conflict):
        limiting.save(cast.admin, LOW, now=now)


@pytest.mark.parametrize("limits", [
    Limits("revenue", "month", "below", 800.0, 900.0), Limits("revenue", "month", "above", 900.0, 800.0),
    Limits("revenue", "event", "below", 1.0), Limits("revenue", "month", "beside", 1.0),  # type: ignore[arg-type]
    Limits("revenue", "month", "below", float("nan")), Limits("revenue", "month", "below", 1.0, float("-inf")),
])
def test_limits_in_the_wrong_order_or_that_are_no_numbers_are_refused(cast, now, limits):
    with pytest.raises(Invalid):
        limiting.save(cast.analyst, limits, now=now)
    assert limiting.listing(cast.executive) == ()


def test_limits_of_an_unknown_kpi_are_refused(cast, now):
    with pytest.raises(NotFound):
        limiting.save(cast.analyst, Limits("nothing", "month", "below", 1.0), now=now)


def test_finance_reads_limits_and_changes_none(cast, now):
    with pytest.raises(Forbidden):
        limiting.save(cast.finance, LOW, now=now)
    with pytest.raises(Forbidden):
        limiting.delete(cast.finance, "revenue", "month", 1, now=now)


def test_people_with_a_data_scope_neither_read_nor_change_limits_of_the_whole_company(cast, now):
    saved = limiting.save(cast.analyst, LOW, now=now)
    part = replace(cast.analyst, scope=cast.scoped.scope)
    assert limiting.listing(part) == () != limiting.listing(cast.analyst)
    with pytest.raises(Invalid, match="whole company"):
        limiting.save(part, replace(saved, critical=1.0), now=now)
    with pytest.raises(Invalid, match="whole company"):
        limiting.delete(part, saved.kpi, saved.grain, saved.version, now=now)
    assert limiting.listing(cast.analyst) == (saved,)


def test_deleted_limits_are_gone_and_a_stale_delete_is_refused(cast, now):
    saved = limiting.save(cast.analyst, LOW, now=now)
    with pytest.raises(Conflict):
        limiting.delete(cast.analyst, "revenue", "month", saved.version + 1, now=now)
    limiting.delete(cast.analyst, "revenue", "month", saved.version, now=now)
    assert limiting.listing(cast.executive) == ()
    with pytest.raises(NotFound):
        limiting.delete(cast.analyst, "revenue", "month", saved.version, now=now)
