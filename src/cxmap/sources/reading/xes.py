"""XES event logs as rows of text: one event a row, beside what its case says."""

from collections.abc import Mapping
from xml.parsers import expat

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.reading.json_frame import Gathered
from cxmap.sources.reading.shapes import REJECTS, ROW, Limits, Peek, Table
from cxmap.sources.reading.tidy import tidy

HEAD = 2_048
"""Bytes within which the root element of a log begins."""

ATTRIBUTES = ("string", "date", "int", "float", "boolean", "id")

OF_CASE = "case:"
"""What stands before the names of a case's attributes."""


def is_xes(data: bytes) -> bool:
    """Tell whether a file begins as an XES log does."""
    head = data[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<?xml", b"<log", b"<!--")) and (
        b"<log" in head or b"xes" in head
    )


def read_xes(data: bytes, limits: Limits, where: str) -> Table:
    """Return the events of a log; `_row` is the number of the event.

    Attributes of the case bear `case:` before their names. What is nested in an
    attribute, globals and classifiers are left out. Raises ExportError for what is
    no well-formed XML, for a document type (nothing is ever expanded or fetched),
    and beyond the limits.
    """
    rows = _Log(limits, where).read(data, whole=True)
    rows, long = tidy(rows, limits)

    return Table(
        rows=rows,
        rejects=pl.concat([REJECTS.to_frame(), long]).sort("row", "column"),
        records=rows.height,
        notes=() if rows.height else ("no events",),
    )


def peek_xes(data: bytes, limits: Limits, where: str) -> Peek:
    """Return what the events in the first bytes of a log show."""
    rows = _Log(limits, where).read(data, whole=False)
    names = tuple(name for name in rows.columns if name != ROW)

    return Peek(
        format="xes",
        encoding="binary",
        delimiter=None,
        preamble=0,
        names=names,
        raw_names=names,
        rows=rows,
    )


class _Log:
    """The events met so far."""

    def __init__(self, limits: Limits, where: str) -> None:
        self._limits, self._where = limits, where
        self._gathered = Gathered((), where)
        self._events: list[dict[str, str]] = []
        self._case: dict[str, str] = {}
        self._open: list[str] = []
        self._count = 0

    def read(self, data: bytes, *, whole: bool) -> pl.DataFrame:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(data, whole)
        except expat.ExpatError as error:
            raise ExportError(
                f"{self._where}: line {error.lineno}: no well-formed XML; "
                "export the log once more"
            ) from None
        self._settle()

        return self._gathered.frame()

    def _refuse(self, *_: object) -> None:
        raise ExportError(
            f"{self._where}: declares a document type, which no XES log needs; "
            "export the log without it"
        )

    def _start(self, name: str, told: Mapping[str, str]) -> None:
        inside = self._open[-1] if self._open else None
        if len(self._open) >= self._limits.json_depth:
            raise ExportError(f"{self._where}: nested too deep for a log")
        if name == "event" and inside in ("trace", "log"):
            self._events.append({})
        elif name in ATTRIBUTES and "key" in told and "value" in told:
            if inside == "event" and self._events:
                self._events[-1][told["key"]] = told["value"]
            elif inside == "trace":
                self._case[f"{OF_CASE}{told['key']}"] = told["value"]
        self._open.append(name)

    def _end(self, name: str) -> None:
        self._open.pop()
        if name == "trace" or (name == "event" and self._open == ["log"]):
            self._settle()

    def _settle(self) -> None:
        """Append the events of the case that has ended, each with what it says."""
        rows = [{**self._case, **event} for event in self._events]
        first = self._count + 1
        self._count += len(rows)
        if self._count > self._limits.rows:
            raise ExportError(
                f"{self._where}: more than {self._limits.rows} rows; split it"
            )
        names = dict.fromkeys(name for row in rows for name in row)
        if len(self._gathered.names | names) > self._limits.columns:
            raise ExportError(
                f"{self._where}: more than {self._limits.columns} columns"
            )
        if rows:
            cells = {name: [row.get(name) for row in rows] for name in names}
            self._gathered.add(range(first, first + len(rows)), cells)
        self._events, self._case = [], {}
