"""How is each KPI defined, what would a change of its definition do, and which could be added with the data here?"""
from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.errors import AppError, Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.period import QUESTION_GRAINS, Grain
from dashapp.services import defining, drafting, versioning
from dashapp.ui.definitions import definition_list, missing_list, proposal_list
from dashapp.ui.dialog import confirm
from dashapp.ui.editor import FIELDS, field_id, grain_options, meaning_fields, preview_of, typed
from dashapp.ui.effects import review, version_list
from dashapp.ui.form import actions, button, field, select, text
from dashapp.ui.formula import flaws, formula_field, offers
from dashapp.ui.guide import formula_guide
from dashapp.ui.header import breadcrumbs, page_header, section
from dashapp.ui.states import empty, refreshing, skeleton
from dashapp.web.callback import Here, callback, here, say
from dashapp.web.page import page

page(__name__, path="/kpis", name="KPIs", order=70, icon="calculator", group="Work")
FORM = {name: Input(field_id(name), "value") for name in FIELDS}
KNOWN = State("kpi-editing", "data")
RESTORE = {"part": "kpi-restore", "version": ALL}
NEW_LINK = dcc.Link("New KPI", href="/kpis?new=1", className="btn btn-primary", id="kpis-new")


def layout(edit: str = "", new: str = "", **_unknown: Any) -> html.Div:
    at = here()
    if (edit or new) and at.actor.may(Role.ANALYST):
        return _editor(at, None if new else edit)
    return html.Div([
        page_header("KPIs", "What every figure means, in words and as a formula.",
                    [NEW_LINK] if at.actor.may(Role.ANALYST) else None),
        html.P("Definitions are changed by analysts.", className="ll-note") if edit or new else None,
        html.Div(skeleton("table"), id="kpis-list"),
        html.Div(id="kpis-missing"),
        html.Div([field("Delete a KPI", select("kpis-which", {"": "Choose a KPI"}, "")),
                  actions(button("Delete", "kpis-remove", "quiet"))], className="ll-fields", id="kpis-removal",
                 hidden=not here().actor.may(Role.ANALYST)),
        html.Section([html.H2("From the starter catalogue", className="ll-section-title"), html.Div(id="kpis-offers")]),
        formula_guide(),
        confirm("kpis-delete", "Delete the KPI?", "", "Delete"),
        dcc.Store(id="kpis-changed", data=0), dcc.Store(id="kpis-chosen"),
    ])


def _editor(at: Here, key: str | None) -> html.Div:
    crumbs = breadcrumbs([("KPIs", "/kpis"), (key or "New", None)])
    try:
        kpi = defining.get(at.actor, at.desk, key).kpi if key else Kpi("", "", "")
    except NotFound as error:
        return html.Div([crumbs, empty("No such KPI", error.message, dcc.Link("All KPIs", href="/kpis"))])
    grains = {g.value: g.value.capitalize() for g in QUESTION_GRAINS}
    subtitle = f"Version {kpi.version} is in force." if key else "A figure of your own, from columns and other KPIs."
    return html.Div([
        crumbs, page_header(kpi.name if key else "New KPI", subtitle),
        html.Div([
            section("Formula", formula_field(kpi.formula)),
            section("Last periods", field("By", select("kpi-preview-grain", {"": "Its own periods", **grains}, "")),
                    refreshing(html.Div(skeleton("chart"), id="kpi-preview"), "kpi-preview-loading")),
            section("Meaning", meaning_fields(kpi, at.desk.organisation.locale, is_new=not key)),
        ], className="ll-edit"),
        section("Save", field("Why does it change?", text("kpi-why", maxLength=500, autoComplete="off"),
                              help="Kept with the version, for everybody who asks later."),
                actions(button("See what changes", "kpi-review-ask")), html.Div(id="kpi-review")),
        section("Versions", html.Div(id="kpi-versions")) if key else None,
        dcc.Store(id="kpi-editing", data=asdict(kpi) if key else None), dcc.Store(id="kpi-reviewed"),
    ], id="kpi-editor")


