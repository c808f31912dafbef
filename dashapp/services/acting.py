"""On whose behalf a job works: the person who asked for it, with the role and scope they have now."""
from __future__ import annotations

from dashapp.core.actor import SYSTEM, Actor, Role
from dashapp.core.errors import Forbidden
from dashapp.core.where import parse_wheres
from dashapp.services.unit import reading
from models import User


def acting(user_id: str | None) -> Actor:
    """The actor of a job. Raises Forbidden when the person was disabled or deleted since; None is the system itself."""
    if user_id is None:
        return SYSTEM
    with reading() as session:
        user = session.get(User, user_id, populate_existing=True)
        if user is None or not user.is_active:
            raise Forbidden("The person who asked for this may not sign in any more.")
        return Actor(user.id, user.email, user.name, Role(user.role), parse_wheres(user.scope), via="job")
