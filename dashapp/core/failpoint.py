"""Named places where a test may make the process die, to prove that a kill leaves either the old or the new state.

Nothing is armed unless settings (for a whole process) or a test arm it; an unarmed point costs one dictionary look-up.
"""
from __future__ import annotations

import os
import signal
from collections.abc import Callable

_armed: dict[str, Callable[[], None]] = {}


def failpoint(name: str) -> None:
    """Run what is armed at `name`; usually nothing."""
    action = _armed.get(name)
    if action is not None:
        action()


def die() -> None:
    """The end without any goodbye: no handler runs, no buffer is written, no lock is given back."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(name: str, action: Callable[[], None]) -> None:
    """Run `action` (kill the process, raise) whenever the point `name` is passed."""
    _armed[name] = action


def disarm(name: str) -> None:
    """Undo `arm`; a point that is not armed stays so."""
    _armed.pop(name, None)
