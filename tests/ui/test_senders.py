"""The list of senders: what each one's files are like, and its verbs."""
from __future__ import annotations

from datetime import UTC, datetime

from dashapp.core.profile import ProfileView
from dashapp.core.words import Words
from dashapp.ui.senders import sender_list
from tests.ui.tree import nodes, sent, text

AT = datetime(2026, 3, 16, tzinfo=UTC)


def test_every_sender_has_a_line_with_its_habits_and_its_verbs() -> None:
    one = ProfileView("Berlin <b>", ("Datum", "Umsatz", *(f"Spalte {n}" for n in range(7))), "Blatt 1", "wide", AT, 3)
    shown = sender_list([("sales", one)], Words())
    told = text(shown)
    for said in ("sales", "Datum", "and 3 more", "Blatt 1", "Periods across", "3 files"):
        assert said in told, said
    ids = [i for n in nodes(sent(shown)) if isinstance(i := n["props"].get("id"), dict)]
    assert ids == [{"part": part, "dataset": "sales", "sender": "Berlin <b>"}
                   for part in ("sender-name", "sender-rename", "sender-forget")]


def test_before_the_first_file_the_list_says_what_will_stand_there() -> None:
    assert "No file has been committed yet." in text(sender_list([], Words()))
