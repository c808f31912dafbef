"""Values outside of the range that a KPI's definition calls plausible, where the KPI is a mean or a reading of them."""

from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    for limit in stage.history.plausible:
        f, group = stage.field(limit.column), stage.field("kpi")
        if f is None or f.type not in ("money", "number") or f.index in stage.survey.open:
            continue
        outside = [f"t.v{f.index} < {limit.low!r}"] if limit.low is not None else []
        outside += [f"t.v{f.index} > {limit.high!r}"] if limit.high is not None else []
        own = f" AND t.v{group.index} = {quote(limit.group)}" if limit.group is not None and group else ""
        low, high = (f"{x:,.10g}" if x is not None else None for x in (limit.low, limit.high))
        span = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
        name = repr(f.header).replace("{", "(").replace("}", ")")
        shown = limit.name.replace("{", "(").replace("}", ")")
        stage.tell(
            "value-implausible", f, f"({' OR '.join(outside)}){own}",
            "{count} values in " + name + " are outside of the plausible range of " + f"{shown} ({span}): {{cells}}.",
            help="The range is a part of the KPI's definition.",
            one="1 value in " + name + " is outside of the plausible range of " + f"{shown} ({span}): {{cells}}.",
        )


ENTRY = Check(
    "plausible_ranges", "Plausible range", "Values outside of the range that the definition of a KPI names.", run, 73
)
