"""Whatever a file is encoded in, as UTF-8; and which lines would not decode."""

import codecs
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cxmap.errors import ExportError

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32 first: its little-endian mark begins like that of UTF-16."""

WESTERN = (
    "cp1252",
    "latin_1",
    "cp1250",
    "cp1251",
    "iso8859_2",
    "iso8859_15",
    "mac_roman",
    "cp437",
    "cp850",
)
"""Code pages that exports still come in."""

WINDOWS_PUNCTUATION = re.compile(rb"[\x00-\x7f][\x80-\x9f]")
"""A curly quote or a euro sign of cp1252 after a plain letter: no broken UTF-8."""

CHUNK = 1024**2
SAMPLE = 64 * 1024


@dataclass(frozen=True)
class Text:
    """A file's text as UTF-8, without its byte order mark."""

    data: bytes
    encoding: str
    undecodable: frozenset[int] = frozenset()
    """Lines, from 0, that hold bytes of another encoding; `?` stands for those."""
    carriage_returns: bool = False
    """Whether lines ended in carriage returns alone; here they end in newlines."""
    notes: tuple[str, ...] = field(default=())


def as_utf8(
    data: bytes, declared: tuple[str, ...], where: str, *, whole: bool = True
) -> Text:
    """Return the file's text: by its mark, as UTF-8, as declared, or as it seems.

    A few undecodable lines in a UTF-8 file are listed, not guessed at. `whole`
    false says that `data` is only the head of a file. Raises ExportError where no
    encoding fits.
    """
    marked = _by_mark(data)
    if marked is not None:
        mark, encoding = marked
        data = data[len(mark) :]
        if encoding != "utf-8":
            return _lines(Text(_transcode(data, encoding, where, whole), encoding))
    if _is_utf8(data, whole=whole):
        return _lines(Text(data, "utf-8"))

    return _lines(_legacy(data, declared, where))


def _by_mark(data: bytes) -> tuple[bytes, str] | None:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return mark, encoding
    head = data[:4096]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = head[start::2].count(0)
        if (
            len(head) >= 8
            and zeros > len(head) // 4
            and not head[1 - start :: 2].count(0)
        ):
            return b"", encoding

    return None


def _transcode(data: bytes, encoding: str, where: str, whole: bool) -> bytes:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        return decoder.decode(data, final=whole).encode()
    except UnicodeError:
        raise ExportError(f"{where}: marked as {encoding} and not valid") from None


def _is_utf8(data: bytes, *, whole: bool) -> bool:
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(data), CHUNK):
            decoder.decode(view[start : start + CHUNK])
        decoder.decode(b"", final=whole)
    except UnicodeDecodeError:
        return False

    return True


def _legacy(data: bytes, declared: tuple[str, ...], where: str) -> Text:
    """Decide between a file in another encoding and a few bad lines."""
    bad: dict[int, bytes] = {}
    sound = 0
    for number, line in enumerate(io.BytesIO(data)):
        if line.isascii():
            continue
        try:
            line.decode()
            sound += 1
        except UnicodeDecodeError:
            bad[number] = line
    evident = len(bad) > 1 or any(map(WINDOWS_PUNCTUATION.search, bad.values()))
    if sound * 10 <= len(bad) and (declared or evident):
        return _decoded(data, declared, b"".join(bad.values())[:SAMPLE], where)

    return Text(_patched(data, bad), "utf-8", frozenset(bad))


def _decoded(data: bytes, declared: tuple[str, ...], sample: bytes, where: str) -> Text:
    candidates = declared or (_guess(sample), "cp1252")
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return Text(text.encode(), encoding, notes=(f"read as {encoding}",))
    tried = ", ".join(dict.fromkeys(("utf-8", *candidates)))
    raise ExportError(f"{where}: none of {tried} fits; declare its encoding")


def _guess(sample: bytes) -> str:
    """Return the likeliest code page; of equally likely ones the commonest."""
    from charset_normalizer import from_bytes

    likely = [
        (match.chaos, -match.coherence, WESTERN.index(encoding), encoding)
        for match in from_bytes(sample, cp_isolation=list(WESTERN))
        for encoding in {match.encoding, *match.could_be_from_charset}
        if encoding in WESTERN
    ]

    return min(likely)[-1] if likely else "cp1252"


def _patched(data: bytes, bad: Mapping[int, bytes]) -> bytes:
    marked = (
        line.decode(errors="replace").replace("\ufffd", "?").encode()
        if number in bad
        else line
        for number, line in enumerate(io.BytesIO(data))
    )
    return b"".join(marked)


def _lines(text: Text) -> Text:
    """Return the text with newlines, and without the marks of files put together."""
    data = text.data.removeprefix(codecs.BOM_UTF8)
    returns = b"\n" not in data and b"\r" in data
    if returns:
        data = data.replace(b"\r", b"\n")
    if not data.isascii() and b"\n" + codecs.BOM_UTF8 in data:
        data = data.replace(b"\n" + codecs.BOM_UTF8, b"\n")

    return Text(data, text.encoding, text.undecodable, returns, text.notes)
