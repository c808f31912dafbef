"""What data are here, what came in lately, and how do I bring more?"""
from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.words import Words
from dashapp.services import datasets, retiring, reverting, uploads
from dashapp.ui.datarooms import data_rooms
from dashapp.ui.definitions import leaving_words
from dashapp.ui.dialog import confirm
from dashapp.ui.form import field, text
from dashapp.ui.header import page_header
from dashapp.ui.imports import dataset_list, demo_removal, upload_list
from dashapp.ui.paging import pager
from dashapp.ui.rates import about_rates
from dashapp.ui.upload import upload_zone
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/data", name="Data", role=Role.FINANCE, order=60, icon="database", group="Work")
SIZE = 25


def layout(**_unknown: Any) -> html.Div:
    chooser = field("Dataset", text("data-dataset", list="data-known", placeholder="weekly_sales", maxLength=63),
                    help="An existing dataset, or a new word of small letters, digits and underscores.")
    rename = html.Div(field("New name", text("data-name", maxLength=200)))
    return html.Div([
        page_header("Data", "Every figure comes from one of these files."), data_rooms("/data"),
        html.Section([html.H2("Bring a file", className="ll-section-title"), chooser, html.Datalist(id="data-known"),
                      upload_zone(chooser="data-dataset"), about_rates()]),
        html.Section([html.H2("Datasets", className="ll-section-title"), html.Div(id="data-demo"),
                      html.Div(id="data-datasets")]),
        html.Section([html.H2("Uploads", className="ll-section-title"), html.Div(id="data-uploads"),
                      html.Div(pager("data", 0, SIZE, 0, Words()), id="data-pager")]),
        confirm("data-rename", "Rename the dataset", rename, "Rename", kind="primary"),
        confirm("data-delete", "Delete the dataset?", "", "Delete"),
        confirm("data-undemo", "Remove the demo company?",
                "Its datasets and KPIs go; your own data and the KPIs that stand on them stay.", "Remove"),
        dcc.Store(id="data-chosen"), dcc.Store(id="data-page", data=0), dcc.Store(id="data-changed", data=0),
    ])


@callback(Output("data-datasets", "children"), Output("data-demo", "children"), Output("data-known", "children"),
          Input("data-version", "data"), Input("data-changed", "data"), role=Role.FINANCE)
def show_datasets(_version: str, _changed: int) -> tuple[Any, Any, Any]:
    at = here()
    found = datasets.listing(at.actor, at.desk, now=at.now)
    is_admin = at.actor.may(Role.ADMIN)
    known = [html.Option(value=d.dataset.key) for d in found]
    demo = demo_removal() if is_admin and any(d.dataset.is_demo for d in found) else None
    return dataset_list(found, at.desk.organisation.words, may_rename=True, may_delete=is_admin), demo, known


@callback(Output("data-uploads", "children"), Output("data-pager", "children"), Input("data-version", "data"),
          Input("data-changed", "data"), Input("data-page", "data"), role=Role.FINANCE)
def show_uploads(_version: str, _changed: int, number: int | None) -> tuple[Any, Any]:
    at, number = here(), max(0, number or 0)
    words = at.desk.organisation.words
    found = uploads.listing(at.actor, at.desk, limit=SIZE, offset=number * SIZE)
    return upload_list(found, words), pager("data", number, SIZE, uploads.count(at.actor), words)


@callback(Output("data-page", "data"), Input("data-previous", "n_clicks"), Input("data-next", "n_clicks"),
          State("data-page", "data"), role=Role.FINANCE, prevent_initial_call=True)
def turn(back: int | None, forth: int | None, number: int | None) -> Any:
    if not (back or forth):
        return no_update
    return max(0, (number or 0) + (1 if ctx.triggered_id == "data-next" else -1))


@callback(Output("_pages_location", "href", allow_duplicate=True), Input("upload-result", "data"), role=Role.FINANCE,
          prevent_initial_call=True)
def open_upload(result: dict[str, Any] | None) -> Any:
    return f"/data/{result['id']}" if isinstance(result, dict) and result.get("id") else no_update


@callback(Output("data-changed", "data", allow_duplicate=True),
          Output("_pages_location", "href", allow_duplicate=True),
          Input({"part": "upload-undo", "upload": ALL}, "n_clicks"),
          Input({"part": "upload-redo", "upload": ALL}, "n_clicks"), State("data-changed", "data"), role=Role.FINANCE,
          prevent_initial_call=True)
