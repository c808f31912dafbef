"""Preflight of a zip-based workbook: nothing is parsed before its container is known to be harmless."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from dashapp.core.errors import Invalid
from dashapp.ingest.limits import MIB, FileLimits

_CHUNK = 4 * MIB
_SMALL = 8 * MIB


def open_archive(path: Path, limits: FileLimits) -> zipfile.ZipFile:
    """The checked archive. Raises Invalid with one sentence for what is wrong with it."""
    if _entry_count(path) > limits.entries:
        raise Invalid(f"The workbook's archive holds more than {limits.entries:,} entries.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        raise Invalid(
            "The file starts like a workbook but its archive is damaged or cut off: upload it again."
        ) from None
    _check_entries(archive.infolist(), limits)
    return archive


def _entry_count(path: Path) -> int:
    """Entries the end record declares; counting them by reading a directory of 200,000 would take seconds."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557 - 20))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    count: int = struct.unpack_from("<H", tail, at + 10)[0]
    if count == 0xFFFF or tail.rfind(b"PK\x06\x07", 0, at) >= 0:
        # a zip64 directory: 46 bytes is the least an entry takes
        size: int = struct.unpack_from("<I", tail, at + 12)[0]
        return max(count, size // 46 if size != 0xFFFFFFFF else 1 << 31)
    return count


def _check_entries(entries: list[zipfile.ZipInfo], limits: FileLimits) -> None:
    if len(entries) > limits.entries:
        raise Invalid(f"The workbook's archive holds more than {limits.entries:,} entries.")
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry, seen, limits)
    if sum(e.file_size for e in entries) > limits.unpacked:
        raise Invalid("The workbook unpacks to more than 1 GiB: it is too large or built to harm.")
    _check_overlap(entries)


def _check_entry(entry: zipfile.ZipInfo, seen: set[str], limits: FileLimits) -> None:
    name = entry.filename
    if entry.flag_bits & 1:
        raise Invalid("The workbook's archive is encrypted: save a copy without password and upload that.")
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name[:3]:
        raise Invalid("The workbook's archive holds a path that leaves its folder.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Invalid("The workbook's archive holds a symbolic link.")
    if name.lower() in seen:
        raise Invalid(f"The workbook's archive holds the entry {name[:60]!r} twice.")
    seen.add(name.lower())
    if entry.file_size > _SMALL and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise Invalid(
            f"A part of the workbook unpacks to more than {limits.ratio} times its size: it is built to harm."
        )


def _check_overlap(entries: list[zipfile.ZipInfo]) -> None:
    end = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < end:
            raise Invalid("Entries of the workbook's archive overlap: it is damaged or built to harm.")
        end = entry.header_offset + 30 + len(entry.orig_filename.encode("utf-8", "replace")) + entry.compress_size


def stream(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The bytes of one part in pieces, counted against the declared size. Raises Invalid when they do not agree."""
    declared, counted = archive.getinfo(name).file_size, 0
    try:
        with archive.open(name) as part:
            for chunk in _ahead(part, declared):
                counted += len(chunk)
                yield chunk
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise Invalid(f"A part of the workbook ({name[:60]}) is damaged: {str(error)[:80]}.") from None
    except Exception as error:  # noqa: BLE001 - zlib and lzma raise classes of their own for damaged streams
        raise Invalid(f"A part of the workbook ({name[:60]}) is damaged: {type(error).__name__}.") from None
    if counted != declared:
        raise Invalid("A part of the workbook has another size than its archive declares.")


def _ahead(part: IO[bytes], declared: int) -> Iterator[bytes]:
    """The pieces of a part; of a large one the next is unpacked, which needs no interpreter, while one is looked at."""
    if declared <= _CHUNK:
        yield from iter(lambda: part.read(_CHUNK), b"")
        return
    with ThreadPoolExecutor(1) as unpacking:
        coming = unpacking.submit(part.read, _CHUNK)
        while chunk := coming.result():
            coming = unpacking.submit(part.read, _CHUNK)
            yield chunk


def read_part(archive: zipfile.ZipFile, name: str, limit: int = 16 * MIB) -> bytes:
    """A small part as a whole. Raises Invalid when it is missing, larger than `limit`, or holds a DTD."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise Invalid(f"The workbook has no part {name[:60]!r}: it is damaged.") from None
    if info.file_size > limit:
        raise Invalid(f"The part {name[:60]!r} of the workbook is too large.")
    data = b"".join(stream(archive, name))
    refuse_dtd(data)
    return data


def refuse_dtd(data: bytes) -> None:
    """Raises Invalid when an XML text declares a DTD, or hides in an encoding other than UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        raise Invalid("The workbook's XML is not UTF-8, so a DTD could hide in it; save it anew with Excel.")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"<!doctype" in data:
        raise Invalid("The workbook's XML declares a DTD, which no workbook needs: it is built to harm.")
