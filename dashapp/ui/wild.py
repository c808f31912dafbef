"""`data-*` and `aria-*` attributes, which are no Python names."""

from __future__ import annotations

from typing import Any


def wild(attributes: dict[str, str]) -> dict[str, Any]:
    """For `html.Div(..., **wild({"aria-label": "Theme"}))`: the type that the components' signatures take."""
    return dict(attributes)
