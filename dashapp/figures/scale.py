"""Round numbers for axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def bounds(values: Sequence[float], from_zero: bool) -> tuple[float, float]:
    """Lowest and highest value to show. Zero is inside when asked for, or when the values come near it."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if from_zero or 0 <= low < 0.5 * high:
        low = min(low, 0.0)
    if from_zero or 0.5 * low < high <= 0:
        high = max(high, 0.0)
    if low == high:
        around = abs(low) * 0.1 or 1.0
        return (low if low == 0 and from_zero else low - around), high + around
    return low, high


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round values that cover `low` to `high` in steps of 1, 2, 2.5 or 5 times a power of ten."""
    rough = (high - low) / about
    power = 10.0 ** floor(log10(rough))
    step = next(s * power for s in _STEPS if s * power >= rough * 0.999999)
    first, last = floor(low / step + 1e-9), -floor(-high / step + 1e-9)
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]
