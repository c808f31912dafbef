"""Tables of warehouses as datasets: which there are, what their columns probably are, and looking at them anew."""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.connection import TableOffer
from dashapp.core.dataset import RESERVED, Column, Dataset, RoleOf, snake_case
from dashapp.core.errors import Conflict, Forbidden, Invalid
from dashapp.core.period import Grain
from dashapp.core.place import Place
from dashapp.services import auditing, connecting, working
from dashapp.services.desk import Desk
from dashapp.services.persisted import add_columns
from dashapp.services.scene import load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import reading, writing
from models import ConnectionRow, DatasetRow, PlaceRow

REFRESH_JOB = "dataset.refresh"
LOOK_TIMEOUT, PROFILE_TIMEOUT = 10.0, 120.0
_IDS = re.compile(r"(^|_)(id|no|nr|number|key|code|sku|uuid)$")
_PEOPLE = re.compile(r"customer|client|user|account|member|patient|buyer|contact")
_KEY = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


def tables(actor: Actor, desk: Desk, connection: str) -> tuple[str, ...]:
    """Names of the tables and views that can be read through a connection. Analyst without a data scope.

    Raises Unreachable, Refused.
    """
    _require(actor)
    found = connecting.line(desk, connection).call(lambda w: w.tables(timeout=LOOK_TIMEOUT))
    return tuple(".".join(t) for t in found)


def _require(actor: Actor, token: str = "read") -> None:
    """What a warehouse holds is not cut down to a data scope: names of tables and columns tell of everybody's data."""
    actor.require(Role.ANALYST, token=token)
    if actor.scope:
        raise Forbidden("What a warehouse holds is outside your data scope.")


def offer(actor: Actor, desk: Desk, connection: str, table: str) -> TableOffer:
    """What a table could become: a dataset with a guess of what each column is. Analyst without a data scope.

    Raises Invalid, Refused.
    """
    from dashapp.facts.engines import ENGINES

    _require(actor)
    parts = _parts(table)
    line = connecting.line(desk, connection)
    found = line.call(lambda w: w.schema(parts, timeout=LOOK_TIMEOUT))
    kind = ENGINES[line.engine].kind
    return TableOffer(connection, parts, snake_case(parts[-1])[:63], _guessed([(c.name, kind(c.type)) for c in found]),
                      tuple((c.name, c.type) for c in found))


def connect(actor: Actor, desk: Desk, connection: str, table: str, dataset: str, *, now: datetime, name: str = "",
            roles: Mapping[str, str] | None = None, grain: str = "event", key: Sequence[str] = (),
            joins: Mapping[str, str] | None = None, kind: str = "facts") -> Dataset:
    """The table is a dataset from now on, read where it stands; its rows are looked at by a job. Analyst without a data
    scope.

    roles: column -> role where the guess is wrong. Raises Invalid for roles that fit no column, Conflict for a key
    that is taken, and what the warehouse says.
    """
    _require(actor, "ingest")
    found = offer(actor, desk, connection, table)
    columns = _with_roles(found.columns, roles or {})
    made = Dataset(dataset, (name.strip() or dataset)[:200], kind=kind, grain=_grain(grain),  # type: ignore[arg-type]
                   key_columns=tuple(key), joins=tuple(sorted((joins or {}).items())), columns=columns)
    _check(made)
    remote = dict(zip((c.key for c in found.columns), found.remote, strict=True))
    with writing() as session:
        take_turn(session, CHANGES)
        if session.scalar(select(DatasetRow.id).where(DatasetRow.key == dataset)):
            raise Conflict(f"There is a dataset {dataset!r} already.")
        owner = session.scalars(select(ConnectionRow).where(ConnectionRow.key == connection)).one()
        place = Place(connection, owner.engine, found.table, tuple((c.key, *remote[c.key]) for c in made.columns),
                      desk.organisation.timezone)
        row = DatasetRow(key=made.key, name=made.name, kind=made.kind, grain=made.grain.value, marks=made.marks,
                         key_columns=list(made.key_columns), joins=dict(made.joins), created_at=now, version=1,
                         served_version=1, last_commit=0, columns=[],
                         placed=PlaceRow(connection_id=owner.id, place=place.to_json()))
        add_columns(row, made.columns)
        session.add(row)
        auditing.record(actor, "dataset.connect", dataset, now=now,
                        after={"connection": connection, "table": place.name, "columns": len(made.columns)})
        working.enqueue(session, REFRESH_JOB, {"dataset": dataset}, now=now, coalesce=f"refresh:{dataset}")
    return replace(made, place=place, version=1)


def refresh(desk: Desk, dataset: str, *, now: datetime) -> dict[str, Any]:
    """Look at the rows of a connected dataset: their profile is kept, and figures are asked anew where the rows may
    have changed. Done again, it changes nothing but the time. Raises Unreachable and Refused, and keeps the profile."""
    found = load_scene().datasets.get(dataset)
    if found is None or found.place is None:
        return {}
    place, line = found.place, connecting.line(desk, found.connection)
    marker = line.call(lambda w: w.marker(place.table, timeout=LOOK_TIMEOUT))
    day = found.date_column if found.kind == "facts" else None
    seen = line.call(lambda w: w.profile(place, day, timeout=PROFILE_TIMEOUT))
    profile = {"rows": seen.rows, "first": seen.first and seen.first.isoformat(),
               "last": seen.last and seen.last.isoformat(), "dates": sum(seen.weekdays.values()),
               "weekdays": {str(k): v for k, v in sorted(seen.weekdays.items())}, "marker": marker}
    with writing() as session:
        row = session.scalar(select(DatasetRow).where(DatasetRow.key == dataset))
        if row is None or row.placed is None:
            return {}  # deleted meanwhile
        if marker is None or row.placed.profile != profile:
            row.version = row.served_version = row.version + 1
        row.placed.profile, row.placed.profiled_at = profile, now
        return {"rows": seen.rows, "version": row.version}


