"""The walls around the parser: whatever a child does, the parent gets one clear error and no zombie."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dashapp.core.errors import AppError, Invalid, Unavailable
from dashapp.core.mapping import Mapping
from dashapp.ingest import sandbox
from dashapp.ingest.limits import FileLimits
from dashapp.ingest.slots import slot
from tests.hostile import xlsx

TABLE = "Date,Revenue\n2025-01-01,5\n2025-01-02,6\n2025-01-03,x\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_text(TABLE)
    return path


def stand_in(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let another program play the child."""
    monkeypatch.setattr(sandbox, "command", lambda: [sys.executable, "-c", code])


def inspect(file: Path, tmp_path: Path, **limits: float) -> object:
    return sandbox.inspect_file(file, "a.csv", Mapping(), None, limits=FileLimits(**limits), slots=tmp_path / "slots")  # type: ignore[arg-type]


def no_children() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return True


def test_a_file_goes_through_the_child_and_back(file: Path, tmp_path: Path) -> None:
    heard: list[float] = []
    out, refused = tmp_path / "o.parquet", tmp_path / "q.csv"
    done = sandbox.convert_file(
        file,
        "a.csv",
        Mapping(),
        None,
        out=out,
        quarantine=refused,
        vintage="v",
        slots=tmp_path / "slots",
        progress=lambda share, _rows: heard.append(share),
    )
    assert (done.accepted, done.quarantined, done.quarantine) == (2, 1, str(refused))
    assert pq.read_table(out).num_rows == 2
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert no_children()


def test_d1_the_corner_workbook_leaves_the_parent_as_it_was(tmp_path: Path) -> None:
    pid = os.getpid()
    with pytest.raises(Invalid, match="too large"):
        inspect(xlsx.corners(tmp_path / "c.xlsx"), tmp_path)
    assert os.getpid() == pid
    assert no_children()


def test_the_issues_of_a_refusal_come_through(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Date,Revenue\n03/04/2025,5\n")
    with pytest.raises(Invalid) as caught:
        sandbox.convert_file(
            path,
            "a.csv",
            Mapping(),
            None,
            out=tmp_path / "o",
            quarantine=tmp_path / "q",
            vintage="v",
            slots=tmp_path / "slots",
        )
    assert caught.value.issues[0].code == "date-order"
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", Unavailable, "try again"),
        ("import os; os.abort()", Invalid, "more memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", Invalid, "more time"),
        ("print('hello, this is no JSON')", Unavailable, "try again"),
        ('print(\'{"result": {"rows": "many"}}\')', Unavailable, "try again"),
        ("print('{\"result\": 5}')", Unavailable, "try again"),
        ("print('[1]')", Unavailable, "try again"),
        ("import sys; sys.exit(1)", Unavailable, "try again"),
        ("import sys; sys.exit('pyo3_runtime.PanicException: index out of bounds')", Invalid, "damaged"),
        ('print(\'{"error": {"kind": "memory", "message": ""}}\')', Invalid, "more memory"),
        ('print(\'{"error": {"kind": "os", "message": "No space left on device"}}\')', Unavailable, "No space left"),
        ('print(\'{"error": {"kind": "crash", "message": "KeyError"}}\')', Invalid, "cannot be read"),
    ],
)
def test_d15_every_death_of_the_child_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path, code: str, error: type[AppError], words: str
) -> None:
    stand_in(monkeypatch, f"import sys; sys.stdin.readline()\n{code}")
    with pytest.raises(error, match=words):
        inspect(file, tmp_path)
    assert no_children()


