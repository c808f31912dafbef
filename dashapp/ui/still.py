"""Markup that no callback touches, sent as one component instead of hundreds.

Dash gives every component a subscription of its own, so drawing takes time that grows with the square of their number:
thirty cards held the browser for five seconds, a table of 350 days for half a minute. `still` turns a tree of plain
components into a list of tags and texts; assets/10-app/15-still.js builds them, from names of a short list and by
`textContent` only, so that texts stay texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.ui.wild import wild

_NAMES = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "colSpan": "colspan", "rowSpan": "rowspan",
          "dateTime": "datetime"}
_PLAIN = {
    "id", "title", "role", "href", "src", "alt", "value", "max", "scope", "type", "hidden", "disabled", "draggable",
    "reversed", "start", "open",
}

_EMPTY = ("alt", "value")


class Later:
    """A place in a tree that is drawn once, for what differs each time it is shown."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A part of a tree that was turned into tags and texts before, to be put into many trees. Nobody changes it.

    place: the way to its `Later`, from list to list; None where it has none.
    """

    parts: Any
    place: tuple[int, ...] | None = None

    def filled(self, tree: Any) -> Drawn:
        """The part with `tree` in the place of its `Later`."""
        return self if self.place is None else Drawn(_put(self.parts, self.place, _tree(tree)))


def drawn(tree: Any) -> Drawn:
    """The part, ready to stand in the tree of any later `still`; at most one `Later` in it, to be filled before.

    Raises TypeError as `still` does.
    """
    parts = _tree(tree)
    return Drawn(parts, next(_places(parts), None))


def _places(parts: Any) -> Iterator[tuple[int, ...]]:
    if isinstance(parts, Later):
        yield ()
    elif isinstance(parts, list):
        yield from ((n, *inner) for n, part in enumerate(parts) for inner in _places(part))


def _put(parts: Any, place: tuple[int, ...], new: Any) -> Any:
    """A copy, as far as it differs."""
    if not place:
        return new
    return [_put(part, place[1:], new) if n == place[0] else part for n, part in enumerate(parts)]


def still(tree: Any) -> html.Div:
    """The tree inside one `html.Div`. Links (`dcc.Link`) open their page without a reload, as they do elsewhere.

    Raises TypeError for what only Dash can draw: other components than html's, ids of patterns, styles.
    """
    text = json.dumps(_tree(tree), ensure_ascii=False, separators=(",", ":"))
    return html.Div(**wild({"data-ll-still": text}))


def _tree(node: Any) -> Any:
    """A text as it is; a component as [tag, attributes, children], a list as one without a tag; nothing as null."""
    if node is None or isinstance(node, str | Later):
        return node
    if isinstance(node, int | float):
        return str(node)
    if isinstance(node, list | tuple):
        return ["", {}, [_tree(n) for n in node if n is not None]]
    if isinstance(node, Drawn):
        return node.parts
    if not isinstance(node, Component):
        raise TypeError(f"{type(node).__name__} cannot be drawn still")
    return _element(node)


def _element(node: Component) -> list[Any]:
    sent = node.to_plotly_json()
    props = dict(sent["props"])
    children = props.pop("children", None)
    is_link = sent["type"] == "Link"
    if sent["namespace"] != "dash_html_components" and not is_link:
        raise TypeError(f"{sent['type']} is drawn by Dash only")
    attributes = {_name(k): v for k, v in props.items() if not (v is None or v is False) and (v != "" or k in _EMPTY)}
    if is_link:
        attributes["data-ll-link"] = "true"
    if any(not isinstance(v, str | int | float | bool) for v in attributes.values()):
        raise TypeError(f"{sent['type']} has properties that are no text: {attributes}")
    inside = children if isinstance(children, list | tuple) else [children]
    return ["a" if is_link else sent["type"].lower(), attributes, [_tree(c) for c in inside if c is not None]]


def _name(prop: str) -> str:
    if prop in _PLAIN or prop.startswith(("data-", "aria-")):
        return prop
    if prop in _NAMES:
        return _NAMES[prop]
    raise TypeError(f"the property {prop} needs Dash")