def queue_due(desk: Desk, *, now: datetime) -> int:
    """Queue a look at every connected dataset whose time has come; how many."""
    with reading() as session:
        rows = session.execute(select(DatasetRow.key, PlaceRow.profiled_at, ConnectionRow.refresh_minutes)
                               .select_from(PlaceRow).join(DatasetRow).join(ConnectionRow)).all()
    due = [k for k, at, minutes in rows if at is None or at + timedelta(minutes=minutes) <= now]
    if due:
        with writing() as session:
            for key in due:
                working.enqueue(session, REFRESH_JOB, {"dataset": key}, now=now, coalesce=f"refresh:{key}")
    return len(due)


def _parts(table: str) -> tuple[str, ...]:
    """A written name in its parts; quotes keep dots: `shop."daily.orders"`."""
    parts = tuple(a.replace('""', '"') or b for a, b in re.findall(r'"((?:[^"]|"")+)"|([^".]+)', table or ""))
    if not 1 <= len(parts) <= 3 or len(table) > 300:
        raise Invalid("A table is named schema.table.")
    return parts


def _grain(text: str) -> Grain:
    try:
        return Grain(text)
    except ValueError:
        raise Invalid(f"{text[:40]!r} is not what one row can cover: " + ", ".join(g.value for g in Grain)) from None


def _guessed(columns: Sequence[tuple[str, str | None]]) -> tuple[Column, ...]:
    """Columns with the roles their names and types speak for; what cannot be read is ignored."""
    out: list[Column] = []
    taken: set[str] = set()
    days = [n for n, kind in columns if kind == "date"]
    day = next((n for n in days if re.search(r"order|date|day|month|booked|posted", n, re.I)), next(iter(days), None))
    for name, kind in columns:
        key = _fresh(snake_case(name)[:60] or "column", taken)
        role, type_ = _role(key, kind, name == day, any(c.role is RoleOf.ENTITY for c in out))
        out.append(Column(key, name, role, type_))  # type: ignore[arg-type]
    return tuple(out)


def _role(key: str, kind: str | None, is_day: bool, has_entity: bool) -> tuple[RoleOf, str]:
    if kind is None:
        return RoleOf.IGNORE, "text"
    if kind == "date":
        return (RoleOf.DATE if is_day else RoleOf.DIMENSION), "date"
    if _PEOPLE.search(key) and (_IDS.search(key) or kind == "text") and "name" not in key and not has_entity:
        return RoleOf.ENTITY, "text"
    if _IDS.search(key):
        return RoleOf.ID, "text"
    if key == "currency":
        return RoleOf.CURRENCY, "text"
    return (RoleOf.DIMENSION, "text") if kind == "text" else (RoleOf.MEASURE, kind)


def _fresh(key: str, taken: set[str]) -> str:
    key = f"{key}_" if key in RESERVED else key
    found = next(k for n in range(1, 10_000) if (k := key if n == 1 else f"{key}_{n}") not in taken)
    taken.add(found)
    return found


_TYPES = {RoleOf.DATE: "date", RoleOf.ENTITY: "text", RoleOf.ID: "text", RoleOf.CURRENCY: "text"}


def _with_roles(columns: tuple[Column, ...], roles: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns with the roles people gave them, in the types that belong to these."""
    known = {c.key: c for c in columns}
    for key, text in roles.items():
        if key not in known:
            raise Invalid(f"The table has no column {key[:80]!r}; it has {', '.join(known)}.")
        if text not in {r.value for r in RoleOf}:
            raise Invalid(f"{text[:40]!r} is no role: " + ", ".join(r.value for r in RoleOf))
        column, role = known[key], RoleOf(text)
        if role is RoleOf.DATE and column.type != "date":
            raise Invalid(f"{key} holds no dates.")
        if role is RoleOf.MEASURE and column.type not in ("money", "number"):
            raise Invalid(f"{key} holds no numbers.")
        type_ = "text" if role is RoleOf.DIMENSION and column.type != "date" else _TYPES.get(role, column.type)
        known[key] = replace(column, role=role, type=type_)  # type: ignore[arg-type]
    return tuple(c for c in known.values() if c.role is not RoleOf.IGNORE)


def _check(dataset: Dataset) -> None:
    if not _KEY.match(dataset.key or "") or "__" in dataset.key:
        raise Invalid("A dataset key is a word of small letters, digits and underscores.")
    if dataset.kind not in ("facts", "reference"):
        raise Invalid("A connected table holds facts or reference data.")
    days = dataset.keys_of(RoleOf.DATE)
    if dataset.kind == "facts" and len(days) != 1:
        raise Invalid("Say which column is the date of a row: exactly one has the role date.")
    if dataset.kind == "reference" and not dataset.key_columns:
        raise Invalid("Say which column identifies a row of reference data.")
    if unknown := [k for k in (*dataset.key_columns, *dict(dataset.joins)) if dataset.column(k) is None]:
        raise Invalid(f"There is no column {', '.join(unknown)[:200]}.")
