"""JSON exports: where their records are, and what is wrong with those that fail.

Three shapes: one value a line, each standing alone; documents, which may wrap their
records in an array; and objects end to end. An *entry* is one record, one fault or
one blank line.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from cxmap.errors import ExportError
from cxmap.sources.reading.encoding import Text
from cxmap.sources.reading.json_values import (
    MARKING,
    STRICT,
    DuplicateKeyError,
    after_blank,
    flaw,
    path,
    values,
    whole_value,
)

NEXT = ("next_page", "next_page_url", "nextRecordsUrl", "next")
"""Keys of a wrapper that lead to the next page."""

PAGING = frozenset(
    {*NEXT, "count", "total", "total_count", "totalHits", "has_more", "page", "paging"}
)
"""Keys that a page of records has beside them."""

FEW = 2
"""A document with at most so many other keys is a wrapper without them, too."""

ARRAY_OF_OBJECTS = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*\[\s*(?=\{)')

BLANK = b" \t\r\n"
"""White space that may surround a value."""

PROBED = 20
"""How many lines are tried before the shape of a file is settled."""


class Entry(NamedTuple):
    """One record, one fault, or (neither) one blank line."""

    row: int
    """Physical line, or number of the record in its document, from 1."""
    record: dict[str, Any] | None = None
    reason: str | None = None
    item: Any = None
    """The value itself, where it could be parsed."""


@dataclass(frozen=True)
class Documents:
    """The values of a file that is no line format, and how it ended."""

    values: tuple[Any, ...]
    fault: str | None = None
    """Why what follows the last value could not be read."""


def in_lines(data: bytes) -> bool:
    """Tell whether each line of a JSON text stands alone."""
    filled = (line.strip() for line in io.BytesIO(data))
    head = list(islice((line for line in filled if line), PROBED))
    if len(head) < 2:
        return False
    alone = [_parses(line) for line in head]

    return alone[0] or (
        head[0].startswith(b"{")
        and any(
            fine and line.startswith(b"{") and len(line) > 2
            for fine, line in zip(alone, head, strict=True)
        )
    )


def _parses(line: bytes) -> bool:
    try:
        return bool(list(values(line.decode(), STRICT)))
    except DuplicateKeyError:
        return True
    except (ValueError, RecursionError):
        return False


def entries_of_lines(text: Text, records: str | None, depth: int) -> Iterator[Entry]:
    """Yield the entries of a text whose lines stand alone: a bad one spoils no other.

    `records` is the path to the array where each line is a page of its own.
    """
    for row, line in enumerate(io.BytesIO(text.data), 1):
        if row - 1 in text.undecodable:
            yield Entry(row, reason="encoding" if line.strip(BLANK) else None)
            continue
        record = None if records else _plain_record(line, depth)
        if record is None:
            yield from _entries_of_line(row, line, records, depth)
        else:
            yield Entry(row, record, item=record)


def _plain_record(line: bytes, depth: int) -> dict[str, Any] | None:
    """Return the one record that is all of a line; None where anything is unusual."""
    try:
        found = whole_value(line)
    except ValueError:
        return None
    shallow = line.count(b"{") + line.count(b"[") <= depth
    fine = isinstance(found, dict) and (shallow or flaw(found, depth) is None)

    return found if fine else None


def _entries_of_line(
    row: int, line: bytes, records: str | None, depth: int
) -> Iterator[Entry]:
    plain = line.strip(BLANK)
    if not plain:
        yield Entry(row)
        return
    try:
        found = list(values(plain.decode(), STRICT))
    except DuplicateKeyError:
        yield Entry(row, reason="duplicate_key")
        return
    except RecursionError:
        yield Entry(row, reason="too_deep")
        return
    except ValueError:
        torn = b"\0" if plain.endswith(b"\0") else b""
        cut_short = not line.endswith(b"\n")
        reason = "torn_tail" if torn else "truncated" if cut_short else "not_json"
        yield Entry(row, reason=reason)
        return
    shallow = plain.count(b"{") + plain.count(b"[") <= depth
    for value in found:
        items = expand(value, records) if records else [value]
        for item in items:
            yield _entry(row, item, None if shallow else flaw(item, depth))


def _entry(row: int, item: Any, reason: str | None) -> Entry:
    if reason is None and isinstance(item, dict):
        return Entry(row, record=item, item=item)
    return Entry(row, reason=reason or "not_an_object", item=item)


def documents(text: Text, where: str, *, whole: bool = True) -> Documents:
    """Return the values of a text of documents.

    Raises ExportError where not even the first can be read. `whole` false says that
    the text is only the head of a file: its first records are returned then.
    """
    if text.undecodable:
        line = min(text.undecodable) + 1
        raise ExportError(f"{where}: line {line}: not UTF-8; declare its encoding")
    with suppress(ValueError):
        return Documents((whole_value(text.data),))

    return _marked_documents(text.data.decode(), where, whole=whole)


def _marked_documents(plain: str, where: str, *, whole: bool) -> Documents:
    """Return documents that are several, or in which something is wrong."""
    found: list[Any] = []
    fault, line = None, 0
    try:
        found.extend(values(plain, MARKING))
    except RecursionError:
        fault = "too_deep"
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        fault = "not_json" if plain.rstrip().endswith(("}", "]")) else "truncated"
    if found or fault is None:
        return Documents(tuple(found), fault)
    if not whole:
        return Documents((_first_records(plain),))
    if fault == "too_deep":
        raise ExportError(f"{where}: nested without end; not an export")
    told = "cut short" if fault == "truncated" else "not JSON"
    raise ExportError(f"{where}: line {line}: {told}; export it again")


def _first_records(text: str) -> Any:
    """Return the records that a cut-off document begins with, in their wrapper."""
    start = after_blank(text, 0)
    wrapper = None
    if text.startswith("[", start):
        at = start + 1
    else:
        found = ARRAY_OF_OBJECTS.search(text)
        if found is None:
            return {}
        wrapper, at = found[1], found.end()
    records: list[Any] = []
    try:
        while True:
            value, at = MARKING.raw_decode(text, after_blank(text, at))
            records.append(value)
            at = after_blank(text, at)
            if not text.startswith(",", at):
                break
            at += 1
    except (ValueError, RecursionError):
        pass

    return {wrapper: records} if wrapper else records


def entries_of_documents(
    found: Documents, records: str | None, depth: int
) -> Iterator[Entry]:
    """Yield the entries of documents, their records numbered through."""
    wrapped = [wrapper_of(document) for document in found.values]
    pages = len(wrapped) == 1 or (
        None not in wrapped and all(map(_is_page, found.values))
    )
    row = 0
    for document, key in zip(found.values, wrapped, strict=True):
        if records is not None or key is None or not pages:
            inside = expand(document, records)
        else:
            inside = document[key]
        for item in inside:
            row += 1
            yield _entry(row, item, flaw(item, depth))
    if found.fault is not None:
        yield Entry(row + 1, reason=found.fault)


def expand(document: Any, records: str | None) -> Sequence[Any]:
    """Return the records at a path in a document; without a path its items."""
    inside = document if records is None else path(records, "records")(document)
    if inside is None:
        return ()

    return inside if isinstance(inside, list) else (inside,)


def wrapper_of(document: Any) -> str | None:
    """Return the key of a document's only array of objects, if it wraps records.

    A record may hold an array of objects as well; it has other keys than a page.
    """
    if not isinstance(document, dict):
        return None
    few = len(document) <= FEW + 1
    if not (few or _is_page(document)):
        return None
    arrays = {key: value for key, value in document.items() if isinstance(value, list)}
    filled: list[str] = [
        key
        for key, value in arrays.items()
        if value and all(isinstance(item, dict) for item in value)
    ]
    if len(filled) == 1:
        return filled[0]
    if not filled and len(arrays) == 1 and _is_page(document):
        return str(next(iter(arrays)))

    return None


def _is_page(document: Any) -> bool:
    return isinstance(document, dict) and not PAGING.isdisjoint(document)


def incomplete(found: Documents) -> str | None:
    """Return a note where the last document says that more pages follow."""
    last = found.values[-1] if found.values else None
    if not isinstance(last, dict) or last.get("end_of_stream") is True:
        return None
    paging = [last, last.get("paging"), last.get("links"), last.get("meta")]
    for part in paging:
        if not isinstance(part, dict):
            continue
        if part.get("has_more") is True:
            return "has_more is true: the export is incomplete"
        for key in NEXT:
            if isinstance(part.get(key), str | dict):
                return f"{key} present: the export is incomplete"

    return None
