"""Amounts of other currencies in a file: kept as written with a code per row where rates exist, refused where not.

The code of a row stands in a column of its own, in the cells of the amounts, or is one for all: said in the mapping, in
the headers or beside the table. Of the last three the code becomes a column of the dataset.
"""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dashapp.core.currency import RATES, code_column, is_list_of_rates
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.issue import Issue
from dashapp.ingest.cells import CODES, CURRENCY, DOLLARS, SIGNS
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import POINT, folded_sql, quote, styled_sql
from dashapp.ingest.stage import Stage

KRONE, KRONES = "kr", ("SEK", "NOK", "DKK", "ISK")
CODE_OF = {**SIGNS, **DOLLARS}
_SEVERAL = ("$", "¥", KRONE)  # signs of more than one currency
_BEFORE = quote(rf"(?i)^[-+( ]*({CURRENCY}) *[-+(]* *[0-9.,]")
_AFTER = quote(rf"(?i)[0-9.,] *%? *({CURRENCY}) *%? *[-)]? *$")


def upload_rates(own: str) -> str:
    """What helps where a file has amounts of other currencies and there are no rates."""
    return (f"Upload the rows in {own} only, or first bring rates: a dataset called {RATES} with the columns date, "
            f"currency and rate (what one unit of the currency is worth in {own}).")


def is_rates(stage: Stage) -> bool:
    """Is the file itself a list of rates?"""
    return is_list_of_rates(Column(f.key, f.header, f.role, f.type) for f in stage.fields)


def is_converted(stage: Stage) -> bool:
    """Are amounts of other currencies converted? Where rates are known, those of rows with a date."""
    kind = stage.mapping.kind or (stage.known.kind if stage.known else "facts")
    return stage.history.rates is not None and kind == "facts" and stage.dated is not None


def amounts(stage: Stage) -> list[Field]:
    """The columns that hold amounts of money."""
    return [f for f in stage.of(RoleOf.MEASURE) if f.type == "money"]


def code_of(sign: str, reporting: str) -> str:
    """The currency of a sign. A krone is that of the organisation where it has one: no other is nearer."""
    if sign == KRONE and reporting in KRONES:
        return reporting
    return CODE_OF.get(sign, sign)


def signs(stage: Stage, f: Field) -> list[str]:
    """Signs and codes beside the digits of one column's text cells, each as it is known here (`USD`, `A$`, `kr`)."""
    cell, readable = folded_sql(f.source), styled_sql(f.source, f.number or POINT)
    rows = stage.fetch(
        f"SELECT DISTINCT upper(regexp_extract({cell}, {_BEFORE}, 1)), upper(regexp_extract({cell}, {_AFTER}, 1)) "
        f"FROM source WHERE NOT regexp_full_match({f.source}, '[-+0-9., ]*') AND ({readable}) IS NOT NULL"
    )
    return sorted({_known(s) for pair in rows for s in pair if s})


def _known(sign: str) -> str:
    names = {s.upper(): s for s in (*SIGNS, *DOLLARS)} | {"KR": KRONE, "KR.": KRONE}
    return names.get(sign, sign)


def is_named(sign: str) -> bool:
    """Does a sign name one currency, and no other?"""
    return sign in CODES or sign in DOLLARS or sign not in _SEVERAL


def cell_code_sql(f: Field, reporting: str) -> str:
    """The code that a cell of the amount carries, of the table `source`; NULL for a cell that carries none, or the sign
    of several currencies."""
    cell = folded_sql(f"s.{f.source}")
    found = f"upper(coalesce(nullif(regexp_extract({cell}, {_BEFORE}, 1), ''), regexp_extract({cell}, {_AFTER}, 1)))"
    spellings = {**{s.upper(): s for s in CODE_OF}, "KR": KRONE, "KR.": KRONE}
    codes = {w: code_of(s, reporting) for w, s in spellings.items()}
    cases = " ".join(f"WHEN {quote(w)} THEN "
                     + (quote(code) if is_named(spellings[w]) or code == reporting else "NULL")
                     for w, code in codes.items())
    return f"(CASE {found} WHEN '' THEN NULL {cases} ELSE {found} END)"


