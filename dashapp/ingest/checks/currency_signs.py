"""Currency signs written into the amounts: two different ones cannot be added up; one foreign one is told."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.core.issue import Issue
from dashapp.ingest.cells import CODES, CURRENCY, DOLLARS, SIGNS
from dashapp.ingest.checks import Check
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import POINT, folded_sql, quote, styled_sql
from dashapp.ingest.stage import Stage

_KRONE, _KRONES = "kr", ("SEK", "NOK", "DKK", "ISK")
_CODE_OF = {**SIGNS, **DOLLARS}
_BEFORE = quote(rf"(?i)^[-+( ]*({CURRENCY}) *[-+(]* *[0-9.,]")
_AFTER = quote(rf"(?i)[0-9.,] *%? *({CURRENCY}) *%? *[-)]? *$")


def run(stage: Stage) -> None:
    found = {f.header: signs for f in stage.fields if f.index in stage.survey.texts and (signs := _signs(stage, f))}
    everywhere = sorted({s for signs in found.values() for s in signs})
    codes = {_code(s, stage.currency) for s in everywhere}
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
        named = [s for s in everywhere if s in CODES or s in DOLLARS]
        stage.issues.append(
            Issue(
                "currency-mix" if named else "currency-sign",
                f"The amounts carry {(named or everywhere)[0]}, but the reporting currency is {stage.currency}"
                + (": they are not converted without rates." if named else f". They are taken as {stage.currency}."),
                "error" if named else "warning",
                stage.grid.sheet,
                column=next(iter(found)),
            )
        )


def _code(sign: str, reporting: str) -> str:
    """The currency of a sign. A krone is that of the organisation where it has one: no other is nearer."""
    if sign == _KRONE and reporting in _KRONES:
        return reporting
    return _CODE_OF.get(sign, sign)


def _signs(stage: Stage, f: Field) -> list[str]:
    """Signs and codes beside the digits of one column's text cells, each as it is known here (`USD`, `A$`, `kr`)."""
    cell, readable = folded_sql(f.source), styled_sql(f.source, f.number or POINT)
    rows = stage.fetch(
        f"SELECT DISTINCT upper(regexp_extract({cell}, {_BEFORE}, 1)), upper(regexp_extract({cell}, {_AFTER}, 1)) "
        f"FROM source WHERE NOT regexp_full_match({f.source}, '[-+0-9., ]*') AND ({readable}) IS NOT NULL"
    )
    names = {s.upper(): s for s in (*SIGNS, *DOLLARS)} | {"KR": _KRONE, "KR.": _KRONE}
    return sorted({names.get(s, s) for pair in rows for s in pair if s})


ENTRY = Check(
    "currency_signs", "Currency signs", "Signs or codes of another currency inside the amounts.", run, 16, "error"
)
