"""People: who may sign in, with which role and data scope. The last admin cannot be lost."""
from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import SYSTEM, Actor, Role
from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from dashapp.core.people import Person
from dashapp.core.where import parse_wheres
from dashapp.services import auditing, passwords, sessions, throttle
from dashapp.services.turns import take_turn
from dashapp.services.unit import reading, writing
from models import User

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_WRONG = "The e-mail address or the password is not right."
_TURN = "accounts"


def authenticate(email: str, password: str, *, ip: str, device: str | None, fresh_device: str, now: datetime) -> Person:
    """The person with this e-mail and password. Unknown, disabled and mistyped are told apart by nothing.

    device: what this browser presented from an earlier sign-in; fresh_device: what it will present from now on.
    Raises NotSignedIn, TooMany (throttled; says how long), PasswordTooLong.
    """
    address = email.strip().lower()[:254]
    if len(password.encode("utf-8", "surrogatepass")) > passwords.MAX_BYTES:
        raise passwords.PasswordTooLong(f"A password has at most {passwords.MAX_BYTES} bytes.")
    attempt = throttle.reserve(address, ip=ip, device=device, now=now)
    with reading() as session:
        user = session.scalar(select(User).where(User.email == address))
        known = user.password_hash if user else None
        person = _person(user) if user else None
    right = passwords.is_password(known, password)
    if person is None or known is None or not right or not person.is_active:
        raise NotSignedIn(_WRONG)
    throttle.succeeded(attempt, fresh_device, now=now)
    if passwords.is_outdated(known):
        _store_hash(person.id, passwords.hash_password(password))
    return person


def list_users(actor: Actor) -> tuple[Person, ...]:
    """Everybody, by e-mail. Admin."""
    _require_admin(actor)
    with reading() as session:
        return tuple(_person(u) for u in session.scalars(select(User).order_by(User.email)).all())


def find_user(actor: Actor, email: str) -> Person:
    """One person by e-mail. Admin. Raises NotFound."""
    _require_admin(actor)
    with reading() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise NotFound("There is no such user.")
        return _person(user)


def add_user(actor: Actor, email: str, role: Role, *, now: datetime, name: str = "", scope: Iterable[str] = (),
             password: str | None = None) -> tuple[Person, str | None]:
    """A new person. Admin. Without `password`: returns a one-time password they must change when they first sign in.

    Raises Invalid (address, scope, weak password), Conflict (the address is taken).
    """
    _require_admin(actor)
    address, conditions = _address(email), _conditions(scope)
    if password is not None:
        passwords.check_new(password, address)
    once = None if password is not None else passwords.one_time_password()
    hashed = passwords.hash_password(password if password is not None else once or "")
    with writing() as session:
        take_turn(session, _TURN)
        if session.scalar(select(User.id).where(User.email == address)):
            raise Conflict(f"{address} is a user already.")
        user = User(email=address, name=_name(name), password_hash=hashed, role=role.value, scope=conditions,
                    must_change_password=once is not None, created_at=now, preferences={})
        session.add(user)
        session.flush()
        auditing.record(actor, "user.add", address, after=_json(user), now=now)
        return _person(user), once


def change_role(actor: Actor, user_id: str, role: Role, *, now: datetime) -> Person:
    """The person has another role and must sign in again, so that nothing of the old one stays. Admin, not oneself."""
    _require_admin(actor)
    _refuse_loss(actor, user_id, "role", now, keeps=role is Role.ADMIN)
    with writing() as session:
        user = _locked(session, user_id)
        before = _json(user)
        if user.role != role.value:
            _keep_an_admin(session, user, keeps=role is Role.ADMIN)
            user.role = role.value
            sessions.revoke_all(session, user.id, now=now)
            auditing.record(actor, "user.role", user.email, before=before, after=_json(user), now=now)
        return _person(user)


def set_scope(actor: Actor, user_id: str, scope: Iterable[str], *, now: datetime) -> Person:
    """The person sees only rows that meet all conditions, from their next request on. Admin. Raises Invalid."""
    _require_admin(actor)
    conditions = _conditions(scope)
    with writing() as session:
        user = _locked(session, user_id)
        before = _json(user)
        if list(user.scope) != conditions:
            user.scope = conditions
            auditing.record(actor, "user.scope", user.email, before=before, after=_json(user), now=now)
        return _person(user)


def disable_user(actor: Actor, user_id: str, *, now: datetime) -> Person:
    """The person can no longer sign in; sessions and tokens stop at once. Admin, not oneself, not the last admin."""
    _require_admin(actor)
    _refuse_loss(actor, user_id, "disable", now)
    return _set_active(actor, user_id, False, now)


def enable_user(actor: Actor, user_id: str, *, now: datetime) -> Person:
    """The person can sign in again. Admin."""
    _require_admin(actor)
    return _set_active(actor, user_id, True, now)


def reset_password(actor: Actor, user_id: str, *, now: datetime) -> str:
    """A one-time password for somebody who lost theirs; their sessions end. Admin."""
    _require_admin(actor)
    once = passwords.one_time_password()
    hashed = passwords.hash_password(once)
    with writing() as session:
        user = _locked(session, user_id)
        user.password_hash, user.must_change_password = hashed, True
        sessions.revoke_all(session, user.id, now=now)
        auditing.record(actor, "user.password.reset", user.email, now=now)
    return once


