"""Questions that must be answered before something happens."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashapp.ui.form import button


def confirm(id: str, title: str, body: Any, yes: str, *, kind: str = "danger", no: str = "Cancel",
            size: str | None = None) -> dbc.Modal:
    """Ids `{id}`, `{id}-body`, `{id}-yes`, `{id}-no`; the page's callback sets `is_open`. Escape means no.

    size: `lg` for a body with tables.
    """
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(title)),
            dbc.ModalBody(html.Div(body, id=f"{id}-body")),
            dbc.ModalFooter([button(no, f"{id}-no", "quiet"), button(yes, f"{id}-yes", kind)]),
        ],
        id=id,
        is_open=False,
        centered=True,
        scrollable=True,
        size=size,
    )
