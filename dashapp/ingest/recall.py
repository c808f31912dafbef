"""What a sender's last file says about this one: where its table is, which columns are ignored, what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dashapp.core.dataset import RoleOf
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.core.profile import Profile, fingerprint, likeness
from dashapp.ingest.model import Ask

_ALIKE = 0.5


def matching(profiles: Sequence[Profile], headers: Sequence[str]) -> Profile | None:
    """The sender whose files have exactly these headers."""
    mark = fingerprint(headers)
    return next((p for p in profiles if p.fingerprint == mark), None)


def chosen(profiles: Sequence[Profile], headers: Sequence[str], named: str | None) -> Profile | None:
    """The sender that was named; else the one with these headers, else the one with the most of them, if that is half.
    """
    if named is not None:
        return next((p for p in profiles if p.name == named), None)
    exact = matching(profiles, headers)
    if exact is not None:
        return exact
    ranked = sorted(profiles, key=lambda p: -likeness(p.mapping.columns, headers))
    return ranked[0] if ranked and likeness(ranked[0].mapping.columns, headers) >= _ALIKE else None


def places(profiles: Sequence[Profile], mapping: Mapping) -> list[Mapping]:
    """The mapping with the sheet, the header row and the layout of each sender, those that say something first."""
    out: list[Mapping] = []
    for p in profiles[:5]:
        if mapping.profile not in (None, p.name):
            continue
        place = replace(mapping, sheet=mapping.sheet or p.mapping.sheet, layout=mapping.layout or p.mapping.layout,
                        header_row=mapping.header_row or p.mapping.header_row)
        for one in (replace(place, header_row=mapping.header_row), place):
            if one not in (mapping, *out):
                out.append(one)
    return out


def applied(mapping: Mapping, profile: Profile | None, headers: Iterable[str]) -> Mapping:
    """The mapping with what a person once decided and no file could: ignored columns, and other keys than their names.
    """
    if profile is None:
        return mapping
    columns = dict(mapping.columns)
    for header in headers:
        before, said = profile.mapping.columns.get(header), columns.get(header, ColumnMapping())
        if before is None:
            continue
        if before.role is RoleOf.IGNORE and said.role is None:
            said = replace(said, role=RoleOf.IGNORE)
        if before.key and said.key is None:
            said = replace(said, key=before.key)
        columns[header] = said
    return replace(mapping, columns={h: c for h, c in columns.items() if c != ColumnMapping() or h in mapping.columns})


def answered(mapping: Mapping, asks: Sequence[Ask], profile: Profile | None) -> Mapping | None:
    """The mapping with those questions answered that the sender's last file answered; None where none is."""
    columns = dict(mapping.columns)
    for ask in asks:
        before = profile.mapping.columns.get(ask.column or "") if profile else None
        if ask.column is None or before is None:
            continue
        said = columns.get(ask.column, ColumnMapping())
        if ask.code == "date-order" and said.format is None and before.format != "iso":
            said = replace(said, format=before.format)
        elif ask.code == "number-style" and said.number is None:
            said = replace(said, number=before.number)
        elif ask.code == "scale" and said.scale is None:
            scale = before.scale if before.scale is not None else 1.0
            if any(float(c.value) == scale for c in ask.choices):
                said = replace(said, scale=scale)
        columns[ask.column] = said
    return replace(mapping, columns=columns) if columns != mapping.columns else None