@callback(Output("kpis-list", "children"), Output("kpis-missing", "children"), Output("kpis-which", "options"),
          Output("kpis-which", "value"), Output("kpis-offers", "children"), Input("data-version", "data"),
          Input("kpis-changed", "data"))
def draw(_version: str, _changed: int) -> tuple[Any, ...]:
    at, found = here(), defining.listing(here().actor, here().desk)
    may = at.actor.may(Role.ANALYST)
    names = [{"value": "", "label": "Choose a KPI"}, *({"value": v.kpi.key, "label": v.kpi.name} for v in found)]
    offers = proposal_list(defining.offers(at.actor, at.desk), may)
    return definition_list(found, may), missing_list(found, may), names, "", offers


@callback(Output("kpis-chosen", "data"), Output("kpis-delete", "is_open"), Output("kpis-delete-body", "children"),
          Output("kpis-delete-yes", "disabled"), Input("kpis-remove", "n_clicks"),
          Input({"part": "kpi-delete", "kpi": ALL}, "n_clicks"), Input("kpis-delete-no", "n_clicks"),
          Input("kpis-changed", "data"), State("kpis-which", "value"), role=Role.ANALYST, prevent_initial_call=True)
def ask(clicks: int | None, rows: list[int | None], _no: Any, _changed: int, which: str | None) -> tuple[Any, ...]:
    at, by = here(), ctx.triggered_id
    key = which if by == "kpis-remove" and clicks else by["kpi"] if isinstance(by, dict) and any(rows) else None
    if not key:
        return no_update, False, no_update, no_update
    name, users = defining.get(at.actor, at.desk, key).kpi.name, defining.dependants(at.actor, at.desk, key)
    said = f"Other KPIs use {name}: {', '.join(users)}. Change or delete those first." if users else \
        f"{name} goes from every screen. Its versions stay in the records."
    return key, True, said, bool(users)


@callback(Output("kpis-changed", "data", allow_duplicate=True), Input("kpis-delete-yes", "n_clicks"),
          State("kpis-chosen", "data"), State("kpis-changed", "data"), role=Role.ANALYST, prevent_initial_call=True)
def delete(clicks: int | None, key: str | None, changed: int) -> Any:
    if not clicks or not key:
        return no_update
    at = here()
    defining.delete(at.actor, at.desk, key, now=at.now)
    say("The KPI is deleted.", "ok")
    return (changed or 0) + 1


@callback(Output("kpis-changed", "data"),
          Input({"part": "kpi-adopt", "kpi": ALL}, "n_clicks"), State("kpis-changed", "data"), role=Role.ANALYST,
          prevent_initial_call=True)
def adopt(clicks: list[int | None], changed: int) -> Any:
    if not any(clicks) or not isinstance(ctx.triggered_id, dict):
        return no_update
    at, key = here(), ctx.triggered_id["kpi"]
    kpi = next(v.kpi for v in defining.offers(at.actor, at.desk) if v.kpi.key == key and not v.needs)
    saved = defining.save(at.actor, at.desk, kpi, "from the starter catalogue", now=at.now)
    say(f"{saved.name} is defined.", "ok")
    return (changed or 0) + 1


@callback(Output("kpi-offers", "children"), Input("kpi-caret", "data"), KNOWN, role=Role.ANALYST,
          prevent_initial_call=True)
def complete(asked: dict[str, Any] | None, known: dict[str, Any] | None) -> Any:
    if not asked:
        return no_update
    at, place = here(), int(asked["position"])
    key = known["key"] if known else None
    found = drafting.completions(at.actor, at.desk, str(asked["text"]), place, key, now=at.now)
    return offers(found, int(asked["turn"]), bool(asked.get("wanted")))


@callback(Output("kpi-flaws", "children"), Input("kpi-formula", "value"), Input(field_id("key"), "value"),
          role=Role.ANALYST)
def check(formula: str | None, key: str | None) -> Any:
    at = here()
    return flaws(drafting.check(at.actor, at.desk, formula, key)) if formula else None


