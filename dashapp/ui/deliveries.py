"""The delivery calendar: a line per dataset, and its latest periods as a row of marks with words."""
from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html

from dashapp.core.delivery import Deliveries, Slot, rhythm_words
from dashapp.core.words import NO_VALUE, Words
from dashapp.ui.badge import badge
from dashapp.ui.icon import hidden_words, icon
from dashapp.ui.states import empty
from dashapp.ui.table import boxed

STATES = {"late": ("Late", "critical", "x-octagon-fill"), "due": ("Due", "warning", "hourglass-split"),
          "expected": ("On time", "ok", "check-circle-fill"), "unknown": ("No rhythm yet", "none", "dash-circle")}
MARKS = {"on time": ("check-circle-fill", "ok"), "came late": ("exclamation-triangle-fill", "warning"),
         "expected": ("circle", "none"), "due": ("hourglass-split", "warning"), "late": ("x-octagon-fill", "critical")}


def delivery_table(found: Sequence[Deliveries], words: Words) -> html.Div:
    """Every dataset: what is late first, then what is due."""
    if not found:
        return empty("No datasets yet", "Bring files; after a few of them their rhythm is seen here.")
    ordered = sorted(found, key=lambda d: (list(STATES).index(d.state), d.name))
    heads = ("Dataset", "State", "Rhythm", "Last came", "Data through", "Next", "Latest periods")
    head = html.Tr([html.Th(h, scope="col") for h in heads])
    inner = html.Table([html.Thead(head), html.Tbody([_line(d, words) for d in ordered])], className="ll-table")
    return boxed(inner, "Deliveries")


def _line(found: Deliveries, words: Words) -> html.Tr:
    word, tone, picture = STATES[found.state]
    following, last = found.next, found.last
    due = f"{words.period(following.period)}, due {words.day(following.due)}" if following else NO_VALUE
    return html.Tr([
        html.Th(dcc.Link(found.name, href=f"/data/vintages?dataset={found.dataset}"), scope="row"),
        html.Td(badge(word, tone, picture)), html.Td(rhythm_words(found), className="ll-reason"),
        html.Td(words.day(last.day) if last else NO_VALUE), html.Td(words.day(last.through) if last else NO_VALUE),
        html.Td(due), html.Td(html.Ol([_mark(s, words) for s in found.slots], className="ll-slots")),
    ])


def _mark(slot: Slot, words: Words) -> html.Li:
    """One period: a sign with a colour, and all of it in words for the tooltip and for screen readers."""
    picture, tone = MARKS[slot.state]
    when = f"came {words.day(slot.arrival.day)}" if slot.arrival else f"due {words.day(slot.due)}"
    file = f", {slot.arrival.file}" if slot.arrival and slot.arrival.file else ""
    told = f"{words.period(slot.period)}: {slot.state}, {when}{file}"
    return html.Li([icon(picture, f"ll-tone-{tone}"), hidden_words(told)], className="ll-slot", title=told)
