"""Leaf packages scanned for entries: one new thing is one new file that binds `ENTRY`."""
from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


E = TypeVar("E", bound=Named)


class Registry(Generic[E]):
    """Entries by name, sorted by name; built on first use from every module of `package` that binds `ENTRY`.

    Raises RuntimeError for a module without ENTRY and for two entries of one name.
    """

    def __init__(self, package: str, kind: type[E]) -> None:
        self._package, self._kind = package, kind
        self._entries: dict[str, E] | None = None

    def __getitem__(self, name: str) -> E:
        return self._load()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._load()

    def __iter__(self) -> Iterator[E]:
        return iter(self._load().values())

    def __len__(self) -> int:
        return len(self._load())

    def _load(self) -> dict[str, E]:
        if self._entries is None:
            found = [self._entry(m) for m in _modules(self._package)]
            names = [e.name for e in found]
            if len(set(names)) != len(names):
                raise RuntimeError(f"two entries of one name in {self._package}: {sorted(names)}")
            self._entries = {e.name: e for e in sorted(found, key=lambda e: e.name)}
        return self._entries

    def _entry(self, module: ModuleType) -> E:
        entry = getattr(module, "ENTRY", None)
        if not isinstance(entry, self._kind):
            raise RuntimeError(f"{module.__name__} binds no ENTRY of {self._kind.__name__}")
        return entry


def _modules(package: str) -> list[ModuleType]:
    root = importlib.import_module(package)
    return [importlib.import_module(f"{package}.{m.name}") for m in pkgutil.iter_modules(root.__path__)
            if not m.name.startswith("_")]