def settle(stage: Stage, units: Mapping[str, str], before: str | None = None) -> bool:
    """Give every row the code of its amounts, where that is said elsewhere than in a column; were units heard?

    units: header of an amount -> code that its header, or a line beside the table, speaks of. before: what was said of
    the sender's last file; it holds where this one says nothing, is told, and stands in the stage's mapping. Adds
    issues where the file leaves open which currency its amounts are in.
    """
    found, said = amounts(stage), stage.mapping.currency
    if not is_converted(stage) or not found:
        return False
    if stage.of(RoleOf.CURRENCY):
        if said:
            _tell(stage, "The file has a column of currencies: leave `currency` out of the mapping.")
        return False
    if said:
        _add(stage, quote(said))
        return True
    carried = {s for f in found if f.index in stage.survey.texts for s in signs(stage, f)}
    codes = {code_of(s, stage.currency) for s in carried}
    if units or codes - {stage.currency}:
        return _heard(stage, found, units, carried, codes)
    if code_column_of(stage.known):
        if codes or not (before or _has_others(stage)):
            _add(stage, quote(stage.currency))
        elif before:
            _recall(stage, before)
        else:
            _tell(stage, f"The dataset has amounts in other currencies than {stage.currency}, and this file does not "
                         "say which one its amounts are in.")
    return False


def _recall(stage: Stage, before: str) -> None:
    stage.mapping = replace(stage.mapping, currency=before)
    _add(stage, quote(before))
    stage.issues.append(Issue("currency-recalled", f"The amounts are taken to be in {before}, as those of the last "
                              "file of this sender.", "info", stage.grid.sheet,
                              help=f"Say the currency of the amounts where that is wrong, such as {stage.currency}."))


def _heard(stage: Stage, found: Sequence[Field], units: Mapping[str, str], carried: set[str],
           codes: set[str]) -> bool:
    """The code that headers speak of where it holds for every amount, else those that the cells carry."""
    spoken = set(units.values())
    if spoken and codes <= spoken and len(spoken) == 1 and all(f.header in units for f in found):
        if spoken != {stage.currency} or code_column_of(stage.known):
            _add(stage, quote(next(iter(spoken))))
        return True
    doubtful = sorted(s for s in carried if not is_named(s) and code_of(s, stage.currency) != stage.currency)
    if spoken - {stage.currency}:
        _tell(stage, f"Some amounts are in {', '.join(sorted(spoken))}, of others the file does not say it.")
    elif doubtful:
        _tell(stage, f"The amounts carry {', '.join(doubtful)}, which is the sign of several currencies.")
    elif codes - {stage.currency}:
        parts = [cell_code_sql(f, stage.currency) for f in found if f.index in stage.survey.texts]
        _add(stage, f"coalesce({', '.join(parts)}, NULL)")
    return False


def refuse_contradictions(stage: Stage, found: Iterable[Field]) -> None:
    """Set aside rows whose cells carry another code than their row has."""
    code = stage.of(RoleOf.CURRENCY)[0]
    for f in found:
        if f.index in stage.survey.texts:
            carried = f"(SELECT {cell_code_sql(f, stage.currency)} FROM source s WHERE s._row = t._row)"
            stage.refuse("currency-contradicted", f, f"{carried} <> upper(trim(t.v{code.index}))",
                         f"'the cell says ' || {carried} || ', but the amounts of the row are in ' || "
                         f"upper(trim(t.v{code.index}))")


def code_column_of(known: Dataset | None) -> str | None:
    """The column of codes that the dataset has already."""
    return code_column(known) if known else None


def _has_others(stage: Stage) -> bool:
    """Are there rows of other currencies in the dataset?"""
    column = code_column_of(stage.known)
    return any(m.column == column and m.value.strip().upper() not in ("", stage.currency)
               for m in stage.history.mixes)


def _add(stage: Stage, code: str) -> None:
    """A column of codes beside those of the file. code: SQL over the table `source`, called s."""
    index = stage.grid.table.num_columns
    key = code_column_of(stage.known) or ("currency" if stage.field("currency") is None else "currency_code")
    stage.con.execute(f"CREATE OR REPLACE TEMP TABLE typed AS SELECT t.*, {code} AS v{index} FROM typed t "
                      "JOIN source s USING (_row)")
    stage.fields.append(Field(index, key.replace("_", " ").capitalize(), "", key, RoleOf.CURRENCY, "text",
                              known=stage.known.column(key) if stage.known else None))


def _tell(stage: Stage, said: str) -> None:
    stage.issues.append(Issue("currency-unsaid", said, "error", stage.grid.sheet,
                              help="Say the currency of the amounts in the mapping, such as USD."))
