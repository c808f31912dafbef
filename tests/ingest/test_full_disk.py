"""H4 for the child: whichever of its writes is the one that fails, nothing is left behind and the next try succeeds.

The writes fail for real: the child runs under a limit on the size of any file, so that the n-th block of Parquet, of
refused rows or of spilled memory cannot be written.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dashapp.core.errors import Invalid, Unavailable
from dashapp.core.mapping import mapping_from_json
from dashapp.ingest import sandbox
from dashapp.ingest.limits import FileLimits
from dashapp.ingest.model import Conversion

GOOD, BAD = 400, 1_600
BLOCK = 512
MAPPING = {
    "key": [],
    "mode": "append",
    "columns": {"Revenue": {"role": "measure", "type": "money"}, "Note": {"role": "dimension"}},
}


@pytest.fixture
def convert(tmp_path: Path) -> Callable[[], Conversion]:
    """Four hundred good rows and four times as many bad ones: the refused rows take more room than the others."""
    dice = random.Random(7)
    lines = [f"2025-01-{n % 28 + 1:02d},{dice.random():.4f},{dice.getrandbits(64):x}" for n in range(GOOD)]
    lines += [f"2025-01-{n % 28 + 1:02d},n.n.,{dice.getrandbits(512):x}" for n in range(BAD)]
    path = tmp_path / "a.csv"
    path.write_text("Date,Revenue,Note\n" + "\n".join(lines) + "\n")

    def run() -> Conversion:
        return sandbox.convert_file(
            path,
            "a.csv",
            mapping_from_json(MAPPING),
            None,
            out=tmp_path / "o.parquet",
            quarantine=tmp_path / "q.csv",
            vintage="v",
            slots=tmp_path / "slots",
        )

    return run


def limited(monkeypatch: pytest.MonkeyPatch, blocks: int) -> None:
    plain = sandbox.command()
    shell = ["/bin/sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *plain]
    monkeypatch.setattr(sandbox, "command", lambda: shell)


def test_h4_h2_whichever_block_of_the_child_cannot_be_written_nothing_is_left(
    convert: Callable[[], Conversion], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = convert()
    sizes = [(tmp_path / name).stat().st_size for name in ("o.parquet", "q.csv")]
    assert sizes[0] < sizes[1], "else no limit would let the rows pass and stop the refused ones"
    for name in ("o.parquet", "q.csv"):
        (tmp_path / name).unlink()
    # not even the first word of its own log; half of the rows; all but the last refused ones
    for blocks, said in ((0, "try again"), (sizes[0] // BLOCK // 2, "no space left"), (sizes[1] // BLOCK - 1, "space")):
        with monkeypatch.context() as patch:
            limited(patch, blocks)
            with pytest.raises(Unavailable, match=said):
                convert()
        assert {p.name for p in tmp_path.iterdir()} == {"a.csv", "slots"}, blocks
    with monkeypatch.context() as patch:
        limited(patch, sizes[1] // BLOCK + 8)
        assert convert() == whole
    assert pq.read_table(tmp_path / "o.parquet").num_rows == GOOD
    assert (whole.accepted, whole.quarantined) == (GOOD, BAD)


def test_h4_a_memory_too_small_for_the_engine_is_said_and_leaves_nothing(
    convert: Callable[[], Conversion], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(*arguments: object, **more: object) -> Conversion:
        return real(*arguments, **more, limits=FileLimits(memory=220 << 20))  # type: ignore[arg-type]

    real = sandbox.convert_file
    monkeypatch.setattr(sandbox, "convert_file", small)
    with pytest.raises((Invalid, Unavailable)):
        convert()
    assert {p.name for p in tmp_path.iterdir()} == {"a.csv", "slots"}