def change_password(actor: Actor, old: str, new: str, *, now: datetime) -> None:
    """The actor has a new password; their other sessions end. Raises Forbidden (wrong old one), Invalid, TooMany."""
    actor.require(Role.EXECUTIVE, token="account")
    attempt = throttle.reserve(f"password {actor.id}", ip=actor.ip or "", device=None, now=now)
    with reading() as session:
        user = session.get(User, actor.id or "", populate_existing=True)
        known = user.password_hash if user else None
    if not passwords.is_password(known, old):
        raise Forbidden("The current password is not right.")
    throttle.succeeded(attempt, f"session {actor.session}", now=now)
    passwords.check_new(new, actor.email)
    if new == old:
        raise Invalid("The new password must differ from the current one.")
    hashed = passwords.hash_password(new)
    with writing() as session:
        user = _locked(session, actor.id or "")
        user.password_hash, user.must_change_password = hashed, False
        sessions.revoke_all(session, user.id, now=now, keep=actor.session)
        auditing.record(actor, "user.password.change", user.email, now=now)


def first_admin(email: str, password: str | None = None, *, now: datetime, is_trial: bool = False) -> str | None:
    """Make the first admin of an installation that has none, exactly once however many processes start together.

    Returns the password to print (a one-time password unless one was given); None when there was an admin already.
    is_trial: the printed password stays good, so that a newcomer on their own machine is at the overview at once.
    """
    with reading() as session:
        if _admins(session):
            return None
    address = _address(email)
    if password:
        passwords.check_new(password, address)
    shown = password or passwords.one_time_password()
    hashed = passwords.hash_password(shown)
    with writing() as session:
        take_turn(session, _TURN)
        if _admins(session):
            return None
        user = User(email=address, name="Administrator", password_hash=hashed, role=Role.ADMIN.value, scope=[],
                    must_change_password=not (password or is_trial), created_at=now, preferences={})
        session.add(user)
        session.flush()
        auditing.record(SYSTEM, "user.add", address, after=_json(user), now=now)
    return shown


def _set_active(actor: Actor, user_id: str, active: bool, now: datetime) -> Person:
    with writing() as session:
        user = _locked(session, user_id)
        before = _json(user)
        if user.is_active != active:
            _keep_an_admin(session, user, keeps=active)
            user.is_active = active
            if not active:
                sessions.revoke_all(session, user.id, now=now)
            auditing.record(actor, "user.enable" if active else "user.disable", user.email, before=before,
                            after=_json(user), now=now)
        return _person(user)


def _require_admin(actor: Actor) -> None:
    actor.require(Role.ADMIN, token="account")  # no token scope bears this name: people are managed by people


def _refuse_loss(actor: Actor, user_id: str, what: str, now: datetime, keeps: bool = False) -> None:
    """Raise Forbidden, leaving a line in the trail, when an admin would take their own or the last admin's rights.

    The line is written in a transaction of its own: the refused change itself leaves nothing.
    """
    with reading() as session:
        user = session.get(User, user_id, populate_existing=True)
        if user is None:
            raise NotFound("There is no such user.")
        others = [a for a in _admins(session) if a.id != user_id]
        own, last, email = user.id == actor.id, user.role == Role.ADMIN.value and not others, user.email
    if keeps or not (own or last):
        return
    auditing.record(actor, f"user.{what}.refused", email, now=now)
    raise Forbidden("You cannot take your own rights; ask another admin." if own else
                    "This is the last admin. Make somebody else an admin first.")


def _keep_an_admin(session: scoped_session[OrmSession], user: User, keeps: bool) -> None:
    """The same rule once more inside the transaction, where two admins who demote each other meet."""
    if not keeps and user.role == Role.ADMIN.value and not [a for a in _admins(session) if a.id != user.id]:
        raise Forbidden("This is the last admin. Make somebody else an admin first.")


def _admins(session: scoped_session[OrmSession]) -> list[User]:
    return list(session.scalars(select(User).where(User.role == Role.ADMIN.value, User.is_active.is_(True))).all())


def _locked(session: scoped_session[OrmSession], user_id: str) -> User:
    take_turn(session, _TURN)
    user = session.get(User, user_id, populate_existing=True)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def _store_hash(user_id: str, hashed: str) -> None:
    with writing() as session:
        _locked(session, user_id).password_hash = hashed


def _address(email: str) -> str:
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address) or not address.isprintable():
        raise Invalid(f"{email[:80]!r} is not an e-mail address.")
    return address


def _name(name: str) -> str:
    if len(name) > 200 or not name.isprintable():
        raise Invalid("A name has at most 200 printable characters.")
    return name.strip()


def _conditions(scope: Iterable[str]) -> list[str]:
    return [str(w) for w in parse_wheres(scope)]


def _person(user: User) -> Person:
    return Person(user.id, user.email, user.name, Role(user.role), tuple(user.scope), user.is_active,
                  user.must_change_password, user.created_at, user.last_seen_at, user.version)


def _json(user: User) -> dict[str, Any]:
    """What the trail keeps of a person: never the password's hash."""
    return {"role": user.role, "scope": list(user.scope), "is_active": user.is_active, "name": user.name}
