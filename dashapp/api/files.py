"""Files as downloads."""
from __future__ import annotations

import io

from flask import Response, send_file

from dashapp.services.exporting import File


def attachment(file: File) -> Response:
    """The file under its own name (RFC 6266), for saving and never for showing."""
    name, media, content = file
    return send_file(io.BytesIO(content), mimetype=media, as_attachment=True, download_name=name)
