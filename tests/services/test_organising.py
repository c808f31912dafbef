"""Settings that change meaning: seeded by the environment, won by the database, versioned."""
from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.core.errors import Conflict, Forbidden, Invalid
from dashapp.core.organisation import Organisation
from dashapp.services import organising

SEED = Organisation(name="Acme", timezone="Europe/Berlin")


def test_the_environment_counts_until_somebody_saves(database, cast, now):
    assert organising.current(SEED) == (SEED, 0)
    organising.save(cast.admin, replace(SEED, currency="CHF"), 0, now=now)
    assert organising.current(SEED) == (replace(SEED, currency="CHF"), 1)
    assert organising.current(Organisation())[0].currency == "CHF"


def test_a_second_editor_of_the_settings_is_refused(database, cast, now):
    organising.save(cast.admin, SEED, 0, now=now)
    with pytest.raises(Conflict):
        organising.save(cast.admin, replace(SEED, currency="USD"), 0, now=now)
    assert organising.current(SEED)[0].currency == "EUR"


@pytest.mark.parametrize("wrong", [
    {"timezone": "Mars/Olympus"}, {"timezone": "../etc/passwd"}, {"fiscal_month": 0}, {"fiscal_month": 13},
    {"week_start": 7}, {"calendar_family": "lunar"}, {"currency": "EURO"}, {"currency": "12€"}, {"name": "  "},
])
def test_settings_that_mean_nothing_are_refused(database, cast, now, wrong):
    with pytest.raises(Invalid):
        organising.save(cast.admin, replace(SEED, **wrong), 0, now=now)


def test_only_admins_change_settings(database, cast, now):
    with pytest.raises(Forbidden):
        organising.save(cast.analyst, SEED, 0, now=now)


def test_today_is_the_business_date_of_the_organisations_zone(now):
    late = now.replace(hour=23, minute=30)
    assert Organisation(timezone="UTC").today(late).isoformat() == "2026-03-16"
    assert SEED.today(late).isoformat() == "2026-03-17"
