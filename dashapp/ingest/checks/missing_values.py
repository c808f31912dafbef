"""Empty measures are missing, not zero; how many is told."""

from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    for f in stage.fields:
        if f.type in ("money", "number") and f.index not in stage.survey.open:
            name = repr(f.header).replace("{", "(").replace("}", ")")
            stage.tell(
                "value-missing",
                f,
                f"t.m{f.index}",
                "{count} values in " + name + " are missing ({cells}); they count as missing, not as zero.",
                "info",
                one="1 value in " + name + " is missing ({cells}); it counts as missing, not as zero.",
            )


ENTRY = Check("missing_values", "Missing values", "Measures without a value.", run, 70, "info")
