"""The colours of charts in both themes, named by what they mean.

Screens draw every chart with the light tones; the stylesheet maps exactly these values to the dark ones, so a change of
theme (or of the system's preference, or printing) recolours charts without asking the server. Renderers without a
stylesheet (pictures in mails, reports) pass the theme they want. Splits and variances are Okabe-Ito colours.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Tones:
    """One colour per meaning, `#rrggbb`. Values are unique within a theme: the stylesheet tells roles apart by them."""

    actual: str
    comparison: str
    target: str
    rest: str  # splits beyond the named ones
    text: str
    grid: str
    zero: str
    surface: str
    good: str
    bad: str
    split_1: str
    split_2: str
    split_3: str
    split_4: str
    split_5: str
    split_6: str
    split_7: str

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(getattr(self, f.name) for f in fields(self) if f.name.startswith("split_"))


LIGHT = Tones(
    actual="#22303d",
    comparison="#a3adb8",
    target="#5d6b79",
    rest="#c9d0d7",
    text="#505e6b",
    grid="#e6eaee",
    zero="#8793a0",
    surface="#fefefe",
    good="#008a64",
    bad="#cc5800",
    split_1="#0072b2",
    split_2="#d55e00",
    split_3="#009e73",
    split_4="#b0579a",
    split_5="#3a9bd9",
    split_6="#b98500",
    split_7="#6b5b95",
)
DARK = Tones(
    actual="#cdd6df",
    comparison="#7a8794",
    target="#a9b5c1",
    rest="#46525f",
    text="#a3b0bd",
    grid="#28333e",
    zero="#66737f",
    surface="#171f28",
    good="#2fc79a",
    bad="#ff8a3d",
    split_1="#56b4e9",
    split_2="#f5803e",
    split_3="#2fc79b",
    split_4="#dd9cc6",
    split_5="#8ccdf2",
    split_6="#e6b422",
    split_7="#a99bd4",
)
TONES: dict[Theme, Tones] = {"light": LIGHT, "dark": DARK}
