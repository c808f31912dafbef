"""A KPI's definition as a form: what it means, how it is read, and what the form says as a definition again."""
from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashapp.core.dataset import snake_case
from dashapp.core.errors import Invalid
from dashapp.core.kpi import CATEGORY_NAMES, DIRECTIONS, UNITS, Kpi
from dashapp.core.period import Grain
from dashapp.core.series import Series
from dashapp.core.typed import read_number, written
from dashapp.core.words import Words
from dashapp.figures.grid import Grid
from dashapp.figures.periods import chart
from dashapp.figures.plot import figure
from dashapp.ui.form import field, select, text
from dashapp.ui.graph import graph
from dashapp.ui.states import empty
from dashapp.ui.table import table
from dashapp.ui.wild import wild

UNIT_WORDS = {"currency": "Money", "percent": "Percent", "number": "Number", "ratio": "Ratio", "days": "Days"}
DIRECTION_WORDS = {"up": "Higher is better", "down": "Lower is better", "band": "Within a band is best"}
ZERO_WORDS = {"no": "No value", "yes": "Zero"}
# The form's parts by the ids of their fields; the page reads them in this order.
FIELDS = ("name", "key", "unit", "decimals", "direction", "category", "min", "max", "weight", "sensitivity", "owner",
          "zero", "description")
HEIGHT = 210


def field_id(name: str) -> str:
    return f"kpi-edit-{name}"


def meaning_fields(kpi: Kpi, locale: str, *, is_new: bool) -> html.Div:
    """Everything of a definition but its formula. Numbers stand as the locale writes them, shares in percent."""
    key = text(field_id("key"), kpi.key, placeholder="made of the name", maxLength=63, disabled=not is_new,
               autoComplete="off")
    parts = [
        field("Name", text(field_id("name"), kpi.name, maxLength=120, autoComplete="off")),
        field("Key", key, help="How formulas, links and programs call it. It stays." if is_new else
              "Formulas, links and programs call it so: it stays."),
        field("Unit", select(field_id("unit"), {u: UNIT_WORDS[u] for u in UNITS}, kpi.unit),
              help="Percent: the formula gives a share, 0.12 is shown as 12 %."),
        field("Decimals", select(field_id("decimals"), {str(n): str(n) for n in range(7)}, str(kpi.decimals)),
              help="Shown; figures are never rounded."),
        field("Good is", select(field_id("direction"), {d: DIRECTION_WORDS[d] for d in DIRECTIONS}, kpi.direction)),
        field("Category", select(field_id("category"), CATEGORY_NAMES, kpi.category)),
        field("Plausible from", _number("min", written(kpi.min_value, kpi.unit, locale)),
              help="In the unit, percent in percent. Targets beyond it are refused."),
        field("Plausible to", _number("max", written(kpi.max_value, kpi.unit, locale))),
        field("Weight in the health score, %", _number("weight", written(kpi.weight, "percent", locale))),
        field("Anomaly threshold", _number("sensitivity", written(kpi.anomaly_threshold, "ratio", locale)),
              help="Standard deviations: lower finds more."),
        field("Owner", text(field_id("owner"), kpi.owner or "", maxLength=200, autoComplete="off"),
              help="Who answers for the definition."),
        field("A period without rows is", select(field_id("zero"), ZERO_WORDS, "yes" if kpi.absent_is_zero else "no")),
    ]
    words = dbc.Textarea(id=field_id("description"), value=kpi.description, rows=2, maxLength=2000, debounce=350)
    return html.Div([html.Div(parts, className="ll-fields"),
                     field("Description", words, help="In the reader's words; it stands on cards and in reports.")])


def _number(name: str, value: str) -> dbc.Input:
    return text(field_id(name), value, inputMode="decimal", autoComplete="off")


def typed(form: dict[str, Any], formula: str | None, known: Kpi | None, locale: str) -> Kpi:
    """The definition that the form says. known: the one that is edited, None for a new one.

    Raises Invalid naming the field that is no number.
    """
    said = {k: "" if v is None else str(v) for k, v in form.items()}
    unit = said["unit"] if said["unit"] in UNITS else "number"
    name = said["name"].strip()
    least, most = (read_number(said[n], unit, locale, w) for n, w in
                   (("min", "Plausible from"), ("max", "Plausible to")))
    weight = read_number(said["weight"], "percent", locale, "Weight")
    sensitivity = read_number(said["sensitivity"], "ratio", locale, "Anomaly threshold")
    if not name:
        raise Invalid("Give the KPI a name.")
    return Kpi(
        key=known.key if known else said["key"].strip() or key_of(name), name=name, formula=formula or "",
        unit=unit, direction=said["direction"], decimals=_whole(said["decimals"]),  # type: ignore[arg-type]
        category=said["category"], weight=weight or 0.0, min_value=least, max_value=most,
        anomaly_threshold=2.0 if sensitivity is None else sensitivity, description=said["description"].strip(),
        owner=said["owner"].strip() or None, absent_is_zero=said["zero"] == "yes",
        version=known.version if known else 0)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def key_of(name: str) -> str:
    """The key made of a name: `Net revenue` -> `net_revenue`."""
    return re.sub(r"_{2,}", "_", snake_case(name))[:63].rstrip("_")


def preview_of(series: Series, implausible: int, words: Words) -> html.Div:
    """The last periods as a small chart and as figures."""
    valued = [p for p in series.points if p.value is not None]
    notes = [html.P(w, className="ll-quiet") for w in series.warnings]
    if implausible:
        count = words.counted(implausible, "figure lies", "figures lie")
        notes.insert(0, html.P(f"{count} outside of the plausible range.", className="ll-map-ask"))
    if not valued:
        why = series.points[-1].reason if series.points else "No data."
        return html.Div([empty("No figure yet", why or "No data."), *notes])
    drawn = chart(series, words)
    aria = wild({"aria-label": f"Chart. {drawn.summary}"})
    return html.Div([html.P(drawn.summary, className="ll-chart-summary"),
                     html.Div(graph("kpi-preview-chart", figure(drawn), HEIGHT), role="img", **aria),
                     table(_newest_first(drawn.grid), "The last periods") if drawn.grid else None, *notes])


def _newest_first(grid: Grid) -> Grid:
    return replace(grid, rows=grid.rows[::-1])


def grain_options(grains: tuple[Grain, ...]) -> list[dict[str, str]]:
    return [{"value": g.value, "label": g.value.capitalize()} for g in grains]
