"""Files that are older than files of this dataset usually are, or bring nothing later than what is known."""

from __future__ import annotations

from datetime import timedelta

from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage

ENOUGH = 3  # uploads that make a habit
SLACK = 3  # days beyond the latest of them, at least


def run(stage: Stage) -> None:
    own = comparing.periods(stage)
    if not own or stage.today is None or not stage.history.rows:
        return
    found = stage.fetch(f"SELECT max(v{stage.dated.index}) FROM typed WHERE {stage.kept}")[0][0]  # type: ignore[union-attr]  # noqa: S608
    known, lags = stage.history.last, stage.history.lags
    if known is not None and found <= known:
        comparing.say(
            stage, "nothing-later",
            f"No row is later than what is known: the file ends on {found}, the data on {known}.",
            stage.dated, severity="info", help="Right for a correction; else perhaps last month's file again.",
        )
    elif len(lags) >= ENOUGH:
        usual = max(lags)
        if stage.today - found > timedelta(usual + max(SLACK, usual // 2)):
            comparing.say(
                stage, "late-data", f"The file ends on {found}, {(stage.today - found).days} days ago; until now files "
                f"of this dataset were at most {usual} days old.", stage.dated,
                help="Is this the newest export?",
            )


ENTRY = Check("freshness", "Freshness", "Files that end earlier before today than files of the dataset do.", run, 71)
