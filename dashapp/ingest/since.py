"""What changed since the sender's last file: columns that came, went, were renamed, or are written otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from dashapp.core.change import Change
from dashapp.core.dataset import Dataset, RoleOf, snake_case
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.core.profile import Profile
from dashapp.ingest.guess import Field, guess_again

_FORMATS = {"iso": "year first", "dmy": "day first", "mdy": "month first", "ymd": "short year first",
            "excel-serial": "Excel day numbers"}
_TYPES = {"date": "dates", "money": "amounts", "number": "numbers", "text": "texts"}


def changes(
    fields: Sequence[Field], now: Mapping, profile: Profile | None, known: Dataset | None
) -> tuple[Change, ...]:
    """The differences to the last file of the sender; where there is none, to the columns of the dataset."""
    before = profile.mapping if profile else Mapping()
    own = {snake_case(h): (h, c) for h, c in before.columns.items()} if profile else _columns(known)
    if not own:
        return ()
    headers = {snake_case(f.header): f for f in fields}
    came = [f for key, f in headers.items() if key not in own and f.key not in own]
    keys = {f.key for f in fields}
    went = {key: h for key, (h, c) in own.items()
            if key not in headers and (c.key or key) not in keys and c.role is not RoleOf.IGNORE}
    out = [*_renamed(came, went)]
    told = {c.column for c in out} | {c.before for c in out}
    out += [Change("new", f.header) for f in came if f.header not in told]
    out += [Change("missing", h) for h in went.values() if h not in told]
    for key, f in headers.items():
        if key in own and f.role is not RoleOf.IGNORE:
            out += _otherwise(f, own[key][1], now.columns.get(f.header))
    return (*_place(before, now), *out) if profile else tuple(out)


def _columns(known: Dataset | None) -> dict[str, tuple[str, ColumnMapping]]:
    return {c.key: (c.header, ColumnMapping(c.role, c.type)) for c in (known.columns if known else ())}


def _renamed(came: Sequence[Field], went: dict[str, str]) -> list[Change]:
    """Pairs of a new and a missing column that are called alike, or are the only ones."""
    out, left = [], dict(went)
    for f in came:
        near = difflib.get_close_matches(snake_case(f.header), list(left), 1, 0.6)
        only = list(left) if len(came) == 1 and len(went) == 1 else []
        if near or only:
            key = (near or only)[0]
            out.append(Change("renamed", f.header, left.pop(key)))
    return out


def _otherwise(f: Field, before: ColumnMapping, now: ColumnMapping | None) -> list[Change]:
    out = []
    looks = guess_again(f)
    if before.type and looks is not None and _kind(looks) != _kind(before.type):
        out.append(Change("retyped", f.header, _TYPES[before.type], _TYPES[looks]))
    if now is None:
        return out
    if before.format and now.format and before.format != now.format:
        out.append(Change("written", f.header, _FORMATS.get(before.format, before.format),
                          _FORMATS.get(now.format, now.format)))
    if before.number and now.number and before.number.decimal != now.number.decimal:
        out.append(Change("written", f.header, f"decimal {before.number.decimal}", f"decimal {now.number.decimal}"))
    if (before.scale or 1.0) != (now.scale or 1.0) and before.role is RoleOf.MEASURE:
        out.append(Change("scaled", f.header, f"{before.scale or 1:,.15g}", f"{now.scale or 1:,.15g}"))
    return out


def _kind(kind: str) -> str:
    return "number" if kind == "money" else kind


def _place(before: Mapping, now: Mapping) -> list[Change]:
    out = []
    if before.sheet and now.sheet and before.sheet != now.sheet:
        out.append(Change("sheet", None, before.sheet, now.sheet))
    if before.layout and now.layout and before.layout != now.layout:
        out.append(Change("layout", None, before.layout, now.layout))
    return out
