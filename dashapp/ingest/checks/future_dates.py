"""Dates after today: right for plans, suspicious for actuals, and refused where the dataset says so."""

from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    f = stage.dated
    if stage.mapping.future == "allowed":
        return
    if f is not None and stage.today is not None and f.index not in stage.survey.open:
        stage.tell(
            "date-future",
            f,
            f"t.v{f.index} > DATE '{stage.today.isoformat()}'",
            "{count} dates lie after today ({cells}).",
            one="1 date lies after today ({cells}).",
        )


ENTRY = Check("future_dates", "Future dates", "Rows dated after today.", run, 60)
