"""What a person has to type: commands in hints and usage, for the Python this process runs on."""
from __future__ import annotations

import shlex
import sys
from pathlib import Path


def typed(*words: str) -> str:
    """The command line of `python -m dashapp WORDS` as it works here: with the virtual environment's own Python.

    `.venv/bin/python` where that lies in the working directory, else its whole path. Words are written as they are.
    """
    python = Path(sys.executable)
    here = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return " ".join([shlex.quote(str(here)), "-m", "dashapp", *words])
