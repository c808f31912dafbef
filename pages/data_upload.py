"""What is in this file, how is it read, and what would it change?"""
from __future__ import annotations

from datetime import date
from typing import Any

from dash import ALL, Input, Output, State, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.job import JobView
from dashapp.core.mapping import mapping_from_json
from dashapp.core.period import Grain
from dashapp.core.upload import UploadView
from dashapp.ingest.model import Inspection
from dashapp.services import checking, correcting, joining, offering, queueing, uploads
from dashapp.ui.closing import reason_field
from dashapp.ui.corrections import cells_of, correction_form, corrections_made
from dashapp.ui.form import actions, button
from dashapp.ui.header import breadcrumbs, page_header
from dashapp.ui.imports import (
    can_commit,
    commit_actions,
    is_to_decide,
    job_progress,
    outcome,
    proposals,
    reading_progress,
    without_demo,
)
from dashapp.ui.longlist import BLOCK, wanted_block
from dashapp.ui.mapping import mapping_form, mapping_json
from dashapp.ui.mapping_columns import PARTS
from dashapp.ui.refusals import refused_row, refused_rows
from dashapp.ui.replacing import replaced_words
from dashapp.ui.states import failed, skeleton
from dashapp.web.callback import Here, callback, here
from dashapp.web.page import page

page(__name__, path_template="/data/<upload>", name="Upload", role=Role.FINANCE, nav=False)
PULSE = 15_000
PLACE = ("sheet", "table", "layout", "header_row", "encoding", "delimiter", "profile", "kind", "grain", "currency",
         "key", "mode", "slice", "future")
TABLE = PLACE[:7]  # where the table is: with another value the columns are others
FORM = [*[State(f"map-{name.replace('_', '-')}", "value") for name in PLACE],
        State({"part": "map-join", "column": ALL}, "id"), State({"part": "map-join", "column": ALL}, "value"),
        State("map-joined", "data"), State("map-headers", "data"),
        *[State({"part": part, "column": ALL}, "value") for part in PARTS]]


def layout(upload: str = "", **_unknown: Any) -> html.Div:
    return html.Div([
        breadcrumbs([("Data", "/data"), ("Upload", None)]),
        page_header(html.Span("Upload", id="upload-title"), html.Span(id="upload-about")),
        html.Div(skeleton("table"), id="upload-form"),
        html.Div(id="upload-progress"),
        html.Section([html.Div(id="upload-outcome"), html.Div(id="upload-refused"),
                      html.Div(id="upload-corrections"),
                      html.Div(proposals(()), id="upload-offers"),
                      html.Div(without_demo(hidden=True), id="upload-undemo"),
                      html.Div([reason_field("import-reason", hidden=True), actions(button("Commit", "import-commit"))],
                               id="upload-commit", hidden=True)],
                     id="upload-decision"),
        dcc.Store(id="upload-id", data=upload), dcc.Store(id="upload-started", data=0),
        # One look at a time: each answer allows the next. Dash drops an answer that another question has overtaken, so
        # that a fixed beat would never show anything where answers take longer than the beat.
        dcc.Interval(id="upload-tick", interval=700, disabled=True, max_intervals=1),
        dcc.Interval(id="upload-pulse", interval=PULSE, disabled=True),  # in case an answer never came
    ])


@callback(Output("upload-title", "children"), Output("upload-about", "children"), Output("upload-form", "children"),
          Input("upload-id", "data"), role=Role.FINANCE)
def show_form(upload: str) -> tuple[Any, Any, Any]:
    at = here()
    found = uploads.status(at.actor, at.desk, upload)
    about = f"For the dataset {found.dataset}, {found.source_bytes:,} bytes, by {found.user_email}"
    if found.state not in checking.OPEN:
        return found.source_name, about, None
    try:
        inspection = checking.inspection(at.actor, at.desk, upload) or checking.inspect(at.actor, at.desk, upload,
                                                                                       now=at.now)
    except Invalid as error:
        return found.source_name, about, failed(error.message)
    return found.source_name, about, mapping_form(inspection, joining.targets(at.actor, found.dataset))


@callback(Output("upload-form", "children", allow_duplicate=True), Input("map-again", "n_clicks"),
          *[Input(state.component_id, "value") for state in FORM[:len(TABLE)]], State("upload-id", "data"),
          *FORM[len(TABLE):], role=Role.FINANCE, prevent_initial_call=True)
def look_again(clicks: int | None, *seen: Any) -> Any:
    """Asked by the button, by another place of the table, and by the form's own appearance, which changes nothing."""
    (upload,), form = seen[len(TABLE):len(TABLE) + 1], (*seen[:len(TABLE)], *seen[len(TABLE) + 1:])
    at, data = here(), _json(form)
    before = checking.inspection(at.actor, at.desk, upload)
    if not clicks and (before is None or not _is_elsewhere(before, data)):
        return no_update
    targets = joining.targets(at.actor, uploads.status(at.actor, at.desk, upload).dataset)
    try:
        found = checking.inspect(at.actor, at.desk, upload, mapping_from_json(_placed(before, data)), now=at.now)
    except Invalid as error:  # the form stays as it was: from the message alone nobody could choose otherwise
        return [failed(error.message), mapping_form(before, targets) if before else None]
    return mapping_form(found, targets)


