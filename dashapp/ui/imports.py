"""What a dry run found and what a commit would do; jobs in progress; lists of datasets and uploads."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashapp.core.closing import touched_from_json
from dashapp.core.currency import code_column, converts, rates_in
from dashapp.core.dataset import Dataset
from dashapp.core.definition import KpiView
from dashapp.core.effect import effect_from
from dashapp.core.holding import DatasetView
from dashapp.core.issue import Issue
from dashapp.core.job import JobView
from dashapp.core.join import JoinMatch, found_words, match_from_json, missing_words
from dashapp.core.upload import UploadView
from dashapp.core.words import NO_VALUE, Words
from dashapp.figures.grid import Grid
from dashapp.ui.closing import closed_rows, reason_field, touches
from dashapp.ui.effects import effect_section
from dashapp.ui.form import actions, button
from dashapp.ui.icon import icon
from dashapp.ui.issues import issue_list
from dashapp.ui.replacing import exchange_words
from dashapp.ui.states import empty
from dashapp.ui.table import facts, table, working_box
from dashapp.ui.wild import wild

STATES = {"received": ("hourglass", "received"), "inspected": ("search", "to be decided"),
          "queued": ("hourglass-split", "waiting"), "committing": ("hourglass-split", "committing"),
          "committed": ("check-circle-fill", "committed"), "undone": ("arrow-counterclockwise", "undone"),
          "failed": ("x-octagon-fill", "failed"), "rejected": ("slash-circle", "rejected")}
CHECKED = ("check2", "checked")  # a dry run, of which nothing was kept
FATES = {"new": "new rows", "identical": "rows that are known already, unchanged",
         "changed": "rows that replace a known row", "hidden": "known rows in the replaced periods",
         "vanishing": "known rows that would not be there any more",
         "duplicate_keys_in_file": "rows whose key stands twice in the file",
         "outside_scope": "rows outside your scope"}


def job_progress(job: JobView) -> html.Div:
    """A job as a bar with words; what failed says why."""
    words = {"queued": "Waiting for the worker", "running": job.step.capitalize() or "Working", "done": "Done",
             "failed": "Failed", "cancelled": "Cancelled"}[job.state]
    bar = progress_bar(job.progress, words)
    said = html.Span(f"{words} · {_percent(job.progress)}" if job.state == "running" else words)
    why = html.P(job.error, className="ll-field-error", role="alert") if job.error and job.state == "failed" else None
    return html.Div([html.Div([said], role="status"), bar if not job.is_over else None, why], className="ll-job")


def reading_progress(share: float, step: str) -> html.Div:
    """The first look into a file as a bar with words."""
    words = step.capitalize()
    return html.Div([html.Div(html.Span(f"{words} · {_percent(share)}"), role="status"), progress_bar(share, words)],
                    className="ll-job")


def progress_bar(share: float, words: str) -> html.Progress:
    """A bar that is read out as its words; it is full only when the work is done."""
    told = {"aria-label": "Progress", "aria-valuemin": "0", "aria-valuemax": "100",
            "aria-valuenow": _percent(share)[:-1], "aria-valuetext": f"{words}, {_percent(share)}"}
    return html.Progress(max="1", value=str(round(share, 3)), className="ll-progress", role="progressbar", **wild(told))


def _percent(share: float) -> str:
    """Rounded down: what is not done is not 100 %."""
    return f"{int(share * 100)}%"


def dry_run(result: dict[str, Any], words: Words, *, asks: bool = True) -> html.Div:
    """Accepted and refused rows with their addresses, the rows of the effect by fate, and the figures that move.

    asks: it is still to be decided.
    """
    effect = {k: v for k, v in (result.get("effect") or {}).items() if k in FATES and v}
    pairs: list[tuple[Any, Any]] = [
        ("Rows in the file", words.number(result["rows"])), ("Accepted", words.number(result["accepted"])),
        ("Refused", words.number(result["quarantined"])),
        *((FATES[k].capitalize(), words.number(v)) for k, v in effect.items()),
    ]
    if result.get("first"):
        pairs.append(("Dates", " to ".join(words.day(date.fromisoformat(result[end])) for end in ("first", "last"))))
    needs = [html.P(n, className="ll-note ll-ask", role="alert") for n in result.get("needs", ())]
    headers = {key: header for key, header, *_ in result.get("columns", ())}
    issues = tuple(Issue(**i) for i in result.get("issues", ()))
    return html.Div([*needs, _exchange(result.get("effect") or {}, headers, words), facts(pairs),
                     closed_rows(touched_from_json(result.get("closed")), words, asks=asks),
                     _joins(result, headers, words), _found(issues),
                     *follows(result.get("moves") or (), result.get("consequences") or (), words)])


def _found(issues: Sequence[Issue]) -> html.Div | None:
    return html.Div([html.H3("What was found", className="ll-section-title"), issue_list(issues)]) if issues else None


def follows(moves: Sequence[dict[str, Any]], consequences: Sequence[dict[str, Any]], words: Words) -> list[Any]:
    """The figures that move, then a table per kind of thing that stands on them."""
    return [moves_table(moves, words), *(effect_section(effect_from(e), "import-effect") for e in consequences)]


def _exchange(effect: dict[str, Any], headers: dict[str, str], words: Words) -> html.P | None:
    if not effect.get("replaced"):
        return None
    look = "ll-note ll-ask" if effect["vanishing"] else "ll-note"
    return html.P(exchange_words(effect, headers, words), className=look, id="import-exchange")


def _joins(result: dict[str, Any], headers: dict[str, str], words: Words) -> html.Div | None:
    """How the rows fare with the joins, with the keys that are not there; joins that nobody chose as a suggestion."""
    told = [_told(match_from_json(j), headers, words) for j in result.get("joins") or ()]
    for hint in map(match_from_json, result.get("suggestions") or ()):
        said = f"{headers.get(hint.column, hint.column)} could be joined to {hint.target}: {found_words(hint, words)}"
        told.append(html.Li([html.Strong("Suggestion"), html.Span(f" {said}")]))
    if not told:
        return None
    return html.Div([html.H3("Joins", className="ll-section-title"), html.Ul(told)], id="import-joins")


def _told(match: JoinMatch, headers: dict[str, str], words: Words) -> html.Li:
    missing = missing_words(match, words)
    return html.Li([html.Strong(headers.get(match.column, match.column)), html.Span(f" {found_words(match, words)}"),
                    html.Div(missing, className="ll-map-ask") if missing else None])


def moves_table(moves: Sequence[dict[str, Any]], words: Words) -> html.Div | None:
    """Figures that a commit would change: before, after and the change."""
    told = [m for m in moves if m.get("kpi")]
    notes = [html.P(str(m["note"]), className="ll-quiet") for m in moves if not m.get("kpi") and m.get("note")]
    if not told:
        return html.Div(notes) if notes else None
    heads = ("KPI", "Period", "Before", "After", "Change")
    grid = Grid(heads, tuple(_move(m, words) for m in told), frozenset({2, 3, 4}))
    return html.Div([html.H3("Figures that would move", className="ll-section-title"),
                     table(grid, "Figures that would move"), *notes])


def _move(move: dict[str, Any], words: Words) -> tuple[str, ...]:
    unit, decimals, before, after = move["unit"], move.get("decimals") or 0, move["before"], move["after"]
    change = NO_VALUE
    if before is not None and after is not None:
        change = words.change(after - before, (after - before) / abs(before) if before else None, unit, decimals)
    elif before is not None or after is not None:
        change = "new" if before is None else "gone"
    period = move.get("said") or move["period"]
    return move["name"], period, words.full(before, unit, decimals), words.full(after, unit, decimals), change


def outcome(upload: UploadView, words: Words) -> html.Div | None:
    """What came of the upload so far: what a commit would do, or what was committed."""
    if is_to_decide(upload):
        return html.Div([html.H2("4. What a commit would do", className="ll-section-title", id="import-outcome-title",
                                 tabIndex=-1),
                         dry_run(upload.result or {}, words)])
    if former := (upload.result or {}).get("former"):
        return html.Div([icon("info-circle"), html.Span(upload.error or ""), dcc.Link("To that upload",
                        href=f"/data/{former}")], className="ll-note ll-ask", role="alert")
    if upload.state == "failed" and upload.error:
        return html.Div([icon("x-octagon"), html.Span(upload.error)], className="ll-note ll-ask", role="alert")
    if upload.state not in ("committed", "undone"):
        return None
    rows = f"{words.counted(upload.rows, 'row')} {'is' if upload.rows == 1 else 'are'} in {upload.dataset}."
    said = rows if upload.is_live else "This upload is undone."
    note = html.Div([icon("check-circle-fill"), html.Span(said), dcc.Link("To the overview", href="/"),
                     dcc.Link("Its vintage", href=f"/data/vintages?upload={upload.id}"),
                     dcc.Link("All uploads", href="/data")], className="ll-note", role="status")
    gone = (upload.result or {}).get("removed")
    removed = html.Div([icon("info-circle"), html.Span(f"The demo company was removed with this commit: its datasets "
                        f"{', '.join(gone)} and its KPIs.")], className="ll-note", role="note") if gone else None
    over: dict[str, Any] = {"needs": (), "moves": (), "consequences": ()}
    done = {**upload.result, **over} if upload.result and "rows" in upload.result else None
    told = html.Section(dry_run(done, words, asks=False), className="ll-panel") if done else None
    return html.Div([note, removed, told])


def is_to_decide(upload: UploadView) -> bool:
    """Was the file checked, and nobody has committed it yet?"""
    return upload.state == "inspected" and bool(upload.result) and bool(upload.digest)


def can_commit(upload: UploadView) -> bool:
    """Is nothing left to be said, and is there anything to commit?"""
    result = upload.result or {}
    outside = (result.get("effect") or {}).get("outside_scope")
    return is_to_decide(upload) and not result.get("needs") and bool(result.get("accepted")) and not outside


def demo_removal() -> html.Div:
    """For admins, while the demo company is here."""
    return html.Div([icon("info-circle"), html.Span("The demo company is here. "),
                     button("Remove the demo company", "data-remove-demo", "quiet")], className="ll-note", role="note")


def without_demo(hidden: bool = False) -> html.Div:
    """Offers to remove the demo company with a commit, which nobody does unasked; hidden where not to be offered."""
    box = dbc.Checklist([{"value": "yes", "label": "Remove the demo company with this commit"}],
                        [], id="import-undemo", className="ll-checks")
    return html.Div(box, hidden=hidden)


def proposals(found: Sequence[KpiView]) -> html.Div:
    """KPIs that the columns support, ticked where only one reading is possible, and those that lack something."""
    ready = [v for v in found if not v.needs]
    lacking = [v for v in found if v.needs]
    if not ready:
        return html.Div(dbc.Checklist([], None, id="import-adopt"), hidden=True)
    options = [{"value": v.kpi.key, "label": html.Span([v.kpi.name, html.Code(v.kpi.formula), *_doubt(v)])}
               for v in ready]
    verb = "needs" if len(lacking) == 1 else "need"
    missing = html.Details([html.Summary(f"{len(lacking)} more {verb} other columns"),
                            html.Ul([html.Li(f"{v.kpi.name} needs: {', '.join(v.needs)}") for v in lacking])])
    return html.Div([html.H3("KPIs these columns support", className="ll-section-title"),
                     dbc.Checklist(options, [v.kpi.key for v in ready if not v.doubt], id="import-adopt",
                                   className="ll-checks"),
                     missing if lacking else None])


def _doubt(view: KpiView) -> list[html.Small]:
    return [html.Small(f"Not ticked: {view.doubt}.", className="ll-quiet")] if view.doubt else []


def upload_list(uploads: Sequence[UploadView], words: Words) -> html.Div:
    """Every upload: file, dataset, when, who, rows, state; with undo, redo and downloads."""
    if not uploads:
        return empty("No uploads yet", "Files appear here from the moment they arrive.")
    heads = ("File", "Dataset", "Arrived", "By", "Rows", "Refused", "State", "Actions")
    head = _head(heads, (4, 5))
    rows = [_upload(u, words) for u in uploads]
    return working_box(html.Table([head, html.Tbody(rows)], className="ll-table"), "Uploads")


def _head(heads: tuple[str, ...], numeric: tuple[int, ...]) -> html.Thead:
    cells = [html.Th(h, scope="col", className="ll-number" if i in numeric else "") for i, h in enumerate(heads)]
    return html.Thead(html.Tr(cells))


def _upload(upload: UploadView, words: Words) -> html.Tr:
    rehearsed = upload.state == "rejected" and (upload.result or {}).get("rehearsed")
    picture, word = CHECKED if rehearsed else STATES[upload.state]
    links = [html.A("original", href=f"/download/uploads/{upload.id}/original")] if upload.state != "rejected" else []
    if upload.quarantined:
        links.append(html.A("refused rows", href=f"/download/uploads/{upload.id}/quarantine"))
    verbs = {"committed": [("undo", "Undo")], "undone": [("redo", "Redo")]}.get(upload.state, [])
    buttons = [button(text, {"part": f"upload-{verb}", "upload": upload.id}, "quiet") for verb, text in verbs]
    return html.Tr([
        html.Th(dcc.Link(upload.source_name, href=f"/data/{upload.id}"), scope="row"), html.Td(upload.dataset),
        html.Td(words.moment(upload.received_at)), html.Td(upload.user_email),
        html.Td(words.number(upload.rows), className="ll-number"),
        html.Td(words.number(upload.quarantined), className="ll-number"),
        html.Td([icon(picture), f" {word}"], title=upload.error or ""),
        html.Td(html.Span([*links, *buttons], className="ll-row-actions")),
    ])


def dataset_list(found: Sequence[DatasetView], words: Words, *, may_rename: bool, may_delete: bool) -> html.Div:
    """Every dataset: what it holds, until when, and its verbs."""
    if not found:
        return empty("No datasets yet", "Upload a file; its dataset is made with it.")
    heads = ("Dataset", "Key", "Kind", "Rows", "From", "Data through", "Uploads", "Actions")
    head = _head(heads, (3, 6))
    rows = [_dataset(d, words, may_rename, may_delete) for d in found]
    return working_box(html.Table([head, html.Tbody(rows)], className="ll-table"), "Datasets")


def _dataset(view: DatasetView, words: Words, may_rename: bool, may_delete: bool) -> html.Tr:
    dataset = view.dataset
    verbs = [button("Rename", {"part": "dataset-rename", "dataset": dataset.key}, "quiet")] if may_rename else []
    verbs += [button("Delete", {"part": "dataset-delete", "dataset": dataset.key}, "quiet")] if may_delete else []
    demo = html.Small(" demo", className="ll-tag") if dataset.is_demo else None
    kind = f"{dataset.kind}, by {dataset.grain.value}" if dataset.kind == "facts" else dataset.kind
    place = html.Small(f" in {dataset.place.connection}: {dataset.place.name}") if dataset.place else None
    return html.Tr([
        html.Th([dataset.name, demo, *_kept(dataset)], scope="row"), html.Td(html.Code(dataset.key)),
        html.Td([kind, place]),
        html.Td(words.number(view.rows), className="ll-number"),
        html.Td(words.day(view.first) if view.first else "—"),
        html.Td(words.day(view.data_through) if view.data_through else "—"),
        html.Td("—" if dataset.place else words.number(view.uploads), className="ll-number"),
        html.Td(html.Span(verbs, className="ll-row-actions")),
    ])


def _kept(dataset: Dataset) -> list[html.Div]:
    """What the dataset remembers of its mapping and the next file does likewise: its joins and slice columns; and what
    its currencies are."""
    headers = {c.key: c.header for c in dataset.columns}
    told = [f"joined to {to.partition('.')[0]} by {headers.get(column, column)}" for column, to in dataset.joins]
    if dataset.mode == "replace-period" and dataset.slice_columns:
        told.append(f"replaces only for {', '.join(headers.get(c, c) for c in dataset.slice_columns)}")
    if converts(dataset) and (code := code_column(dataset)):
        told.append(f"amounts in the currencies of {headers[code]}")
    if rates_in({dataset.key: dataset}):
        told.append("exchange rates of all figures")
    return [html.Div(t, className="ll-kept") for t in told]


def commit_actions(upload: UploadView) -> html.Div:
    """The button after a dry run; hidden while there is nothing to decide."""
    text = "Commit without the refused rows" if upload.quarantined else "Commit"
    refused = f"/download/uploads/{upload.id}/quarantine"
    links = [html.A("Download the refused rows", href=refused, className="btn btn-quiet")]
    verbs = actions(button(text, "import-commit", disabled=not can_commit(upload)),
                    *(links if upload.quarantined else []))
    return html.Div([reason_field("import-reason", hidden=not touches(upload.result)), verbs],
                    hidden=not is_to_decide(upload))
