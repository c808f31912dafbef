"""Fewer points, same picture: which points of a long line must be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from math import isfinite

DRAWN_AT_MOST = 2_000


def floats(values: Sequence[Decimal | float | int | None]) -> list[float | None]:
    """Plain floats; what cannot be drawn (missing, NaN, infinite or beyond a float) is None."""
    out = []
    for value in values:
        number = None if value is None else float(Decimal(value))
        out.append(number if number is not None and isfinite(number) else None)
    return out


def kept(values: Sequence[float | None], limit: int = DRAWN_AT_MOST) -> list[int]:
    """Indices to draw, ascending: all up to `limit`, else about `limit` chosen by MinMaxLTTB, first and last included.

    A gap stays a gap: one missing point is kept wherever values are missing between two drawn ones.
    Source: Van Der Donckt et al., MinMaxLTTB (2023), as in tsdownsample.
    """
    if len(values) <= limit:
        return list(range(len(values)))
    present = [i for i, v in enumerate(values) if v is not None]
    gaps = [a + 1 for a, b in pairwise(present) if b > a + 1]
    return sorted({*_chosen(values, present, limit), *gaps})


def _chosen(values: Sequence[float | None], present: list[int], limit: int) -> list[int]:
    if len(present) <= limit:
        return present
    import numpy as np
    from tsdownsample import MinMaxLTTBDownsampler

    y = np.array([values[i] for i in present], dtype=np.float64)
    x = np.array(present, dtype=np.int64)
    return [present[i] for i in MinMaxLTTBDownsampler().downsample(x, y, n_out=limit)]
