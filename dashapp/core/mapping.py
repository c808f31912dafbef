"""The mapping of a file onto a dataset: the JSON people write, the screen edits and the profile remembers."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashapp.core.correction import Correction, corrections_from_json
from dashapp.core.currency import CODE
from dashapp.core.dataset import ColumnType, Kind, Mode, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.period import Grain


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers are written: decimal mark and thousands mark (empty = none is used)."""

    decimal: str = "."
    thousands: str = ","


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What is declared for one source column; every None is guessed (and shown) by ingest.

    format: strptime pattern, or `excel-serial`, `iso`, `dmy`, `mdy`, `ymd`. key: dataset column key when it is not
    the snake_case of the header. scale: what every number is multiplied by (1000 for "in thousands", 0.01 for
    percents), 1 for as written.
    """

    role: RoleOf | None = None
    type: ColumnType | None = None
    format: str | None = None
    number: NumberStyle | None = None
    key: str | None = None
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping. header_row is 1-based as Excel shows it. `columns` is keyed by header as written.

    layout: how the table is laid out, a word of ingest's layouts. table: the address of the table where the sheet has
    several (`C5:H40`, or `C5` for the table that begins there). profile: the sender whose habits were applied.
    future: what becomes of rows dated after today, a word of FUTURES; the dataset remembers it for the next file.
    slice: columns whose values in the file confine a replacement; None is not said, () says none. joins: column key
    -> `dataset.column`; the empty text says that the column is not joined (any more). currency: the code of all amounts
    of a file that has no column of codes. corrections: values of this very file that become others; never remembered
    for the next.
    """

    sheet: str | None = None
    header_row: int | None = None
    kind: Kind | None = None
    grain: Grain | None = None
    marks: str | None = None
    key: tuple[str, ...] | None = None
    mode: Mode | None = None
    slice: tuple[str, ...] | None = None
    joins: dict[str, str] = field(default_factory=dict)
    columns: dict[str, ColumnMapping] = field(default_factory=dict)
    number: NumberStyle | None = None
    encoding: str | None = None
    delimiter: str | None = None
    data_through: str | None = None
    layout: str | None = None
    table: str | None = None
    profile: str | None = None
    future: str | None = None
    currency: str | None = None
    corrections: tuple[Correction, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON of the contract, without empty members; `from_json` reads it back to an equal value."""
        out: dict[str, Any] = {}
        for name in ("sheet", "table", "layout", "header_row", "kind", "marks", "mode", "encoding", "delimiter",
                     "data_through", "profile", "future", "currency"):
            if getattr(self, name) is not None:
                out[name] = getattr(self, name)
        if self.grain is not None:
            out["grain"] = self.grain.value
        if self.key is not None:
            out["key"] = list(self.key)
        if self.slice is not None:
            out["slice"] = list(self.slice)
        if self.joins:
            out["joins"] = dict(self.joins)
        if self.number:
            out["number"] = _number_json(self.number)
        if self.corrections:
            out["corrections"] = [c.to_json() for c in self.corrections]
        if self.columns:
            out["columns"] = {h: _column_json(c) for h, c in self.columns.items()}
        return out


FORMATS = ("iso", "dmy", "mdy", "ymd", "excel-serial")
LAYOUTS = ("flat", "readings", "statement", "wide")
SCALES = (0.01, 1.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)  # powers of ten: nothing is rounded by them
FUTURES = ("told", "allowed", "refused")  # as nothing is said; right for plans; never meant among actuals
_TEXTS = ("sheet", "kind", "marks", "mode", "encoding", "delimiter", "data_through", "layout", "table", "profile",
          "future", "currency")
_TABLE = re.compile(r"[A-Za-z]{1,3}[1-9][0-9]{0,6}(?::[A-Za-z]{1,3}[1-9][0-9]{0,6})?")
_CHOICES = {
    "kind": ("facts", "reference", "snapshot"),
    "mode": ("upsert", "append", "replace-period"),
    "marks": ("start", "end"),
    "layout": LAYOUTS,
    "future": FUTURES,
}
_KNOWN = {*_TEXTS, "header_row", "grain", "key", "slice", "joins", "columns", "number", "corrections"}


def says_order(format: str | None) -> bool:
    """Does a date format tell whether the day or the month comes first? Only such a one answers that question."""
    return format in ("dmy", "mdy") or "%" in (format or "")


def mapping_from_json(data: Any) -> Mapping:
    """Read the JSON of the contract strictly. Raises Invalid naming every member that is unknown or of wrong type."""
    if not isinstance(data, dict):
        raise Invalid("A mapping is a JSON object.")
    problems = [f"unknown member {k!r}" for k in data if k not in _KNOWN]
    problems += [f"{k} must be a text" for k in _TEXTS if not isinstance(data.get(k), str | None)]
    problems += [f"{k} must be one of {', '.join(c)}" for k, c in _CHOICES.items() if data.get(k) not in (None, *c)]
    row = data.get("header_row")
    if row is not None and (isinstance(row, bool) or not isinstance(row, int) or not 1 <= row <= 1_048_576):
        problems.append("header_row must be a row number, counted from 1")
    table, profile = data.get("table"), data.get("profile")
    if isinstance(table, str) and not _TABLE.fullmatch(table):
        problems.append("table must be an address such as C5:H40, or C5 for the table that begins there")
    if isinstance(profile, str) and not 1 <= len(profile.strip()) <= 100:
        problems.append("profile must be a name of at most 100 characters")
    if isinstance(code := data.get("currency"), str) and not CODE.fullmatch(code):
        problems.append("currency must be a code of three capital letters, such as USD")
    problems += [f"{k} must be a list of texts" for k in ("key", "slice") if not _is_texts(data.get(k))]
    for name in ("joins", "columns"):
        if not isinstance(data.get(name), dict | None):
            problems.append(f"{name} must be an object")
    joins = data.get("joins")
    if isinstance(joins, dict) and not all(isinstance(v, str | None) for v in joins.values()):
        problems.append("joins must lead from a column to a text such as catalogue.sku_id, or to null for none")
    if problems:
        raise Invalid("The mapping cannot be used: " + "; ".join(problems) + ".",
                      issues=[Issue("mapping", p) for p in problems])
    return Mapping(
        **{k: data[k] for k in _TEXTS if data.get(k) is not None},
        header_row=row, grain=_enum(Grain, data.get("grain"), "grain"),
        key=None if data.get("key") is None else tuple(data["key"]),
        slice=None if data.get("slice") is None else tuple(data["slice"]),
        joins={str(k): v or "" for k, v in (joins or {}).items()},
        columns={str(h): _column(h, c) for h, c in (data.get("columns") or {}).items()},
        number=_number(data.get("number")), corrections=corrections_from_json(data.get("corrections")),
    )


def _is_texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _enum(kind: Any, value: Any, name: str) -> Any:
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        raise Invalid(f"{name} must be one of {', '.join(kind)}, not {str(value)[:40]!r}.") from None


def _column(header: Any, data: Any) -> ColumnMapping:
    if not isinstance(data, dict) or set(data) - {"role", "type", "format", "number", "key", "scale"}:
        raise Invalid(f"The mapping of column {str(header)[:40]!r} must hold only role, type, format, number, key, "
                      "scale.")
    if any(not isinstance(data.get(k), str | None) for k in ("role", "type", "format", "key")):
        raise Invalid(f"The mapping of column {str(header)[:40]!r} must hold texts.")
    if data.get("type") not in (None, "date", "money", "number", "text"):
        raise Invalid(f"The type of column {str(header)[:40]!r} must be date, money, number or text.")
    if not _is_format(data.get("format")):
        raise Invalid(f"The format of column {str(header)[:40]!r} must be one of {', '.join(FORMATS)}, or a pattern "
                      "that tells the year, such as %d/%m/%Y.")
    scale = data.get("scale")
    if scale is not None and (isinstance(scale, bool) or scale not in SCALES):
        raise Invalid(f"The scale of column {str(header)[:40]!r} must be one of "
                      f"{', '.join(f'{s:.15g}' for s in SCALES)}.")
    return ColumnMapping(_enum(RoleOf, data.get("role"), "role"), data.get("type"), data.get("format"),
                         _number(data.get("number")), data.get("key"), None if scale is None else float(scale))


def _is_format(text: str | None) -> bool:
    """A word of FORMATS, or a strptime pattern that reads back the year it writes: no other dates a row."""
    if not text or text in FORMATS:
        return True
    if len(text) > 80 or not any(d in text.replace("%%", "") for d in ("%Y", "%y", "%c", "%x", "%G")):
        return False
    moment = datetime(2001, 12, 31, 22, 45, 56, tzinfo=UTC)
    try:
        return datetime.strptime(moment.strftime(text), text).year == moment.year  # noqa: DTZ007 - only its year counts
    except (ValueError, re.error):
        return False


def _number(data: Any) -> NumberStyle | None:
    if data is None:
        return None
    if not isinstance(data, dict) or set(data) - {"decimal", "thousands"}:
        raise Invalid("A number style holds only decimal and thousands.")
    style = NumberStyle(**data)
    if style.decimal not in (".", ",") or style.thousands not in ("", ".", ",", " ", "'", "\u00a0", "\u202f"):
        raise Invalid("Decimal is a point or a comma; thousands are a comma, point, blank, apostrophe or none.")
    if style.decimal == style.thousands:
        raise Invalid("Decimal and thousands marks must differ.")
    return style


def _number_json(style: NumberStyle) -> dict[str, str]:
    return {"decimal": style.decimal, "thousands": style.thousands}


def _column_json(column: ColumnMapping) -> dict[str, Any]:
    out: dict[str, Any] = {k: getattr(column, k) for k in ("type", "format", "key") if getattr(column, k)}
    if column.role:
        out["role"] = column.role.value
    if column.number:
        out["number"] = _number_json(column.number)
    if column.scale is not None:
        out["scale"] = int(column.scale) if column.scale >= 1 else column.scale
    return out
