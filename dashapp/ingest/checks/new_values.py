"""Values of a dimension that nobody used before; one that is spelled almost like a known one is probably a slip, and so
is one of two spellings in a first file."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from collections import Counter
from difflib import get_close_matches

from dashapp.core.dataset import RoleOf
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage

ENOUGH = 30  # rows known of a dimension
ALIKE = 0.85
SHOWN = 5


def run(stage: Stage) -> None:
    for f in stage.of(RoleOf.DIMENSION):
        known: Counter[str] = Counter()
        for mix in stage.history.mixes:
            if mix.column == f.key and mix.value:
                known[mix.value] += mix.rows
        if f.type != "text":
            continue
        if known.total() >= ENOUGH:
            _look(stage, f, known)
        else:
            _compare(stage, f)


def _look(stage: Stage, f: Field, known: Counter[str]) -> None:
    rows = stage.fetch(
        f"SELECT v{f.index}, count(*) FROM typed WHERE {stage.kept} AND v{f.index} IS NOT NULL GROUP BY 1 "
        f"ORDER BY 2 DESC, 1 LIMIT 500"
    )
    new = [(str(v), n) for v, n in rows if v not in known]
    slips = {v: near for v, _ in new if (near := _near(v, known))}
    for value, count in new:
        if value in slips:
            comparing.say(
                stage, "value-alike", f"{value[:60]!r} in {f.header!r} is new and almost {slips[value][:60]!r}.", f,
                help="If they are the same, write it as before: figures are split by the text.", count=count,
            )
    others = [(v, n) for v, n in new if v not in slips]
    if others:
        told = ", ".join(v[:40] for v, _ in others[:SHOWN]) + (", ..." if len(others) > SHOWN else "")
        comparing.say(stage, "value-new", f"New in {f.header!r}: {told}.", f, severity="info",
                      count=sum(n for _, n in others))


def _compare(stage: Stage, f: Field) -> None:
    """Values of the file itself that differ in case or blanks only: the rarer ones are told, with their cells."""
    found = stage.fetch(
        f"SELECT list(v ORDER BY n DESC, v) FROM (SELECT v{f.index} AS v, count(*) AS n FROM typed WHERE "
        f"{stage.kept} AND v{f.index} IS NOT NULL GROUP BY 1) "
        "GROUP BY lower(regexp_replace(trim(v), '\\s+', ' ', 'g')) HAVING count(*) > 1 ORDER BY 1 LIMIT 20"
    )
    for usual, value in ((values[0], v) for (values,) in found for v in values[1:]):
        stage.tell(
            "value-alike", f, f"t.v{f.index} = {quote(value)}",
            f"{_shown(value)} in {_shown(f.header)} is written {_shown(usual)} elsewhere: {{cells}}.",
            help="If they are the same, write them alike: figures are split by the text.",
        )


def _shown(text: str) -> str:
    return repr(text[:60]).replace("{", "(").replace("}", ")")


def _near(value: str, known: Counter[str]) -> str | None:
    """The known value that this one is probably meant to be: equal but for case and blanks, or a letter or two off."""
    folded = {" ".join(k.casefold().split()): k for k in known}
    mine = " ".join(value.casefold().split())
    if mine in folded:
        return folded[mine]
    if any(c.isdigit() for c in mine) or len(mine) < 4:
        return None  # S10 is not S11
    found = get_close_matches(mine, folded, 1, ALIKE)
    return folded[found[0]] if found else None


ENTRY = Check(
    "new_values", "New values", "Values of a dimension that nobody used before, and slips of known ones.", run, 75
)
