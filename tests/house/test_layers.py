"""Who may import whom: the contracts of pyproject.toml, and no import cycle anywhere."""
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import grimp
import pytest

from tests.house.source import ROOT


def test_every_layer_keeps_to_its_contract() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": "."})
    assert found.returncode == 0, found.stdout[found.stdout.find("Broken"):]


def test_no_modules_import_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    graph = grimp.build_graph("dashapp", "models", "pages", exclude_type_checking_imports=True, cache_dir=None)
    imports = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    assert knots(imports) == []


def knots(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of modules that reach each other: what is left when leaves are taken away again and again, both ways."""
    left = {m: set(targets) & set(imports) for m, targets in imports.items()}
    while True:
        sources = {t for targets in left.values() for t in targets}
        loose = [m for m, targets in left.items() if not targets or m not in sources]
        if not loose:
            return [sorted(left)] if left else []
        for module in loose:
            left.pop(module)
        left = {m: targets & set(left) for m, targets in left.items()}


def test_a_cycle_would_be_found() -> None:
    assert knots({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert knots({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
