"""Money keeps four decimals. What is cut beyond them is told, never silent."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest import numbers
from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage
from dashapp.ingest.survey import is_fine_sql


def run(stage: Stage) -> None:
    for f in stage.fields:
        if f.type != "money" or f.index in stage.survey.open:
            continue
        is_styled = f.index in stage.survey.texts and stage.survey.texts[f.index] is None
        text = numbers.styled_sql(f.source, f.number or numbers.POINT) if is_styled else f.source
        fine = f"SELECT _row FROM (SELECT _row, {text} AS amount FROM source) WHERE {is_fine_sql('amount', f.scale)}"
        name = repr(f.header).replace("{", "(").replace("}", ")")
        stage.tell(
            "money-rounded",
            f,
            f"t._row IN ({fine})",
            "{count} amounts in " + name + " have more than four decimals and are rounded ({cells}).",
            one="1 amount in " + name + " has more than four decimals and is rounded ({cells}).",
        )


ENTRY = Check("rounded_money", "Rounded money", "Amounts with more decimals than money keeps.", run, 65)
