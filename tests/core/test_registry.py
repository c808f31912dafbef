"""Registries: one entry per module, sorted, read once, and refused with a reason."""
from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from dashapp.core.registry import Registry


@dataclass(frozen=True)
class Thing:
    name: str


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a package of modules, each binding ENTRY to what is given."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(**modules: str) -> str:
        folder = tmp_path / "things_of_a_test"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(f"from {__name__} import Thing\n{text}\n")
        return "things_of_a_test"

    yield make
    for name in [n for n in sys.modules if n.startswith("things_of_a_test")]:
        del sys.modules[name]


def test_a_registry_has_the_entry_of_every_module_sorted_by_name(package) -> None:
    found = Registry(package(one='ENTRY = Thing("zebra")', two='ENTRY = Thing("ant")', _hidden="raise OSError"), Thing)
    assert [t.name for t in found] == ["ant", "zebra"]
    assert len(found) == 2
    assert found["zebra"] == Thing("zebra")
    assert "ant" in found
    assert "one" not in found
    with pytest.raises(KeyError):
        found["one"]


def test_a_registry_is_read_on_first_use_and_once(package) -> None:
    nowhere = Registry("no_such_package_of_a_test", Thing)
    with pytest.raises(ModuleNotFoundError):
        len(nowhere)
    name = package(one='ENTRY = Thing("a")')
    found = Registry(name, Thing)
    first = found["a"]
    sys.modules[f"{name}.one"] = ModuleType(f"{name}.one")
    assert found["a"] is first


@pytest.mark.parametrize(("modules", "said"), [
    ({"one": "pass"}, "things_of_a_test.one binds no ENTRY of Thing"),
    ({"one": 'ENTRY = "text"'}, "things_of_a_test.one binds no ENTRY of Thing"),
    ({"one": 'ENTRY = Thing("a")', "two": 'ENTRY = Thing("a")'}, r"two entries of one name .*\['a', 'a'\]"),
])
def test_a_module_without_an_entry_and_two_of_one_name_are_refused(package, modules, said: str) -> None:
    with pytest.raises(RuntimeError, match=said):
        len(Registry(package(**modules), Thing))
