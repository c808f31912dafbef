"""The list of vintages, what one of them is and did, and two of them side by side."""
from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from dashapp.core.closing import Late
from dashapp.core.contrast import Contrast, Pair, Sum, difference
from dashapp.core.issue import Issue
from dashapp.core.upload import UploadView, effect_words, issue_counts
from dashapp.core.words import NO_VALUE, Words
from dashapp.figures.grid import Grid
from dashapp.ui.closing import DEEDS
from dashapp.ui.form import actions, button
from dashapp.ui.icon import icon
from dashapp.ui.imports import CHECKED, STATES
from dashapp.ui.issues import issue_list
from dashapp.ui.longlist import long_list
from dashapp.ui.table import facts, table

WAYS = {"web": "browser", "api": "REST", "cli": "terminal", "folder": "watched folder", "job": "job", "demo": "demo",
        "feed": "feed"}
FATES = {"changed": "Changed", "first": "Only in the first", "second": "Only in the second"}
_COLUMNS = (("file", "File", 210), ("dataset", "Dataset", 120), ("state", "State", 145), ("arrived", "Arrived", 185),
            ("by", "By", 180), ("rows", "Rows", 90), ("refused", "Refused", 90), ("issues", "Issues", 150),
            ("effect", "Effect", 230), ("dates", "Dates", 190), ("via", "Way", 110), ("hash", "SHA-256", 140))


def vintages_grid(total: int) -> dag.AgGrid:
    """Id `vintages-grid`: rows are fetched as they come into sight, a hundred at a time, however many there are."""
    height = f"min(26rem, {5 + 2.65 * max(total, 1):.1f}rem)"
    return long_list("vintages-grid", _COLUMNS, numeric=frozenset({"rows", "refused"}), pinned="file", height=height,
                     selectionColumnDef={"pinned": "left"},
                     rowSelection={"mode": "multiRow", "checkboxes": True, "headerCheckbox": False,
                                   "enableClickSelection": True})


def vintage_row(upload: UploadView, words: Words) -> dict[str, Any]:
    """One line of the list, as texts."""
    counts = issue_counts(upload)
    issues = ", ".join(words.counted(counts[s], s if s != "info" else "note") for s in ("error", "warning", "info")
                       if counts.get(s))
    return {
        "id": upload.id, "file": upload.source_name, "dataset": upload.dataset, "state": _state(upload)[1],
        "arrived": words.moment(upload.received_at), "by": upload.user_email, "rows": words.number(upload.rows),
        "refused": words.number(upload.quarantined), "issues": issues or "none", "effect": effect_words(upload),
        "dates": f"{words.day(upload.first)} to {words.day(upload.last)}" if upload.first and upload.last else "",
        "via": WAYS.get(upload.via, upload.via),
        "hash": upload.source_sha256[:16],
    }


def _state(upload: UploadView) -> tuple[str, str]:
    rehearsed = upload.state == "rejected" and (upload.result or {}).get("rehearsed")
    return CHECKED if rehearsed else STATES[upload.state]


def nothing_chosen() -> html.P:
    """What stands below the list before anything is chosen in it."""
    return html.P("Choose an upload in the list to see it here, or two of one dataset to compare them.",
                  className="ll-quiet")


def vintage_panel(upload: UploadView, events: Sequence[tuple[datetime, bool, str, str]], late: Sequence[Late],
                  words: Words) -> html.Section:
    """One upload: who, when, file, hash, rows, issues, effect; what became of it; its files and its verbs."""
    picture, word = _state(upload)
    pairs: list[tuple[Any, Any]] = [
        ("State", html.Span([icon(picture), f" {word}"])), ("Dataset", upload.dataset),
        ("Arrived", f"{words.moment(upload.received_at, seconds=True)} by {upload.user_email}, "
                    f"{WAYS.get(upload.via, upload.via)}"),
        ("Committed", f"{words.moment(upload.committed_at, seconds=True)} as number {upload.commit}"
         if upload.committed_at else NO_VALUE),
        ("Size", f"{words.number(upload.source_bytes)} bytes"), ("SHA-256", html.Code(upload.source_sha256)),
        ("Rows", f"{words.number(upload.rows)} accepted, {words.number(upload.quarantined)} refused"),
        ("Dates", f"{words.day(upload.first)} to {words.day(upload.last)}" if upload.first and upload.last
         else NO_VALUE),
        ("Effect", effect_words(upload) or NO_VALUE), ("Mode", upload.mode or NO_VALUE),
        *(("Brought back" if live else "Undone",
           f"{words.moment(at, seconds=True)} by {by}{f': {why}' if why else ''}") for at, live, by, why in events),
        *((f"Closed periods, {DEEDS[c.deed]}", f"{words.number(c.came)} rows came, {words.number(c.went)} went "
           f"({', '.join(p for p, _, _ in c.periods) or 'a list'}): {c.reason}") for c in late),
    ]
    issues = tuple(Issue(**i) for i in (upload.result or {}).get("issues", ()))
    return html.Section([
        html.H2(upload.source_name, className="ll-section-title"), _verbs(upload), facts(pairs),
        html.Div([html.H3("Issues", className="ll-section-title"), issue_list(issues)]) if issues else None,
    ], className="ll-panel", id="vintage-one")


