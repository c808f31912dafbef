"""The formula language beside the definitions: examples to look at while a formula is written."""
from __future__ import annotations

from typing import Any

from dash import html

from dashapp.query.language import ABOUT, GUIDE, Chapter, Example
from dashapp.ui.still import still
from dashapp.ui.wild import wild


def formula_guide(id: str = "formula-guide") -> html.Section:
    """Everything the language can say, by chapters; closed until somebody wants to know."""
    inside = [html.Summary("How formulas are written"), html.P(_told(ABOUT)), *map(_chapter, GUIDE)]
    return html.Section(still(html.Details(inside)), id=id)


def _chapter(chapter: Chapter) -> html.Div:
    head = html.Thead(html.Tr([html.Th("Formula", scope="col"), html.Th("Meaning", scope="col")]))
    inner = html.Table([html.Caption(chapter.title, className="visually-hidden"), head,
                        html.Tbody([_row(e) for e in chapter.examples])], className="ll-table")
    box = html.Div(inner, className="ll-table-box", tabIndex=0, role="region", **wild({"aria-label": chapter.title}))
    return html.Div([html.H3(chapter.title, className="ll-section-title"), html.P(_told(chapter.about)), box])


def _row(example: Example) -> html.Tr:
    return html.Tr([html.Th(html.Code(example.formula), scope="row"), html.Td(_told(example.meaning))])


def _told(text: str) -> list[Any]:
    """The text with what stands in backticks as code."""
    return [html.Code(part) if i % 2 else part for i, part in enumerate(text.split("`")) if part]
