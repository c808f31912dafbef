"""Which characters the bytes of a text file mean: by its mark, else UTF-8 if it is that without exception, else a
question.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from dashapp.core.errors import Invalid
from dashapp.ingest import charset
from dashapp.ingest.limits import MIB
from dashapp.ingest.model import Ask, Choice

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decide(path: Path, declared: str | None) -> tuple[str, Ask | None]:
    """The encoding to read with, and the question when only a person can know it.

    Raises Invalid for an unknown declared encoding, and for zero bytes outside of UTF-16.
    """
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if declared is not None:
        _known(declared)
        # a file that starts with a mark says what it is; only a declared "utf-8" is made to swallow the mark
        return (marked or declared if declared.lower().replace("_", "-").startswith("utf") else declared), None
    if marked:
        return marked, None
    if _is_utf8(path):
        return "utf-8", None
    offered = charset.choices(path)
    text = "The file is not UTF-8 and does not say what it is. Which choice shows the text correctly?"
    return offered[0].value, Ask("encoding", text, None, offered)


def offered(path: Path, encoding: str | None) -> tuple[Choice, ...]:
    """What a person can choose among, also after the choice: () for what is no text or says itself what it is.

    encoding: what was chosen, None while that is open.
    """
    if encoding is not None and encoding.lower().replace("_", "-").startswith("utf"):
        return ()
    with path.open("rb") as file:
        head = file.read(4)
    return () if any(head.startswith(mark) for mark, _ in _MARKS) or _is_utf8(path) else charset.choices(path)


def _known(name: str) -> None:
    try:
        info = codecs.lookup(name)
    except LookupError:
        raise Invalid(f"{name[:40]!r} is not an encoding. Common ones are utf-8, cp1252 and iso-8859-15.") from None
    if not info._is_text_encoding:
        raise Invalid(f"{name[:40]!r} is not an encoding of text.")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        try:
            while chunk := file.read(MIB):
                if b"\0" in chunk:
                    at = line + chunk[: chunk.index(b"\0")].count(b"\n")
                    raise Invalid(
                        f"Line {at} holds a zero byte: this is not a clean text file (or UTF-16 without its mark)."
                    )
                line += chunk.count(b"\n")
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
