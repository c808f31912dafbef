"""From what is wrong with a formula to changes that settle it, each tried before it is offered."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dashapp.core.dataset import Dataset
from dashapp.core.draft import Checked, Flaw, Mend
from dashapp.core.issue import Issue
from dashapp.core.kpi import Kpi
from dashapp.query.caret import Token, tokens
from dashapp.query.formula import FormulaError
from dashapp.query.names import bind

MOST = 4
_LONGEST = 2000
_MEANT = re.compile(r"did you mean '(.+)'\?\Z", re.S)
_NAMED = ("unknown-column", "unknown-kpi", "unknown-function")


def check(text: str, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi], key: str | None = None) -> Checked:
    """Look at a formula: its names bound, or its flaws with what would mend each. Never raises.

    key: the KPI it is written for, so that a cycle is found with its path.
    """
    try:
        bound = bind(text, datasets, kpis, key=key)
    except FormulaError as bad:
        return Checked(text, flaws=tuple(Flaw(i, _mends(text, i, bad, datasets, kpis, key)) for i in bad.issues))
    return Checked(text, bound.formula, bound.datasets, bound.kpis, bound.needs)


def _mends(text: str, issue: Issue, bad: FormulaError, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi],
           key: str | None) -> tuple[Mend, ...]:
    """The changes after which the issue is gone and the rest is no worse."""
    if len(text) > _LONGEST:
        return ()
    found = dict.fromkeys(_guesses(text, issue))
    return tuple(m for m in found if _is_better(m.applied(text), issue, bad, datasets, kpis, key))[:MOST]


def _is_better(text: str, issue: Issue, bad: FormulaError, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi],
               key: str | None) -> bool:
    try:
        bind(text, datasets, kpis, key=key)
    except FormulaError as other:
        left = [(i.code, i.message) for i in other.issues]
        was = [(i.code, i.message) for i in bad.issues]
        if (issue.code, issue.message) in left:
            return False
        return len(left) < len(was) or (_is_read_first(issue) and not any(map(_is_read_first, other.issues)))
    return True


def _is_read_first(issue: Issue) -> bool:
    """Does it keep the text from being read, so that flaws of names show only once it is gone?"""
    return issue.code.startswith("formula-") or issue.code == "unknown-function"


def _guesses(text: str, issue: Issue) -> Iterator[Mend]:
    at = issue.position or 0
    parts = list(tokens(text))
    here = next((t for t in parts if t.start <= at < t.end), None)
    if issue.code in _NAMED and here and (meant := _MEANT.search(issue.help or "")):
        yield Mend(here.start, here.end, meant[1])
    elif issue.code == "ambiguous-column" and here:
        for name in (issue.help or "").removeprefix("write ").split(" or "):
            yield Mend(here.start, here.end, name)
    elif issue.code == "column-outside" and here:
        yield Mend(here.start, here.end, f"sum({here.text})")
        yield Mend(here.start, here.end, f"distinct({here.text})")
    elif issue.code == "count-dataset" and issue.help:
        yield from _calls(text, at, issue.help.removeprefix("write "))
    elif issue.code == "needs-number":
        yield from _counted(parts, at)
    elif issue.code == "condition-type" and here:
        yield from _quoted(parts, at)
    elif issue.code in ("formula-syntax", "formula-condition"):
        yield from _signs(text, parts, here)


def _calls(text: str, at: int, whole: str) -> Iterator[Mend]:
    found = re.compile(r"count\s*\(\s*\)").match(text, at)
    if found:
        yield Mend(found.start(), found.end(), whole)


def _counted(parts: list[Token], at: int) -> Iterator[Mend]:
    """The aggregate around a column that holds no numbers counts it instead."""
    before = [t for t in parts if t.end <= at]
    if len(before) > 1 and before[-1].text == "(" and before[-2].kind == "name":
        yield Mend(before[-2].start, before[-2].end, "distinct")
        yield Mend(before[-2].start, before[-2].end, "count")


def _quoted(parts: list[Token], at: int) -> Iterator[Mend]:
    """A number that is compared with texts goes into quotes, a text that is compared with numbers out of them."""
    for token in (t for t in parts if t.start > at):
        if token.kind == "number":
            yield Mend(token.start, token.end, f'"{token.text}"')
            return
        if token.kind == "text":
            yield Mend(token.start, token.end, token.text.strip("\"'"))
            return


def _signs(text: str, parts: list[Token], here: Token | None) -> Iterator[Mend]:
    """A sign that the language writes otherwise, brackets that are missing, a text without quotes."""
    for token in parts[1:]:
        if token.text in ("=", "<>"):
            yield Mend(token.start, token.end, "==" if token.text == "=" else "!=")
    depth = sum((t.kind == "open") - (t.kind == "close") for t in parts)
    end = len(text.rstrip())
    if depth > 0:
        yield Mend(end, end, ")" * depth)
    if parts and depth < 0 and parts[-1].kind == "close":
        yield Mend(parts[-1].start, end, "")
    if here and here.kind == "name":
        yield Mend(here.start, here.end, f'"{here.text}"')
    if len(parts) > 1 and parts[-1].kind in ("sign", "comma"):
        yield Mend(parts[-2].end, end, "")
