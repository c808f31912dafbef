"""LibreOffice for the tests: workbooks opened without a screen, recomputed from their formulas, and saved again."""
from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
_VALUE = re.compile(r"(</f>)<v>[^<]*</v>")
MISSING = "LibreOffice is not installed here (no soffice on the PATH)"


def is_missing() -> bool:
    return shutil.which("soffice") is None


def recomputed(folder: Path, files: Sequence[Path], *, timeout: float = 280) -> list[Path]:
    """The workbooks as LibreOffice saves them after recomputing every formula, in one start of the program.

    The values that stood beside the formulas are taken out before, so that none of them can pass for a result.
    """
    blank, out = folder / "blank", folder / "recomputed"
    blank.mkdir(parents=True)
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_ALWAYS)
    names = [f"{n:04d}.xlsx" for n, _ in enumerate(files)]
    for name, file in zip(names, files, strict=True):
        without_values(file, blank / name)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx",
               "--outdir", str(out), *(str(blank / n) for n in names)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    missing = [n for n in names if not (out / n).exists()]
    assert not missing, (missing, done.stderr[-2000:])
    return [out / n for n in names]


def without_values(source: Path, target: Path) -> None:
    """A copy of a workbook in which no formula has a value beside it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry.startswith("xl/worksheets/sheet"):
                data = _VALUE.sub(r"\1", data.decode()).encode()
            new.writestr(entry, data)
