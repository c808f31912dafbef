"""No test is skipped in silence: every skip names its reason. And no test sleeps."""
from __future__ import annotations

import ast

from tests.house.source import dotted, of_tests


def test_every_skip_has_a_reason() -> None:
    bad = []
    for module in of_tests():
        for node in ast.walk(module.tree):
            name = dotted(node.func if isinstance(node, ast.Call) else node) if isinstance(node, ast.expr) else ""
            if name.endswith(("mark.skip", "mark.xfail")) and not _is_called_with_reason(module.tree, node):
                bad.append(f"{module.name}:{node.lineno}")
            if isinstance(node, ast.Call) and name == "pytest.skip" and not node.args and not node.keywords:
                bad.append(f"{module.name}:{node.lineno}")
    assert bad == []


def test_tests_do_not_sleep() -> None:
    """A sleep is either too short on a slow machine or a waste on a fast one: look again until it is true."""
    sleeping = [f"{m.name}:{n.lineno}" for m in of_tests() if m.path.name.startswith("test_")
                for n in ast.walk(m.tree) if isinstance(n, ast.Call) and dotted(n.func) == "time.sleep"]
    assert sleeping == []


def _is_called_with_reason(tree: ast.Module, node: ast.AST) -> bool:
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and (n is node or n.func is node)]
    return any(k.arg == "reason" for call in calls for k in call.keywords) or any(call.args for call in calls)
