"""The organisation's settings: seeded by the environment, then the newest version in the database wins."""
from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Conflict, Invalid
from dashapp.core.organisation import Organisation
from dashapp.services import auditing
from dashapp.services.unit import reading, writing
from models import OrganisationVersion

FAMILIES = ("gregorian", "4-4-5", "4-5-4", "5-4-4")


def current(seed: Organisation) -> tuple[Organisation, int]:
    """The settings in force and their version; `seed` with version 0 where nobody saved any."""
    with reading() as session:
        row = session.scalar(select(OrganisationVersion).order_by(OrganisationVersion.number.desc()).limit(1))
        return (Organisation(**{**seed.to_json(), **row.content}), row.number) if row else (seed, 0)


def save(actor: Actor, organisation: Organisation, version: int, *, now: datetime) -> int:
    """The settings are in force from now on, as a new version. Admin. Raises Invalid, Conflict."""
    actor.require(Role.ADMIN, token="account")  # no token bears this scope: figures change their meaning here
    _check(organisation)
    with writing() as session:
        row = session.scalar(select(OrganisationVersion).order_by(OrganisationVersion.number.desc()).limit(1))
        if (row.number if row else 0) != version:
            raise Conflict("Somebody else changed the settings. Reload before you save.")
        session.add(OrganisationVersion(number=version + 1, content=asdict(organisation), saved_at=now,
                                        saved_by=actor.email))
        auditing.record(actor, "settings.save", "organisation", before=dict(row.content) if row else None,
                        after=asdict(organisation), now=now)
        return version + 1


def _check(organisation: Organisation) -> None:
    try:
        ZoneInfo(organisation.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(f"{organisation.timezone!r} is not a time zone. Write Europe/Berlin or UTC.") from None
    if not 1 <= organisation.fiscal_month <= 12 or not 0 <= organisation.week_start <= 6:
        raise Invalid("The fiscal year starts in month 1 to 12, the week on day 0 (Monday) to 6 (Sunday).")
    if organisation.calendar_family not in FAMILIES:
        raise Invalid(f"The calendar is one of {', '.join(FAMILIES)}.")
    if not (len(organisation.currency) == 3 and organisation.currency.isalpha()):
        raise Invalid("The currency is a code of three letters.")
    if not 1 <= len(organisation.name.strip()) <= 100:
        raise Invalid("The organisation's name has 1 to 100 characters.")
