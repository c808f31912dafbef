"""Numbers on their way to the browser: typed arrays as base64, a tenth of the cost of lists."""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

_CODES = {"f8": "d", "i4": "i"}


def pack(values: Sequence[float | None], dtype: str = "f8") -> dict[str, Any]:
    """The form plotly.js reads: `{"dtype", "bdata"}`, little endian. Missing values are NaN, drawn as gaps."""
    numbers = array(_CODES[dtype], (float("nan") if v is None else v for v in values))
    if sys.byteorder == "big":
        numbers.byteswap()
    return {"dtype": dtype, "bdata": b64encode(numbers.tobytes()).decode("ascii")}


def unpack(packed: dict[str, Any]) -> list[float]:
    """The numbers again; for tests and for renderers of documents."""
    numbers = array(_CODES[packed["dtype"]])
    numbers.frombytes(b64decode(packed["bdata"]))
    if sys.byteorder == "big":
        numbers.byteswap()
    return list(numbers)
