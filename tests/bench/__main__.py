"""`python -m tests.bench [names] [--full]`: run the benchmarks, all of them when none is named. `--help` lists them."""
from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from types import ModuleType

import tests.bench
from tests.bench import print_row


def found() -> dict[str, str]:
    """Name -> first line of its docstring, of every module that can be run."""
    out = {}
    for info in pkgutil.iter_modules(tests.bench.__path__):
        if not info.name.startswith("_"):
            module = importlib.import_module(f"tests.bench.{info.name}")
            if hasattr(module, "run") or hasattr(module, "main"):
                out[info.name] = (module.__doc__ or "").strip().partition("\n")[0]
    return out


def run(module: ModuleType) -> None:
    """`run(print_row)` where there is one; else `main()`, which gets no arguments, or an empty list where it asks."""
    if hasattr(module, "run"):
        module.run(print_row)
    elif inspect.signature(module.main).parameters:
        module.main([])
    else:
        module.main()


def main(arguments: list[str]) -> int:
    """Returns 0, 1 when a benchmark failed, 2 for an unknown name. Several names become a process each."""
    names = [a for a in arguments if not a.startswith("-")]
    flags = [a for a in arguments if a.startswith("-")]
    if len(names) == 1 and "--here" in flags:
        run(importlib.import_module(f"tests.bench.{names[0]}"))
        return 0
    listed = _listed()
    if {"--help", "-h"} & set(arguments):
        print(__doc__, *(f"  {name:<12} {said}" for name, said in listed.items()), sep="\n")
        return 0
    unknown = [n for n in names if n not in listed]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(listed)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or listed:
        print(f"\n{name}: {listed[name]}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", "tests.bench", name, "--here", *flags], check=False).returncode
    return 1 if failed else 0


def _listed() -> dict[str, str]:
    """The modules, asked in a process of its own: a child's peak memory starts at that of the process it comes from."""
    code = "import json; from tests.bench.__main__ import found; print(json.dumps(found()))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return dict(json.loads(answer.stdout))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
