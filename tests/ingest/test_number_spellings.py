"""A number written as any column may write it is read back as the number it was, and never as another one."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.mapping import NumberStyle
from dashapp.ingest.numbers import COMMA, POINT, decide, evidence, quote, styled_sql, value_sql
from tests.ingest.conftest import Room, codes, issue

STYLES = [NumberStyle(d, t) for d in ".," for t in (".", ",", " ", "'", "", "\u00a0", "\u202f") if t != d]
amounts = st.decimals(Decimal("-99999999999999.9999"), Decimal("99999999999999.9999"), places=4)
MINUS = ("-{}", "{}-", "({})", "−{}")
DRESSES = ("{}", "{} €", "€{}", "EUR {}", "{} EUR", "{}USD", " {} ", "\u00a0{}", "US$ {}", "{} kr.", "{} zł")


def spelled(amount: Decimal, style: NumberStyle) -> str:
    whole, _, rest = f"{abs(amount):,.4f}".partition(".")
    return whole.replace(",", style.thousands) + style.decimal + rest


def read(text: str, style: NumberStyle, kind: str = "money") -> object:
    row = duckdb.sql(f"SELECT {value_sql('(' + styled_sql(quote(text), style) + ')', kind)}").fetchone()
    return row[0] if row else None


def read_all(texts: list[str], style: NumberStyle) -> list[object]:
    sql = f"SELECT {value_sql('(' + styled_sql('t', style) + ')', 'money')} FROM (SELECT unnest(?::VARCHAR[]) AS t)"
    return [value for (value,) in duckdb.execute(sql, [texts]).fetchall()]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(amounts, st.sampled_from(DRESSES), st.sampled_from(MINUS)), min_size=1), st.sampled_from(STYLES)
)
def test_e12_what_was_written_is_what_is_read(cells: list[tuple[Decimal, str, str]], style: NumberStyle) -> None:
    texts = [
        dress.format(minus.format(spelled(amount, style)) if amount < 0 else spelled(amount, style))
        for amount, dress, minus in cells
    ]
    assert read_all(texts, style) == [amount for amount, _, _ in cells]


@settings(max_examples=25, deadline=None)
@given(st.lists(amounts.filter(lambda a: abs(a) >= 1000), min_size=1), st.booleans())
def test_e12_the_wrong_style_reads_nothing_rather_than_another_number(column: list[Decimal], is_comma: bool) -> None:
    right, wrong = (COMMA, POINT) if is_comma else (POINT, COMMA)
    texts = [spelled(amount, right) for amount in column]
    assert {evidence(t) for t in texts} == {right.decimal}
    assert read_all(texts, wrong) == [None] * len(texts)


@given(st.lists(amounts, min_size=1, max_size=8), st.sampled_from([POINT, COMMA]))
def test_e12_a_column_with_decimals_decides_its_style(column: list[Decimal], style: NumberStyle) -> None:
    decision = decide("x", [spelled(a, style) for a in column])
    assert (decision.style, decision.ask, decision.mixed) == (style, None, ())


@given(st.lists(st.integers(1, 999).flatmap(lambda w: st.sampled_from([f"{w}.234", f"{w},234"])), min_size=1))
def test_e12_three_digits_behind_one_mark_never_decide(column: list[str]) -> None:
    decision = decide("x", column)
    assert decision.style is None
    assert decision.ask is not None
    assert [c.value for c in decision.ask.choices] == [".", ","]


def test_e12_the_question_shows_both_readings_of_the_same_cell() -> None:
    ask = decide("Net", ["$1.234"]).ask
    assert ask is not None
    assert (ask.code, ask.column) == ("number-style", "Net")
    assert [c.label.rpartition(" is ")[2] for c in ask.choices] == ["1.234", "1234"]


def test_e12_contradictions_name_one_of_each() -> None:
    decision = decide("x", ["5", "1.5", "2,5", "1.234"])
    assert (decision.style, decision.mixed) == (None, ("1.5", "2,5"))


def test_a_column_without_any_mark_needs_no_question() -> None:
    assert decide("x", ["5", "1000", "-7"]).style == POINT


@pytest.mark.parametrize(
    ("text", "style", "kind", "value"),
    [
        ("12 %", POINT, "money", Decimal("0.12")),
        ("0.005%", POINT, "money", Decimal("0.0001")),
        ("-12,5 %", COMMA, "number", -0.125),
        ("1e3", POINT, "number", 1000.0),
        ("1,5e3", COMMA, "number", 1500.0),
        ("99999999999999.9999", POINT, "money", Decimal("99999999999999.9999")),
        ("100000000000000", POINT, "money", None),
        ("1e400", POINT, "money", None),
        ("1 234 567,89", COMMA, "number", 1234567.89),
        ("１．５", POINT, "number", 1.5),
    ],
)
def test_e12_percentages_exponents_and_limits(text: str, style: NumberStyle, kind: str, value: object) -> None:
    assert read(text, style, kind) == value


@pytest.mark.parametrize("text", ["1_000", "0x1F", "1__0", "5d", "0b1", "1e", "5 5", "one", "1..5", "+-5", "(5", "5)"])
def test_e12_what_only_a_programming_language_takes_for_a_number_is_refused(room: Room, text: str) -> None:
    done, rows = room.csv(
        "Date,Visits\n" + "".join(f"2025-01-0{n},{n}\n" for n in range(1, 9)) + f"2025-01-09,{text}\n"
    )
    assert [r["visits"] for r in rows] == [float(n) for n in range(1, 9)]
    assert (done.quarantined, issue(done, "number-unreadable").cell) == (1, "B10")


@pytest.mark.parametrize("text", ["1.234 ", " 1.234", " 1.234 ", "+1.234", "-1.234", "12.345 "])
def test_e12_blanks_and_signs_around_an_ambiguous_number_make_it_no_clearer(room: Room, text: str) -> None:
    found = room.inspect(room.file("a.csv", f"Date;Revenue\n2025-01-01;{text}\n2025-01-02;5\n"))
    assert [(q.code, q.column) for q in found.questions] == [("number-style", "Revenue")]


@pytest.mark.parametrize("text", ["0.123", "1234.567", "1.2345", "1.23", "0.500"])
def test_e12_what_can_be_no_thousands_mark_is_not_asked_about(room: Room, text: str) -> None:
    found = room.inspect(room.file("a.csv", f"Date;Revenue\n2025-01-01;{text}\n2025-01-02;5\n"))
    assert found.questions == ()


def test_e12_a_style_for_the_whole_file_and_one_for_a_column(room: Room) -> None:
    mapping = {"number": {"decimal": ",", "thousands": "."},
               "columns": {"Cost": {"number": {"decimal": ".", "thousands": ","}}}}  # fmt: skip
    done, rows = room.csv("Date;Revenue;Cost\n2025-01-01;1.234,5;1,234.5\n2025-01-02;2.000;2.000\n", mapping)
    assert [(r["revenue"], r["cost"]) for r in rows] == [
        (Decimal("1234.5"), Decimal("1234.5")),
        (Decimal(2000), Decimal(2)),
    ]
    assert done.mapping.columns["Revenue"].number == COMMA
    assert done.mapping.columns["Cost"].number == POINT


def test_e12_every_currency_sign_and_percent_of_one_column_is_dropped_with_its_value_kept(room: Room) -> None:
    lines = "".join(f"2025-01-{n:02d};{t}\n" for n, t in enumerate(("€ 5,50", "5,50 €", "-5,50€", "(5,50 €)"), 1))
    done, rows = room.csv("Date;Revenue\n" + lines)
    assert [r["revenue"] for r in rows] == [Decimal("5.5"), Decimal("5.5"), Decimal("-5.5"), Decimal("-5.5")]
    assert not {c for c in codes(done) if c.startswith("currency")}
