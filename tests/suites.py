"""The four suites of `make test`, in their order, with the minutes each may take on two cores.

The time is told, not judged: a slow machine is no defect. A test that hangs is ended by its own time-out.
"""
from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

FOLDERS = {
    "house": ("house",),
    "unit": ("core", "ingest", "hostile", "facts", "query", "figures", "reports", "ui", "demo", "conformance"),
    "service": ("services", "jobs", "commands", "database", "web", "api"),
    "browser": ("pages",),
}
BUDGET = {"house": 1.0, "unit": 3.0, "service": 6.0, "browser": 8.0}
_spent: Counter[str] = Counter()
_told: Counter[str] = Counter()


def suite_of(path: Path) -> str:
    """The suite of a test file: by its folder under tests."""
    folder = path.relative_to(Path(__file__).parent).parts[0]
    return next((name for name, folders in FOLDERS.items() if folder in folders), "service")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The suites in their order. Among browser tests the files with the most come first: a file is one process's, and
    a long one at the end would leave the other processor idle."""
    order, held = list(FOLDERS), Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int]:
        suite = suite_of(item.path)
        return order.index(suite), -held[item.path] if suite == "browser" else 0

    items.sort(key=place)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    suite = suite_of(Path(__file__).parents[1] / report.fspath)
    _spent[suite] += report.duration
    _told[suite] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if sum(_told.values()) < 100:
        return  # a developer who runs a few tests does not ask
    terminalreporter.section("suites")
    for suite in FOLDERS:
        if _told[suite]:
            over = "" if _spent[suite] <= 60 * BUDGET[suite] else "  (over)"
            terminalreporter.write_line(f"{suite:8} {_told[suite]:5} tests  {_spent[suite]:6.1f} s of "
                                        f"{60 * BUDGET[suite]:.0f} s{over}")
