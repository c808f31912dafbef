"""Answers are kept by what they stand on: found again by every process, never across scopes, never when it changed."""
from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import current_app
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.actor import Actor
from dashapp.core.errors import Unavailable
from dashapp.core.filters import Filters
from dashapp.core.kpi import Kpi
from dashapp.core.organisation import Organisation
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.series import Series
from dashapp.core.vintage import Vintage
from dashapp.core.where import Where, parse_wheres
from dashapp.services import asking, caching, defining, overviewing, reverting, serving
from dashapp.services.caching import CLASSES, Answers, is_final, key_of
from dashapp.services.scene import Scene, load_scene
from models import db
from tests.services.world import ORDERS_MAPPING, SPAN, World, opened, orders, orders_csv, scoped

ROWS = orders(80)
SCOPES = ("region=EMEA", "region=APAC", "region=APAC|EMEA", "region!=EMEA", "sku=S1", "region~=A")


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    with opened(tmp_path, sqlite_template) as found:
        found.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING, build=True)
        yield found


def another(world: World) -> World:
    """The same installation in another process: nothing in memory."""
    desk = world.desk
    return World(replace(desk, ledger=type(desk.ledger)(desk.ledger.root),
                         answers=Answers(desk.folder / "cache", desk.secret)), world.cast, world.now)


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    def computed(*_args: Any, **_more: Any) -> None:
        raise AssertionError("this answer should have been kept")

    monkeypatch.setattr(asking, "answer_on", computed)


def files(world: World) -> set[str]:
    return {p.name for p in (world.desk.folder / "cache").glob("*.answer")}


def overview(world: World, actor: Actor | None = None) -> dict[str, Any]:
    return overviewing.overview(actor or world.cast.executive, world.desk, Filters(), now=world.now).to_json()


def test_another_process_finds_the_answers_of_this_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = overview(world)
    assert files(world)
    forbid(monkeypatch)
    assert overview(another(world)) == seen
    assert overview(world) == seen


def test_every_kind_of_answer_comes_back_to_the_last_digit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    defining.save(world.cast.analyst, world.desk, Kpi("skus", "SKUs", "distinct(orders.sku)"), now=world.now)
    defining.save(world.cast.analyst, world.desk, Kpi("odd", "Odd", "growth(revenue) / skus"), now=world.now)
    asked = [{"kpi": k, "grain": g, "by": b, "compare": c, "span": DateRange(date(2025, 10, 20), date(2026, 1, 15))}
             for k, (g, c), b in product(("revenue", "units", "skus", "odd"), (("day", "none"), ("month", "previous")),
                                         ((), ("region",)))]
    asked += [{"kpi": "odd", "as_of": world.now}, {"kpi": "revenue", "where": ("region=EMEA",), "compare": "target"},
              {"kpi": "skus", "grain": "year", "by": ("sku", "region"), "compare": "previous_year"}]
    first = [world.series(**a) for a in asked]
    forbid(monkeypatch)
    again = [another(world).series(**a) for a in asked]
    assert again == first
    assert [repr(a) for a in again] == [repr(f) for f in first]
    assert {type(p.value) for s in first for p in s.points} >= {Decimal, float, int, type(None)}


def test_every_member_of_a_series_can_be_kept(world: World) -> None:
    """Whoever gives an answer new members with classes of their own adds these to CLASSES."""
    text = " ".join(str(f.type) for c in CLASSES if hasattr(c, "__dataclass_fields__") for f in fields(c))
    named = {word for word in text.replace("[", " ").replace("]", " ").replace(",", " ").split() if word[0].isupper()}
    assert named - {"Number", "Unit", "None"} <= {c.__name__ for c in CLASSES}


@pytest.mark.parametrize("scope", SCOPES)
def test_b6_no_entry_is_shared_between_scopes(world: World, scope: str) -> None:
    """Also not where a filter asks for the same rows."""
    world.series("revenue", where=(scope,))
    overview(world)
    before = files(world)
    actor = scoped(world.cast.executive, scope)
    mine = world.series("revenue", actor=actor)
    overview(world, actor)
    added = files(world) - before
    assert len(added) >= 2
    assert mine.total is not None
    assert mine.total.value == sum((r.revenue for r in ROWS if _sees(scope, r)), Decimal(0))
    kept = files(world)
    world.series("revenue", actor=actor)
    overview(world, actor)
    assert files(world) == kept


def _sees(scope: str, row: Any) -> bool:
    (where,) = parse_wheres((scope,))
    value = getattr(row, where.column)
    if where.op == "~=":
        return where.values[0] in value
    return (value in where.values) is (where.op == "=")


