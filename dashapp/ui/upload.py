"""Bringing a file: streamed to the server as it is read, never turned into text in the browser."""

from __future__ import annotations

from dash import dcc, html

from dashapp.ui.icon import icon
from dashapp.ui.wild import wild

ACCEPTED = ".xlsx,.xlsm,.xlsb,.xls,.ods,.csv,.tsv,.txt"


def upload_zone(dataset: str | None = None, *, chooser: str | None = None, most: int = 50 * 2**20) -> html.Div:
    """A zone to drop a file on, with a button that does the same.

    The file is posted as multipart `file` to `/upload/{dataset}`; with `chooser`, the id of a field, to the dataset
    that field names. The server's JSON answer goes into the Store `upload-result`; a refusal is told in the zone.
    most: bytes of one file.
    """
    where = {"data-ll-upload": dataset or "", "data-ll-upload-most": str(most),
             **({"data-ll-upload-from": chooser} if chooser else {})}
    return html.Div(
        [
            icon("cloud-arrow-up", "ll-drop-icon"),
            html.P(
                [html.Strong("Drop an Excel or CSV file here"), html.Br(), f"or choose one, up to {most // 2**20} MB"]
            ),
            html.Button(
                "Choose file",
                id="upload-choose",
                type="button",
                className="btn btn-primary",
                **wild({"data-ll-upload-choose": ACCEPTED}),
            ),
            html.Div(
                [
                    html.Div(
                        [html.Span(className="ll-upload-name"), html.Span(className="ll-upload-percent")],
                        className="ll-upload-line",
                    ),
                    html.Progress(max="1", value="0", className="ll-progress", role="progressbar",
                                  **wild({"aria-label": "Upload", "aria-valuemin": "0", "aria-valuemax": "100"})),
                    html.Button(
                        "Cancel",
                        type="button",
                        className="btn btn-quiet btn-sm",
                        **wild({"data-ll-upload-cancel": "true"}),
                    ),
                ],
                className="ll-upload-progress",
            ),
            html.P(className="ll-upload-said", role="status", **wild({"aria-live": "polite"})),
            dcc.Store(id="upload-result"),
        ],
        id="upload-zone",
        className="ll-drop",
        **wild(where),
    )