def toggle(undone: list[int | None], redone: list[int | None], changed: int) -> Any:
    if not any((*undone, *redone)) or not isinstance(ctx.triggered_id, dict):
        return no_update, no_update
    at, undoing, upload = here(), ctx.triggered_id["part"] == "upload-undo", ctx.triggered_id["upload"]
    if reverting.rehearse(at.actor, at.desk, upload, now=at.now).any:  # the room where a reason can be given
        return no_update, f"/data/vintages?upload={upload}"
    verb = reverting.undo if undoing else reverting.redo
    done = verb(at.actor, at.desk, upload, now=at.now)
    said = "no longer counts" if undoing else "counts again"
    say(f"{done.source_name} {said}.", "ok")
    return (changed or 0) + 1, no_update


@callback(Output("data-chosen", "data"), Output("data-rename", "is_open"), Output("data-name", "value"),
          Output("data-delete", "is_open"), Output("data-delete-body", "children"),
          Input({"part": "dataset-rename", "dataset": ALL}, "n_clicks"),
          Input({"part": "dataset-delete", "dataset": ALL}, "n_clicks"), Input("data-rename-no", "n_clicks"),
          Input("data-delete-no", "n_clicks"), Input("data-changed", "data"), role=Role.FINANCE,
          prevent_initial_call=True)
def choose(renames: list[Any], deletes: list[Any], *_closing: Any) -> Any:
    at, chosen = here(), ctx.triggered_id
    if not isinstance(chosen, dict) or not any((*renames, *deletes)):
        return no_update, False, no_update, False, no_update
    view = datasets.get(at.actor, at.desk, chosen["dataset"], now=at.now)
    is_rename = chosen["part"] == "dataset-rename"
    many = at.desk.organisation.words.counted(view.uploads, "upload")
    said = html.P(f"{view.dataset.name}: {many} and all rows are deleted for good.")
    if view.dataset.place:
        said = html.P(f"{view.dataset.name} is forgotten here; the table {view.dataset.place.name} stays as it is.")
    kpis = [] if is_rename else leaving_words(retiring.leaving(at.actor, at.desk, chosen["dataset"]))
    return chosen["dataset"], is_rename, view.dataset.name, not is_rename, [said, *kpis]


@callback(Output("data-changed", "data", allow_duplicate=True),
          Input("data-rename-yes", "n_clicks"), State("data-chosen", "data"), State("data-name", "value"),
          State("data-changed", "data"), role=Role.FINANCE, prevent_initial_call=True)
def rename(clicks: int | None, key: str | None, name: str | None, changed: int) -> Any:
    if not clicks or not key:
        return no_update
    at = here()
    datasets.rename(at.actor, at.desk, key, name or "", now=at.now)
    say("The dataset is renamed.", "ok")
    return (changed or 0) + 1


@callback(Output("data-changed", "data", allow_duplicate=True),
          Input("data-delete-yes", "n_clicks"), State("data-chosen", "data"), State("data-changed", "data"),
          role=Role.ADMIN, prevent_initial_call=True)
def delete(clicks: int | None, key: str | None, changed: int) -> Any:
    if not clicks or not key:
        return no_update
    at = here()
    datasets.delete(at.actor, at.desk, key, now=at.now)
    say("The dataset is deleted.", "ok")
    return (changed or 0) + 1


@callback(Output("data-undemo", "is_open"), Input("data-remove-demo", "n_clicks"), Input("data-undemo-no", "n_clicks"),
          Input("data-undemo-yes", "n_clicks"), role=Role.ADMIN, prevent_initial_call=True)
def ask_undemo(clicks: int | None, *_closing: Any) -> bool:
    return bool(clicks) and ctx.triggered_id == "data-remove-demo"


@callback(Output("data-changed", "data", allow_duplicate=True),
          Input("data-undemo-yes", "n_clicks"), State("data-changed", "data"), role=Role.ADMIN,
          prevent_initial_call=True)
def remove_demo(clicks: int | None, changed: int) -> Any:
    if not clicks:
        return no_update
    at = here()
    gone = datasets.remove_demo(at.actor, at.desk, now=at.now)
    say(f"The demo company is removed: {at.desk.organisation.words.counted(len(gone), 'dataset')}.", "ok")
    return (changed or 0) + 1
