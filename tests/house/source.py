"""The product's own source, parsed once for all house tests."""
from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PURE = ("core", "ingest", "query", "analysis", "rules", "figures", "reports", "demo")


@dataclass(frozen=True)
class Module:
    """One Python file: path from the root, text and tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.as_posix()

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def functions(self) -> list[ast.FunctionDef]:
        return [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef)]


@cache
def product() -> tuple[Module, ...]:
    """Every module of dashapp, models, pages and wsgi.py, without the revisions of migrations."""
    files = [p for room in ("dashapp", "models", "pages") for p in sorted((ROOT / room).rglob("*.py"))]
    return _parsed([p for p in [*files, ROOT / "wsgi.py"] if "versions" not in p.parts])


@cache
def pure() -> tuple[Module, ...]:
    """The rooms that know no clock, no environment and no framework."""
    return tuple(m for m in product() if m.path.parts[0] == "dashapp" and m.path.parts[1] in PURE)


@cache
def of_tests() -> tuple[Module, ...]:
    return _parsed(sorted((ROOT / "tests").rglob("*.py")))


def _parsed(paths: list[Path]) -> tuple[Module, ...]:
    texts = [(p.relative_to(ROOT), p.read_text(encoding="utf-8")) for p in paths]
    return tuple(Module(path, text, ast.parse(text)) for path, text in texts)


def dotted(node: ast.expr) -> str:
    """`datetime.now` of the expression, or "" for anything that is no chain of names."""
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return node.id if isinstance(node, ast.Name) else ""
