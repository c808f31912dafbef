"""Kind, grain, key and mode: proposed where the rows leave no doubt, left open where they do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.period import Grain
from dashapp.ingest.propose import grain_of
from tests.ingest.conftest import Room


def shown(room: Room, text: str, mapping: dict | None = None, known: Dataset | None = None) -> tuple:
    found = room.inspect(room.file("p.csv", text), mapping, known).mapping
    return found.kind, found.grain, found.key, found.mode


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


@given(st.integers(1990 * 12, 2100 * 12), st.integers(2, 12), st.sampled_from([1, 3, 12]), st.booleans())
def test_regular_periods_are_recognised_by_their_first_or_last_days(
    start: int, count: int, step: int, ends: bool
) -> None:
    firsts = [date(m // 12, m % 12 + 1, 1) for m in range(start, start + count * step, step)]
    days = [month_end(d) for d in firsts] if ends else firsts
    wanted = {1: Grain.MONTH, 3: Grain.QUARTER, 12: Grain.YEAR}[step]
    assert grain_of(days) == (wanted, "end" if ends else "start")


@given(st.dates(date(2000, 1, 2), date(2050, 1, 1)), st.lists(st.integers(1, 4), min_size=1, max_size=9))
def test_steps_of_whole_weeks_are_weeks_and_a_day_between_makes_them_days(first: date, steps: list[int]) -> None:
    days = [first]
    for step in steps:
        days.append(days[-1] + timedelta(7 * step))
    if any(d.day != 1 for d in days) and any(month_end(d) != d for d in days):
        assert grain_of(days) == (Grain.WEEK, "start")
    odd = sorted({*days, days[-1] + timedelta(1)})
    if any(d.day != 1 for d in odd) and any(month_end(d) != d for d in odd):
        assert grain_of(odd) == (Grain.DAY, "start")


@pytest.mark.parametrize(
    ("days", "grain"),
    [
        ([], Grain.DAY),
        ([date(2025, 1, 1)], Grain.DAY),
        ([date(2024, 2, 29), date(2024, 3, 31)], Grain.MONTH),
        ([date(2025, 2, 28), date(2025, 3, 30)], Grain.DAY),
        ([date(2025, 12, 31), date(2026, 1, 31)], Grain.MONTH),
        ([date(2025, 1, 1), date(2025, 4, 1), date(2025, 6, 1)], Grain.MONTH),
        ([date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1)], Grain.QUARTER),
    ],
)
def test_the_edges_of_months_and_years(days: list[date], grain: Grain) -> None:
    assert grain_of(days)[0] is grain


def test_one_row_a_day_is_keyed_by_its_day(room: Room) -> None:
    text = "Date,Revenue\n2025-01-01,5\n2025-01-02,6\n2025-01-04,7\n"
    assert shown(room, text) == ("facts", Grain.DAY, ("date",), "upsert")


def test_one_row_a_day_and_region_is_keyed_by_both(room: Room) -> None:
    text = "Date,Region,Revenue\n" + "".join(f"2025-01-0{d},{r},5\n" for d in (1, 2, 4) for r in ("EMEA", "APAC"))
    assert shown(room, text) == ("facts", Grain.DAY, ("date", "region"), "upsert")


@pytest.mark.parametrize(("label", "values", "key"), [
    ("Store", ["North"] * 3, ("date", "store")),
    ("Country", ["DE"] * 3, ("date", "country")),
    ("Store", ["North", None, "North"], ("date",)),
    ("Remark", ["quiet", "storm", "quiet"], ("date",)),
])
def test_what_a_whole_sheet_is_about_belongs_to_its_key_and_a_remark_does_not(room: Room, label, values, key) -> None:
    rows = "".join(f"2025-01-0{n},{v or ''},{n}0\n" for n, v in enumerate(values, 1))
    assert shown(room, f"Date,{label},Revenue\n{rows}")[2] == key


def test_readings_of_one_store_are_keyed_by_the_store_too(room: Room) -> None:
    text = "Date,KPI,Value,Store\n2025-01-01,NPS,1,North\n2025-01-01,Churn,2,North\n2025-01-02,NPS,3,North\n"
    assert shown(room, text)[2] == ("date", "kpi", "store")


def test_rows_that_share_their_day_and_labels_have_no_certain_key(room: Room) -> None:
    text = "Date,Region,Visits\n2025-01-01,EMEA,5\n2025-01-01,EMEA,6\n2025-01-02,APAC,7\n"
    assert shown(room, text)[2:] == (None, None)


def test_a_single_row_is_no_evidence_for_a_key(room: Room) -> None:
    assert shown(room, "Date,Revenue\n2025-01-01,5\n")[2:] == (None, None)


def test_a_customer_in_a_row_makes_it_an_event(room: Room) -> None:
    text = "Date,Customer ID,Revenue\n2025-01-01,C1,5\n2025-01-02,C2,6\n2025-01-03,C1,7\n"
    assert shown(room, text) == ("facts", Grain.EVENT, None, None)


def test_an_identifier_that_is_empty_once_is_no_key(room: Room) -> None:
    text = "order_id,date,revenue\nA,2025-01-01,5\n,2025-01-02,6\nC,2025-01-03,7\n"
    assert shown(room, text)[2] is None


def test_rows_that_repeat_entirely_do_not_spoil_a_key(room: Room) -> None:
    text = "order_id,date,revenue\nA,2025-01-01,5\nA,2025-01-01,5\nB,2025-01-03,7\n"
    assert shown(room, text) == ("facts", Grain.EVENT, ("order_id",), "upsert")


def test_refused_and_excluded_rows_have_no_say(room: Room) -> None:
    text = "Date,Revenue\n2025-01-01,5\n2025-01-02,6\n2025-01-04,7\n2025-02-30,8\nTotal,26\n"
    assert shown(room, text) == ("facts", Grain.DAY, ("date",), "upsert")


def test_readings_are_keyed_by_day_and_name_not_by_day_alone(room: Room) -> None:
    text = "Date,Kennzahl,Wert\n2025-01-31,NPS,41\n2025-01-31,CSAT,4\n2025-02-28,NPS,40\n"
    assert shown(room, text) == ("facts", Grain.MONTH, ("date", "kpi"), "upsert")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("sku_id,name,price\nS1,Lamp,5\nS2,Lamp,6\n", ("sku_id",)),
        ("region,manager\nEMEA,Kim\nAPAC,Kim\n", ("region",)),
        ("customer,segment\nC1,A\nC2,A\n", ("customer",)),
        ("name,price\nLamp,5\nLamp,6\n", None),
        ("price,cost\n5,1\n6,2\n", None),
    ],
)
def test_a_table_without_dates_is_a_reference_by_what_names_its_rows(
    room: Room, text: str, key: tuple[str, ...] | None
) -> None:
    kind, grain, found, mode = shown(room, text)
    assert (kind, grain, found, mode) == (("reference", None, key, "upsert") if key else (None, None, None, None))


def test_an_open_question_about_dates_leaves_grain_and_key_open(room: Room) -> None:
    assert shown(room, "Date,Revenue\n03/04/2025,5\n04/04/2025,6\n") == ("facts", None, None, None)


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"key": []}, ("facts", Grain.DAY, (), None)),
        ({"key": ["Region"]}, ("facts", Grain.DAY, ("region",), "upsert")),
        ({"mode": "append"}, ("facts", Grain.DAY, (), "append")),
        ({"grain": "week"}, ("facts", Grain.WEEK, ("date",), "upsert")),
        ({"kind": "snapshot"}, ("snapshot", Grain.DAY, ("date",), "upsert")),
        ({"key": [], "mode": "replace-period"}, ("facts", Grain.DAY, (), "replace-period")),
    ],
)
def test_what_is_declared_stands(room: Room, mapping: dict, expected: tuple) -> None:
    assert (
        shown(room, "Date,Region,Revenue\n2025-01-01,EMEA,5\n2025-01-02,APAC,6\n2025-01-04,Amer,7\n", mapping)
        == expected
    )


def test_what_is_known_comes_before_what_is_guessed(room: Room) -> None:
    columns = (
        Column("date", "Date", RoleOf.DATE, "date"),
        Column("region", "Region", RoleOf.DIMENSION, "text"),
        Column("revenue", "Revenue", RoleOf.MEASURE, "money"),
    )
    known = Dataset(
        "d", "D", grain=Grain.MONTH, marks="end", key_columns=("date", "region"), mode="append", columns=columns
    )
    text = "Date,Region,Revenue\n2025-01-01,EMEA,5\n2025-01-02,APAC,6\n2025-01-04,Amer,7\n"
    assert shown(room, text, known=known) == ("facts", Grain.MONTH, ("date", "region"), "append")
    assert room.inspect(room.file("p.csv", text), None, known).mapping.marks == "end"
    assert shown(room, text, {"key": ["region"], "mode": "upsert"}, known)[2:] == (("region",), "upsert")


def test_a_dataset_that_has_no_key_gets_none_by_guessing(room: Room) -> None:
    known = Dataset("d", "D", mode=None, columns=(Column("date", "Date", RoleOf.DATE, "date"),))
    assert shown(room, "Date,Revenue\n2025-01-01,5\n2025-01-02,6\n", known=known)[2:] == ((), None)


@pytest.mark.parametrize(("labels", "is_keyed"), [(4, True), (5, False)])
def test_a_day_and_more_than_four_labels_are_chance_not_a_key(room: Room, labels: int, is_keyed: bool) -> None:
    names = [f"label_{n}" for n in range(labels)]
    rows = [["2025-01-01", *(str(n) * (1 + (k >> n & 1)) + "x" for n in range(labels))] for k in range(8)]
    text = ",".join(["Date", *names, "Visits"]) + "\n" + "".join(",".join([*r, "5"]) + "\n" for r in rows)
    assert shown(room, text)[2] == (("date", *names) if is_keyed else None)


@pytest.mark.parametrize(("order", "key"), [("one", ("order_no",)), ("both", ("order_no", "line_no")), ("none", None)])
def test_one_identifier_is_tried_before_two_and_three_never(
    room: Room, order: str, key: tuple[str, ...] | None
) -> None:
    numbers = {"one": ("{n}", "{n}"), "both": ("{h}", "{m}"), "none": ("1", "{m}")}[order]
    lines = "".join(
        ",".join(x.format(n=n, h=n // 2, m=n % 2) for x in ("2025-01-01", *numbers, "{n}5")) + "\n" for n in range(8)
    )
    assert shown(room, "Date,Order No,Line No,Visits\n" + lines)[2] == key
