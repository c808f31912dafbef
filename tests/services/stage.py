"""What service tests put on the stage: definitions without data, and small files that ingest reads."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from dashapp.core.kpi import Kpi
from dashapp.services.persisted import kpi_json
from models import KpiRow, KpiVersion, db


def define(now: datetime, *keys: str, formula: str = "1 + 1") -> None:
    """Definitions that need no data, written straight into the state."""
    for position, key in enumerate(keys):
        row = KpiRow(key=key, position=position, version=1)
        db.session.add(row)
        db.session.flush()
        kpi = Kpi(key, key.replace("_", " ").title(), formula)
        db.session.add(KpiVersion(kpi_id=row.id, version=1, definition=kpi_json(kpi), saved_at=now, saved_by="tests"))
    db.session.commit()


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A plain CSV file as a program would write it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
