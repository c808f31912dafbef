"""Amounts of other currencies are never added up raw: converted where rates exist, else the file is refused."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.core.currency import DAYS, RATES
from dashapp.core.dataset import RoleOf
from dashapp.core.issue import Issue
from dashapp.core.words import counted
from dashapp.ingest import currencies, words
from dashapp.ingest.checks import Check
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

SHOWN = 10


def run(stage: Stage) -> None:
    if currencies.is_rates(stage):
        return
    for f in stage.of(RoleOf.CURRENCY):
        others = stage.fetch(
            f"SELECT upper(trim(v{f.index})), count(*), min(_row) FROM typed WHERE v{f.index} IS NOT NULL AND "
            f"upper(trim(v{f.index})) <> '{stage.currency}' "
            f"AND _row NOT IN (SELECT _row FROM excluded) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {SHOWN}"
        )
        if not others:
            continue
        if not currencies.is_converted(stage):
            stage.issues.append(_refused(stage, f, others))
        elif (problem := _unfit(stage, f)) is not None:
            stage.issues.append(problem)
        else:
            _keep(stage, f, others)


def _refused(stage: Stage, f: Field, others: list[tuple[str, int, int]]) -> Issue:
    shown = ", ".join(
        f"{code[:12]} ({count:,} rows, first in {stage.grid.cell(row - 1, f.index)})" for code, count, row in others
    )
    undated = stage.history.rates is not None
    why = "Only facts with a date per row are converted." if undated else "Amounts are not converted without rates."
    return Issue(
        "currency-mix", f"{f.header!r} holds other currencies than {stage.currency}: {shown}. {why}",
        sheet=stage.grid.sheet, column=f.header, count=sum(n for _, n, _ in others),
        help=f"Upload the rows in {stage.currency} only." if undated else currencies.upload_rates(stage.currency),
    )


def _unfit(stage: Stage, f: Field) -> Issue | None:
    """An amount that is read as a number would be added up unconverted."""
    numbers = [m for m in stage.of(RoleOf.MEASURE) if m.type == "number"]
    fine = {i.column for i in stage.issues if i.code == "money-fine"}
    amounts = currencies.amounts(stage)
    odd = [m.header for m in numbers
           if m.header in fine or words.is_money(m.key) or (not amounts and words.is_reading(m.key))]
    if not odd:
        return None
    return Issue(
        "currency-mix", f"{f.header!r} holds other currencies than {stage.currency}, but {', '.join(map(repr, odd))} "
        f"would be read as {'a number' if len(odd) == 1 else 'numbers'}: only money is converted.",
        sheet=stage.grid.sheet, column=odd[0],
        help="Give these columns the type money; it keeps four decimals.",
    )


def _keep(stage: Stage, f: Field, others: list[tuple[str, int, int]]) -> None:
    """The rows are kept in their own currencies; what cannot be converted is told, and what says no currency set
    aside."""
    code = f"upper(trim(t.v{f.index}))"
    some = " OR ".join(f"t.v{a.index} IS NOT NULL" for a in currencies.amounts(stage)) or "false"
    stage.refuse("currency-missing", f if f.letter else None, f"nullif(trim(t.v{f.index}), '') IS NULL AND ({some})",
                 "'the row has an amount and no currency, in a file with several'")
    _tell_kept(stage, f, others)
    _tell_without_rate(stage, f, code, some)


def _tell_kept(stage: Stage, f: Field, others: list[tuple[str, int, int]]) -> None:
    named = " and ".join(filter(None, [", ".join(f"{c[:12]} ({counted(n, 'row')})" for c, n, _ in others)]))
    headers = ", ".join(repr(a.header) for a in currencies.amounts(stage))
    said = f"{headers} {'is' if headers.count(',') == 0 else 'are'} kept in" if headers else "The rows are in"
    stage.issues.append(Issue(
        "currency-converted", f"{said} {named}: figures convert to {stage.currency} at the rate of the row's date.",
        "info", stage.grid.sheet, column=f.header if f.letter else None, count=sum(n for _, n, _ in others)))


def _tell_without_rate(stage: Stage, f: Field, code: str, some: str) -> None:
    dated = stage.dated
    assert dated is not None
    assert stage.history.rates is not None
    if dated.index in stage.survey.open:
        return
    known = ", ".join(f"('{c.code}', DATE '{c.first}', DATE '{c.last}')" for c in stage.history.rates if
                      c.code.isalnum()) or "('', DATE '1970-01-01', DATE '1970-01-01')"
    stage.con.execute(f"CREATE OR REPLACE TEMP TABLE rated AS SELECT * FROM (VALUES {known}) AS r(code, first, last)")
    where = (f"nullif(trim(t.v{f.index}), '') IS NOT NULL AND {code} <> '{stage.currency}' AND ({some}) AND "
             f"t.v{dated.index} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM rated r WHERE r.code = {code} AND "
             f"t.v{dated.index} BETWEEN r.first AND r.last)")
    firsts = stage.fetch(f"SELECT {code}, min(t.v{dated.index}) FROM typed t WHERE {where} AND {stage.kept} "
                         f"GROUP BY 1 ORDER BY 1 LIMIT {SHOWN}")
    named = ", ".join(f"{str(c)[:12]} from {day}" for c, day in firsts).replace("{", "(").replace("}", ")")
    lack = f"no rate in {RATES} on their date or in the {DAYS} days before ({{cells}}): {named}."
    stage.tell(
        "rate-missing", f if f.letter else None, where,
        f"{{count}} rows have {lack} Figures with them have no value.",
        help=f"Bring these rates into {RATES}; the figures are there from then on.",
        one=f"1 row has {lack} Figures with it have no value.",
    )


ENTRY = Check(
    "currency_codes", "Other currencies", "A currency column with codes other than the reporting currency.", run, 15,
    "error",
)
