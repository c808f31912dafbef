"""What a file has that the sender's last one did not have, and the other way round."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

What = Literal["new", "missing", "renamed", "retyped", "written", "scaled", "sheet", "layout"]
WORDS: dict[What, str] = {
    "new": "{column} is new", "missing": "{column} is missing", "renamed": "{column} may be what was called {before}",
    "retyped": "{column} was read as {before} and now holds {after}",
    "written": "{column} was written as {before} and is now written as {after}",
    "scaled": "{column} was multiplied by {before}, now by {after}",
    "sheet": "the sheet was called {before}, now {after}",
    "layout": "the table was laid out as {before}, now as {after}",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. what: its kind; column: the header it is about; before, after: as they are said to people."""

    what: What
    column: str | None = None
    before: str | None = None
    after: str | None = None

    @property
    def words(self) -> str:
        """The difference as a sentence without its full stop."""
        said = WORDS[self.what].format(column=f"'{self.column}'", before=f"'{self.before}'", after=f"'{self.after}'")
        return said[:1].upper() + said[1:]

    def to_json(self) -> dict[str, Any]:
        return {**{k: v for k, v in asdict(self).items() if v is not None}, "text": f"{self.words}."}
