"""Currency signs written into the amounts: two different ones cannot be added up; one foreign one is told."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.core.issue import Issue
from dashapp.ingest.cells import CODES, SIGNS
from dashapp.ingest.checks import Check
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    found = {f.header: signs for f in stage.fields if f.index in stage.survey.texts and (signs := _signs(stage, f))}
    everywhere = sorted({s for signs in found.values() for s in signs})
    codes = {SIGNS.get(s, s) for s in everywhere}
    if len(codes) > 1:
        stage.issues.append(
            Issue(
                "currency-mix",
                f"The amounts carry different currencies: {', '.join(everywhere)}. They cannot be added up "
                f"without rates.",
                sheet=stage.grid.sheet,
                column=next(iter(found)),
            )
        )
    elif codes and codes != {stage.currency}:
        severe = everywhere[0] in CODES
        stage.issues.append(
            Issue(
                "currency-mix" if severe else "currency-sign",
                f"The amounts carry {everywhere[0]}, but the reporting currency is {stage.currency}"
                + (": they are not converted without rates." if severe else f". They are taken as {stage.currency}."),
                "error" if severe else "warning",
                stage.grid.sheet,
                column=next(iter(found)),
            )
        )


def _signs(stage: Stage, f: Field) -> list[str]:
    """Signs and codes in the text cells of one column, with `US$` and the like taken as their code's sign."""
    signs = [s.replace("$", "\\$") for s in SIGNS]
    pattern = quote("(?i)" + "|".join([*signs, *(rf"\b{c}\b" for c in CODES)]))
    rows = stage.fetch(
        f"SELECT DISTINCT upper(regexp_extract({f.source}, {pattern})) FROM source WHERE NOT "
        f"regexp_full_match({f.source}, '[-+0-9., ]*')"
    )
    names = {s.upper(): s for s in SIGNS}
    return sorted(names.get(s, s) for (s,) in rows if s)


ENTRY = Check("currency_signs", "Currency signs", "Signs or codes of another currency inside the amounts.", run, 16)
