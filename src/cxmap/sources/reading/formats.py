"""Which reader a file's content calls for."""

import re
from typing import Literal

from cxmap.sources.reading.encoding import Text, as_utf8
from cxmap.sources.reading.shapes import ReadOptions

Kind = Literal["delimited", "json", "parquet"]

PARQUET = b"PAR1"

JSON = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[\]{"]|[\[{]\s*\Z)')
"""How a JSON export begins; a list of bare numbers is none."""


def format_of(
    data: bytes, options: ReadOptions, where: str, *, whole: bool = True
) -> tuple[Kind, Text]:
    """Return the kind of a file and its text (empty for Parquet).

    What a profile says of the format holds; else the first bytes tell.
    """
    if options.format == "parquet" or (
        options.format == "auto" and data.startswith(PARQUET)
    ):
        return "parquet", Text(b"", "binary")
    text = as_utf8(data, options.encoding, where, whole=whole)
    if options.format != "auto":
        return options.format, text

    return ("json" if JSON.match(text.data) else "delimited"), text
