"""Senders of a dataset's files: whose habits are applied to the next file, and what they are called."""
from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import RoleOf
from dashapp.core.errors import Conflict, Invalid, NotFound
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.core.profile import Profile, ProfileView, fingerprint, with_answers
from dashapp.services import auditing
from dashapp.services.unit import reading, writing
from models import DatasetRow, ProfileRow

_LONGEST = 100


def known(dataset: str) -> tuple[Profile, ...]:
    """The senders of a dataset, the latest first. One without any, but with a file, has one without a name."""
    with reading() as session:
        rows = session.scalars(_of(dataset)).all()
        found = tuple(Profile(r.name, r.fingerprint, mapping_from_json(r.mapping)) for r in rows)
        if found:
            return found
        last = session.scalar(select(DatasetRow.mapping).where(DatasetRow.key == dataset))
    mapping = mapping_from_json(last or {})
    return (Profile("", fingerprint(mapping.columns), mapping),) if mapping.columns else ()


def listing(actor: Actor, dataset: str) -> tuple[ProfileView, ...]:
    """The senders of a dataset, the latest first. Finance. Raises NotFound for a dataset that is not there."""
    actor.require(Role.FINANCE)
    with reading() as session:
        _dataset(session, dataset)
        return tuple(_view(r) for r in session.scalars(_of(dataset)).all())


def rename(actor: Actor, dataset: str, name: str, to: str, *, now: datetime) -> ProfileView:
    """Give a sender another name. Finance. Raises Invalid for no name, Conflict for one that another sender has."""
    actor.require(Role.FINANCE, token="ingest")
    wanted = " ".join(to.split())
    if not 1 <= len(wanted) <= _LONGEST or not wanted.isprintable():
        raise Invalid(f"The name of a sender has 1 to {_LONGEST} characters.")
    with writing() as session:
        row = _one(session, dataset, name)
        if wanted != name and session.scalar(_of(dataset).where(ProfileRow.name == wanted)):
            raise Conflict(f"Another sender of {dataset} is called {wanted!r}.")
        row.name, row.mapping = wanted, {**row.mapping, "profile": wanted}
        auditing.record(actor, "profile.rename", f"{dataset}: {name}", after={"name": wanted}, now=now)
        session.flush()
        return _view(row)


def forget(actor: Actor, dataset: str, name: str, *, now: datetime) -> None:
    """The sender's habits are applied no more; what was uploaded stays. Finance."""
    actor.require(Role.FINANCE, token="ingest")
    with writing() as session:
        row = _one(session, dataset, name)
        auditing.record(actor, "profile.forget", f"{dataset}: {name}", before={"mapping": row.mapping}, now=now)
        session.delete(row)


def keep(session: scoped_session[OrmSession], dataset: DatasetRow, mapping: dict[str, Any], source: str,
         now: datetime) -> None:
    """Remember how a committed file was read, under its sender: the one named, else the one with these headers, else a
    new one named after the file."""
    said = mapping_from_json(mapping)
    if not said.columns:
        return
    mark = fingerprint(said.columns)
    rows = session.scalars(select(ProfileRow).where(ProfileRow.dataset_id == dataset.id)).all()
    row = next((r for r in rows if r.name == said.profile), None) if said.profile else next(
        (r for r in rows if r.fingerprint == mark), None)
    if row is None:
        name = said.profile or _free(name_of(source), {r.name for r in rows})
        row = ProfileRow(dataset_id=dataset.id, name=name, made_at=now, uses=0)
        session.add(row)
    kept = with_answers(said, mapping_from_json(row.mapping or {}))
    row.fingerprint, row.used_at, row.uses = mark, now, row.uses + 1
    row.mapping = replace(kept, profile=row.name, corrections=()).to_json()


def name_of(source: str) -> str:
    """What a sender is called until somebody names it: the file's name without its ending and its dates."""
    stem = re.sub(r"(?: (?:to|till|until|bis|au|al|hasta|from|von|vom|of|kw|q|v))+$", "",
                  re.sub(r"[\W\d_]+", " ", Path(source).stem).strip(), flags=re.IGNORECASE)
    return stem[:60] or "First sender"


def _free(name: str, taken: set[str]) -> str:
    numbers = iter(range(2, len(taken) + 3))
    wanted = name
    while wanted in taken:
        wanted = f"{name} {next(numbers)}"
    return wanted


def _of(dataset: str) -> Any:
    return (select(ProfileRow).join(DatasetRow, ProfileRow.dataset_id == DatasetRow.id)
            .where(DatasetRow.key == dataset).order_by(ProfileRow.used_at.desc(), ProfileRow.name))


def _dataset(session: scoped_session[OrmSession], key: str) -> None:
    if session.scalar(select(DatasetRow.id).where(DatasetRow.key == key)) is None:
        raise NotFound(f"There is no dataset {key!r}.")


def _one(session: scoped_session[OrmSession], dataset: str, name: str) -> ProfileRow:
    _dataset(session, dataset)
    row: ProfileRow | None = session.scalar(_of(dataset).where(ProfileRow.name == name))
    if row is None:
        raise NotFound(f"{dataset} has no sender {name[:100]!r}.")
    return row


def _view(row: ProfileRow) -> ProfileView:
    mapping: Mapping = mapping_from_json(row.mapping)
    columns = tuple(h for h, c in mapping.columns.items() if c.role is not RoleOf.IGNORE)
    return ProfileView(row.name, columns, mapping.sheet, mapping.layout, row.used_at, row.uses)
