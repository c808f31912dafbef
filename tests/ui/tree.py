"""Reading components the way the browser gets them: as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import plotly.utils


def sent(component: Any) -> dict[str, Any]:
    """The component as Dash sends it."""
    return json.loads(json.dumps(component, cls=plotly.utils.PlotlyJSONEncoder))


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every component in document order, each with `type` and `props`."""
    if isinstance(tree, list):
        for part in tree:
            yield from nodes(part)
    elif isinstance(tree, dict) and "props" in tree:
        yield tree
        yield from nodes(tree["props"].get("children"))


def by_id(component: Any, id: str) -> dict[str, Any]:
    return next(n["props"] for n in nodes(sent(component)) if n["props"].get("id") == id)


def of_type(component: Any, kind: str) -> list[dict[str, Any]]:
    return [n["props"] for n in nodes(sent(component)) if n["type"] == kind]


def with_class(component: Any, name: str) -> list[dict[str, Any]]:
    return [n["props"] for n in nodes(sent(component)) if name in (n["props"].get("className") or "").split()]


def text(component: Any) -> str:
    """All words, in order."""

    def words(tree: Any) -> Iterator[str]:
        if isinstance(tree, str):
            yield tree
        elif isinstance(tree, list):
            for part in tree:
                yield from words(part)
        elif isinstance(tree, dict):
            yield from words(tree.get("props", {}).get("children"))

    return " ".join(" ".join(words(sent(component) if not isinstance(component, dict) else component)).split())
