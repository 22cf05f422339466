"""The pseudonym key: the one secret, and the digests that stand for people."""

import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import polars as pl

from cxmap.durable import sync_folder
from cxmap.errors import KeyMismatchError, StoreError
from cxmap.text import safe

SCHEME = "cxmap/1/"
"""What every pseudonym is salted with; another scheme is another pseudonym space."""

SECRET_BYTES = 32
DIGEST_BYTES = 16

BLOCK_BYTES = 64
INNER, OUTER = 0x36, 0x5C
"""What HMAC (RFC 2104) asks of SHA-256: its block, and the pads of the key."""

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
"""Base32 of every ten bits."""

DEMO_SECRET = bytes.fromhex(
    "63786d61702064656d6f206b65793a207075626c69632c206e6f207365637265"
)
"""The demo's key: fixed and public, so that every demo gives the same pseudonyms."""

FORM = re.compile(rf"[0-9a-f]{{{2 * SECRET_BYTES}}}\n?")


@dataclass(frozen=True)
class Key:
    """A secret of 32 bytes that turns identifiers into pseudonyms.

    Whoever holds it can tell which pseudonym an e-mail address has; without it
    nobody can. It is never printed.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_BYTES:
            raise KeyMismatchError(f"key: a secret has {SECRET_BYTES} bytes")

    @classmethod
    def create(cls, path: Path, *, secret: bytes | None = None) -> "Key":
        """Write a new key file, readable by its owner alone, and return its key.

        A random secret unless `secret` is given. A file that is already there is
        never overwritten (KeyMismatchError): its pseudonyms would be lost.
        StoreError where the disk refuses.
        """
        key = cls(secrets.token_bytes(SECRET_BYTES) if secret is None else secret)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileExistsError as error:
            raise KeyMismatchError(
                f"{safe(path)}: a key is already there; use it, or name another file"
            ) from error
        except OSError as error:
            raise _unwritten(path, error) from error
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(key.secret.hex().encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            sync_folder(path.parent)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise _unwritten(path, error) from error

        return key

    @classmethod
    def load(cls, path: Path) -> "Key":
        """Return the key of a key file.

        KeyMismatchError where the file is missing, unreadable, of another form, or
        open to others than its owner: never a second pseudonym space by accident.
        """
        try:
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                raise KeyMismatchError(f"{safe(path)}: is no file; name the key file")
            text = path.read_bytes().decode("ascii", "replace")
        except OSError as error:
            raise KeyMismatchError(
                f"{safe(path)}: the key cannot be read ({error.strerror}); restore it "
                "from its copy: without it the store cannot be continued"
            ) from error
        if mode & 0o077:
            raise KeyMismatchError(
                f"{safe(path)}: others may read or change the key; chmod 600 it"
            )
        if not FORM.fullmatch(text):
            raise KeyMismatchError(
                f"{safe(path)}: is no key; a key file holds "
                f"{2 * SECRET_BYTES} hexadecimal digits"
            )

        return cls(bytes.fromhex(text.strip()))

    @property
    def key_id(self) -> str:
        """Eight hexadecimal digits that tell keys apart and reveal nothing."""
        return hmac.digest(self.secret, b"id", "sha256").hex()[:8]

    def pseudonym(self, kind: str, value: str) -> str:
        """Return the pseudonym of a normalised `value` of a `kind` of identifier.

        26 characters of lower-case base32 (128 bits). The same value under another
        kind has another pseudonym, so that kinds never meet by accident.
        """
        return str(_encoded(self._digests(kind, [value]))[0])

    def pseudonyms(self, kind: str, values: pl.Series) -> pl.Series:
        """Return the pseudonyms of a column of normalised values.

        Nulls stay null; the length, the order and the name stay. Distinct values
        are hashed once.
        """
        column = values.cast(pl.String).alias("value").to_frame()
        distinct = column["value"].drop_nulls().unique()
        digests = self._digests(kind, distinct)
        known = distinct.to_frame().with_columns(pseudonym=_encoded(digests))
        named = column.join(known, on="value", how="left", maintain_order="left")

        return named["pseudonym"].alias(values.name)

    def _digests(self, kind: str, values: Iterable[str]) -> list[bytes]:
        """Return HMAC-SHA-256 of the values, cut to DIGEST_BYTES.

        As `hmac.digest` gives it, without setting the key up anew for every value.
        """
        block = self.secret.ljust(BLOCK_BYTES, b"\0")
        inner = bytes(byte ^ INNER for byte in block) + f"{SCHEME}{kind}\0".encode()
        outer = bytes(byte ^ OUTER for byte in block)

        return [
            sha256(outer + sha256(inner + value.encode()).digest()).digest()[
                :DIGEST_BYTES
            ]
            for value in values
        ]


def _encoded(digests: list[bytes]) -> pl.Series:
    """Return digests of 16 bytes in base32: three times 40 bits, and the last eight."""
    columns = pl.DataFrame({"digest": pl.Series(digests, dtype=pl.Binary)})
    groups = columns.select(
        first=_eight_bytes(0) // 2**24,
        second=_eight_bytes(5) // 2**24,
        third=_eight_bytes(8) // 2**8 % 2**40,
        rest=_eight_bytes(8) % 2**8 * 4,
    )
    tens = [
        pl.col(group) // 2**shift % 2**10
        for group in ("first", "second", "third")
        for shift in (30, 20, 10, 0)
    ]
    pairs = pl.lit(pl.Series(PAIRS))
    text = pl.concat_str(pairs.gather(ten) for ten in (*tens, pl.col("rest")))

    return groups.select(text).to_series()


def _eight_bytes(start: int) -> pl.Expr:
    piece = pl.col("digest").bin.slice(start, 8)
    return piece.bin.reinterpret(dtype=pl.UInt64, endianness="big")


def _unwritten(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{safe(path)}: the key cannot be written ({error.strerror})")
