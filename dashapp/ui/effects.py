"""What a change does, before it is saved; and the versions that were saved, with what each of them changed."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from dash import html

from dashapp.core.definition import KpiChange
from dashapp.core.difference import Difference, marked
from dashapp.core.effect import Cell, Effect, Effects
from dashapp.core.kpi import CATEGORY_NAMES, Kpi, Unit
from dashapp.core.typed import written
from dashapp.core.words import NO_VALUE, Words
from dashapp.ui.badge import STATUS, badge
from dashapp.ui.editor import DIRECTION_WORDS, UNIT_WORDS
from dashapp.ui.form import actions, button
from dashapp.ui.icon import hidden_words
from dashapp.ui.still import still
from dashapp.ui.wild import wild


class VersionLike(Protocol):
    """What a version tells; services have the whole of it."""

    @property
    def change(self) -> KpiChange: ...
    @property
    def differences(self) -> tuple[Difference, ...]: ...
    @property
    def is_current(self) -> bool: ...


def review(found: Effects, words: Words, restores: int | None = None) -> html.Div:
    """Every member that changes, what that does to each kind of thing, and the button `kpi-save`."""
    if found.before and not found.differences:
        return html.Div(html.P("Nothing is changed yet.", className="ll-quiet"), id="kpi-review-none")
    title = f"Restoring version {restores}" if restores else "What changes" if found.before else "What is new"
    drawn = still([html.H2(title, className="ll-section-title", id="kpi-review-title", tabIndex=-1),
                   difference_list(found.differences, found.after, words, found.before),
                   *(effect_section(e, "kpi-effect") for e in found.effects)])
    word = "Save as a new version" if found.before else "Save the KPI"
    return html.Div([drawn, actions(button(word, "kpi-save"), button("Not yet", "kpi-review-drop", "quiet"))],
                    className="ll-review", **wild({"aria-live": "polite"}))


def effect_section(effect: Effect, prefix: str) -> html.Section:
    """What happens to one kind of thing: a heading, a sentence and its table; the id is `{prefix}-{name}`."""
    heads = [html.Th(head, scope="col", className=_side(effect, n)) for n, (_, head) in enumerate(effect.columns)]
    rows = [html.Tr([_cell(effect, n, cell) for n, cell in enumerate(row)]) for row in effect.rows]
    grid = html.Table([html.Caption(effect.title, className="visually-hidden"), html.Thead(html.Tr(heads)),
                       html.Tbody(rows)], className="ll-table ll-table-compact")
    return html.Section([html.H3(effect.title), html.P(effect.summary), _boxed(grid, effect.title) if rows else None],
                        id=f"{prefix}-{effect.name}", className="ll-effect")


def _boxed(inner: html.Table, caption: str) -> html.Div:
    return html.Div(inner, className="ll-table-box", tabIndex=0, role="region", **wild({"aria-label": caption}))


def _cell(effect: Effect, number: int, cell: Cell) -> html.Th | html.Td:
    said: Any = badge(cell.text, cell.status, STATUS[cell.status][1]) if cell.status else cell.text
    if number == 0:
        return html.Th(said, scope="row")
    return html.Td(said, className=_side(effect, number))


def _side(effect: Effect, number: int) -> str:
    return "ll-number" if number in effect.numeric else ""


def difference_list(found: Sequence[Difference], after: Kpi, words: Words, before: Kpi | None) -> html.Ul:
    """Member by member; inside texts what is gone is struck out and what is new underlined, and both are said."""
    return html.Ul([html.Li([html.Strong(f"{d.label}: "), *_told(d, after, words, before)]) for d in found],
                   className="ll-differences")


def _told(one: Difference, after: Kpi, words: Words, before: Kpi | None) -> list[Any]:
    if one.name == "formula":
        if before is None:
            return [html.Code(str(one.after))]
        return [html.Code([_mark(mark, text) for mark, text in marked(str(one.before), str(one.after))])]
    new = member_in_words(one.name, one.after, after, words)
    if before is None:
        return [new]
    return [html.Del([hidden_words("was "), member_in_words(one.name, one.before, before, words)]), " ",
            html.Ins([hidden_words("is now "), new])]


def _mark(mark: str, text: str) -> Any:
    if mark == "same":
        return text
    return html.Del([hidden_words("gone: "), text]) if mark == "gone" else html.Ins([hidden_words("new: "), text])


def member_in_words(name: str, value: Any, kpi: Kpi, words: Words) -> str:
    """One member of a definition as the form words it."""
    unit: Unit = kpi.unit
    named: dict[str, dict[str, str]] = {"unit": UNIT_WORDS, "direction": DIRECTION_WORDS, "category": CATEGORY_NAMES}
    if name in named:
        return named[name].get(str(value), str(value))
    if value is None or value == "":
        return NO_VALUE
    if name in ("min_value", "max_value"):
        return words.full(value, unit, kpi.decimals)
    if name == "weight":
        return f"{written(value, 'percent', words.locale)} %"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def version_list(versions: Sequence[VersionLike], words: Words, may_restore: bool) -> html.Div:
    """Newest first: who, when, why, what changed, and the button that brings an old one back."""
    found = list(versions)
    earlier = [*(v.change.kpi for v in found[1:]), None]
    items = [html.Li([_version(v, before, words),
                      _restore(v) if may_restore and not v.is_current and not v.change.deleted else None])
             for v, before in zip(found, earlier, strict=True)]
    return html.Div(html.Ol(items, className="ll-versions", reversed=True))


def _version(one: VersionLike, before: Kpi | None, words: Words) -> html.Div:
    change = one.change
    state = badge("in force", "ok") if one.is_current else badge("deleted", "none") if change.deleted else None
    said = f"Version {change.kpi.version}, {words.moment(change.saved_at)} by {change.saved_by}"
    why = html.P(change.why, className="ll-quiet") if change.why and not change.deleted else None
    return still([html.Div([html.Strong(said), " ", state]), why,
                  difference_list(one.differences, change.kpi, words, before) if one.differences else None])


def _restore(one: VersionLike) -> html.Button:
    number = one.change.kpi.version
    word = ["Restore", hidden_words(f" version {number}"), " …"]
    return button(word, {"part": "kpi-restore", "version": number}, "quiet")

