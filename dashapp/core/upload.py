"""An upload as people see it: what arrived, in which state it is, and what came of it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

EFFECTS = {"new": "new", "changed": "changed", "identical": "unchanged", "hidden": "known rows in the replaced periods",
           "vanishing": "gone"}


@dataclass(frozen=True)
class UploadView:
    """One upload. `inspection` and `result` are the JSON of ingest's Inspection and of the dry run (see importing)."""

    id: str
    dataset: str
    state: str
    source_name: str
    source_sha256: str
    source_bytes: int
    received_at: datetime
    user_email: str
    via: str
    rows: int
    quarantined: int
    mode: str | None
    first: date | None
    last: date | None
    commit: int | None
    committed_at: datetime | None
    is_live: bool
    error: str | None
    mapping: dict[str, Any]
    inspection: dict[str, Any] | None
    result: dict[str, Any] | None
    digest: str | None

    def to_json(self) -> dict[str, Any]:
        """What `GET /uploads/{id}` answers."""
        result = self.result or {}
        return {
            "id": self.id, "dataset": self.dataset, "status": self.state, "file": self.source_name,
            "sha256": self.source_sha256, "bytes": self.source_bytes, "received_at": self.received_at.isoformat(),
            "by": self.user_email, "rows": self.rows, "quarantined": self.quarantined, "mode": self.mode,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "committed_at": self.committed_at.isoformat() if self.committed_at else None, "live": self.is_live,
            "error": self.error, "issues": result.get("issues", []), "effect": result.get("effect"),
            "digest": self.digest, "kpis_defined": result.get("kpis", {}),
        }


def effect_words(upload: UploadView) -> str:
    """What the upload did (or would do): `1,200 new, 3 changed, 40 unchanged`; the empty text where it is unknown."""
    effect = (upload.result or {}).get("effect") or {}
    return ", ".join(f"{effect[k]:,} {word}" for k, word in EFFECTS.items() if effect.get(k))


def issue_counts(upload: UploadView) -> dict[str, int]:
    """Severity -> how many places were found; what is not there is left out."""
    out: dict[str, int] = {}
    for issue in (upload.result or {}).get("issues", ()):
        out[issue["severity"]] = out.get(issue["severity"], 0) + int(issue.get("count") or 1)
    return out
