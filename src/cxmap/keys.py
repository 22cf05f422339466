"""The pseudonym key: the one secret, and the digests that stand for people."""

import hmac
import os
import re
import secrets
import stat
from base64 import b32encode
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from cxmap.durable import sync_folder
from cxmap.errors import KeyMismatchError, StoreError
from cxmap.text import safe

SCHEME = "cxmap/1/"
"""What every pseudonym is salted with; another scheme is another pseudonym space."""

SECRET_BYTES = 32
DIGEST_BYTES = 16

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
        return _encoded([self._digest(kind, value)])[0]

    def pseudonyms(self, kind: str, values: pl.Series) -> pl.Series:
        """Return the pseudonyms of a column of normalised values.

        Nulls stay null; the length, the order and the name stay. Distinct values
        are hashed once.
        """
        column = values.cast(pl.String).alias("value").to_frame()
        distinct = column["value"].drop_nulls().unique()
        digests = [self._digest(kind, value) for value in distinct]
        known = distinct.to_frame().with_columns(
            pl.Series("pseudonym", _encoded(digests), pl.String)
        )
        named = column.join(known, on="value", how="left", maintain_order="left")

        return named["pseudonym"].alias(values.name)

    def _digest(self, kind: str, value: str) -> bytes:
        message = f"{SCHEME}{kind}\0{value}".encode()

        return hmac.digest(self.secret, message, "sha256")[:DIGEST_BYTES]


def _encoded(digests: list[bytes]) -> list[str]:
    # Padded with zeros to whole groups of five bytes, so that one call does for all.
    text = b32encode(b"".join(digest + bytes(4) for digest in digests)).decode().lower()

    return [text[start : start + 26] for start in range(0, len(text), 32)]


def _unwritten(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{safe(path)}: the key cannot be written ({error.strerror})")
