"""Excel addresses: column letters and numbers."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=2048)
def letters(index: int) -> str:
    """Column letters of a 0-based index: 0 -> A, 26 -> AA, 16383 -> XFD."""
    out, n = "", index + 1
    while n:
        n, rest = divmod(n - 1, 26)
        out = chr(65 + rest) + out
    return out


def column_index(text: str) -> int:
    """0-based index of column letters: A -> 0, XFD -> 16383."""
    n = 0
    for char in text.upper():
        n = n * 26 + ord(char) - 64
    return n - 1


def cell(row: int, column: int) -> str:
    """Address of a cell by 0-based row and column: (6, 2) -> C7."""
    return f"{letters(column)}{row + 1}"
