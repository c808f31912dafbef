"""The rows of a file that were refused: where each stands, why, and what it holds."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from dashapp.core.upload import UploadView
from dashapp.core.words import Words
from dashapp.ui.longlist import long_list

_HEADS = {"row": ("Row", 90), "cells": ("Cells", 110), "reason": ("Why", 320)}


def refused_rows(upload: UploadView, head: Sequence[str], words: Words) -> html.Details:
    """The list behind its number. head: the columns as `services.uploads.refused` gives them. Id of the grid:
    `refused-grid`."""
    said = f"{words.counted(upload.quarantined, 'refused row')}, with cell and reason"
    return html.Details([html.Summary(said), refused_grid(head)], id="upload-refused-rows", className="ll-behind")


def refused_grid(head: Sequence[str]) -> dag.AgGrid:
    heads = [(f"c{n}", *_HEADS.get(name, (name, 140))) if n < len(_HEADS) else (f"c{n}", name, 140)
             for n, name in enumerate(head)]
    return long_list("refused-grid", heads, pinned="c0", height="20rem")


def refused_row(number: int, cells: Sequence[str]) -> dict[str, Any]:
    """One line of the list. number: from 0, its place in the list."""
    return {"id": str(number), **{f"c{n}": cell for n, cell in enumerate(cells)}}
