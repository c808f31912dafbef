"""Currency signs written into the amounts: two different ones cannot be added up; one foreign one is told."""

from __future__ import annotations

from dashapp.core.dataset import RoleOf
from dashapp.core.issue import Issue
from dashapp.ingest import currencies
from dashapp.ingest.cells import CODES, DOLLARS
from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    if currencies.is_converted(stage) and (amounts := currencies.amounts(stage)):
        if stage.of(RoleOf.CURRENCY):
            currencies.refuse_contradictions(stage, amounts)
        return
    found = {f.header: signs for f in stage.fields
             if f.index in stage.survey.texts and (signs := currencies.signs(stage, f))}
    everywhere = sorted({s for signs in found.values() for s in signs})
    codes = {currencies.code_of(s, stage.currency) for s in everywhere}
    if len(codes) > 1:
        stage.issues.append(
            Issue(
                "currency-mix",
                f"The amounts carry different currencies: {', '.join(everywhere)}. They cannot be added up "
                f"without rates.",
                sheet=stage.grid.sheet,
                column=next(iter(found)),
                help=currencies.upload_rates(stage.currency),
            )
        )
    elif codes and codes != {stage.currency}:
        named = [s for s in everywhere if s in CODES or s in DOLLARS]
        stage.issues.append(
            Issue(
                "currency-mix" if named else "currency-sign",
                f"The amounts carry {(named or everywhere)[0]}, but the reporting currency is {stage.currency}"
                + (": they are not converted without rates." if named else f". They are taken as {stage.currency}."),
                "error" if named else "warning",
                stage.grid.sheet,
                column=next(iter(found)),
                help=currencies.upload_rates(stage.currency) if named else None,
            )
        )


ENTRY = Check(
    "currency_signs", "Currency signs", "Signs or codes of another currency inside the amounts.", run, 16, "error"
)
