"""How people like their screens."""
from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.core.actor import ANONYMOUS
from dashapp.core.errors import Forbidden, Invalid, NotSignedIn
from dashapp.services import preferences
from dashapp.services.preferences import Preferences
from tests.services.people import last_lines


def test_everybody_starts_with_the_systems_look(cast):
    assert preferences.load(cast.executive) == Preferences("system", "comfortable", "/")


def test_what_was_saved_is_there_afterwards_for_that_person_only(database, cast, now):
    liked = Preferences("dark", "compact", "/kpi/revenue")
    preferences.save(cast.executive, liked, now=now)
    assert preferences.load(cast.executive) == liked
    assert preferences.landing_of(cast.executive.id) == "/kpi/revenue"
    assert preferences.load(cast.finance) == Preferences()
    assert last_lines(1)[0].after == {"theme": "dark", "density": "compact", "landing": "/kpi/revenue"}


def test_saving_the_same_again_is_no_change(cast, now):
    for _ in range(2):
        preferences.save(cast.executive, Preferences("dark"), now=now)
    assert len(last_lines(10)) == 1


@pytest.mark.parametrize("odd", [{"theme": "pink"}, {"theme": None}, {"theme": ["dark"]}, {"density": 1},
                                 {"landing": "//evil"}, {"landing": "https://evil"}, {"landing": "/../x"},
                                 {"landing": None}, {"landing": "/" + "a" * 200}, {"landing": "/\\evil"}])
def test_what_is_no_preference_is_refused(cast, now, odd):
    with pytest.raises(Invalid):
        preferences.save(cast.executive, replace(Preferences(), **odd), now=now)
    assert preferences.load(cast.executive) == Preferences()


def test_what_older_versions_saved_does_not_hurt():
    assert preferences.read({"theme": "pink", "more": 1, "density": "compact"}) == Preferences(density="compact")


def test_strangers_and_programs_have_none(cast, now):
    with pytest.raises(NotSignedIn):
        preferences.load(ANONYMOUS)
    with pytest.raises(Forbidden):
        preferences.save(replace(cast.finance, token_scopes=frozenset(("read",))), Preferences("dark"), now=now)
