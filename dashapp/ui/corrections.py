"""Corrections of single values: proposed after a check, listed after a commit, with the way back."""
from __future__ import annotations

import json
from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html

from dashapp.core.correction import Correction
from dashapp.ui.form import actions, button, field, text


def correction_form(offered: Sequence[Correction], chosen: Sequence[Correction]) -> html.Div | None:
    """Proposals as boxes, those that are applied ticked; the button has the file checked with the ticked ones."""
    if not offered:
        return None
    options = [{"value": cell_value(c), "label": _label(c)} for c in offered]
    return html.Div([
        html.H3("Corrections", className="ll-section-title"),
        html.P("Nothing is changed unasked. A correction is kept with the upload and can be taken back.",
               className="ll-quiet"),
        dbc.Checklist(options, [cell_value(c) for c in chosen], id="import-correct", className="ll-checks"),
        field("Why", text("import-correct-why", maxLength=200, placeholder="decimal mark slipped in the export")),
        actions(button("Check again with these corrections", "import-correct-check", "quiet")),
    ])


def corrections_made(made: Sequence[Correction]) -> html.Div | None:
    """What was corrected in a committed upload; `import-anew` brings the file again without."""
    if not made:
        return None
    return html.Div([
        html.H3("Corrections", className="ll-section-title"),
        html.Ul([html.Li([_label(c), html.Span(f" ({c.why})") if c.why else None]) for c in made]),
        actions(button("Bring the file again without them", "import-anew", "quiet")),
    ], className="ll-panel")


def cell_value(one: Correction) -> str:
    """The value of a box: row and header."""
    return json.dumps([one.row, one.column])


def cells_of(values: Sequence[str] | None) -> list[tuple[int, str]]:
    """Rows and headers of the ticked boxes. What is no such text was not made by the form and is left out."""
    out = []
    for value in values or ():
        found = json.loads(value) if value.startswith("[") else None
        if isinstance(found, list) and len(found) == 2 and isinstance(found[0], int):
            out.append((found[0], str(found[1])))
    return out


def _label(one: Correction) -> str:
    becomes = f"{one.was} becomes {one.value}" if one.value is not None else f"{one.was} is left out"
    return f"Row {one.row}, {one.column}: {becomes}"
