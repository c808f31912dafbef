"""What every verb works with besides its actor: the ledger, the organisation, folders and keys."""
from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dashapp.core.organisation import Organisation
from dashapp.services.caching import Answers

if TYPE_CHECKING:
    from dashapp.facts.ledger import Ledger


@dataclass(frozen=True)
class Desk:
    """folder: DATA_DIR; originals of uploads lie in `folder/originals`, refused rows in `folder/quarantine`.

    organisation: the settings in force; secret: bytes for signing things that travel through a browser.
    max_upload: bytes per file; daily_files/daily_bytes: quota per person; system_files/system_bytes: quota per dataset
    for what comes without a person, by folder, feeds and terminal. answers: what was asked before. until: the moment of
    the monotonic clock from which nobody waits for a warehouse any more, None where each has its full time.
    """

    ledger: Ledger
    organisation: Organisation
    folder: Path
    secret: bytes
    max_upload: int = 50 * 1024 * 1024
    daily_files: int = 200
    daily_bytes: int = 2 * 1024**3
    system_files: int = 5_000
    system_bytes: int = 10 * 1024**3
    answers: Answers = field(default_factory=Answers, compare=False)
    until: float | None = None

    def in_a_hurry(self, seconds: float) -> Desk:
        """The desk of somebody who looks at a screen: what a warehouse has not answered by then comes later."""
        return replace(self, until=time.monotonic() + seconds)

    @property
    def originals(self) -> Path:
        return self.folder / "originals"

    @property
    def quarantine(self) -> Path:
        return self.folder / "quarantine"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"
