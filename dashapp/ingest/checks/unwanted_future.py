"""Dates after today in a dataset of actuals that said that it holds none."""

from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    f = stage.dated
    if stage.mapping.future == "refused" and f is not None and stage.today and f.index not in stage.survey.open:
        stage.refuse(
            "date-future",
            f,
            f"t.v{f.index} > DATE '{stage.today.isoformat()}'",
            "'the date lies after today, and this dataset takes none that do'",
        )


ENTRY = Check(
    "unwanted_future", "Unwanted future", "Rows dated after today, where the dataset takes none.", run, 32, "error"
)