WHERES = st.lists(st.builds(Where, st.sampled_from(("region", "sku")), st.sampled_from(("=", "!=", "~=")),
                            st.lists(st.text(max_size=2), min_size=1, max_size=2).map(tuple)), max_size=2).map(tuple)
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 3))
QUESTIONS = st.builds(
    Question, st.sampled_from((("a",), ("b",), ("a", "b"), ("b", "a"))), st.sampled_from((Grain.DAY, Grain.MONTH)),
    st.tuples(DAYS, DAYS).map(lambda d: DateRange(min(d), max(d))), st.sampled_from(((), ("region",))), WHERES,
    st.sampled_from(("none", "previous")), st.sampled_from((None, datetime(2026, 1, 1, tzinfo=UTC))), WHERES)
EMPTY = Scene(("url",), {}, {"orders": ()}, {}, {}, {})
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def key(question: Question, scene: Scene = EMPTY, organisation: Organisation = Organisation(),  # noqa: B008
        now: datetime = NOON) -> str:
    return key_of(organisation, scene, question, now=now)


@given(QUESTIONS, QUESTIONS)
def test_different_questions_have_different_keys(one: Question, other: Question) -> None:
    assert (key(one) == key(other)) is (one == other)


@given(QUESTIONS, WHERES)
def test_b6_the_scope_is_a_part_of_the_key(question: Question, scope: tuple[Where, ...]) -> None:
    assert (key(replace(question, scope=scope)) == key(question)) is (scope == question.scope)


def test_the_key_changes_with_date_settings_definitions_and_rows_and_with_nothing_else() -> None:
    asked = Question(("a",), Grain.MONTH, SPAN)
    kpi = Kpi("a", "A", "1 + 1", version=1)
    history = {"a": ((NOON - timedelta(9), kpi, False),)}
    upload = Vintage("u1", "orders", 1, NOON - timedelta(9), "u1.parquet", "ab" * 32, 3, "append")
    base = replace(EMPTY, history=history, vintages={"orders": (upload,)})
    known = key(asked, base)

    def of(**changed: Any) -> str:
        return key(asked, replace(base, **changed))

    other = replace(kpi, formula="1 + 2", version=2)
    later = replace(upload, id="u2", commit=2)
    undone, redone = (NOON - timedelta(2), False), (NOON - timedelta(1), True)
    different = [
        key(asked, base, Organisation(fiscal_month=4)), key(asked, base, now=NOON + timedelta(1)),
        of(history={"a": (*history["a"], (NOON - timedelta(1), other, False))}), of(vintages={"orders": ()}),
        of(vintages={"orders": (upload, later)}), of(vintages={"orders": (replace(upload, sha256="cd" * 32),)}),
        of(vintages={"orders": (replace(upload, data_through=date(2026, 1, 2)),)})]
    assert len({known, *different}) == len(different) + 1
    same = [key(asked, base, now=NOON + timedelta(hours=3)), of(served={"orders": 7}), of(token=("elsewhere", 8)),
            of(vintages={"orders": (replace(upload, events=(undone, redone)),)})]
    assert set(same) == {known}
    assert of(vintages={"orders": (replace(upload, events=(undone,)),)}) == of(vintages={"orders": ()})
    assert of(vintages={"orders": (replace(upload, events=(undone,)),)}) == of(vintages={"orders": ()})


def test_a_question_about_the_past_keeps_its_key_whatever_comes_later() -> None:
    upload = Vintage("u1", "orders", 1, NOON - timedelta(9), "u1.parquet", "ab" * 32, 3, "append")
    later = replace(upload, id="u2", commit=2, committed_at=NOON)
    asked = Question(("a",), Grain.MONTH, SPAN, as_of=NOON - timedelta(5))
    before, after = (replace(EMPTY, vintages={"orders": v}) for v in ((upload,), (upload, later)))
    assert key(asked, before) == key(asked, after, now=NOON + timedelta(3))
    assert key(replace(asked, as_of=None), before) != key(replace(asked, as_of=None), after)


def test_a_commit_its_undo_and_a_new_definition_are_seen_at_once(world: World) -> None:
    first = world.total("revenue")
    more = orders(10, prefix="B")
    done = world.bring(orders_csv(more), "more.csv", "orders")
    assert world.total("revenue") == first + sum(r.revenue for r in more)
    assert another(world).total("revenue") == world.total("revenue")
    reverting.undo(world.cast.finance, world.desk, done.id, now=world.now)
    assert world.total("revenue") == first
    old = load_scene().kpis["revenue"]
    defining.save(world.cast.analyst, world.desk, replace(old, formula="2 * sum(orders.revenue)"), now=world.now)
    assert world.total("revenue") == 2 * first


