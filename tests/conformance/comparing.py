"""Answers of two engines, figure by figure: exact ones to the last digit, doubles to nine."""
from __future__ import annotations

from collections.abc import Iterable

from dashapp.core.series import Series
from tests.query.test_against_plain_python import EXACT, same


def differences(got: Iterable[Series], want: Iterable[Series]) -> list[object]:
    """Every point and total that is not the same, with its comparison; [] for equal answers."""
    found: list[object] = []
    for ours, theirs in zip(got, want, strict=True):
        for a, b in zip((*ours.points, *ours.totals), (*theirs.points, *theirs.totals), strict=True):
            pairs = [(a.value, b.value)]
            if a.compare and b.compare:
                pairs += [(a.compare.value, b.compare.value), (a.compare.change, b.compare.change)]
            exact = ours.kpi in EXACT
            if (a.split, a.reason) != (b.split, b.reason) or not all(x == y if exact else same(x, y) for x, y in pairs):
                found.append((ours.kpi, a, b))
    return found