def _verbs(upload: UploadView) -> html.Div:
    folder = f"/download/uploads/{upload.id}"
    links: list[Component] = [dcc.Link("Open", href=f"/data/{upload.id}", className="btn btn-quiet")]
    if upload.state != "rejected":
        links.append(html.A("Download the original", href=f"{folder}/original", className="btn btn-quiet"))
    if upload.quarantined:
        links.append(html.A("Download the refused rows", href=f"{folder}/quarantine", className="btn btn-quiet"))
    verb = {"committed": ("undo", "Undo"), "undone": ("redo", "Redo")}.get(upload.state)
    if verb:
        links.insert(0, button(verb[1], {"part": "vintage-toggle", "upload": upload.id}, "danger"
                               if verb[0] == "undo" else "primary"))
    return actions(*links)


def contrast_panel(found: Contrast, names: tuple[str, str], words: Words) -> html.Section:
    """Two uploads side by side: counts, totals, and the first rows that differ."""
    how = f"Rows are told apart by {', '.join(found.key)}." if found.key else \
        "Without a key, equal rows are the same; all others stand on one side only."
    counts: list[tuple[Any, Any]] = [
        ("Rows", " and ".join(words.number(n) for n in found.rows)), ("The same", words.number(found.same)),
        ("Changed", words.number(found.changed)), ("Only in the first", words.number(found.only_first)),
        ("Only in the second", words.number(found.only_second)),
        *((f"Only the {side} has", ", ".join(lone)) for side, lone in zip(("first", "second"), found.columns,
                                                                          strict=True) if lone),
    ]
    more = found.differing - len(found.pairs)
    return html.Section([
        html.H2("Two uploads side by side", className="ll-section-title"),
        html.P([html.Strong(names[0]), " (first) and ", html.Strong(names[1]), f" (second). {how}"]),
        facts(counts), html.Div(_sums(found, words), className="my-3") if found.sums else None,
        table(_pairs(found.pairs, {header for header, *_ in found.sums}), "Rows that differ") if found.pairs
        else html.P("No row differs."),
        html.P(f"and {words.number(more)} more", className="ll-more") if more > 0 else None,
    ], className="ll-panel", id="vintage-two")


def _sums(found: Contrast, words: Words) -> html.Div:
    rows = tuple((header, words.full(one), words.full(other),
                  words.signed(difference(one, other), decimals=_decimals(one, other)))
                 for header, one, other in found.sums)
    return table(Grid(("Total of", "First", "Second", "Difference"), rows, frozenset({1, 2, 3})), "Totals")


def _decimals(*sums: Sum) -> int:
    """Cents for money; none for a count, which is whole on both sides."""
    return 0 if all(isinstance(s, float) and s.is_integer() for s in sums) else 2


def _pairs(pairs: Sequence[Pair], measures: Set[str]) -> Grid:
    keys = [header for header, _ in pairs[0].key]
    rows = tuple((FATES[p.fate], *(text or NO_VALUE for _, text in p.key),
                  " and ".join(str(n) for n in p.rows if n is not None), _cells(p, measures)) for p in pairs)
    return Grid(("", *keys, "Row", "What differs"), rows)


def _cells(pair: Pair, measures: Set[str]) -> str:
    told = [(h, *(_short(x) if h in measures else x for x in (one, other))) for h, one, other in pair.cells]
    if pair.fate == "changed":
        return "; ".join(f"{header}: {one or NO_VALUE} → {other or NO_VALUE}" for header, one, other in told)
    return "; ".join(f"{header}: {one or other or NO_VALUE}" for header, one, other in told)


def _short(text: str | None) -> str | None:
    """Money is kept with four decimals, and a count as a number like others; decimals that are nought are not told."""
    return text[:-2] if text and (text.endswith(".0") or (text.endswith("00") and text[-5:-4] == ".")) else text
