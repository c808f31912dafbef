"""What a web process loads before its first request: no pandas, scipy, statsmodels or matplotlib."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import SECRET
from tests.house.source import ROOT

HEAVY = ("pandas", "scipy", "statsmodels", "matplotlib", "openpyxl", "xlsxwriter", "fastexcel", "python_calamine")


def test_a_web_process_starts_without_the_heavy_libraries(tmp_path: Path) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("LEDGERLINE_")}
    environ |= {"LEDGERLINE_ENV": "dev", "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path)}
    run = [sys.executable, "-m", "dashapp", "migrate"]
    subprocess.run(run, cwd=ROOT, env=environ, check=True, capture_output=True)
    code = "import sys, json, wsgi; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert set(HEAVY) & set(json.loads(found.stdout.splitlines()[-1])) == set()
