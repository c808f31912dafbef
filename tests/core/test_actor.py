"""Who may do what: roles that include each other, tokens that may less, nobody and the system."""
from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from dashapp.core.actor import ANONYMOUS, SYSTEM, TOKEN_SCOPES, Actor, Role
from dashapp.core.errors import Forbidden, NotSignedIn

EXECUTIVE, FINANCE, ANALYST, ADMIN = Role.EXECUTIVE, Role.FINANCE, Role.ANALYST, Role.ADMIN


@pytest.mark.parametrize(("role", "may"), [
    (EXECUTIVE, [EXECUTIVE]), (FINANCE, [EXECUTIVE, FINANCE]), (ANALYST, [EXECUTIVE, FINANCE, ANALYST]),
    (ADMIN, [EXECUTIVE, FINANCE, ANALYST, ADMIN]),
])
def test_each_role_may_do_what_those_below_it_may(role: Role, may: list[Role]) -> None:
    actor = Actor("1", "a@example.org", role=role)
    assert [r for r in Role if actor.may(r)] == may
    assert [r for r in Role if role.includes(r)] == may
    for asked in Role:
        if asked in may:
            actor.require(asked)
        else:
            with pytest.raises(Forbidden, match=f"This needs the role {asked.value}."):
                actor.require(asked)


def test_nobody_signed_in_may_do_nothing_and_the_system_everything() -> None:
    assert not ANONYMOUS.is_signed_in
    assert not any(ANONYMOUS.may(r) for r in Role)
    with pytest.raises(NotSignedIn, match=r"Please sign in\."):
        ANONYMOUS.require(EXECUTIVE)
    assert SYSTEM.is_signed_in
    SYSTEM.require(ADMIN)


@pytest.mark.parametrize("granted", [frozenset(), *(frozenset(p) for p in permutations(TOKEN_SCOPES, 2)),
                                     *(frozenset([s]) for s in TOKEN_SCOPES)], ids=lambda g: "-".join(sorted(g)))
def test_a_token_may_do_what_it_was_given_and_no_more(granted: frozenset[str]) -> None:
    actor = Actor("1", "a@example.org", role=ADMIN, token_scopes=granted)
    for scope in TOKEN_SCOPES:
        if scope in granted:
            actor.require(ADMIN, scope)
        else:
            with pytest.raises(Forbidden, match=f"lacks the right {scope!r}"):
                actor.require(ADMIN, scope)
    assert (("read" in granted) is True) == _may_read(actor)


def _may_read(actor: Actor) -> bool:
    try:
        actor.require(EXECUTIVE)
    except Forbidden:
        return False
    return True


def test_how_somebody_came_in_does_not_make_them_another() -> None:
    actor = Actor("1", "a@example.org", role=ADMIN)
    assert replace(actor, via="token") == actor
    assert replace(actor, email="b@example.org") != actor
