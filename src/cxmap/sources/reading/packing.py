"""Packed files: what gzip and zstd unpack to, piece by piece and within limits."""

import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cxmap.errors import ExportError
from cxmap.sources.reading.shapes import Limits

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

CHUNK = 1024**2
"""Bytes that are packed or unpacked in one step."""

MAGIC = 4


class Engine(Protocol):
    """Unpacks one member (gzip) or frame (zstd)."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether it can give nothing more of what it was fed."""

    @property
    def unused_data(self) -> bytes:
        """What was fed beyond the end of the member."""

    def decompress(self, data: bytes, max_length: int = ...) -> bytes:
        """Return at most `max_length` bytes more."""


class Gunzip:
    """Unpacks one member of a gzip file."""

    def __init__(self) -> None:
        self._engine = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        return self._engine.eof

    @property
    def needs_input(self) -> bool:
        """Whether it can give nothing more of what it was fed."""
        return not self._engine.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What was fed beyond the end of the member."""
        return self._engine.unused_data

    def decompress(self, data: bytes, max_length: int = CHUNK) -> bytes:
        """Return at most `max_length` bytes more."""
        return self._engine.decompress(self._engine.unconsumed_tail + data, max_length)


@dataclass(frozen=True)
class Packing:
    """A way to pack a file."""

    name: str
    magics: tuple[bytes, ...]
    """How a member of it begins; the first tells what kind of file it is."""
    engine: Callable[[], Engine]


PACKINGS = (
    Packing("gzip", (b"\x1f\x8b",), Gunzip),
    Packing(
        "zstd",
        (
            b"\x28\xb5\x2f\xfd",
            *(bytes((n, 0x2A, 0x4D, 0x18)) for n in range(0x50, 0x60)),
        ),
        ZstdDecompressor,
    ),
)


def packing_of(head: bytes) -> Packing | None:
    """Return how a file is packed, by its first bytes; None where it is not."""
    fits = (one for one in PACKINGS if head.startswith(one.magics[0]))
    return next(fits, None)


def unpacked(
    more: Callable[[], bytes], packing: Packing, where: str
) -> Iterator[bytes]:
    """Yield what all members of a packed file unpack to; `more` gives its next bytes.

    Padding between the members is passed over. Raises ExportError for what is cut
    short, damaged or followed by something else.
    """
    rest = more()
    while rest:
        rest = rest.lstrip(b"\0")
        while len(rest) < MAGIC and (further := more()):
            rest = (rest + further).lstrip(b"\0")
        if not rest:
            return
        if not rest.startswith(packing.magics):
            raise ExportError(
                f"{where}: bytes after the end of the {packing.name} data"
            )
        engine = packing.engine()
        while not engine.eof:
            if engine.needs_input and not rest and not (rest := more()):
                raise ExportError(f"{where}: {packing.name} cut short; send it again")
            try:
                piece = engine.decompress(rest, CHUNK)
            except (zlib.error, ZstdError):
                raise ExportError(
                    f"{where}: damaged {packing.name}; send it again"
                ) from None
            rest = b""
            if piece:
                yield piece
        rest = engine.unused_data or more()


def within(
    pieces: Iterator[bytes], size: int, limits: Limits, where: str
) -> Iterator[bytes]:
    """Yield what `size` bytes unpack to; ExportError once it is a bomb."""
    made = 0
    for piece in pieces:
        made += len(piece)
        refuse_bomb(made, size, limits, where)
        yield piece


def refuse_bomb(made: int, size: int, limits: Limits, where: str) -> None:
    """Raise ExportError where `size` bytes have become too many."""
    if made > limits.bytes:
        raise ExportError(
            f"{where}: unpacks to more than {limits.bytes} bytes; split it"
        )
    if made > max(limits.ratio_from, size * limits.ratio):
        raise ExportError(
            f"{where}: unpacks to more than {limits.ratio} times its size"
        )