def test_d15_a_child_that_hangs_is_killed_when_its_time_is_up(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    stand_in(monkeypatch, "import time; time.sleep(600)")
    with pytest.raises(Invalid, match="more time"):
        inspect(file, tmp_path, wall=0.5)
    assert no_children()


def test_d15_a_child_that_never_reads_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    stand_in(monkeypatch, "import os; os.close(0)")
    with pytest.raises(AppError):
        inspect(file, tmp_path)
    assert no_children()


def test_d15_endless_garbage_is_cut_off(monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path) -> None:
    stand_in(monkeypatch, "import sys\nwhile True: sys.stdout.write('x' * 65536)")
    with pytest.raises(Unavailable):
        inspect(file, tmp_path, answer=1 << 20)
    assert no_children()


def test_d15_a_missing_program_is_unavailable(monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path) -> None:
    monkeypatch.setattr(sandbox, "command", lambda: ["/nonexistent/python"])
    with pytest.raises(Unavailable):
        inspect(file, tmp_path)


def test_d15_after_a_failure_the_same_file_can_be_read(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        stand_in(patch, "import os; os.abort()")
        with pytest.raises(Invalid):
            inspect(file, tmp_path)
    assert inspect(file, tmp_path).rows == 3  # type: ignore[attr-defined]


def test_the_child_inherits_no_secret() -> None:
    known = sandbox.environment()
    assert set(known) <= {
        "PYTHONPATH",
        "PATH",
        "LANG",
        "OMP_NUM_THREADS",
        "RAYON_NUM_THREADS",
    }


def test_the_child_cannot_take_more_memory_than_it_may(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    code = (
        f"import sys, json; sys.path.insert(0, {str(Path(sandbox.__file__).parents[2])!r})\n"
        "from dashapp.ingest.child import confine\nfrom dashapp.ingest.limits import FileLimits\nsys.stdin.readline()\n"
        "confine(FileLimits(memory=200 << 20))\nx = bytearray(1 << 30)\nprint('{}')"
    )
    stand_in(monkeypatch, code)
    with pytest.raises(Invalid, match="more memory"):
        inspect(file, tmp_path)


def test_the_child_goes_when_its_parent_does(tmp_path: Path) -> None:
    child = subprocess.Popen(
        sandbox.command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=sandbox.environment(),
    )
    child.communicate(b"", timeout=60)
    assert child.returncode != 0


def test_two_files_at_once_and_the_third_waits(tmp_path: Path) -> None:
    folder = tmp_path / "slots"
    crowd = (
        slot(folder, 2, 0.0),
        slot(folder, 2, 0.0),
        pytest.raises(Unavailable, match="Other files"),
        slot(folder, 2, 0.1),
    )
    with crowd[0], crowd[1], crowd[2], crowd[3]:
        pytest.fail("a third place was given")
    with slot(folder, 2, 0.0):
        pass


def test_a_waiting_file_gets_the_place_that_becomes_free(tmp_path: Path) -> None:
    folder, taken, free = tmp_path / "slots", threading.Event(), threading.Event()

    def hold() -> None:
        with slot(folder, 1, 0.0):
            taken.set()
            free.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(10)
    threading.Timer(0.2, free.set).start()
    with slot(folder, 1, 10.0) as place:
        assert place > 0
    holder.join(10)


def test_the_parent_imports_no_parser() -> None:
    code = (
        "import sys, dashapp.ingest.sandbox; print(sorted(m for m in ('pyarrow', 'duckdb', 'fastexcel', 'pandas', "
        "'python_calamine') if m in sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(sandbox.__file__).parents[2]
    )
    assert out.stdout.strip() == "[]"


def test_d1_what_the_preflight_misses_the_memory_limit_stops(tmp_path: Path) -> None:
    """The same workbook with the preflight's cap lifted: the parser asks for 400 GB, and only the child dies."""
    with pytest.raises(Invalid, match="more memory"):
        inspect(xlsx.corners(tmp_path / "c.xlsx"), tmp_path, cells=1 << 60)
    assert no_children()


@pytest.mark.parametrize("make", [xlsx.far_row, xlsx.lying_strings, xlsx.whole_merge, xlsx.overlapping, xlsx.protected])
def test_hostile_files_end_in_a_sentence_through_the_sandbox(make: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        inspect(make(tmp_path / "c.xlsx"), tmp_path)
    assert caught.value.message.endswith(".")
    assert no_children()




ANSWER = """print('{"error": {"kind": "Invalid", "message": "read"}}', flush=True)"""


def counting(path: Path) -> str:
    """The head of a child that writes down every request it gets; its body is indented."""
    return f"for n, line in enumerate(sys.stdin):\n    open({str(path)!r}, 'a').write('x')\n"


def convert(series: sandbox.Series, path: Path, tmp_path: Path, **more: object) -> object:
    return sandbox.convert_file(path, path.name, Mapping(), None, out=tmp_path / f"{path.name}.parquet",
                                quarantine=tmp_path / f"{path.name}.refused", vintage="v", series=series, **more)  # type: ignore[arg-type]


def files(tmp_path: Path, count: int) -> list[Path]:
    paths = [tmp_path / f"f{n}.csv" for n in range(count)]
    for n, path in enumerate(paths):
        path.write_text(f"Date,Revenue\n2025-01-01,{n}\n")
    return paths


def test_many_files_go_through_one_child_each_with_its_own_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    real = sandbox._Child

    def counted(*given: object) -> object:
        started.append(1)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sandbox, "_Child", counted)
    paths = files(tmp_path, 5)
    paths[2].write_text("Date,Revenue\n03/04/2025,5\n")
    with sandbox.Series(tmp_path / "slots") as series:
        for n, path in enumerate(paths):
            if n == 2:
                with pytest.raises(Invalid):
                    convert(series, path, tmp_path)
                assert not (tmp_path / "f2.csv.parquet").exists()
            else:
                assert convert(series, path, tmp_path).accepted == 1  # type: ignore[attr-defined]
                assert pq.read_table(tmp_path / f"{path.name}.parquet").column("revenue").to_pylist() == [n]
    assert len(started) == 1, "a file that was understood and refused leaves the child as it was"
    assert no_children()


def test_d15_a_child_that_dies_of_one_file_costs_only_that_file(tmp_path: Path) -> None:
    paths = files(tmp_path, 3)
    bad = xlsx.corners(tmp_path / "bad.xlsx")
    with sandbox.Series(tmp_path / "slots") as series:
        assert convert(series, paths[0], tmp_path).accepted == 1  # type: ignore[attr-defined]
        with pytest.raises(Invalid, match="more memory"):
            convert(series, bad, tmp_path, limits=FileLimits(cells=1 << 60))
        for path in paths[1:]:
            assert convert(series, path, tmp_path).accepted == 1  # type: ignore[attr-defined]
    assert no_children()


def test_d15_a_file_does_not_pay_for_what_others_left_in_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that dies of its second file, whatever it is: the file is read once more, by a new one."""
    count = tmp_path / "count"
    stand_in(monkeypatch, f"import os, sys\n{counting(count)}    if n: os.abort()\n    {ANSWER}")
    with sandbox.Series(tmp_path / "slots") as series:
        for path in files(tmp_path, 3):
            with pytest.raises(Invalid, match=r"^read$"):
                convert(series, path, tmp_path)
    assert count.read_text() == "x" * 5, "two of three files were read twice"
    assert no_children()


def test_d15_the_time_of_a_file_holds_within_a_series_and_is_not_given_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = tmp_path / "count"
    stand_in(monkeypatch, f"import sys, time\n{counting(count)}    if n: time.sleep(600)\n    {ANSWER}")
    with sandbox.Series(tmp_path / "slots") as series:
        for path, told in zip(files(tmp_path, 3), (r"^read$", "more time", r"^read$"), strict=True):
            with pytest.raises(Invalid, match=told):
                convert(series, path, tmp_path, limits=FileLimits(wall=1.0))
    assert count.read_text() == "xxx"
    assert no_children()


def test_a_child_of_many_files_is_replaced_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = tmp_path / "count"
    stand_in(monkeypatch, f"import sys\nopen({str(count)!r}, 'a').write('x')\nfor line in sys.stdin:\n    {ANSWER}")
    monkeypatch.setattr(sandbox.Series, "MOST", 2)
    with sandbox.Series(tmp_path / "slots") as series:
        for path in files(tmp_path, 5):
            with pytest.raises(Invalid):
                convert(series, path, tmp_path)
    assert count.read_text() == "xxx"


def test_a_series_holds_one_place_of_the_machine(tmp_path: Path) -> None:
    folder = tmp_path / "slots"
    with sandbox.Series(folder), slot(folder, 2, 0.0), pytest.raises(Unavailable, match="Other files"):
        sandbox.Series(folder, FileLimits(patience=0.0)).__enter__()
    with slot(folder, 2, 0.0), slot(folder, 2, 0.0):
        pass


def test_the_child_goes_at_once_when_its_parent_does_while_it_reads(tmp_path: Path) -> None:
    """The parent's end of the pipe closes in the middle of a file."""
    code = ("import sys, threading\nfrom dashapp.ingest.child import Inbox\ninbox = Inbox()\ninbox.next()\n"
            "print('busy', flush=True)\nthreading.Event().wait(600)")
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             cwd=Path(sandbox.__file__).parents[2])
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b"{}\n")
    child.stdin.flush()
    assert child.stdout.readline() == b"busy\n"
    child.communicate(timeout=60)
    assert child.returncode == 3
