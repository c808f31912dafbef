"""A list of exchange rates: rates that are none are set aside, and the newest ones are read out."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.core.currency import DIGITS, LARGEST, RATES
from dashapp.core.issue import Issue
from dashapp.ingest import currencies
from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage

SHOWN = 3


def run(stage: Stage) -> None:
    day, code, rate, to = (stage.field(k) for k in ("date", "currency", "rate", "to"))
    if not currencies.is_rates(stage) or not (day and code and rate) or rate.index in stage.survey.open:
        return
    for f in (code, to):
        if f is not None:
            stage.refuse("rate-code", f, f"coalesce(upper(trim(t.v{f.index})), '') NOT SIMILAR TO '[A-Z]{{3}}'",
                         "'no currency code of three letters'")
    small = f"t.v{rate.index} < 1e-{DIGITS}" if rate.type == "number" else f"t.v{rate.index} <= 0"
    stage.refuse("rate-value", rate, f"t.v{rate.index} IS NULL OR {small} OR t.v{rate.index} >= {LARGEST}",
                 f"'a rate is a number above 0 and below {LARGEST:,}'")
    own = stage.currency if to is None else None
    target = f"'{own}'" if own else f"upper(trim(t.v{to.index}))" if to else "''"
    newest = stage.fetch(
        f"SELECT upper(trim(t.v{code.index})) AS c, {target} AS o, max_by(t.v{rate.index}, t.v{day.index}), "
        f"max(t.v{day.index}) FROM typed t WHERE t.v{day.index} IS NOT NULL AND {stage.kept} "
        f"GROUP BY 1, 2 ORDER BY c, o LIMIT {SHOWN}"
    ) if day.index not in stage.survey.open else []
    if newest:
        read = "; ".join(f"1 {c} is {float(r):.15g} {o} on {on}" for c, o, r, on in newest)
        stage.issues.append(Issue(
            "rate-read", f"The newest rates say: {read}.", "info", stage.grid.sheet, column=rate.header,
            help=f"If the list says the reverse (how much of a currency one {stage.currency} buys), turn its rates "
            f"round first. Rates are used in the dataset called {RATES}."))


ENTRY = Check(
    "exchange_rates", "Exchange rates", "Rates that are not above zero, codes that are none, and what the rates say.",
    run, 17, "error",
)
