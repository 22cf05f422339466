"""Names for things that have none of their own: digests of their content."""

from base64 import b32encode
from hashlib import blake2b

import polars as pl

SIZE = 10
"""Bytes of digest: sixteen letters and digits."""


def digests(prefix: str, contents: pl.Series) -> pl.Series:
    """Return an id for each text: `prefix` and sixteen letters; null stays null.

    Equal texts have equal ids on every machine and in every run.
    """
    return pl.Series(
        contents.name,
        [None if text is None else _digest(prefix, text) for text in contents],
        dtype=pl.String(),
    )


def _digest(prefix: str, text: str) -> str:
    raw = blake2b(text.encode(), digest_size=SIZE).digest()
    return prefix + b32encode(raw).decode("ascii").lower()
