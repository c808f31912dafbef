"""A cost of zero gives a margin of 100 %: usually a cost that is not known yet."""

from __future__ import annotations

import re

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage

_WATCHED = re.compile(r"(?:^|_)(?:cost|costs|cogs|unit_cost|kosten)(?:_|$)")


def run(stage: Stage) -> None:
    for f in stage.fields:
        if (
            f.type in ("money", "number")
            and f.role == "measure"
            and _WATCHED.search(f.key)
            and f.index not in stage.survey.open
        ):
            stage.tell(
                "cost-zero", f, f"t.v{f.index} = 0", "{count} costs are zero ({cells}); margins on them are 100 %.",
                one="1 cost is zero ({cells}); the margin on it is 100 %.",
            )


ENTRY = Check("zero_costs", "Zero costs", "Costs that are exactly zero.", run, 62)
