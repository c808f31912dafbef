"""Negative revenue, cost or quantity may be a return or a credit note; it is kept with its sign, and told."""

from __future__ import annotations

import re

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage

_WATCHED = re.compile(
    r"(?:^|_)(?:revenue|sales|umsatz|price|unit_price|cost|costs|cogs|turnover|gmv|spend|qty|quantity|units|menge|anzahl|"
    r"pieces|orders|visits|sessions|headcount)(?:_|$)"
)


def run(stage: Stage) -> None:
    for f in stage.fields:
        if (
            f.type in ("money", "number")
            and f.role == "measure"
            and _WATCHED.search(f.key)
            and f.index not in stage.survey.open
        ):
            name = repr(f.header).replace("{", "(").replace("}", ")")
            stage.tell(
                "amount-negative",
                f,
                f"t.v{f.index} < 0",
                "{count} amounts in " + name + " are negative ({cells}); the sign is kept.",
                one="1 amount in " + name + " is negative ({cells}); the sign is kept.",
            )


ENTRY = Check("negative_amounts", "Negative amounts", "Revenue, prices, costs and quantities below zero.", run, 61)
