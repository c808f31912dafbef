"""A place where the process may die is of use only if a test lets it die there."""
from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from tests.services import points, test_crashing, test_interrupted

ROOT = Path(__file__).resolve().parents[2]


def named() -> Counter[str]:
    """The fail points in the code. One that is not a plain text stands there as its source, so that it is noticed."""
    found: Counter[str] = Counter()
    for path in (ROOT / "dashapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "failpoint":
                argument = node.args[0]
                found[argument.value if isinstance(argument, ast.Constant) else ast.unparse(argument)] += 1
    return found


def test_h1_every_named_fail_point_is_walked_by_a_test_and_stands_once() -> None:
    assert named() == Counter(points.WALKED)


def test_h1_every_list_of_fail_points_is_what_some_test_is_repeated_for() -> None:
    walked: set[str] = set()
    for name, test in {**vars(test_crashing), **vars(test_interrupted)}.items():
        if name.startswith("test_h1_"):
            walked |= {v for m in getattr(test, "pytestmark", ()) if m.name == "parametrize" for v in m.args[1]}
    assert walked == set(points.WALKED)
