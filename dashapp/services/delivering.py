"""The delivery calendar: in which rhythm the data of each dataset come, and what is due or late."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.delivery import Arrival, Deliveries, advances, rhythm_of, slots
from dashapp.core.errors import NotFound
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from dashapp.services.unit import reading
from models import Upload


def calendar(actor: Actor, desk: Desk, dataset: str | None = None, *, now: datetime) -> tuple[Deliveries, ...]:
    """The deliveries of each dataset that files are brought to, by key. Finance. Raises NotFound.

    Only uploads that count are looked at. Within a data scope the dates are told, and no file or upload of others.
    """
    actor.require(Role.FINANCE)
    there = {k: d for k, d in load_scene().datasets.items() if d.place is None and dataset in (None, k)}
    if dataset is not None and not there:
        raise NotFound(f"There is no dataset {dataset!r} that files are brought to.")
    with reading() as session:
        rows = session.scalars(select(Upload).where(Upload.state == "committed", Upload.dataset_key.in_(list(there)))
                               .order_by(Upload.dataset_key, Upload.commit)).all()
        arrivals: dict[str, list[Arrival]] = {key: [] for key in there}
        for row in rows:
            arrivals[row.dataset_key].append(_arrival(actor, desk, row))
    today, dates = desk.organisation.today(now), desk.organisation.calendar
    out = []
    for key, found in there.items():
        seen = advances(arrivals[key])
        rhythm = rhythm_of(seen, dates)
        shown = slots(seen, rhythm, dates, today) if rhythm else ()
        out.append(Deliveries(key, found.name, rhythm, shown, seen[-1] if seen else None, len(seen)))
    return tuple(out)


def _arrival(actor: Actor, desk: Desk, row: Upload) -> Arrival:
    assert row.committed_at is not None, "a committed upload has its moment"
    day = desk.organisation.today(row.committed_at)
    through = row.data_through or row.last or day  # of data without dates, the day they came
    if actor.scope and row.user_id != actor.id:
        return Arrival("", "", "", day, through)
    return Arrival(row.id, row.source_name, row.user_email, day, through)
