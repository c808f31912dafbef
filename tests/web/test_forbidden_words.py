"""Ways to run what somebody typed: none of them may appear in the product."""
from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(p for room in ("dashapp", "pages", "models") for p in (ROOT / room).rglob("*.py"))
OURS = sorted((ROOT / "assets" / "10-app").glob("*.js"))
PAGES = sorted((ROOT / "dashapp").rglob("*.html"))
KEYWORDS = {"srcDoc", "dangerously_allow_html", "dangerously_allow_code"}
CALLS = {"eval", "exec", "compile", "__import__"}


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_c7_no_code_runs_what_somebody_typed(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword):
            assert node.arg not in KEYWORDS, node.value.lineno
            assert node.arg != "markdown_options", node.value.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in CALLS, node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in {"loads_unsafe", "from_string", "render_template_string"}, node.lineno
            assert not (node.func.attr in {"load", "loads"} and ast.unparse(node.func.value) in {"pickle", "marshal"})


@pytest.mark.parametrize("path", OURS, ids=lambda p: p.name)
def test_c7_no_script_of_ours_writes_html_or_evaluates(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(eval|new Function|document\.write|insertAdjacentHTML)\b|\.(inner|outer)HTML\s*=", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_c7_no_template_trusts_a_value(path):
    text = path.read_text(encoding="utf-8")
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape false" not in text
    assert not re.search(r"\son\w+\s*=", text)
