"""What stands at an address that no page has: a sentence and the way back."""
from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashapp.ui.states import empty
from dashapp.web.page import page

page(__name__, path="/not-found-404", name="Not found", nav=False)


def layout(**_unknown: Any) -> html.Div:
    back = dcc.Link("To the overview", href="/")
    return html.Div(empty("There is no page here", "The address may be mistyped, or the page has moved.", back,
                          "question-circle"), id="page-missing")
