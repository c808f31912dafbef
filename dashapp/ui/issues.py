"""What a check found in a file, where, and what helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dash import html

from dashapp.core.issue import Issue
from dashapp.ui.badge import severity_badge
from dashapp.ui.longlist import long_list
from dashapp.ui.still import still

ALIKE = 8  # of one kind in one column that stand in the list above
_ORDER = {"error": 0, "warning": 1, "info": 2}
_HEADS = (("severity", "Severity", 110), ("place", "Where", 140), ("message", "Finding", 460), ("value", "Value", 140),
          ("count", "Times", 90), ("help", "What helps", 320))


def issue_list(issues: Sequence[Issue], shown: int = 30, *, id: str = "issues-grid") -> html.Div:
    """Errors first, each with its address in the source; beyond `shown` all of them stand in a list, the grid `id`."""
    ordered = sorted(issues, key=lambda i: _ORDER[i.severity])
    above = _samples(ordered, shown)
    first = still(html.Ul([_item(i) for i in above], className="ll-issues"))
    if len(ordered) == len(above):
        return first
    lines = [_line(n, i) for n, i in enumerate(ordered)]
    every = long_list(id, _HEADS, numeric=frozenset({"count"}), rows=lines, height="20rem")
    said = f"All {len(ordered):,} findings, {len(ordered) - len(above):,} more than stand above"
    return html.Div([first, html.Details([html.Summary(said), every], className="ll-behind")])


def _samples(ordered: Sequence[Issue], shown: int) -> list[Issue]:
    """The first few of each kind: one kind must not push all others out of sight."""
    seen: Counter[tuple[str, str | None]] = Counter()
    out = []
    for issue in ordered:
        seen[issue.code, issue.column] += 1
        if seen[issue.code, issue.column] <= ALIKE:
            out.append(issue)
    return out[:shown]


def _line(number: int, issue: Issue) -> dict[str, Any]:
    return {"id": str(number), "severity": issue.severity, "place": place(issue), "message": issue.message,
            "value": issue.value or "", "count": issue.count, "help": issue.help or ""}


def place(issue: Issue) -> str:
    """Where the issue is, as Excel names it: `Orders!C7`, `row 12`, `column Price`."""
    if issue.cell:
        return f"{issue.sheet}!{issue.cell}" if issue.sheet else issue.cell
    parts = [issue.sheet, f"row {issue.row}" if issue.row else None, f"column {issue.column}" if issue.column else None]
    return ", ".join(p for p in parts if p)


def _item(issue: Issue) -> html.Li:
    where = place(issue)
    is_said = issue.value is not None and issue.value in issue.message  # nobody reads it twice
    where = "" if where == issue.cell and issue.message.startswith(where) else where
    many = html.Span(f"× {issue.count}", className="ll-issue-count") if issue.count > 1 else None
    return html.Li(
        [
            severity_badge(issue.severity),
            html.Span(issue.message, className="ll-issue-message"),
            html.Code(issue.value, className="ll-issue-value") if issue.value and not is_said else None,
            many,
            html.Span(where, className="ll-issue-place") if where else None,
            html.Span(issue.help, className="ll-issue-help") if issue.help else None,
        ]
    )
