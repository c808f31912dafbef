"""The shelf of files: what was put comes back or nothing does, whoever touched the files, and it never overflows."""
from __future__ import annotations

import hashlib
import logging
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.services.shelf import Shelf

SECRET = b"the secret of this installation"
LIMIT = 64 * 1024


def key(n: int) -> str:
    return hashlib.sha256(str(n).encode()).hexdigest()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cache", SECRET, LIMIT)


def files(shelf: Shelf) -> list[Path]:
    return sorted(shelf.folder.iterdir()) if shelf.folder.exists() else []


def the_file(shelf: Shelf) -> Path:
    (path,) = files(shelf)
    return path


def age(path: Path, seconds: float) -> None:
    os.utime(path, (seconds, seconds))


def test_what_was_put_comes_back_to_every_process_of_the_installation(shelf: Shelf) -> None:
    assert shelf.take(key(1)) is None
    assert shelf.put(key(1), b"one")
    assert shelf.put(key(2), b"")
    other = Shelf(shelf.folder, SECRET, LIMIT)
    assert (other.take(key(1)), other.take(key(2)), other.take(key(3))) == (b"one", b"", None)
    assert shelf.put(key(1), b"again")
    assert other.take(key(1)) == b"again"


def test_files_and_folder_are_for_this_account_only(shelf: Shelf) -> None:
    before = os.umask(0)
    try:
        shelf.put(key(1), b"figures")
    finally:
        os.umask(before)
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(the_file(shelf).stat().st_mode) == 0o600


@given(st.data())
def test_no_damage_is_ever_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("shelf"), SECRET, LIMIT)
    shelf.put(key(1), data.draw(st.binary(min_size=1, max_size=40)))
    path = the_file(shelf)
    good = path.read_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    flipped = bytes([good[place] ^ data.draw(st.integers(1, 255))])
    bad = data.draw(st.sampled_from([good[:place], good[:place] + flipped + good[place + 1:], good + b"x", b""]))
    path.write_bytes(bad)
    assert shelf.take(key(1)) is None
    assert files(shelf) == [], "what cannot be read makes room"


def test_a_file_of_another_installation_or_another_key_is_a_miss(shelf: Shelf) -> None:
    Shelf(shelf.folder, b"another secret", LIMIT).put(key(1), b"foreign")
    assert shelf.take(key(1)) is None
    shelf.put(key(2), b"two")
    the_file(shelf).rename(shelf.folder / f"{key(3)}.answer")
    assert shelf.take(key(3)) is None


def test_a_link_is_not_followed(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(key(1), b"one")
    real = tmp_path / "elsewhere"
    the_file(shelf).rename(real)
    (shelf.folder / f"{key(1)}.answer").symlink_to(real)
    assert shelf.take(key(1)) is None
    assert real.exists()


def test_a_key_is_never_a_path(shelf: Shelf) -> None:
    for odd in ("../../etc/passwd", key(1)[:-1], key(1).upper(), ""):
        with pytest.raises(ValueError, match="SHA-256"):
            shelf.take(odd)
        with pytest.raises(ValueError, match="SHA-256"):
            shelf.put(odd, b"x")


def test_the_least_recently_used_go_first(shelf: Shelf) -> None:
    size = LIMIT // 32
    for n in range(20):
        shelf.put(key(n), bytes(size))
        age(shelf.folder / f"{key(n)}.answer", 1000 + n)
    assert shelf.take(key(0)) is not None, "reading it makes it young"
    for n in range(20, 40):
        shelf.put(key(n), bytes(size))
    left = {n for n in range(40) if shelf.take(key(n)) is not None}
    assert 0 in left
    assert 39 in left
    assert left - {0} == set(range(min(left - {0}), 40)), "of the others the oldest went"


def test_however_much_is_put_the_files_stay_within_the_limit(shelf: Shelf) -> None:
    for n in range(200):
        shelf.put(key(n), bytes(1 + 37 * n % 3000))
        assert sum(p.stat().st_size for p in files(shelf)) <= LIMIT + LIMIT // 16


def test_what_would_fill_the_shelf_alone_is_not_kept(shelf: Shelf) -> None:
    assert not shelf.put(key(1), bytes(LIMIT // 2))
    assert files(shelf) == []


def test_a_shelf_without_room_keeps_and_finds_nothing(shelf: Shelf) -> None:
    shelf.put(key(1), b"one")
    none = Shelf(shelf.folder, SECRET, 0)
    assert none.take(key(1)) is None
    assert not none.put(key(2), b"two")


def test_tidying_takes_what_nobody_used_and_what_was_never_finished_and_nothing_else(shelf: Shelf) -> None:
    for n in range(3):
        shelf.put(key(n), b"x")
        age(shelf.folder / f"{key(n)}.answer", 1000 + n)
    strangers = [shelf.folder / name for name in ("README", "notes.answer", ".keep")]
    unfinished = shelf.folder / ".0123456789abcdef"
    for path in (*strangers, unfinished):
        path.touch()
        age(path, 500)
    assert shelf.tidy() == 0, "without a moment only too much is too much"
    assert shelf.tidy(1001) == 2
    assert [shelf.take(key(n)) for n in range(3)] == [None, b"x", b"x"]
    assert all(p.exists() for p in strangers)
    assert not unfinished.exists()
    shelf.clear()
    assert sorted(files(shelf)) == sorted(strangers)


def test_h14_a_disk_that_takes_nothing_costs_nobody_an_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("ledgerline"), "propagate", True)  # an assembled app turns it off
    blocked = tmp_path / "file"
    blocked.touch()
    shelf = Shelf(blocked / "cache", SECRET, LIMIT)
    assert not shelf.put(key(1), b"one")
    assert shelf.take(key(1)) is None
    assert "could not be kept" in caplog.text
