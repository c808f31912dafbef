"""How quality looks: words beside colours, dashes with a reason, the latest first."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dashapp.core.dataset import Dataset
from dashapp.core.quality import DIMENSIONS, NAMES, Quality, Trend
from dashapp.core.words import Words
from dashapp.ui.quality import check_list, percent, quality_detail, quality_list
from tests.ui.tree import sent, text

NOW, WORDS = datetime(2026, 3, 16, 9, tzinfo=UTC), Words()
COUNTS: dict[str, Any] = {
    "rows": 1000, "cells": 4000, "filled": 3990, "columns": [{"key": "sku", "header": "SKU", "filled": 990}],
    "expected": 50, "present": 48, "missing": ["2026-01-14", "2026-02-03"], "arrived": 1010, "refused": 10,
    "implausible": 2, "repeated": 1, "inconsistent": 40,
    "unmatched": [{"column": "sku", "target": "catalogue.sku_id", "rows": 30}],
    "variants": [{"column": "region", "usual": "EMEA", "others": ["emea"], "rows": 10}],
    "through": "2026-03-13", "age": 3, "usual": 4}


@dataclass(frozen=True)
class View:
    dataset: Dataset
    quality: Quality | None
    trends: dict[str, Trend] = field(default_factory=dict)


def made(days: int = 0, **scores: float | None) -> Quality:
    return Quality("sales", 3, NOW - timedelta(days), {**dict.fromkeys(NAMES, 0.99), **scores}, COUNTS)


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert percent(0.99999, WORDS) == "99.9%"
    assert percent(1.0, WORDS) == "100.0%"
    assert percent(None, WORDS) == "—"


def test_every_dataset_has_a_line_that_leads_to_its_details() -> None:
    views = [View(Dataset("sales", "Sales"), made(validity=0.5)), View(Dataset("new", "New"), None)]
    drawn = quality_list(views, WORDS)
    said = text(drawn)
    assert "not yet" in said
    assert "50.0%" in said
    assert "/data/quality?dataset=sales" in str(sent(drawn))


def test_a_dataset_tells_its_numbers_with_definitions_and_counts() -> None:
    view = View(Dataset("sales", "Sales"), made(timeliness=None),
                {n: Trend(-0.012, date(2026, 2, 14)) for n in NAMES})
    said = text(quality_detail(view, (made(30, validity=0.9), made()), WORDS))
    for one in DIMENSIONS:
        assert one.help in said
    assert "48 of 50 expected periods have rows." in said
    assert "10 rows of 1,010 refused, 2 outside of a plausible range." in said
    assert "30 rows name a SKU that catalogue does not have." in said
    assert "'EMEA' in region is also written 'emea'." in said
    assert "1.2 pp since" in said
    assert "99.0%" in said


def test_before_the_first_measurement_it_says_when_there_will_be_one() -> None:
    assert "after each commit" in text(quality_detail(View(Dataset("sales", "Sales"), None), (), WORDS))


def test_without_datasets_it_says_what_to_do() -> None:
    assert "Upload a file" in text(quality_list([], WORDS))


def test_checks_say_what_they_do_at_worst() -> None:
    from dashapp.ingest.reading import CHECKS

    said = text(check_list(list(CHECKS)))
    assert all(c.label in said and c.help in said for c in CHECKS)
    assert {"refuses", "warns", "tells"} <= set(said.split())
