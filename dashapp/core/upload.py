"""An upload as people see it: what arrived, in which state it is, and what came of it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


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
