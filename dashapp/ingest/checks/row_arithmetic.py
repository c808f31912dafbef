"""What the columns of nearly every row have to do with each other - revenue is quantity times price, gross is net and
tax - told where a row breaks it: a wrong digit, a turned sign, a cell of another row."""

# ruff: noqa: S608 - SQL is built from column numbers of our own, never from a file's text
from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

COLUMNS, SAMPLE = 6, 2_000  # the first measures; rows that are asked for rules
ENOUGH, EXCEPTIONS = 12, 0.05  # rows that make a rule; share of them that may break it, one at least


@dataclass(frozen=True, slots=True)
class Rule:
    """target = one `sign` other."""

    target: Field
    one: Field
    sign: str
    other: Field

    @property
    def broken(self) -> str:
        """SQL over the alias t: is it broken here? Half a cent, in each factor too, is rounding and breaks nothing."""
        c, a, b = (f"CAST(t.v{f.index} AS DOUBLE)" for f in (self.target, self.one, self.other))
        slack = f"0.0051 * (1 + least(abs({a}), abs({b})))" if self.sign == "*" else "0.0151"
        return f"abs({c} - ({a} {self.sign} {b})) > {slack} + 1e-9 * abs({c})"

    @property
    def words(self) -> str:
        named = (_quoted(f) for f in (self.one, self.other))
        return (" × " if self.sign == "*" else " + ").join(named)


def run(stage: Stage) -> None:
    fields = comparing.measures(stage)[:COLUMNS]
    if len(fields) < 3 or stage.grid.origin is not None:
        return
    rules = [Rule(c, a, sign, b) for a, b in combinations(fields, 2) for c in fields if c not in (a, b)
             for sign in ("*", "+")]
    for rule in _held(stage, rules):
        stage.tell(
            "row-arithmetic", rule.target, rule.broken,
            f"In {{count}} rows {_quoted(rule.target)} is not {rule.words}, as it is in all others: {{cells}}.",
            help="A wrong digit, sign or cell looks like this. Compare these rows with the source.",
            one=f"In 1 row {_quoted(rule.target)} is not {rule.words}, as it is in all others: {{cells}}.",
        )


def _held(stage: Stage, rules: list[Rule]) -> list[Rule]:
    """The rules that the first rows follow, where there are values enough and not only zeros."""
    asked = ", ".join(f"count(*) FILTER (WHERE {r.broken}), count(*) FILTER (WHERE {_speaks(r)})" for r in rules)
    counts = stage.fetch(f"SELECT {asked} FROM (SELECT * FROM typed WHERE {stage.kept} LIMIT {SAMPLE}) t")[0]
    return [r for r, broken, spoke in zip(rules, counts[::2], counts[1::2], strict=True)
            if spoke >= ENOUGH and broken <= max(1, EXCEPTIONS * spoke)]


def _speaks(rule: Rule) -> str:
    """SQL: does the row say something of the rule? A zero or a factor of one fits many of them."""
    plain = "0" if rule.sign == "+" else "0, 1"
    return (f"t.v{rule.target.index} <> 0 AND t.v{rule.one.index} NOT IN ({plain}) AND t.v{rule.other.index} NOT IN "
            f"({plain})")


def _quoted(f: Field) -> str:
    return repr(f.header).replace("{", "(").replace("}", ")")


ENTRY = Check(
    "row_arithmetic", "Row arithmetic", "Rows that break what all others follow, such as revenue = quantity × price.",
    run, 66,
)
