"""C7: what would let a name become markup or code, and what would reach another host, is nowhere."""
from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, Module, dotted, product

CALLS = {"eval", "exec", "compile", "__import__", "pickle.loads", "pickle.load", "os.system", "yaml.load"}
KEYWORDS = {"srcDoc", "dangerously_allow_html", "dangerously_allow_code", "dangerouslySetInnerHTML", "shell"}
TEMPLATES = sorted((ROOT / "dashapp").rglob("*.html"))
SCRIPTS = sorted(p for p in (ROOT / "assets").rglob("*") if p.suffix in (".css", ".js"))
VENDORED = [p for p in SCRIPTS if "00-vendor" in p.parts]
OWN_ASSETS = [p for p in SCRIPTS if "00-vendor" not in p.parts]
_FOREIGN = re.compile(r"""(?:https?:)?//(?!localhost|127\.0\.0\.1)[a-z0-9-]+\.[a-z]{2,}""", re.I)
_LOADS = re.compile(r"""(?:@import\s+|url\(\s*)["']?(?:https?:)?//|sourceMappingURL=(?:https?:)?//""", re.I)
NAMESPACES = ("http://www.w3.org/",)


def test_c7_nothing_turns_text_into_markup_or_code() -> None:
    assert [f"{m.name}:{fault}" for m in product() for fault in _faults(m)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_c7_templates_escape_everything(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe|autoescape\s+false|<script(?![^>]*\bsrc=)[^>]*>\s*[^\s{]|\son\w+=", text)
    assert not _FOREIGN.search(_without_namespaces(text))


@pytest.mark.parametrize("asset", OWN_ASSETS, ids=lambda p: p.name)
def test_c9_our_assets_name_no_other_host(asset: Path) -> None:
    text = asset.read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    assert not _FOREIGN.search(_without_namespaces(code))
    assert "eval(" not in code
    assert "innerHTML" not in code


@pytest.mark.parametrize("asset", VENDORED, ids=lambda p: p.name)
def test_c9_vendored_assets_load_nothing_from_elsewhere(asset: Path) -> None:
    assert not _LOADS.search(asset.read_text(encoding="utf-8")[:3_000_000])


def test_assets_hold_only_what_everybody_may_read() -> None:
    allowed = {".css", ".js", ".svg", ".woff2", ".woff", ".txt", ".md", ""}
    odd = [p.name for p in (ROOT / "assets").rglob("*") if p.is_file() and p.suffix not in allowed]
    assert odd == []
    assert [p.name for p in (ROOT / "assets").iterdir() if p.is_file()] == [], "Dash loads root files first"


def test_every_graph_uses_the_one_configuration() -> None:
    found = [f"{m.name}:{n.lineno}" for m in product() for n in ast.walk(m.tree)
             if isinstance(n, ast.Call) and dotted(n.func).endswith("dcc.Graph")
             and not any(k.arg == "config" and ast.unparse(k.value).endswith("GRAPH_CONFIG") for k in n.keywords)]
    assert found == []


def _faults(module: Module) -> list[str]:
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        if dotted(node.func) in CALLS:
            found.append(f"{node.lineno} {dotted(node.func)}")
        found += [f"{node.lineno} {k.arg}=" for k in node.keywords if k.arg in KEYWORDS and not _is_false(k.value)]
        if any(k.arg == "markdown_options" and "html" in ast.unparse(k.value) for k in node.keywords):
            found.append(f"{node.lineno} markdown html")
    return found


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _without_namespaces(text: str) -> str:
    for namespace in NAMESPACES:
        text = text.replace(namespace, "")
    return text
