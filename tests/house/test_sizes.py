"""Files and functions stay small, modules say what they are for, and no drawer is called `utils`."""
from __future__ import annotations

import ast
import re

from tests.house.source import product

FILE_LINES, FUNCTION_LINES, CALLBACK_LINES = 500, 60, 20
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base_utils", "lib"}
# A layout is one long literal: breaking it apart would not make it easier to read.
LITERALS = {("dashapp/ui/filters.py", "filter_bar")}


def test_no_file_is_too_long() -> None:
    assert [f"{m.name}: {m.lines}" for m in product() if m.lines > FILE_LINES] == []


def test_no_function_is_too_long() -> None:
    assert [f"{m.name} {f.name}: {_lines(f)}" for m in product() for f in m.functions()
            if _lines(f) > FUNCTION_LINES and (m.name, f.name) not in LITERALS] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [m.name for m in product() if not ast.get_docstring(m.tree)] == []


def test_no_module_is_a_drawer() -> None:
    assert [m.name for m in product() if DRAWERS & {*m.path.parts, m.path.stem}] == []


def test_nothing_is_left_undone() -> None:
    marked = [f"{m.name}: {word}" for m in product() for word in re.findall(r"\b(TODO|FIXME|XXX|HACK)\b", m.text)]
    stubs = [f"{m.name} {f.name}" for m in product() for f in m.tree.body
             if isinstance(f, ast.FunctionDef) and ast.unparse(f.body[-1]) == "raise NotImplementedError"]
    assert marked + stubs == []


def test_broad_excepts_stand_only_at_the_edge() -> None:
    """Three translators and the job loop may catch everything, and ingest, whose parsers raise what they like."""
    edge = ("dashapp/web/", "dashapp/api/", "dashapp/jobs/", "dashapp/ingest/")
    found = [f"{m.name}:{n.lineno}" for m in product() if not m.name.startswith(edge)
             for n in ast.walk(m.tree) if isinstance(n, ast.ExceptHandler) and _is_broad(n) and not _raises_again(n)]
    assert found == []


def test_callbacks_of_pages_parse_ask_and_return() -> None:
    long = [f"{m.name} {f.name}: {_lines(f)}" for m in product() if m.path.parts[0] == "pages" for f in m.functions()
            if any("callback" in ast.unparse(d) for d in f.decorator_list) and _body_lines(f) > CALLBACK_LINES]
    assert long == []


def test_most_functions_are_short() -> None:
    lines = sorted(_lines(f) for m in product() for f in m.functions())
    assert lines[len(lines) // 2] <= 12, "half of all functions should fit in a dozen lines"


def _lines(function: ast.FunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _body_lines(function: ast.FunctionDef) -> int:
    """Lines of the body without its docstring."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or first.lineno) - first.lineno + 1


def _is_broad(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
