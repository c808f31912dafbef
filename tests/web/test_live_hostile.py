"""Files built to harm, sent to the running product: each is refused with a reason, and the server is what it was."""
from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashapp.core.actor import SYSTEM
from dashapp.services import tokens
from tests.conftest import state
from tests.hostile.catalogue import BUILT, WRITTEN
from tests.web.live import ADMIN, PASSWORD, Browser, live

MEBIBYTE = 1024 * 1024


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory of processes from Linux's /proc")
def test_d1_to_d8_d13_d14_hostile_files_are_refused_with_a_reason_and_leave_the_workers_as_they_were(tmp_path):
    with live(tmp_path, workers=2) as server:
        person, secret = Browser(server.port), _token(tmp_path / "data" / "ledgerline.db")
        assert _refused(person, secret, "warm", b"Date,Revenue\n2025-01-01,5\n")[0] == 200
        assert person.sign_in(ADMIN, PASSWORD) == 303
        workers = server.workers()
        before = {pid: _memory(pid, "VmRSS") for pid in workers}
        for pid in workers:
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        told = {}
        for name, build in BUILT.items():
            told[name] = _refused(person, secret, name, build(tmp_path / f"{name}.xlsx").read_bytes())
        for name, content in WRITTEN.items():
            told[name] = _refused(person, secret, name, content)
        grown = {pid: _memory(pid, "VmHWM") - before[pid] for pid in workers}
        assert server.workers() == workers
        assert person.ask("GET", "/_dash-layout")[0] == 200
    for name, (status, detail) in told.items():
        assert 400 <= status < 500, (name, status, detail)
        assert detail.strip().endswith((".", "!")), (name, detail)
        assert "Traceback" not in detail
    assert max(grown.values()) <= 50 * MEBIBYTE, {pid: f"{n / MEBIBYTE:.0f} MiB" for pid, n in grown.items()}


def _refused(person: Browser, secret: str, name: str, content: bytes) -> tuple[int, str]:
    """The status of a dry run and its reason. Thirty seconds are the limit of the acceptance list."""
    suffix = "csv" if name in WRITTEN or name == "warm" else "xlsx"
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}.{suffix}"\r\n\r\n'.encode()
    status, text = person.ask(
        "POST", "/api/v1/datasets/orders/uploads?dry_run=true", head + content + b"\r\n--edge--\r\n", 30,
        Authorization=f"Bearer {secret}", **{"Content-Type": "multipart/form-data; boundary=edge"})
    return status, str(json.loads(text).get("detail", ""))


def _token(database: Path) -> str:
    with state(f"sqlite:///{database}"):
        return tokens.add_token(SYSTEM, "hostile", ["read", "ingest"], now=datetime.now(UTC), email=ADMIN)[1]


def _memory(pid: int, name: str) -> int:
    """Bytes by the kernel's count."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    assert found is not None
    return int(found.group(1)) * 1024
