"""What a check found in a file, where, and what helps."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from dashapp.core.issue import Issue
from dashapp.ui.badge import severity_badge
from dashapp.ui.still import still

_ORDER = {"error": 0, "warning": 1, "info": 2}


def issue_list(issues: Sequence[Issue], shown: int = 200) -> html.Div:
    """Errors first, each with its address in the source; beyond `shown` the rest is counted."""
    ordered = sorted(issues, key=lambda i: _ORDER[i.severity])
    more = len(ordered) - shown
    rest = html.P(f"and {more} more", className="ll-more") if more > 0 else None
    return still([html.Ul([_item(i) for i in ordered[:shown]], className="ll-issues"), rest])


def place(issue: Issue) -> str:
    """Where the issue is, as Excel names it: `Orders!C7`, `row 12`, `column Price`."""
    if issue.cell:
        return f"{issue.sheet}!{issue.cell}" if issue.sheet else issue.cell
    parts = [issue.sheet, f"row {issue.row}" if issue.row else None, f"column {issue.column}" if issue.column else None]
    return ", ".join(p for p in parts if p)


def _item(issue: Issue) -> html.Li:
    where = place(issue)
    many = html.Span(f"× {issue.count}", className="ll-issue-count") if issue.count > 1 else None
    return html.Li(
        [
            severity_badge(issue.severity),
            html.Span(issue.message, className="ll-issue-message"),
            html.Code(issue.value, className="ll-issue-value") if issue.value else None,
            many,
            html.Span(where, className="ll-issue-place") if where else None,
            html.Span(issue.help, className="ll-issue-help") if issue.help else None,
        ]
    )
