"""Corrections of single values: chosen by a person, kept in the upload's mapping, taken back by a new vintage.

A committed file never changes. To take its corrections back (or to make some later) the same bytes come again as an
upload of their own with other corrections; its dry run tells what moves, and the former upload stays for the past.
"""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from dashapp.core.actor import Actor, Role
from dashapp.core.correction import Correction
from dashapp.core.errors import Conflict, Invalid
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.core.upload import UploadView
from dashapp.services import receiving, uploads
from dashapp.services.checking import OPEN
from dashapp.services.desk import Desk

Cell = tuple[int, str]  # row, header


def proposed(found: UploadView) -> tuple[Correction, ...]:
    """What an upload's newest check proposes, and the corrections that it has, by row."""
    result = found.result or {}
    have = mapping_from_json(result.get("mapping") or {}).corrections
    cells = {(c.row, c.column) for c in have}
    new = [Correction(i["row"], i["column"], i["value"], i["suggestion"]) for i in result.get("issues", ())
           if i["code"] == "outlier" and i.get("suggestion") and (i["row"], i["column"]) not in cells]
    return tuple(sorted((*have, *new), key=lambda c: (c.row, c.column)))


def corrected(actor: Actor, desk: Desk, upload: str, cells: Collection[Cell], *, why: str = "") -> Mapping:
    """The upload's mapping with exactly those of the proposed corrections; to be checked again. Finance.

    Raises Conflict when the upload is not open any more, Invalid for a cell that nobody proposed to correct.
    """
    actor.require(Role.FINANCE, token="ingest")
    found = uploads.status(actor, desk, upload)
    if found.state not in OPEN or not found.result:
        raise Conflict(f"This upload is {found.state}.", upload=upload)
    offered = {(c.row, c.column): c for c in proposed(found)}
    if odd := [cell for cell in cells if cell not in offered]:
        raise Invalid(f"No correction is proposed for row {odd[0][0]} in {odd[0][1]!r}.")
    chosen = tuple(offered[cell] if offered[cell].why else replace(offered[cell], why=why[:200])
                   for cell in sorted(set(cells)))
    return replace(mapping_from_json(found.result["mapping"]), corrections=chosen)


def anew(actor: Actor, desk: Desk, upload: str, *, now: datetime) -> UploadView:
    """The same file once more as an upload to be checked, with the former mapping but without its corrections. Finance.

    Raises Conflict while the former is live in a dataset to which every row is new: its rows would count twice.
    """
    actor.require(Role.FINANCE, token="ingest")
    former = uploads.status(actor, desk, upload)
    if former.state not in ("committed", "undone"):
        raise Conflict(f"This upload is {former.state}; its corrections can be chosen on its own page.")
    if former.state == "committed" and former.mode == "append":
        raise Conflict("Every row of this upload counts beside all others (append). Undo it first; then bring the file "
                       "again with other corrections.", upload=upload)
    path, name = uploads.original(actor, desk, upload)
    mapping = replace(mapping_from_json(former.mapping), corrections=())
    with path.open("rb") as stream:
        return receiving.receive(actor, desk, stream, name, former.dataset, now=now, sheet=mapping.sheet, again=True,
                                 mapping=mapping)
