"""Requirements: ranges in requirements.txt, exact versions with hashes in the lock, and the two agree."""
from __future__ import annotations

import ast
import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT, product

LOCKS = {"requirements.txt": "requirements.lock", "requirements-dev.txt": "requirements-dev.lock"}
# Import name -> distribution, where they differ.
DISTRIBUTIONS = {"flask_login": "flask-login", "flask_sqlalchemy": "flask-sqlalchemy", "flask_wtf": "flask-wtf",
                 "dash_ag_grid": "dash-ag-grid", "dash_bootstrap_components": "dash-bootstrap-components",
                 "ibis": "ibis-framework", "python_calamine": "python-calamine", "argon2": "argon2-cffi",
                 "flask_compress": "flask-compress", "flask_openapi3": "flask-openapi3"}


def wanted(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line.partition("#")[0].strip()) for line in lines if line and line[0].isalpha()]


def locked(name: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.M)
    return {canonicalize_name(n): v for n, v in found}


@pytest.mark.parametrize(("asked", "lock"), LOCKS.items())
def test_the_lock_answers_every_requirement(asked: str, lock: str) -> None:
    versions = locked(lock)
    bad = [str(r) for r in wanted(asked) if not r.specifier.contains(versions.get(canonicalize_name(r.name), "0"))]
    assert bad == []


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_pin_has_hashes_and_no_index_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert [p.split()[0] for p in pins if "--hash=sha256:" not in p] == []
    assert not re.search(r"https?://|--index|--find-links|file:", text)


def test_the_tests_run_on_what_is_shipped() -> None:
    shipped, tested = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {n: (v, tested.get(n)) for n, v in shipped.items() if tested.get(n) != v} == {}


def test_the_known_traps_are_fenced() -> None:
    """Ibis breaks on newer sqlglot and on DuckDB 2; older Dash leaks; each of these cost somebody days."""
    ranges = {canonicalize_name(r.name): str(r.specifier) for r in wanted("requirements.txt")}
    assert "<30.18" in ranges["sqlglot"]
    assert "<2" in ranges["duckdb"]
    assert ">=4.4.1" in ranges["dash"]
    assert not {"kaleido", "diskcache", "statsforecast"} & locked("requirements.lock").keys()


def test_what_is_imported_is_required() -> None:


    have = {canonicalize_name(r.name) for name in ("requirements.txt", "requirements-spark.txt") for r in wanted(name)}
    ours = {"dashapp", "models", "pages", "wsgi"}
    found = set()
    for module in product():
        for node in ast.walk(module.tree):
            names = ([a.name for a in node.names] if isinstance(node, ast.Import)
                     else [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else [])
            found |= {n.partition(".")[0] for n in names}
    foreign = found - ours - set(sys.stdlib_module_names) - {""}
    missing = {n for n in foreign if canonicalize_name(DISTRIBUTIONS.get(n, n)) not in have}
    assert missing - INDIRECT == set()


# Parts of something required by name: they come and go with it.
INDIRECT = {"alembic", "werkzeug", "markupsafe", "click", "jinja2", "psycopg", "wtforms"}
