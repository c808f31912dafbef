"""Shares of a dimension's values against those until now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.history import Mix
from dashapp.core.period import Grain
from tests.ingest.checks.past import Row, csv, history, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 120)
NEXT = trade(date(2025, 5, 1), 31, seed=8)
MANY = trade(date(2025, 5, 1), 31, seed=8, per_day=20)


def test_a_missing_region_is_told_with_its_usual_share(room: Room) -> None:
    room.history = history(KNOWN)
    found = issue(room.csv(csv(r for r in NEXT if r[1] != "EMEA"))[0], "mix-shift")
    assert found.column == "Region"
    share = sum(r[1] == "EMEA" for r in KNOWN) / len(KNOWN)
    assert f"EMEA 0% instead of {share:.0%}" in found.message


def test_a_column_that_says_the_same_everywhere_is_told(room: Room) -> None:
    room.history = history(KNOWN)
    assert "AMER 100%" in issue(room.csv(csv((d, "AMER", v) for d, _, v in NEXT))[0], "mix-shift").message


def test_the_usual_mix_is_not_told(room: Room) -> None:
    room.history = history(KNOWN)
    assert "mix-shift" not in codes(room.csv(csv(NEXT))[0])


def test_a_few_rows_say_nothing_about_shares(room: Room) -> None:
    room.history = history(KNOWN)
    assert "mix-shift" not in codes(room.csv(csv((d, "AMER", v) for d, _, v in NEXT[:20]))[0])


def test_a_mix_that_always_moved_may_move(room: Room) -> None:
    """Two regions take turns from month to month: the next turn is no surprise."""
    turns = [(d, ("EMEA", "APAC")[d.month % 2], v) for d, _, v in KNOWN]
    room.history = history(turns)
    assert "mix-shift" not in codes(room.csv(csv((d, "APAC", v) for d, _, v in NEXT))[0])


def channels(rows: list[Row], share: dict[str, int]) -> list[tuple[date, str, str, float]]:
    """Each region has its own share of the channel `web`, in rows of ten."""
    seen: dict[str, int] = {}
    out = []
    for day, region, value in rows:
        seen[region] = seen.get(region, 0) + 1
        out.append((day, region, "web" if seen[region] % 10 < share[region] else "shop", value))
    return out


def told_of_a_slice(room: Room, share: dict[str, int]) -> list[str]:
    usual = channels(KNOWN, {"EMEA": 9, "APAC": 5, "AMER": 1})
    mixes: dict[tuple[date, str, str], int] = {}
    for day, region, channel, _ in usual:
        name = (day.replace(day=1), region, channel)
        mixes[name] = mixes.get(name, 0) + 1
    room.history = replace(history(KNOWN), mixes=tuple(Mix("channel", m, c, n, r) for (m, r, c), n in mixes.items()))
    columns = (Column("date", "Date", RoleOf.DATE, "date"), Column("region", "Region", RoleOf.DIMENSION, "text"),
               Column("channel", "Channel", RoleOf.DIMENSION, "text"),
               Column("revenue", "Revenue", RoleOf.MEASURE, "money"))
    known = Dataset("sales", "Sales", grain=Grain.DAY, mode="replace-period", slice_columns=("region",),
                    columns=columns)
    text = "Date,Region,Channel,Revenue\n" + "".join(
        f"{d},{r},{c},{v}\n" for d, r, c, v in channels(MANY, share) if r == "AMER")
    return [i.message for i in room.csv(text, known=known)[0].issues if i.code == "mix-shift"]


def test_a_slice_is_held_against_its_own_past(room: Room) -> None:
    """AMER hardly sells in the web: its file is as ever, though all regions together sell there mostly."""
    assert told_of_a_slice(room, {"EMEA": 9, "APAC": 5, "AMER": 1}) == []


def test_a_slice_whose_mix_moved_is_told_by_name(room: Room) -> None:
    (told,) = told_of_a_slice(room, {"EMEA": 9, "APAC": 5, "AMER": 8})
    assert "The rows of Region AMER are distributed otherwise over 'Channel'" in told
