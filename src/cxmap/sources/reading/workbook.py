"""An Excel workbook's container: judged whole before anything in it is parsed."""

import io
import posixpath
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile, ZipInfo

from cxmap.errors import ExportError
from cxmap.sources.reading.packing import refuse_bomb
from cxmap.sources.reading.shapes import Limits

BOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
STRINGS = "xl/sharedStrings.xml"
XML = (".xml", ".rels", ".vml")

OTHERS = {
    "xl/workbook.bin": "a binary workbook (.xlsb); save it as .xlsx or CSV",
    "content.xml": "an OpenDocument file; save it as .xlsx or CSV",
}
"""Members by which a container is known to be no .xlsx, and what would be right."""

SMALL = 4 * 1024**2
"""Bytes that a list of sheets can have."""

CHUNK = 1024**2

FORBIDDEN = re.compile(rb"<!DOCTYPE|<!ENTITY|\x00")
"""What no spreadsheet writes: declarations of entities, and text that is not UTF-8."""
LONGEST = 10

BROKEN = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    ElementTree.ParseError,
)
"""What a damaged container makes its readers raise."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    member: str
    """The file inside the container that holds its cells."""
    visible: bool


@dataclass(frozen=True)
class Workbook:
    """A workbook whose container is in order."""

    data: bytes
    sheets: tuple[Sheet, ...]
    since_1904: bool
    """Whether its dates count from 1904 instead of 1900."""

    def xml(self, member: str) -> bytes:
        """Return what a file inside the container holds; nothing where it is not."""
        with ZipFile(io.BytesIO(self.data)) as container:
            named = {name.casefold(): name for name in container.namelist()}
            found = named.get(member.casefold())
            return b"" if found is None else container.read(found)

    @cached_property
    def strings(self) -> bytes:
        """The texts that cells share."""
        return self.xml(STRINGS)


def is_workbook(names: list[str]) -> bool:
    """Tell whether a container of such members is a document, not an archive."""
    known = {BOOK, *OTHERS}
    return any(name.casefold() in known for name in names)


def open_workbook(data: bytes, limits: Limits, where: str) -> Workbook:
    """Return the workbook; nothing of it is parsed before all of it is judged.

    Raises ExportError for what is damaged, encrypted or no .xlsx, for one that unpacks
    beyond the limits, and for one that declares entities.
    """
    with _intact(where), ZipFile(io.BytesIO(data)) as container:
        members = container.infolist()
        names = [one.filename.casefold() for one in members]
        for member, what in OTHERS.items():
            if member in names:
                raise ExportError(f"{where}: {what}")
        if BOOK not in names:
            raise ExportError(f"{where}: no Excel workbook; save it as .xlsx or CSV")
        if len(set(names)) < len(names):
            raise ExportError(f"{where}: damaged; save or send it again")
        _judge(container, members, len(data), limits, where)
        book = _small(container, BOOK, where)
        relations = _small(container, RELATIONS, where)
        sheets, since_1904 = _sheets(book, relations)

    return Workbook(data, sheets, since_1904)


@contextmanager
def _intact(where: str) -> Iterator[None]:
    try:
        yield
    except BROKEN:
        raise ExportError(f"{where}: damaged; save or send it again") from None


def _judge(
    container: ZipFile, members: list[ZipInfo], size: int, limits: Limits, where: str
) -> None:
    made = 0
    for member in members:
        text = member.filename.casefold().endswith(XML)
        before = b""
        with container.open(member) as file:
            while piece := file.read(CHUNK):
                made += len(piece)
                refuse_bomb(made, size, limits, where)
                if text and FORBIDDEN.search(before + piece):
                    raise ExportError(
                        f"{where}: a workbook with entities or a foreign encoding; "
                        "open it in a spreadsheet and save it again"
                    )
                before = piece[-LONGEST:]


def _small(container: ZipFile, member: str, where: str) -> bytes:
    for one in container.infolist():
        if one.filename.casefold() == member.casefold():
            if one.file_size > SMALL:
                raise ExportError(f"{where}: damaged; save or send it again")
            return container.read(one)

    raise ExportError(f"{where}: damaged; save or send it again")


def _sheets(book: bytes, relations: bytes) -> tuple[tuple[Sheet, ...], bool]:
    """Return the sheets that hold cells, and whether dates count from 1904."""
    # No entity can be declared in what `_judge` let through.
    tree = ElementTree.fromstring(book)  # noqa: S314
    members = {
        one.get("Id"): posixpath.normpath(posixpath.join("/xl", one.get("Target", "")))
        for one in ElementTree.fromstring(relations)  # noqa: S314
        if one.get("Type", "").endswith("/worksheet")
    }
    found = []
    since_1904 = False
    for element in tree.iter():
        kind = _plain(element.tag)
        if kind == "workbookPr":
            since_1904 = element.get("date1904", "0") in ("1", "true")
        if kind == "sheet":
            said = {_plain(key): value for key, value in element.attrib.items()}
            member = members.get(said.get("id"))
            if member is not None:
                visible = said.get("state", "visible") == "visible"
                found.append(Sheet(said.get("name", ""), member[1:], visible))

    return tuple(found), since_1904


def _plain(name: str) -> str:
    return name.rpartition("}")[2]
