"""Pure rooms compute from their arguments: no clock, no environment, no framework, no database, no printing."""
from __future__ import annotations

import ast
from pathlib import Path

from tests.house.source import Module, dotted, product, pure

CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns",
          "time.localtime", "time.gmtime", "time.strftime", "datetime.datetime.now", "datetime.date.today"}
ENVIRONMENT = {"os.environ", "os.getenv", "os.putenv", "os.getcwd"}
FRAMEWORKS = {"flask", "dash", "sqlalchemy", "flask_sqlalchemy", "flask_login", "models", "requests", "urllib3",
              "dash_bootstrap_components", "socket", "http", "urllib.request"}
# A child process is handed its environment by hand: the sandbox has to make one.
CHILD = "dashapp/ingest/child.py"  # it speaks to its parent on stdout
ALLOWED = {("dashapp/ingest/sandbox.py", "os.environ"), (CHILD, "os.environ")}


def test_pure_rooms_are_pure() -> None:
    assert [fault for module in pure() for fault in faults(module)] == []


def faults(module: Module) -> list[str]:
    found = []
    for node in ast.walk(module.tree):
        name = dotted(node) if isinstance(node, ast.Attribute) else ""
        if name in CLOCKS | ENVIRONMENT and (module.name, name) not in ALLOWED:
            found.append(f"{module.name}:{node.lineno} {name}")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [f"{module.name}:{node.lineno} imports {n}" for n in names
                      if FRAMEWORKS & {n, n.partition(".")[0]}]
        if isinstance(node, ast.Call) and dotted(node.func) == "print" and module.name != CHILD:
            found.append(f"{module.name}:{node.lineno} print")
    return found


def test_impurity_would_be_found() -> None:
    text = "import flask\nfrom sqlalchemy.orm import Session\nx = datetime.now()\ny = os.environ['A']\nprint(x)\n"
    assert len(faults(Module(Path("dashapp/core/x.py"), text, ast.parse(text)))) == 5


def test_only_the_edge_reads_a_clock() -> None:
    """Services get `now` as an argument; web, jobs and commands read it once and hand it down."""
    edge = ("dashapp/web", "dashapp/api", "dashapp/jobs", "dashapp/commands", "dashapp/__main__.py")
    found = [f"{m.name}:{n.lineno}" for m in product() if not m.name.startswith(edge)
             for n in ast.walk(m.tree) if isinstance(n, ast.Attribute) and dotted(n) in CLOCKS]
    assert found == []
