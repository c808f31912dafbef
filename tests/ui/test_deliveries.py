"""The delivery calendar in words: what is late stands first, and every mark is told."""
from __future__ import annotations

from datetime import date

from dashapp.core.calendar import Calendar
from dashapp.core.delivery import Deliveries, Rhythm, rhythm_of, rhythm_words, slots
from dashapp.core.period import Grain
from dashapp.core.words import Words
from dashapp.ui.deliveries import delivery_table
from tests.core.test_delivery import MONTHLY, came
from tests.ui.tree import nodes, of_type, sent, text

WORDS = Words()


def monthly(name: str, today: date) -> Deliveries:
    rhythm = rhythm_of(MONTHLY, Calendar())
    assert rhythm is not None
    return Deliveries(name.lower(), name, rhythm, slots(MONTHLY, rhythm, Calendar(), today), MONTHLY[-1], 12)


def test_what_is_late_stands_first_and_each_mark_is_told() -> None:
    found = [Deliveries("b", "Budget", None, (), None, 0), monthly("Accounts", date(2026, 2, 1)),
             monthly("Finance", date(2026, 2, 9)), monthly("Sales", date(2026, 2, 4))]
    shown = delivery_table(found, WORDS)
    assert [a["children"] for a in of_type(shown, "Link")] == ["Finance", "Sales", "Accounts", "Budget"]
    for said in ("Late", "Due", "On time", "No rhythm yet", "Jan 2026, due Feb 4, 2026",
                 "Jan 2026: late, due Feb 4, 2026", "Dec 2025: on time, came Jan 5, 2026, 11.csv",
                 "monthly, usually 3 working days after the month's end"):
        assert said in text(shown), said
    titles = [n["props"]["title"] for n in nodes(sent(shown)) if n["props"].get("className") == "ll-slot"]
    assert len(titles) == 14 + 14 + 13
    assert "No datasets yet" in text(delivery_table([], WORDS))


def test_a_rhythm_is_told_in_words_and_so_is_its_absence() -> None:
    def words(rhythm: Rhythm | None, seen: int = 9) -> str:
        return rhythm_words(Deliveries("x", "X", rhythm, (), came((date(2026, 1, 1),) * 2)[0], seen))

    assert words(Rhythm(Grain.DAY, 1, 2, False, frozenset())) == "daily, usually 1 day after the day's end"
    assert words(Rhythm(Grain.WEEK, 0, 2, False, frozenset())) == "weekly, usually on the day of the week's end"
    early = Rhythm(Grain.QUARTER, -2, 0, False, frozenset())
    assert words(early) == "quarterly, usually 2 days before the quarter's end"
    assert words(Rhythm(Grain.YEAR, 1, 2, True, frozenset())) == "yearly, usually 1 working day after the year's end"
    assert words(None, 3) == "too few deliveries to see a rhythm"
    assert words(None) == "no rhythm: it comes as it happens"
