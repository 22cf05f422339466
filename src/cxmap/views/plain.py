"""Data on its way out: CSV that no spreadsheet runs, JSON that no terminal obeys."""

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cxmap.text import CONTROLS, safe

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula, full-width forms included."""


BEYOND_ASCII = re.compile("[^\x20-\x7e]")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a CSV table: a text that would be a formula gets a leading `'`.

    Control characters are shown, as everywhere, since CSV is read on terminals, too.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([_csv_cell(name) for name in header])
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)

    return written.getvalue()


def json_text(value: Any, *, indent: int | None = 2, ascii_only: bool = False) -> str:
    """Return JSON: instants in ISO 8601 with Z, no NaN, keys in their order."""
    written = json.dumps(
        _plain(value), indent=indent, ensure_ascii=ascii_only, allow_nan=False
    )

    return json_escaped(written, ascii_only=False)


def json_escaped(written: str, *, ascii_only: bool) -> str:
    """Return JSON with control characters (or all but ASCII) as its escapes."""
    pattern = BEYOND_ASCII if ascii_only else CONTROLS

    return pattern.sub(lambda found: _escape(found.group()), written)


def iso(at: datetime) -> str:
    """Return an instant as `2026-09-01T06:00:00Z`."""
    if at.tzinfo is None:
        return at.isoformat()

    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _csv_cell(cell: Any) -> Any:
    plain = _plain(cell)
    if isinstance(plain, list | dict):
        plain = json_text(plain, indent=None)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, str):
        return f"'{safe(plain)}" if plain.startswith(FORMULA) else safe(plain)

    return "" if plain is None else plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return iso(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    missing = isinstance(value, float) and not math.isfinite(value)

    return None if missing else value


def _escape(character: str) -> str:
    """Return the JSON escape of a character; the line feeds of the layout stay."""
    if character == "\n":
        return character

    return json.dumps(character)[1:-1]