@callback(output={"shown": Output("kpi-preview", "children"), "grains": Output("kpi-preview-grain", "options")},
          inputs={"formula": Input("kpi-formula", "value"), "grain": Input("kpi-preview-grain", "value"), "form": FORM,
                  "known": KNOWN, "version": Input("data-version", "data")}, role=Role.ANALYST)
def preview(formula: str | None, grain: str | None, form: dict[str, Any], known: Any, version: str) -> Any:
    at, words = here(), here().desk.organisation.words
    try:
        draft = _draft(at, {**form, "name": form["name"] or "Draft"}, formula, known)
        found = drafting.preview(at.actor, at.desk, draft, Grain(grain) if grain else None, now=at.now)
    except Invalid as error:
        said = error.message if formula and not error.issues else "The last periods of a formula that can be used."
        return {"shown": html.P(said, className="ll-quiet"), "grains": no_update}
    return {"shown": preview_of(found.series, found.implausible, words), "grains": grain_options(found.grains)}


@callback(output={"shown": Output("kpi-review", "children"), "kept": Output("kpi-reviewed", "data")},
          inputs={"ask": Input("kpi-review-ask", "n_clicks"), "restore": Input(RESTORE, "n_clicks"),
                  "formula": Input("kpi-formula", "value"), "form": FORM, "known": KNOWN},
          role=Role.ANALYST, prevent_initial_call=True)
def look(ask: int | None, restore: list[int | None], formula: str | None, form: dict[str, Any], known: Any) -> Any:
    at, asked, number = here(), ctx.triggered_id, None
    if isinstance(asked, dict) and any(restore):
        number = int(asked["version"])
    elif asked != "kpi-review-ask" or not ask:
        return {"shown": None, "kept": None}  # what was looked at is not what stands there now
    try:
        draft = (versioning.draft_of(at.actor, at.desk, known["key"], number) if number else
                 _draft(at, form, formula, known))
        found = drafting.effect(at.actor, at.desk, draft, now=at.now)
    except AppError as error:
        return {"shown": html.P(error.message, className="ll-map-bad", role="alert"), "kept": None}
    kept = {"kpi": asdict(found.after), "restores": number}
    return {"shown": review(found, at.desk.organisation.words, number), "kept": kept}


@callback(Output("kpi-review", "children", allow_duplicate=True), Input("kpi-review-drop", "n_clicks"),
          role=Role.ANALYST, prevent_initial_call=True)
def drop(clicks: int | None) -> Any:
    return None if clicks else no_update


@callback(Output("_pages_location", "href", allow_duplicate=True), Input("kpi-save", "n_clicks"),
          State("kpi-reviewed", "data"), State("kpi-why", "value"), role=Role.ANALYST, prevent_initial_call=True)
def save(clicks: int | None, kept: dict[str, Any] | None, why: str | None) -> Any:
    if not clicks or not kept:
        return no_update
    at, number = here(), kept["restores"]
    said = versioning.reason(number, why or "") if number else (why or "").strip()
    saved = defining.save(at.actor, at.desk, _kpi(kept["kpi"]), said, now=at.now)
    say(f"{saved.name} is saved as version {saved.version}.", "ok")
    return "/kpis"


@callback(Output("kpi-versions", "children"), Input("kpi-editing", "data"), role=Role.ANALYST)
def show_versions(known: dict[str, Any] | None) -> Any:
    at = here()
    if not known:
        return None
    found = versioning.versions(at.actor, at.desk, str(known["key"]))
    return version_list(found, at.desk.organisation.words, at.actor.may(Role.ANALYST))


def _draft(at: Here, form: dict[str, Any], formula: str | None, known: dict[str, Any] | None) -> Kpi:
    return typed(form, formula, _kpi(known) if known else None, at.desk.organisation.locale)


def _kpi(data: dict[str, Any]) -> Kpi:
    """The definition that a Store kept in the browser; the service looks at its members."""
    try:
        return Kpi(**data)
    except TypeError:
        raise Invalid("This is no definition. Load the page again.") from None
