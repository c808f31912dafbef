"""Documentation is under test: settings, commands and make targets are those of the code."""
from __future__ import annotations

import argparse
import dataclasses
import re

import pytest

from dashapp.__main__ import parser
from dashapp.commands import Command
from dashapp.core.registry import Registry
from dashapp.ingest.checks import Check
from dashapp.settings import TABLE, Settings, documentation
from tests.house.source import ROOT

COMMANDS = Registry("dashapp.commands", Command)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_settings_are_documented_as_they_are() -> None:
    between = read("docs/operations.md").partition("<!-- settings:")[2].partition("-->\n")[2]
    assert between.partition("\n<!-- end")[0] == documentation(), "python -m dashapp settings"


def test_every_field_of_settings_has_its_row() -> None:
    assert sorted(s.attribute for s in TABLE) == sorted(f.name for f in dataclasses.fields(Settings))
    for setting in TABLE:
        default = next(f for f in dataclasses.fields(Settings) if f.name == setting.attribute).default
        if not setting.shown and setting.attribute != "data_dir":
            assert setting.parse(setting.default) == default, setting.name


@pytest.mark.parametrize("command", [c.name for c in COMMANDS])
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"^\| `{command}\b[^|]*\|", read("README.md"), re.M), command


def test_the_options_in_the_readme_exist() -> None:
    for line in re.findall(r"^\| `([^`]+)` \|", read("README.md"), re.M):
        words = line.split()
        if words[0] in COMMANDS:
            told = set(re.findall(r"--[a-z-]+", line))
            assert told <= _options(words[0], words[1:]), line


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", read("README.md") + read("docs/operations.md"), re.M))
    assert {"run", "test"} <= named <= targets


def test_documents_link_to_files_that_are_there() -> None:
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
        assert [x for x in links if not (document.parent / x).exists()] == [], document.name


def test_every_check_is_documented_as_it_is() -> None:
    found = sorted(Registry("dashapp.ingest.checks", Check), key=lambda c: (c.order, c.name))
    rows = ["| check | severity | looks for |", "|---|---|---|",
            *(f"| {c.label} | {c.severity} | {c.help} |" for c in found)]
    between = read("docs/checks.md").partition("<!-- checks -->\n")[2].partition("<!-- end -->")[0]
    assert between == "\n".join(rows) + "\n"


def test_no_document_is_left_unfinished() -> None:
    for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]:
        assert not re.search(r"\b(TODO|TBD|FIRST|LATER|COMMANDS|SETTINGS)\b", document.read_text(encoding="utf-8"))


def test_commands_in_the_documents_are_written_as_a_person_types_them() -> None:
    """A bare `python` is not the one that has the product's requirements."""
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = document.read_text(encoding="utf-8").replace("<!-- settings: written by `python", "")
        assert not re.search(r"(?<!venv/bin/)\bpython -m dashapp", text), document.name


def _options(name: str, words: list[str]) -> set[str]:
    """Every option of a command and of its verbs."""
    found: set[str] = set()
    waiting = [parser(COMMANDS)]
    first = True
    while waiting:
        one = waiting.pop()
        for action in one._actions:
            found |= set(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                waiting += [p for n, p in action.choices.items() if not first or n == name]
        first = False
    return found