@callback(Output("map-replaces", "children"), Output("map-slices", "hidden"), Input("map-mode", "value"),
          Input("map-slice", "value"), Input("map-grain", "value"), State("upload-id", "data"), role=Role.FINANCE)
def say_replaced(mode: str | None, slices: list[str] | None, grain: str, upload: str) -> tuple[Any, bool]:
    at = here()
    found = checking.inspection(at.actor, at.desk, upload) if mode == "replace-period" else None
    if found is None:
        return None, True
    organisation = at.desk.organisation
    values = {c.key: (c.header, c.values if c.values and len(c.values) == c.distinct else None) for c in found.columns}
    told = dict(values.get(key, (key, None)) for key in slices or ())
    said = replaced_words(_span(found, grain, organisation.calendar), told, organisation.words)
    return said + (" Only rows within your data scope." if at.actor.scope else ""), False


@callback(Output("upload-started", "data", allow_duplicate=True), Input("map-check", "n_clicks"),
          State("upload-id", "data"), State("upload-started", "data"), *FORM, role=Role.FINANCE,
          prevent_initial_call=True)
def check(clicks: int | None, upload: str, started: int, *form: Any) -> Any:
    if not clicks:
        return no_update
    at = here()
    data = _placed(checking.inspection(at.actor, at.desk, upload), _json(form))
    queueing.queue_check(at.actor, at.desk, upload, mapping_from_json(data), now=at.now)
    return (started or 0) + 1


@callback(Output("upload-started", "data", allow_duplicate=True),
          Input("import-commit", "n_clicks"), State("upload-id", "data"), State("upload-started", "data"),
          State("import-adopt", "value"), State("import-undemo", "value"), State("import-reason", "value"),
          role=Role.FINANCE, prevent_initial_call=True)
def commit(clicks: int | None, upload: str, started: int, adopt: list[str] | None, undemo: list[str] | None,
           reason: str | None) -> Any:
    if not clicks:
        return no_update
    at = here()
    digest = uploads.status(at.actor, at.desk, upload).digest or ""
    queueing.queue(at.actor, at.desk, upload, digest, now=at.now, without_demo=bool(undemo), reason=reason or "",
                    adopt=None if adopt is None else tuple(adopt))
    return (started or 0) + 1


@callback(Output("_pages_location", "href", allow_duplicate=True), Input("map-reject", "n_clicks"),
          State("upload-id", "data"), role=Role.FINANCE, prevent_initial_call=True)
def reject(clicks: int | None, upload: str) -> Any:
    if not clicks:
        return no_update
    at = here()
    checking.reject(at.actor, at.desk, upload, now=at.now)
    return "/data"


@callback(Output("upload-progress", "children"), Output("upload-outcome", "children"),
          Output("upload-tick", "disabled"), Output("upload-tick", "max_intervals"), Output("upload-pulse", "disabled"),
          Output("upload-undemo", "children"), Output("upload-commit", "children"),
          Output("upload-commit", "hidden"), Output("upload-decision", "className"), Output("upload-form", "hidden"),
          Input("upload-id", "data"), Input("upload-started", "data"), Input("upload-tick", "n_intervals"),
          Input("upload-pulse", "n_intervals"), role=Role.FINANCE)
def watch(upload: str, _started: int, ticks: int | None, _pulses: int | None) -> tuple[Any, ...]:
    at = here()
    job = queueing.job_of(at.actor, at.desk, upload)  # before the upload: what stands there at its end is then seen
    found = uploads.status(at.actor, at.desk, upload)
    shown, busy = _under_way(at, job, found)
    beat, is_closed = (not busy, (ticks or 0) + 1, not busy), found.state not in checking.OPEN
    if busy:  # a commit that fails leads back to the form
        return shown, None, *beat, without_demo(hidden=True), no_update, True, "", is_closed or found.state == "queued"
    asks = can_commit(found) and at.actor.may(Role.ADMIN) and offering.has_demo()
    asks = asks and bool(offering.offers(at.actor, at.desk, upload))
    decides = is_to_decide(found)
    return (shown, outcome(found, at.desk.organisation.words), *beat, without_demo(hidden=not asks),
            commit_actions(found), not decides, "ll-panel" if decides else "", is_closed)


@callback(Output("upload-corrections", "children"), Input("upload-outcome", "children"), State("upload-id", "data"),
          role=Role.FINANCE)
def show_corrections(_outcome: Any, upload: str) -> Any:
    at = here()
    found = uploads.status(at.actor, at.desk, upload)
    made = mapping_from_json((found.result or {}).get("mapping") or {}).corrections
    if is_to_decide(found):
        return correction_form(correcting.proposed(found), made)
    return corrections_made(made) if found.state in ("committed", "undone") else None


