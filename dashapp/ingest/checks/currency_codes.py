"""Amounts of other currencies are never added up raw: the file is refused until rates exist."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.core.dataset import RoleOf
from dashapp.core.issue import Issue
from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    for f in stage.of(RoleOf.CURRENCY):
        others = stage.fetch(
            f"SELECT upper(trim(v{f.index})), count(*), min(_row) FROM typed WHERE v{f.index} IS NOT NULL AND "
            f"upper(trim(v{f.index})) <> '{stage.currency}' "
            "AND _row NOT IN (SELECT _row FROM excluded) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"
        )
        if others:
            shown = ", ".join(
                f"{code[:12]} ({count:,} rows, first in {stage.grid.cell(row - 1, f.index)})"
                for code, count, row in others
            )
            stage.issues.append(
                Issue(
                    "currency-mix",
                    f"{f.header!r} holds other currencies than {stage.currency}: {shown}. Amounts are not "
                    f"converted without rates.",
                    sheet=stage.grid.sheet,
                    column=f.header,
                    count=sum(n for _, n, _ in others),
                    help=f"Upload the rows in {stage.currency} only.",
                )
            )


ENTRY = Check(
    "currency_codes", "Other currencies", "A currency column with codes other than the reporting currency.", run, 15,
    "error",
)
