"""`incidents.json`: what really happened in the company, for those who score detection."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dashapp.demo.season import holidays, promotions
from dashapp.demo.spec import Spec


def write_truth(path: Path, spec: Spec, effects: tuple[dict[str, Any], ...]) -> None:
    """The incidents and the calendar of sales and holidays: what a detector should find, and what it should not."""
    years = range(spec.start.year, spec.end.year + 1)
    sales = [{"name": p.name, "start": p.start.isoformat(), "end": p.end.isoformat(), "lift": p.lift}
             for year in years for p in promotions(year) if p.end >= spec.start and p.start <= spec.end]
    closed = [{"name": name, "date": day.isoformat()} for year in years for day, name in sorted(holidays(year).items())
              if spec.start <= day <= spec.end]
    truth = {"seed": spec.seed, "start": spec.start.isoformat(), "end": spec.end.isoformat(), "orders": spec.orders,
             "incidents": list(effects), "promotions": sales, "holidays": closed}
    path.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
