"""A few percents among plain numbers: `12 %` is read as 0.12, which is right for a share and wrong for an amount."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    for f in stage.fields:
        if f.type not in ("money", "number") or f.index not in stage.survey.texts or f.index in stage.survey.open:
            continue
        signed = f"SELECT _row FROM source WHERE contains({f.source}, '%') OR contains({f.source}, '％')"
        with_sign = f"t.v{f.index} IS NOT NULL AND t._row IN ({signed})"
        plain = stage.number(
            f"SELECT count(*) FROM typed t WHERE t.v{f.index} IS NOT NULL AND t.v{f.index} <> 0 "
            f"AND t._row NOT IN ({signed})"
        )
        if plain:
            name = repr(f.header).replace("{", "(").replace("}", ")")
            stage.tell(
                "percent-mixed",
                f,
                with_sign,
                "{count} numbers in " + name + " carry a percent sign and are read as shares of one, others do not "
                "({cells}).",
                one="1 number in " + name + " carries a percent sign and is read as a share of one, others do not "
                "({cells}).",
            )


ENTRY = Check("percent_signs", "Percents among numbers", "Some numbers of a column carry a percent sign.", run, 64)
