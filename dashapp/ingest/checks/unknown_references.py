"""Keys that the joined list does not have: their rows stay, without a value for anything that is joined."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage

SHOWN = 5


def run(stage: Stage) -> None:
    for reference in stage.history.references:
        f = stage.field(reference.column)
        if f is None or f.index in stage.survey.open:
            continue
        there = f"(SELECT k FROM read_parquet({quote(reference.path)}))"
        text, dataset = f"CAST(t.v{f.index} AS VARCHAR)", reference.target.partition(".")[0]
        where = f"t.v{f.index} IS NOT NULL AND {text} NOT IN {there}"
        found = stage.fetch(
            f"SELECT {text}, count(*) FROM typed t WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {SHOWN + 1}"
        )
        named = ", ".join(str(k)[:40] for k, _ in found[:SHOWN]) + (", ..." if len(found) > SHOWN else "")
        named, header = (x.replace("{", "(").replace("}", ")") for x in (named, repr(f.header)))
        stage.tell(
            "reference-unknown", f, where,
            "{count} rows name a " + header + f" that {dataset} does not have ({{cells}}): {named}.",
            help=f"Bring {dataset} with these keys; until then their rows have no value of it.",
            one="1 row names a " + header + f" that {dataset} does not have ({{cells}}): {named}.",
        )


ENTRY = Check(
    "unknown_references", "Unknown keys", "Keys that the list to which the column is joined does not have.", run, 74
)
