"""One unit of work: reading without the write lock, writing in one immediate transaction or leaving nothing.

Verbs may call verbs: an inner `writing()` joins the outer one, and only the outermost commits.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.errors import OutOfSpace, Unavailable
from dashapp.core.space import FULL_DISK, is_full_disk
from models import db

_BUSY = ("database is locked", "database is busy", "lock timeout")
_FULL = ("disk is full", "no space left")


@contextmanager
def reading() -> Iterator[scoped_session[OrmSession]]:
    """A consistent read. Holds no write lock; keep slow work (queries of facts, hashing) outside of it."""
    session: scoped_session[OrmSession] = db.session  # type: ignore[assignment]
    outermost = not session.info.get("writing") and not session().in_transaction()
    if outermost:
        session.connection(execution_options={"ledgerline_read_only": True})
        session.info["reading"] = True
    try:
        yield session
    finally:
        if outermost:
            session.info.pop("reading", None)
            session.rollback()


@contextmanager
def writing() -> Iterator[scoped_session[OrmSession]]:
    """One transaction. On any error nothing of it stays; a lock held too long by others becomes `Unavailable`, a full
    disk `OutOfSpace`."""
    session: scoped_session[OrmSession] = db.session  # type: ignore[assignment]
    if session.info.get("writing"):
        yield session
        return
    if session().in_transaction():
        # A read that was left open would turn into a deferred write and lose the race for the lock.
        session.rollback()
    session.info["writing"] = True
    try:
        session.connection()
        yield session
        session.commit()
    except OperationalError as error:
        session.rollback()
        if any(word in str(error.orig).lower() for word in _BUSY):
            raise Unavailable("The database is busy. Please try again in a moment.") from error
        if any(word in str(error.orig).lower() for word in _FULL):
            raise OutOfSpace(FULL_DISK) from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)


def full_disk(error: OSError) -> Exception:
    """The error to raise for one of the operating system: `OutOfSpace` when the disk is full, else the same."""
    return OutOfSpace(FULL_DISK) if is_full_disk(error) else error