@callback(Output("upload-refused", "children"), Input("upload-outcome", "children"), State("upload-id", "data"),
          role=Role.FINANCE)
def show_refused(_outcome: Any, upload: str) -> Any:
    at = here()
    found = uploads.status(at.actor, at.desk, upload)
    if not found.quarantined or not (is_to_decide(found) or found.state in ("committed", "undone")):
        return None
    head, _ = uploads.refused(at.actor, at.desk, upload, limit=0)
    return refused_rows(found, head, at.desk.organisation.words)


@callback(Output("refused-grid", "getRowsResponse"), Input("refused-grid", "getRowsRequest"),
          State("upload-id", "data"), role=Role.FINANCE, prevent_initial_call=True)
def fetch_refused(asked: dict[str, Any] | None, upload: str) -> Any:
    first = wanted_block(asked)
    if first is None:
        return no_update
    at = here()
    _, rows = uploads.refused(at.actor, at.desk, upload, limit=BLOCK, offset=first)
    total = uploads.status(at.actor, at.desk, upload).quarantined
    return {"rowData": [refused_row(first + n, row) for n, row in enumerate(rows)], "rowCount": total}


@callback(Output("upload-started", "data", allow_duplicate=True), Input("import-correct-check", "n_clicks"),
          State("import-correct", "value"), State("import-correct-why", "value"), State("upload-id", "data"),
          State("upload-started", "data"), role=Role.FINANCE, prevent_initial_call=True)
def correct(clicks: int | None, chosen: list[str] | None, why: str | None, upload: str, started: int) -> Any:
    if not clicks:
        return no_update
    at = here()
    mapping = correcting.corrected(at.actor, at.desk, upload, cells_of(chosen), why=why or "")
    queueing.queue_check(at.actor, at.desk, upload, mapping, now=at.now)
    return (started or 0) + 1


@callback(Output("_pages_location", "href", allow_duplicate=True), Input("import-anew", "n_clicks"),
          State("upload-id", "data"), role=Role.FINANCE, prevent_initial_call=True)
def bring_anew(clicks: int | None, upload: str) -> Any:
    if not clicks:
        return no_update
    at = here()
    return f"/data/{correcting.anew(at.actor, at.desk, upload, now=at.now).id}"


@callback(Output("upload-offers", "children"), Input("upload-outcome", "children"),
          Input("import-undemo", "value"), State("upload-id", "data"), role=Role.FINANCE)
def offer(_outcome: Any, undemo: list[str] | None, upload: str) -> Any:
    at = here()
    if not can_commit(uploads.status(at.actor, at.desk, upload)):
        return proposals(())
    return proposals(offering.offers(at.actor, at.desk, upload, without_demo=bool(undemo)))


def _under_way(at: Here, job: JobView | None, found: UploadView) -> tuple[Any, bool]:
    """(what is shown of the work, is there any?): the job, or the first look into a file that has just arrived."""
    if job is not None and (not job.is_over or job.state == "failed"):
        return job_progress(job), not job.is_over
    if found.state == "received" and found.inspection is None:
        share, step = queueing.progress_of(at.actor, at.desk, found.id) or (0.0, "opening the file")
        return reading_progress(share, step), True
    return None, False


def _json(form: tuple[Any, ...]) -> dict[str, Any]:
    place = dict(zip(PLACE, form, strict=False))
    row = place.get("header_row")
    place["header_row"] = int(row) if row not in (None, "") else None
    ids, joins, joined, headers, *values = form[len(PLACE):]
    chosen = {i["column"]: v for i, v in zip(ids or (), joins or (), strict=True)}
    return mapping_json(place, headers or [], values, chosen, joined or ())


def _is_elsewhere(before: Inspection, data: dict[str, Any]) -> bool:
    """Does the form say another place of the table than the one it was drawn for?"""
    drawn = {**before.mapping.to_json(), "header_row": before.mapping.header_row or 1, "encoding": before.encoding}
    return any(data.get(name) != drawn.get(name) for name in TABLE)


def _placed(before: Inspection | None, data: dict[str, Any]) -> dict[str, Any]:
    """The mapping of the form; only the place of the table, where that has other columns than those of the form."""
    if before is None or not _is_elsewhere(before, data):
        return data
    same = {name: data.get(name) for name in TABLE} | {"encoding": before.encoding}
    if data.get("profile") and data["profile"] not in before.senders and not _is_elsewhere(
            before, {**data, "profile": before.mapping.profile}):
        return data  # nothing but a new name
    if not _is_elsewhere(before, same) and all(c.header.isascii() for c in before.columns):
        return data  # other characters, none of which stands in a header
    return {k: v for k, v in data.items() if k in TABLE}


def _span(found: Inspection, grain: str, calendar: Calendar) -> tuple[date, date] | None:
    """The whole periods that the file's dates lie in; None while they cannot be read."""
    if found.first is None or found.last is None:
        return None
    return calendar.period(found.first, Grain(grain)).start, calendar.period(found.last, Grain(grain)).end
