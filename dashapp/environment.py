"""How texts of the environment become values. A parser raises ValueError that continues "NAME must be ..."."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def text(text: str) -> str:
    return text


def folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def maybe_folder(text: str) -> Path | None:
    return folder(text) if text else None


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)
    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return text
    return parse


def switch(text: str) -> bool:
    return one_of("0", "1")(text) == "1"


def names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def week_start(text: str) -> int:
    return WEEKDAYS.index(one_of(*WEEKDAYS)(text.lower()))


def zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone such as Europe/Berlin") from None
    return text


def locale(text: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise ValueError("a locale such as en_GB or de_DE") from None


def currency(text: str) -> str:
    if not (len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()):
        raise ValueError("a currency code such as EUR")
    return text


def database(text: str) -> str:
    """Name the driver that is installed; a URL as hosting services write it works as it is."""
    for scheme in ("postgres://", "postgresql://"):
        if text.startswith(scheme):
            return "postgresql+psycopg://" + text.removeprefix(scheme)
    if text and not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("a URL that starts with sqlite:/// or postgresql://")
    return text


def url(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("an address that starts with https:// or http://")
    return text.rstrip("/")


def dotenv(path: Path | None) -> dict[str, str]:
    """`NAME=value` lines; `export ` before and quotes around are allowed, `#` starts a comment line."""
    if path is None or not path.is_file():
        return {}
    out: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        out[name.strip()] = value
    return out
