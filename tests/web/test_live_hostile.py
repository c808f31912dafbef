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
from tests.hostile import xlsx
from tests.web.live import ADMIN, PASSWORD, Browser, live

MEBIBYTE = 1024 * 1024
BUILT = {
    "d1 corner": xlsx.corners, "d2 row": xlsx.far_row, "d2 column": xlsx.far_column, "d2 lie": xlsx.lying_strings,
    "d2 missing": xlsx.missing_string, "d3 merge": xlsx.whole_merge,
    "d4 blanks": lambda p: xlsx.whitespace_bomb(p, 512 << 20), "d4 string": lambda p: xlsx.string_bomb(p, 256 << 20),
    "d4 entries": lambda p: xlsx.many_entries(p, 20_000), "d5 dtd": xlsx.with_dtd,
    "d5 laughs": lambda p: xlsx.with_dtd(p, dtd=xlsx.LAUGHS),
    "d5 external": lambda p: xlsx.with_dtd(p, dtd=xlsx.EXTERNAL),
    "d5 utf16": xlsx.utf16, "d6 sizes": xlsx.lying_sizes, "d6 overlap": xlsx.overlapping, "d6 twice": xlsx.duplicate,
    "d6 escape": xlsx.escaping, "d6 link": xlsx.symlink, "d6 encrypted": xlsx.encrypted_entry,
    "d7 password": xlsx.protected, "d8 word": xlsx.word_document,
}
WRITTEN = {
    "d8 page": b"<html><body><table><tr><td>1</td></tr></table></body></html>",
    "d8 picture": b"\x89PNG\r\n\x1a\n" + bytes(100), "d8 empty": b"", "d8 pdf": b"%PDF-1.7 ...", "d8 json": b'{"a": 1}',
    "d8 xml": b'<?xml version="1.0"?><x/>', "d8 binary": bytes(range(256)) * 20, "d8 blanks": b"  \n \n",
    "d13 headers": (",".join("a" for _ in range(200_000)) + "\n1,2\n").encode(),
    "d14 quotes": b"a,b\n1,2\n" + b'"' * 16_385, "d14 line": b"a,b\n" + b"x" * (20 << 20),
    "d14 open": b'Date,Name\n2025-01-01,"open\n' + b"2025-01-03,x\n" * 20_000,
    "d18 zero": b"Date,Revenue\n2025-01-01,5\x00\n", "d5 columns": b",".join([b"c"] * 1001) + b"\n",
}


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
