"""The place of the caret in a formula that is being written: the word under it, and the calls whose brackets hold it.

Reads any text, finished or not; nothing here ever fails.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dashapp.query.spelling import WORDS
from dashapp.query.written import SIGNS

_NAME = r"(?:`[^`]*`?|[^\W\d]\w*)(?:\s*\.\s*(?:[^\W\d]\w*)?)*"
_TOKEN = re.compile(
    rf"""(?P<text>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?) | (?P<name>{_NAME}) | (?P<number>\d[\w.]*|\.\d\w*)
    | (?P<open>[(\[]) | (?P<close>[)\]]) | (?P<comma>,) | (?P<sign>==|!=|<=|>=|<>|\S)""", re.X | re.S)
OPERANDS = ("text", "name", "number", "close")


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_word(self) -> bool:
        """Is it `and`, `or`, `in` or `not`?"""
        return self.kind == "name" and self.text in WORDS

    @property
    def path(self) -> tuple[str, ...]:
        """A name without blanks and backticks, by its dots."""
        return tuple(part.strip().strip("`") for part in self.text.split("."))


@dataclass(slots=True)
class Frame:
    """An open bracket: `name` of the call, empty for grouping; `bracket` as written; the argument that is written."""

    name: str
    bracket: str
    place: int = 0
    names: list[tuple[str, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Caret:
    """start, end: the word under the caret, the same where there is none; word: its part before the caret.

    kind: of the token the caret is in (`name`, `text`, `number`), empty between tokens. frames: open brackets, the
    innermost last, each with the names its call uses before and after. before: the token in front of the word.
    """

    start: int
    end: int
    word: str
    kind: str
    frames: tuple[Frame, ...]
    before: Token | None
    follows: str

    @property
    def call(self) -> Frame | None:
        """The innermost call, past brackets that only group."""
        return next((f for f in reversed(self.frames) if f.name), None)

    @property
    def is_in_list(self) -> bool:
        return bool(self.frames) and self.frames[-1].bracket == "["

    @property
    def wants_operand(self) -> bool:
        """May a name or number begin here?"""
        return self.before is None or self.before.is_word or self.before.kind not in OPERANDS


def tokens(text: str) -> Iterator[Token]:
    """The smallest parts of any text, blanks left out."""
    for found in _TOKEN.finditer(text.translate(SIGNS)):
        whole = found[0].rstrip() if found.lastgroup == "name" else found[0]
        yield Token(found.lastgroup or "sign", whole, found.start())


def caret_in(text: str, position: int) -> Caret:
    """Where the caret stands; a position outside of the text is its nearest end."""
    position = max(0, min(position, len(text)))
    parts = list(tokens(text))
    under = next((t for t in parts if _holds(t, position)), None)
    start, end = (under.start, under.end) if under else (position, position)
    earlier = [t for t in parts if t.end <= start]
    frames = _frames(earlier)
    _look_ahead(frames, [t for t in parts if t.start >= end])
    follows = text[end:].lstrip()[:1]
    return Caret(start, end, text[start:position], under.kind if under else "", tuple(frames),
                 earlier[-1] if earlier else None, follows)


def _holds(token: Token, position: int) -> bool:
    if token.kind in ("name", "number"):
        return token.start < position <= token.end
    if token.kind == "text":
        closed = len(token.text) > 1 and token.text[-1] == token.text[0]
        return token.start < position and (position < token.end or (position == token.end and not closed))
    return False


def _frames(parts: list[Token]) -> list[Frame]:
    frames: list[Frame] = []
    for n, token in enumerate(parts):
        last = parts[n - 1] if n else None
        if token.kind == "open":
            is_call = token.text == "(" and last is not None and last.kind == "name" and not last.is_word
            frames.append(Frame(last.text if is_call and last else "", token.text))
        elif token.kind == "close" and frames:
            frames.pop()
        elif token.kind == "comma" and frames:
            frames[-1].place += 1
        elif token.kind == "name" and not token.is_word:
            is_called = n + 1 < len(parts) and parts[n + 1].text == "("
            _use(frames, () if is_called else token.path)
    return frames


def _look_ahead(frames: list[Frame], parts: list[Token]) -> None:
    """Names behind the caret that stand in the same call."""
    left = list(frames)
    inner = 0
    for n, token in enumerate(parts):
        if not left:
            return
        if token.kind == "open":
            inner += 1
        elif token.kind == "close" and inner:
            inner -= 1
        elif token.kind == "close":
            left.pop()
        elif token.kind == "name" and not token.is_word and not (n + 1 < len(parts) and parts[n + 1].text == "("):
            _use(left, token.path)


def _use(frames: list[Frame], path: tuple[str, ...]) -> None:
    called = next((f for f in reversed(frames) if f.name), None)
    if called and path:
        called.names.append(path)
