"""E22: figures over several currencies against plain Python: rates with gaps, splits, rollups and moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.rollup import rollup_of
from dashapp.facts.ledger import Ledger
from dashapp.facts.tables import TableAt
from tests.facts.ground import Ground
from tests.query.bureau import FX, KPIS, MEANINGS, SALES, NoRate, ask, fetched, figure, periods
from tests.query.shop import TODAY, connect, states

START, DAYS = date(2025, 1, 20), 60
AT_RANDOM = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
EXACT = ("sum", "min", "max", "first", "last", "count", "distinct")
SPEC = replace(rollup_of(SALES).with_dimensions(("region", "currency")), entity=None)  # the table of days only

amounts = st.one_of(st.none(), st.integers(-4000, 90_000).map(lambda n: Decimal(n) / 100),
                    st.integers(-(10**7), 10**9).map(lambda n: Decimal(n) / 10_000))
sale = st.fixed_dictionaries({
    "date": st.integers(0, DAYS).map(lambda n: START + timedelta(n)),
    "region": st.sampled_from(["EMEA", "APAC", None]),
    "channel": st.sampled_from(["web", "shop", None]),
    "customer": st.sampled_from(["a", "b", "c", None]),
    "currency": st.sampled_from(["EUR", "EUR", "USD", "usd", " USD ", "GBP", "JPY", None, ""]),
    "qty": st.one_of(st.none(), st.integers(0, 12).map(lambda n: n / 4)),
    "price": amounts,
    "revenue": amounts,
})
rates = st.one_of(st.integers(1, 10**9).map(lambda n: n / 10**9), st.floats(1e-6, 1e5), st.just(1 / 3))
rate = st.fixed_dictionaries({
    "date": st.integers(-10, DAYS // 3).map(lambda n: START + timedelta(3 * n)),
    "currency": st.sampled_from(["USD", "USD", "GBP", "JPY"]),
    "rate": rates,
})


def listed(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last of several rates of a code and day: the list has a key."""
    return list({(r["date"], r["currency"]): r for r in found}.values())


@st.composite
def questions(draw: Any) -> Question:
    grain = draw(st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH]))
    first = START + timedelta(draw(st.integers(0, DAYS // 2)))
    span = DateRange(first, first + timedelta(draw(st.integers(0, 12 if grain is Grain.DAY else 40))))
    keys = draw(st.lists(st.sampled_from(sorted(KPIS)), min_size=3, max_size=5, unique=True))
    return Question(tuple(keys), grain, span, draw(st.sampled_from([(), ("region",), ("currency",)])))


def agree(question: Question, found: Any, sales: Any, fx: Any) -> None:
    """Every point is what plain Python makes of its rows; what has no value says which rate is missing."""
    for series in found:
        formula, meaning = MEANINGS[series.kpi]
        for point in series.points:
            split = dict(point.split)
            rows = [r for r in sales if r["date"] in point.period and all(r[k] == v for k, v in split.items())
                    and r["date"] <= TODAY]
            told = (formula, point.period.label, split)
            try:
                want = figure(meaning, rows, fx)
            except NoRate as missing:
                day, code = missing.args
                assert point.value is None, told
                assert point.reason == (f"There is no rate for {code} on {day.day} {day:%b %Y}, nor in the 7 days "
                                        "before, in fx."), told
                continue
            if want is None:
                assert point.value is None, told
                continue
            assert point.value is not None, (told, point.reason)
            if meaning.func in EXACT and meaning.arg != "qty*price":
                assert Fraction(point.value) == want, told
            else:
                size = sum(1 for _ in rows) + abs(float(want))
                assert abs(Fraction(point.value) - want) <= Fraction(size) / 10**8, told


@AT_RANDOM
@given(questions(), st.lists(sale, max_size=30), st.lists(rate, max_size=40))
def test_e22_every_figure_is_what_plain_python_converts_row_by_row(question: Question, sales: Any, said: Any) -> None:
    fx = listed(said)
    agree(question, ask(question, {"sales": sales, "fx": fx}), sales, fx)


@AT_RANDOM
@given(questions(), st.lists(sale, max_size=30), st.lists(rate, max_size=40))
def test_e22_sums_of_a_day_and_currency_convert_to_the_same_figures(question: Question, sales: Any, said: Any) -> None:
    fx = listed(said)
    tables = {"sales": sales, "fx": fx}
    connection = connect(tables, {"sales": SALES, "fx": FX})
    parts = [f'count({m.sql}) AS "{m.count}", sum({m.sql}) AS "{m.sum}", min({m.sql}) AS "{m.min}", '
             f'max({m.sql}) AS "{m.max}"' for m in SPEC.measures]
    connection.execute(f"CREATE TABLE sales__day AS SELECT date, region, currency, count(*) AS _rows, "
                       f"{', '.join(parts)} FROM sales GROUP BY ALL")
    got = ask(question, tables, connection=connection, rollups={"sales": SPEC})
    agree(question, got, sales, fx)


@settings(AT_RANDOM, max_examples=1)
@given(questions(), st.lists(sale, min_size=5, max_size=20), st.lists(st.lists(rate, min_size=1, max_size=12),
                                                                   min_size=2, max_size=3))
def test_e22_a_moment_converts_with_the_rates_that_were_known_then(question: Question, sales: Any,
                                                                  said: Any) -> None:
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder), memory_limit="256MB", threads=1)
        shop, bank = (Ground(Path(folder), dataset=d) for d in (SALES, FX))
        shop.ledger = bank.ledger = ledger
        shop.upload(sales, "append", columns=SALES.columns, key=())
        moments, known = [], []
        for batch in map(listed, said):
            bank.upload(batch, columns=FX.columns, key=FX.key_columns)
            moments.append(bank.now)
            known = listed([*known, *batch])
            tables = ledger.tables([TableAt(shop.dataset, shop.vintages), TableAt(bank.dataset, bank.vintages)])
            agree(question, _through(question, tables, sales), sales, known)
        tables = ledger.tables([TableAt(shop.dataset, shop.vintages, moments[0]),
                                TableAt(bank.dataset, bank.vintages, moments[0])])
        agree(question, _through(question, tables, sales), sales, listed(said[0]))


def _through(question: Question, tables: Any, sales: Any) -> Any:
    state = states({"sales": sales}, {"sales": SALES, "fx": FX})
    return fetched(question, state, lambda plan: {s.name: tables.fetch(s.sql) for s in plan.scans})


def test_the_periods_of_a_question_are_those_that_are_compared() -> None:
    question = Question(("total",), Grain.MONTH, DateRange(START, START + timedelta(40)))
    assert [p.label for p in periods(question)] == ["2025-01", "2025-02", "2025-03"]
