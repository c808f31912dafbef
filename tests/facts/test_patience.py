"""Answers that are waited for a moment only, and the pause after several questions failed together."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from dashapp.facts.engines import Refused, Unreachable
from dashapp.facts.engines._patience import KEPT, StillAsking, Waiting
from dashapp.facts.engines._pool import Breaker, Line


class Slow:
    """A warehouse that answers when it is let."""

    def __init__(self) -> None:
        self.gate, self.asked, self.error = threading.Event(), 0, None  # type: ignore[var-annotated]

    def fetch(self, sql: str, *, timeout: float, most: int = 0) -> dict[str, list[Any]]:
        self.asked += 1
        assert self.gate.wait(30)
        if self.error:
            raise self.error
        return {"n": [self.asked]}


@pytest.fixture
def slow() -> Iterator[Slow]:
    found = Slow()
    yield found
    found.gate.set()


def soon(line: Line, sql: str = "SELECT 1", version: int = 1, patience: float = 0.0) -> Any:
    return line.fetch_soon(sql, version, timeout=10, patience=patience)


def test_who_asks_again_finds_the_answer_and_the_warehouse_is_asked_once(slow: Slow) -> None:
    line = Line("shop", "postgres", slow)  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(StillAsking, match=r"The warehouse shop is still being asked\."):
            soon(line)
    slow.gate.set()
    assert soon(line, patience=30) == {"n": [1]} == soon(line)
    assert slow.asked == 1


def test_another_version_of_the_rows_is_another_question(slow: Slow) -> None:
    line = Line("shop", "postgres", slow)  # type: ignore[arg-type]
    slow.gate.set()
    assert soon(line, patience=30) == {"n": [1]}
    assert soon(line, version=2, patience=30) == {"n": [2]}


def test_an_answer_is_forgotten_after_a_while_and_a_question_under_way_is_not(slow: Slow) -> None:
    now = [0.0]
    waiting = Waiting(clock=lambda: now[0])
    with pytest.raises(StillAsking):
        waiting.answer("a", lambda: slow.fetch("", timeout=1), 0)
    now[0] = KEPT + 1
    with pytest.raises(StillAsking):
        waiting.answer("a", lambda: slow.fetch("", timeout=1), 0)
    slow.gate.set()
    assert waiting.answer("a", lambda: slow.fetch("", timeout=1), 30) == {"n": [1]}
    assert waiting.answer("a", lambda: slow.fetch("", timeout=1), 30) == {"n": [2]}, "older than a minute"


@pytest.mark.parametrize("error", [Unreachable("did not answer within 10 s."), Refused("There is no such table.")])
def test_an_error_is_told_as_it_is_and_not_kept(slow: Slow, error: Any) -> None:
    line = Line("shop", "postgres", slow, Breaker(clock=count(step=1000).__next__))  # type: ignore[arg-type]
    slow.error = error
    slow.gate.set()
    with pytest.raises(type(error), match=error.message):
        soon(line, patience=30)
    slow.error = None
    assert soon(line, patience=30) == {"n": [2]}


def test_questions_that_fail_together_make_one_pause() -> None:
    breaker, clock = Breaker(clock=lambda: 0.0), Unreachable("is down.")

    def both() -> None:
        with pytest.raises(Unreachable):
            breaker.call(lambda: (_ for _ in ()).throw(clock))  # fails while the outer one is under way
        raise clock

    with pytest.raises(Unreachable):
        breaker.call(both)
    assert (breaker.failures, breaker.until) == (1, 15.0)
