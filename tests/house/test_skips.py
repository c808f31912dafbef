"""No test is skipped in silence: every skip names its reason. And no test sleeps."""
from __future__ import annotations

import ast
import re

from tests.house.source import dotted, tests


def test_every_skip_has_a_reason() -> None:
    bad = []
    for module in tests():
        for node in ast.walk(module.tree):
            name = dotted(node.func if isinstance(node, ast.Call) else node) if isinstance(node, ast.expr) else ""
            if name.endswith(("mark.skip", "mark.xfail")) and not _is_called_with_reason(module.tree, node):
                bad.append(f"{module.name}:{node.lineno}")
            if isinstance(node, ast.Call) and name == "pytest.skip" and not node.args and not node.keywords:
                bad.append(f"{module.name}:{node.lineno}")
    assert bad == []


def test_tests_do_not_sleep() -> None:
    """A sleep is either too short on a slow machine or a waste on a fast one: look again until it is true."""
    assert [m.name for m in tests() if re.search(r"\btime\.sleep\(|asyncio\.sleep\(", m.text)
            and "test_skips" not in m.name and "/bench/" not in m.name] == []


def _is_called_with_reason(tree: ast.Module, node: ast.AST) -> bool:
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and (n is node or n.func is node)]
    return any(k.arg == "reason" for call in calls for k in call.keywords) or any(call.args for call in calls)
