"""Which reader a file's content calls for."""

import re
from typing import Literal

from cxmap.errors import ExportError
from cxmap.sources.reading.encoding import Text, as_utf8
from cxmap.sources.reading.shapes import ReadOptions
from cxmap.sources.reading.xes import is_xes

Kind = Literal["delimited", "json", "parquet", "xes", "xlsx"]

PARQUET = b"PAR1"
ZIP = b"PK\x03\x04"
"""How a workbook begins; an archive too, but its members are files of their own."""

JSON = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[\]{"]|[\[{]\s*\Z)')
"""How a JSON export begins; a list of bare numbers is none."""


def format_of(
    data: bytes, options: ReadOptions, where: str, *, whole: bool = True
) -> tuple[Kind, Text]:
    """Return the kind of a file and its text (empty for Parquet, XES and workbooks).

    What a profile says of the format holds; else the first bytes tell. A workbook
    holds what a delimited file does. Raises ExportError where the profile reads
    something else.
    """
    if data.startswith(ZIP):
        if options.format in ("json", "parquet"):
            raise ExportError(f"{where}: a workbook; this part reads {options.format}")
        return "xlsx", Text(b"", "binary")
    if options.format == "xlsx":
        raise ExportError(f"{where}: no Excel workbook; this part reads .xlsx")
    if options.format == "parquet" or (
        options.format == "auto" and data.startswith(PARQUET)
    ):
        return "parquet", Text(b"", "binary")
    if options.format == "auto" and is_xes(data):
        return "xes", Text(b"", "binary")
    text = as_utf8(data, options.encoding, where, whole=whole)
    if options.format != "auto":
        return options.format, text

    return ("json" if JSON.match(text.data) else "delimited"), text
