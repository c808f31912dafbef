"""Write the statements of all engines anew, to be read in the difference: python -m tests.golden"""
from __future__ import annotations

from tests.golden.statements import CASES, ENGINES, FOLDER, text

for engine in ENGINES:
    (FOLDER / engine).mkdir(exist_ok=True)
    for name in CASES:
        (FOLDER / engine / f"{name}.sql").write_text(text(engine, name))
