"""Lists of any length: a grid that draws the rows in sight only, moved through by keyboard."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag

BLOCK = 100  # rows fetched at a time
Head = tuple[str, str, int]  # field, words, width in pixels


def long_list(id: str, heads: Sequence[Head], *, numeric: frozenset[str] = frozenset(), pinned: str = "",
              rows: Sequence[dict[str, Any]] | None = None, height: str = "26rem", **options: Any) -> dag.AgGrid:
    """rows: all of them, to be sorted by the reader; None: the page's callback answers `getRowsRequest` with a block.

    numeric: fields to stand on the right; pinned: the field that stays in sight. Every row has an `id`.
    """
    columns = [{"field": name, "headerName": head, "width": width, "minWidth": 80, "tooltipField": name,
                **({"type": "rightAligned"} if name in numeric else {}),
                **({"pinned": "left"} if name == pinned else {})} for name, head, width in heads]
    fetched = {"cacheBlockSize": BLOCK, "maxBlocksInCache": 10, "infiniteInitialRowCount": 1,
               "maxConcurrentDatasourceRequests": 1}
    given: dict[str, Any] = {"rowData": list(rows)} if rows is not None else {"rowModelType": "infinite"}
    return dag.AgGrid(
        id=id, columnDefs=columns, getRowId="params.data.id",
        defaultColDef={"sortable": rows is not None, "resizable": True, "suppressMovable": True},
        dashGridOptions={"theme": "themeQuartz", "rowBuffer": 5, **(fetched if rows is None else {}), **options},
        style={"height": height}, className="ll-grid", **given,
    )


def wanted_block(asked: dict[str, Any] | None) -> int | None:
    """The first row that the grid asks for; None where it asks for nothing."""
    if not asked:
        return None
    first = asked.get("startRow")
    return max(0, first) if isinstance(first, int) and not isinstance(first, bool) else 0
