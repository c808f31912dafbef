"""Rows between text and ledger: typed values beside the sheet they came from, and the list of what was refused and
why.
"""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from dashapp.core.dataset import Dataset, Mode, RoleOf
from dashapp.core.history import History
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.core.period import Grain
from dashapp.core.words import counted
from dashapp.ingest.grid import Grid
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import quote
from dashapp.ingest.survey import Survey

if TYPE_CHECKING:
    import duckdb

PER_PLACE = 50
_KEPT = "_row NOT IN (SELECT _row FROM refused) AND _row NOT IN (SELECT _row FROM excluded)"


@dataclass(slots=True)
class Stage:
    """What checks look at. Tables: `source` (texts, `_row` = 1-based source row), `typed` (`_row`, `v{i}` value and
    `m{i}` missing per field i), `refused` (`_row`, `field`, `code`, `reason`), `excluded` (`_row`, `reason`).

    fields: the columns that are kept. key: the columns that identify a row, () for none. first: 0-based first data row.
    width: fields of the header of a delimited file, 0 for a workbook. history: what the dataset was like until now.
    mode: how the rows would be brought, where that is said already. seen: what checks found out of the kept rows and
    share, once no row is refused any more. is_whole: no row is set aside so far.
    """

    con: duckdb.DuckDBPyConnection
    grid: Grid
    fields: list[Field]
    survey: Survey
    currency: str
    zone: str
    today: date | None = None
    known: Dataset | None = None
    mapping: Mapping = field(default_factory=Mapping)
    kind: str | None = None
    grain: Grain | None = None
    mode: Mode | None = None
    key: tuple[str, ...] = ()
    first: int = 0
    width: int = 0
    history: History = field(default_factory=History)
    issues: list[Issue] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    seen: dict[tuple[str, int], Any] = field(default_factory=dict)
    is_whole: bool = True

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def number(self, sql: str) -> int:
        """The single integer an SQL text gives."""
        row = self.con.execute(sql).fetchone()
        return int(row[0] or 0) if row else 0

    def set_aside(self, insert: str) -> int:
        """Run an INSERT into `refused` or `excluded`; the number of its rows."""
        count = self.number(insert)
        self.is_whole = self.is_whole and not count
        return count

    @property
    def kept(self) -> str:
        """The condition, in SQL over `typed`, of the rows that are neither refused nor excluded so far."""
        return "true" if self.is_whole else _KEPT

    def of(self, *roles: RoleOf) -> list[Field]:
        return [f for f in self.fields if f.role in roles]

    def field(self, key: str) -> Field | None:
        return next((f for f in self.fields if f.key == key), None)

    @property
    def dated(self) -> Field | None:
        """The column that dates the rows."""
        return next(iter(self.of(RoleOf.DATE)), None)

    def refuse(self, code: str, f: Field | None, where: str, reason: str) -> int:
        """Set aside the rows of `typed` (alias t) where the condition holds; reason: an SQL text expression. Returns
        cells.
        """
        count = self.set_aside(
            f"INSERT INTO refused SELECT t._row, {-1 if f is None else f.index}, {quote(code)}, {reason} FROM typed t "
            f"WHERE ({where})" + ("" if self.is_whole else " AND t._row NOT IN (SELECT _row FROM excluded)")
        )
        if count:
            self.counts[code] = self.counts.get(code, 0) + count
        return count

    def tell(
        self, code: str, f: Field | None, where: str, message: str, severity: Any = "warning", help: str | None = None,
        *, one: str | None = None,
    ) -> int:
        """One issue for the kept rows of `typed` (alias t) where the condition holds, with count and first addresses.

        `{count}` and `{cells}` in the message are filled in; `one` is the message for a single row. Returns the count.
        """
        kept = f"FROM typed t WHERE ({where}) AND {self.kept}"
        count = self.number(f"SELECT count(*) {kept}")
        if count:
            rows = [r for (r,) in self.fetch(f"SELECT t._row {kept} ORDER BY t._row LIMIT 5")]
            cells = ", ".join(self.grid.cell(r - 1, f.index) if f else self.grid.place(r - 1) for r in rows) + (
                ", ..." if count > 5 else ""
            )
            self.issues.append(
                Issue(
                    code,
                    (one if one and count == 1 else message).format(count=f"{count:,}", cells=cells),
                    severity,
                    self.grid.sheet,
                    self.grid.cell(rows[0] - 1, f.index) if f else None,
                    self.grid.line(rows[0] - 1),
                    f.header if f else None,
                    help=help,
                    count=count,
                )
            )
            self.counts[code] = self.counts.get(code, 0) + count
        return count


def refusals(stage: Stage, cap: int) -> list[Issue]:
    """Issues for refused cells: the first of each column and kind with address and text, and one line for the
    others.
    """
    by_index = {f.index: f for f in stage.fields}
    groups = stage.fetch("SELECT field, code, count(*), min(_row) FROM refused GROUP BY ALL ORDER BY 4, 1")
    each = max(1, min(PER_PLACE, cap // max(1, len(groups)) - 1))
    out: list[Issue] = []
    for index, code, count, _ in groups[: cap // 2]:
        rows = stage.fetch(
            f"SELECT _row, reason FROM refused WHERE field = {index} AND code = {quote(code)} ORDER BY _row LIMIT "
            f"{each}"
        )
        f = by_index.get(index)
        texts = _texts(stage, f, [r for r, _ in rows])
        out += [_issue(stage, f, code, row, reason, texts.get(row)) for row, reason in rows]
        if count > len(rows):
            where = f" in {f.header!r}" if f else ""
            out.append(
                Issue(
                    code,
                    f"{counted(count - len(rows), 'more row')} like this{where}.",
                    "error",
                    stage.grid.sheet,
                    row=stage.grid.line(rows[-1][0] - 1),
                    column=f.header if f else None,
                    count=count - len(rows),
                )
            )
    return out


def _texts(stage: Stage, f: Field | None, rows: Sequence[int]) -> dict[int, str]:
    if f is None or not f.letter or not rows:  # a column that was added stands nowhere in the file
        return {}
    return dict(stage.fetch(f"SELECT _row, {f.source} FROM source WHERE _row IN ({','.join(map(str, rows))})"))


def _issue(stage: Stage, f: Field | None, code: str, row: int, reason: str, text: str | None) -> Issue:
    place = stage.grid.cell(row - 1, f.index) if f and f.letter else None
    said = stage.grid.errors.get((row - 1, f.index)) if f else None
    value = text or said
    line = place or stage.grid.place(row - 1)
    where = f"{line[0].upper()}{line[1:]}: "
    shown = f"{text[:40]!r} - " if text else ""
    return Issue(
        code,
        f"{where}{shown}{reason}.",
        "error",
        stage.grid.sheet,
        place,
        stage.grid.line(row - 1),
        f.header if f else None,
        value[:80] if value else None,
    )
