"""What the bytes beyond ASCII could be: every encoding in question with how it reads the file, the likeliest first.

Bytes do not say it. What tells readings apart is how words look in them: letters stand among letters of their script,
capitals begin a word, signs and control characters are not inside of one.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from pathlib import Path

from dashapp.ingest.limits import MIB
from dashapp.ingest.model import Choice

_NAMES = {
    "cp1252": "Western European, Windows-1252",
    "iso-8859-15": "Western European, Latin-9",
    "cp1250": "Central European, Windows-1250",
    "cp1251": "Cyrillic, Windows-1251",
    "mac-roman": "Western European, Mac Roman",
}
_ASCII = bytes(range(128))
_LINES, _LINE, _SAMPLES, _SAMPLE = 300, 65_536, 3, 24


def choices(path: Path) -> tuple[Choice, ...]:
    """The encodings that read every byte of the file, the likeliest first, each named by how it reads the first texts
    that are not plain ASCII. Equally likely ones keep the order of how common they are.
    """
    high, lines = _high(path), _lines(path)
    texts = _texts(lines)
    fitting = [name for name in _NAMES if _reads(high, name)]
    likely = sorted(fitting, key=lambda name: -sum(_looks(line.decode(name, "replace")) for line in lines))
    return tuple(Choice(name, f"{_shown(texts, name)} ({_NAMES[name]})") for name in likely)


def _high(path: Path) -> bytes:
    """The distinct bytes beyond ASCII."""
    found: set[int] = set()
    with path.open("rb") as file:
        while chunk := file.read(MIB):
            found.update(chunk.translate(None, _ASCII))
    return bytes(sorted(found))


def _lines(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        found = (line for line in iter(lambda: file.readline(_LINE), b"") if not line.isascii())
        return list(islice(found, _LINES))


def _texts(lines: list[bytes]) -> list[bytes]:
    """The first field with such bytes, and the next ones that show further bytes."""
    fields = [f.strip(b' "') for line in lines for f in re.split(rb"[;\t|\r\n]|,(?!\d)", line) if not f.isascii()]
    shown: set[int] = set()
    out: list[bytes] = []
    for text in fields:
        new = set(text.translate(None, _ASCII)) - shown
        if new and len(out) < _SAMPLES:
            first = next(i for i, byte in enumerate(text) if byte in new)
            out.append(text[max(0, first - _SAMPLE // 2) :][:_SAMPLE])
            shown |= new
    return out


def _reads(high: bytes, name: str) -> bool:
    try:
        high.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _shown(texts: list[bytes], name: str) -> str:
    """The texts as `name` reads them; what no screen can show as the mark for that."""
    read = " · ".join(text.decode(name) for text in texts)
    return "".join(c if c.isprintable() or c == "\u00a0" else "\ufffd" for c in read)


def _looks(text: str) -> int:
    """How much a line looks like words: higher is likelier."""
    around = zip(" " + text, text, text[1:] + " ", strict=False)
    return sum(_fits(before, c, after) for before, c, after in around if c > "\x7f")


def _fits(before: str, c: str, after: str) -> int:
    beside = [n for n in (before, after) if n.isalpha()]
    if "\x80" <= c <= "\x9f":
        return -10  # control characters
    if unicodedata.category(c) not in ("Ll", "Lu"):
        return {"€": 1, "£": 1, "¤": -2}.get(c, 0) - 2 * len(beside)
    if _is_cyrillic(c):
        return sum(1 if _is_cyrillic(n) else -3 for n in beside)
    odd = c.isupper() and (before.islower() or (before.isalpha() and after.islower()))
    return bool(beside) - 3 * odd - 2 * sum(n > "\x7f" for n in beside)


def _is_cyrillic(c: str) -> bool:
    return "\u0400" <= c <= "\u04ff"
