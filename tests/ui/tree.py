"""Reading components the way the browser gets them: as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import plotly.utils


def sent(component: Any) -> dict[str, Any]:
    """The component as Dash sends it; what is sent still is unfolded as the browser does."""
    return _unfolded(json.loads(json.dumps(component, cls=plotly.utils.PlotlyJSONEncoder)))


def _unfolded(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_unfolded(part) for part in tree]
    if not isinstance(tree, dict) or "props" not in tree:
        return tree
    props = dict(tree["props"])
    if "data-ll-still" in props:
        props["children"] = _still(json.loads(props.pop("data-ll-still")))
    else:
        props["children"] = _unfolded(props.get("children"))
    return {**tree, "props": props}


def _still(node: Any) -> Any:
    if node is None or isinstance(node, str):
        return node
    tag, attributes, children = node
    inside = [_still(c) for c in children]
    if not tag:
        return inside
    names = {"class": "className", "for": "htmlFor", "tabindex": "tabIndex"}
    props = {names.get(k, k): v for k, v in attributes.items()}
    kind = "Link" if "data-ll-link" in attributes else tag.capitalize()
    return {"type": kind, "props": {**props, "children": inside[0] if len(inside) == 1 else inside}}


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