def test_serving_the_same_rows_keeps_the_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.bring(orders_csv(orders(5, prefix="C")), "c.csv", "orders")
    seen = world.series("revenue", "day", by=("region",))
    serving.build(world.desk, "orders")
    forbid(monkeypatch)
    assert world.series("revenue", "day", by=("region",)) == seen


def test_what_cannot_be_read_is_computed_again(world: World) -> None:
    seen = overview(world)
    for path in (world.desk.folder / "cache").glob("*.answer"):
        path.write_bytes(path.read_bytes()[:-1])
    assert overview(another(world)) == seen
    for path in (world.desk.folder / "cache").glob("*.answer"):
        path.write_bytes(b"rubbish")
    assert overview(another(world)) == seen


def test_an_answer_of_another_shape_is_computed_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written by code of another version that happened to have the same key."""
    seen = world.series("revenue")

    def unreadable(_text: str, _classes: Any) -> None:
        raise ValueError("not the text of such a value")

    monkeypatch.setattr(caching, "restored", unreadable)
    assert another(world).series("revenue") == seen


def test_what_fails_is_kept_by_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(world)
    with monkeypatch.context() as patch:
        def late(*_args: Any, **_more: Any) -> None:
            raise Unavailable("This question took longer than 30 seconds.")

        patch.setattr(asking, "answer_on", late)
        with pytest.raises(Unavailable):
            world.series("revenue")
    assert files(world) == before
    assert world.total("revenue") == sum(r.revenue for r in ROWS)


def test_ten_who_open_the_overview_after_a_publish_cause_one_computation(world: World) -> None:
    world.bring(orders_csv(orders(6, prefix="D")), "d.csv", "orders", build=True)
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    db.session.remove()
    command = [sys.executable, "-m", "tests.services.answer_process", url, str(world.desk.folder), "2"]
    with ExitStack() as stack:
        processes = [stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                          text=True)) for _ in range(5)]
        assert [p.stdout.readline().strip() for p in processes if p.stdout] == ["ready"] * 5
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        told = {p.stdout.readline().strip() for p in processes if p.stdout}
        assert [p.wait(240) for p in processes] == [0] * 5
    assert len(told) == 1, "all see the same figures"
    assert told.pop().endswith("by 2")
    computed = (world.desk.folder / "computed").read_text().splitlines()
    assert len(computed) == len(set(computed)) > 0, "no question was computed twice"


def test_answers_without_a_folder_are_kept_in_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = World(replace(world.desk, answers=Answers()), world.cast)
    before = files(world)
    seen = alone.series("revenue")
    assert files(world) == before
    forbid(monkeypatch)
    assert alone.series("revenue") == seen
    alone.desk.answers.forget()
    with pytest.raises(AssertionError):
        alone.series("revenue")


def test_memory_holds_the_latest_answers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "IN_MEMORY", 3)
    answers, made = Answers(), []

    def ask(name: str) -> tuple[Series, ...]:
        return answers.get(name * 64, lambda: made.append(name) or (), seconds=1)  # type: ignore[func-returns-value]

    for name in "abcabca":
        ask(name)
    assert "".join(made) == "abc"
    for name in "dbcda":
        ask(name)
    assert "".join(made) == "abcdbca"


SERIES = Series("a", "A", "number", 0, "up", Grain.DAY, SPAN.start, SPAN.end, (), ())


def test_an_answer_that_is_a_part_for_a_moment_is_given_and_kept_by_nobody(tmp_path: Path) -> None:
    answers, made = Answers(tmp_path, b"secret"), []

    def ask(answer: Series) -> tuple[Series, ...]:
        def make() -> tuple[Series, ...]:
            made.append(answer)
            return (answer,)

        return answers.get("ab" * 32, make, seconds=1)

    part, whole = replace(SERIES, is_partial=True), replace(SERIES, name="whole")
    assert not is_final((whole, part))
    assert ask(part)[0].is_partial
    assert not list(tmp_path.glob("*.answer"))
    assert ask(whole) == ask(part) == (whole,)
    assert made == [part, whole]


def test_who_is_in_a_hurry_gives_nobody_else_a_part(tmp_path: Path) -> None:
    """While somebody waits for the whole answer, a screen gets what is there, and the other way round."""
    answers = Answers(tmp_path, b"secret")
    part, whole = replace(SERIES, is_partial=True), replace(SERIES, name="whole")

    def patient() -> tuple[Series, ...]:
        assert answers.get("ab" * 32, lambda: (part,), seconds=60, hurried=True) == (part,)
        return (whole,)

    assert answers.get("ab" * 32, patient, seconds=60) == (whole,)
    assert answers.get("ab" * 32, patient, seconds=60, hurried=True) == (whole,)
