"""Saved layouts: own before role before catalogue order, and nothing that is not a layout."""
from __future__ import annotations

import pytest

from dashapp.core.actor import ANONYMOUS, Role
from dashapp.core.errors import Forbidden, Invalid, NotSignedIn
from dashapp.services import auditing, boards
from dashapp.services.boards import Board

MINE = Board(("churn", "revenue"), {"revenue": "L"}, frozenset({"orders"}))


def test_a_new_person_sees_the_catalogue_order(database, cast):
    assert boards.load(cast.executive) == Board()
    assert Board().arrange(("a", "b")) == ("a", "b")


def test_a_saved_layout_is_there_again_and_only_for_its_owner(database, cast, now):
    boards.save(cast.executive, MINE, now=now)
    assert boards.load(cast.executive) == MINE
    assert boards.load(cast.finance) == Board()


def test_saving_again_replaces_the_layout_and_writes_one_audit_line_each(database, cast, now):
    boards.save(cast.executive, MINE, now=now)
    boards.save(cast.executive, Board(("orders",)), now=now)
    assert boards.load(cast.executive) == Board(("orders",))
    lines = [line for line in auditing.listing(cast.admin) if line.action == "layout.save"]
    assert len(lines) == 2
    assert lines[0].before == {"order": ["churn", "revenue"], "sizes": {"revenue": "L"}, "hidden": ["orders"]}


def test_the_default_of_a_role_is_what_its_people_see_until_they_save_their_own(database, cast, now):
    boards.save(cast.admin, MINE, now=now, role=Role.EXECUTIVE)
    assert boards.load(cast.executive) == MINE
    assert boards.load(cast.analyst) == Board()
    boards.save(cast.executive, Board(("x",)), now=now)
    assert boards.load(cast.executive) == Board(("x",))
    boards.reset(cast.executive, now=now)
    assert boards.load(cast.executive) == MINE


def test_only_admins_set_the_default_of_a_role(database, cast, now):
    with pytest.raises(Forbidden):
        boards.save(cast.analyst, MINE, now=now, role=Role.EXECUTIVE)
    with pytest.raises(NotSignedIn):
        boards.save(ANONYMOUS, MINE, now=now)


def test_cards_the_layout_does_not_know_follow_in_their_own_order():
    assert MINE.arrange(("orders", "revenue", "units", "churn")) == ("churn", "revenue", "orders", "units")


@pytest.mark.parametrize("data", [
    None, [], "x", {"order": "revenue"}, {"order": [1]}, {"sizes": {"revenue": "XL"}}, {"hidden": {"a": 1}},
    {"order": ["x" * 64]}, {"order": [str(i) for i in range(2000)]}, {"is_admin": True},
])
def test_what_is_no_layout_is_refused(data):
    with pytest.raises(Invalid):
        boards.board_from_json(data)


def test_a_layout_from_the_browser_is_read_as_it_was_meant():
    data = {"order": ["churn", "revenue"], "sizes": {"revenue": "L"}, "hidden": ["orders"]}
    assert boards.board_from_json(data) == MINE
